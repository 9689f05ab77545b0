//! The words of the command line.

use crate::failure::Failure;
use clap::{Args, Parser, Subcommand};
use isospike_front::file::Override;
use isospike_session::{Kind, Selector};
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes:
  0    done (compare: all that ran agree; conformance: no test failed)
  1    a backend or device failed, or is not there
  2    mistakes in the model or the command line
  3    backends differ (conformance: a test failed)
  4    output could not be written, or a checkpoint or input of `plot` not read
  130  interrupted";

/// One spiking network, one seed, the same spikes bit for bit on every backend.
#[derive(Debug, Parser)]
#[command(name = "isospike", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a model on one backend
    Run(RunArgs),
    /// Run a model on several backends and compare spikes and state bit for bit
    Compare(CompareArgs),
    /// Check a model and print its sizes, without running it
    Inspect(InspectArgs),
    /// List the backends and devices of this machine
    Devices(DevicesArgs),
    /// Run a model and explain what it cost: measured, projected, not measured
    Energy(EnergyArgs),
    /// Measure workloads: speed, memory, and how far from the limit of this machine
    Bench(BenchArgs),
    /// Examine backends: the whole conformance suite on any device that is here
    Conformance(ConformanceArgs),
    /// Draw the spikes of an earlier run again, or the rows of benchmarks
    Plot(PlotArgs),
}

impl Command {
    /// The number of threads that is given for the cpu, if one is.
    pub fn cpu_threads(&self) -> Option<u32> {
        match self {
            Self::Run(args) => args.place.cpu_threads(),
            Self::Energy(args) => args.place.cpu_threads(),
            Self::Bench(args) => args.place.cpu_threads(),
            Self::Compare(args) => args.threads,
            Self::Inspect(_) | Self::Devices(_) | Self::Conformance(_) | Self::Plot(_) => None,
        }
    }
}

/// Which model, with what replaced.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// The model file (TOML)
    pub model: PathBuf,
    /// Replace the duration, such as "1 s"
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub duration: Option<String>,
    /// Replace the seed, an integer from 0 to 2^64 - 1
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Replace or add a field (population.exc.size=400, batch=4), or a constant (repeatable)
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<Override>,
}

impl ModelArgs {
    /// All replacements in order; `--duration` and `--seed` come last, so they win.
    pub fn overrides(&self) -> Vec<Override> {
        let mut all = self.set.clone();
        if let Some(value) = &self.duration {
            all.push(Override { path: "network.duration".into(), value: value.clone() });
        }
        if let Some(seed) = self.seed {
            all.push(Override { path: "network.seed".into(), value: seed.to_string() });
        }
        all
    }
}

/// How to say what happened.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Write what there is to keep into this folder: spikes, traces, plots, reports
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
    /// Neither progress nor notes, only the result
    #[arg(long, short)]
    pub quiet: bool,
}

/// The place of a run.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// The backend: cpu[:THREADS], cuda, opencl or wgpu[:DEVICE], reference, machine
    #[arg(long, default_value = "cpu", value_name = "NAME[:DEVICE]")]
    pub backend: Selector,
    /// Which device of the backend: the part after the colon, on its own
    #[arg(long)]
    pub device: Option<String>,
    /// Threads of the cpu backend [default: all]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=4096)
    )]
    pub threads: Option<u32>,
}

impl PlaceArgs {
    /// The backend that the three options name together.
    pub fn selector(&self) -> Result<Selector, Failure> {
        let selector = self.backend.clone().with_device(self.device.clone());
        let selector = selector.map_err(Failure::usage)?;
        if self.threads.is_some() && (selector.kind != Kind::Cpu || selector.device.is_some()) {
            let message = format!("--threads is for `cpu`, not for `{selector}`");
            return Err(Failure::usage(message));
        }
        Ok(selector.with_threads(self.threads))
    }

    /// The number of threads that is given for the cpu, either way.
    pub fn cpu_threads(&self) -> Option<u32> {
        let of_selector = || match self.backend.kind {
            Kind::Cpu => self.backend.device.as_ref().or(self.device.as_ref())?.parse().ok(),
            _ => None,
        };
        self.threads.or_else(of_selector)
    }
}

/// How to say what a run costs.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// Add rows of published energies from this file
    #[arg(long, value_name = "FILE")]
    pub energies: Option<PathBuf>,
    /// Measure idle power for this long before the run, such as "10 s"; "0 s" for not at all
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub idle: Option<String>,
}

/// How a run survives its process.
#[derive(Debug, Args)]
pub struct CheckpointArgs {
    /// Keep a checkpoint of every so much simulated time, such as "100 ms", in --out
    #[arg(long, value_name = "TIME", requires = "out", allow_hyphen_values = true)]
    pub checkpoint_every: Option<String>,
    /// Go on from the checkpoint in --out, taken on whichever backend
    #[arg(long, requires = "out")]
    pub resume: bool,
}

/// `isospike run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// The place of the run.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The measurement of costs.
    #[command(flatten)]
    pub cost: CostArgs,
    /// How it survives.
    #[command(flatten)]
    pub checkpoints: CheckpointArgs,
    /// Write the counts of each millisecond, too: series.npz in the folder of --out
    #[arg(long, conflicts_with = "resume")]
    pub series: bool,
    /// Write the synapses of these projections at the end, too: synapses-NAME.npz in the folder of
    /// --out
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub synapses: Vec<String>,
    /// The output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `isospike compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Which backends, the first is compared with the others [default: all that are found]
    #[arg(long, value_delimiter = ',', value_name = "NAME[:DEVICE],...")]
    pub backends: Vec<Selector>,
    /// Threads of the cpu backend [default: all]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=4096)
    )]
    pub threads: Option<u32>,
    /// Show every column, the digests, stimuli and sparsity, too
    #[arg(long)]
    pub wide: bool,
    /// Show joules, too: measured ones, and those projected for chips
    #[arg(long)]
    pub energy: bool,
    /// The measurement of costs.
    #[command(flatten)]
    pub cost: CostArgs,
    /// The output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `isospike inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Show a row for each projection, however many there are
    #[arg(long)]
    pub wide: bool,
    /// Count the synapses of procedural projections, too, instead of giving the number expected
    #[arg(long)]
    pub exact: bool,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `isospike devices`.
#[derive(Debug, Args)]
pub struct DevicesArgs {
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `isospike energy`.
#[derive(Debug, Args)]
pub struct EnergyArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// The place of the run.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The measurement of costs.
    #[command(flatten)]
    pub cost: CostArgs,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
    /// Neither progress nor notes, only the result
    #[arg(long, short)]
    pub quiet: bool,
}

/// `isospike conformance`.
#[derive(Debug, Args)]
pub struct ConformanceArgs {
    /// Which backend (repeatable, or with commas) [default: all that are found]
    #[arg(long, value_delimiter = ',', value_name = "NAME[:DEVICE]")]
    pub backend: Vec<Selector>,
    /// Only this level of the suite, 1 to 10
    #[arg(
        long,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=10)
    )]
    pub level: Option<u32>,
    /// List the tests and run nothing
    #[arg(long)]
    pub list: bool,
    /// Write certificate.json and certificate.html into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "list")]
    pub report: Option<PathBuf>,
    /// The seed of what is drawn: samples, buffers, networks [default: 7]
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// How many random networks of each family are tried [default: 12]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub networks: Option<u32>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
    /// No progress, only the result
    #[arg(long, short)]
    pub quiet: bool,
}

/// `isospike bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Which workloads, in this order [default: all]
    #[arg(value_name = "WORKLOAD")]
    pub names: Vec<String>,
    /// The place of the run.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How often to build and measure each [default: as the workload says]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: Option<u32>,
    /// Measure on the machine as it is only, not beside one busy process, too
    #[arg(long)]
    pub idle: bool,
    /// Take workloads from this file instead of the built-in ones
    #[arg(long = "workloads", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print the workloads and their goals; nothing runs
    #[arg(long)]
    pub list: bool,
    /// Print the tables as Markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// The output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `isospike plot`.
#[derive(Debug, Args)]
pub struct PlotArgs {
    /// A folder written by `run --out` or `bench --out`; the plots go there too
    pub folder: PathBuf,
    /// Draw from this time on, such as "100 ms"
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// Draw up to this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Draw these populations only, in this order
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub populations: Vec<String>,
}

/// Reads a seed.
fn seed(text: &str) -> Result<u64, String> {
    let wrong = |_| format!("a seed is an integer from 0 to {} (2^64 - 1)", u64::MAX);
    text.trim().parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn run(words: &[&str]) -> RunArgs {
        match Cli::try_parse_from([&["isospike", "run", "m.toml"], words].concat()) {
            Ok(Cli { command: Command::Run(args) }) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn special_options_win_over_set() {
        let args = run(&["--seed", "7", "--set", "network.seed=3", "--set", "scale = 0.1"]);
        let all = args.model.overrides();
        let pairs: Vec<_> = all.iter().map(|o| (o.path.as_str(), o.value.as_str())).collect();
        assert_eq!(pairs, [("network.seed", "3"), ("scale", "0.1"), ("network.seed", "7")]);
    }

    #[test]
    fn an_override_needs_a_path_and_an_equals_sign() {
        assert!("scale".parse::<Override>().is_err());
        assert!("=1".parse::<Override>().is_err());
        // Only the first `=` splits: values may hold more.
        assert_eq!("a.b=\"x = y\"".parse::<Override>().unwrap().value, "\"x = y\"");
    }
}
