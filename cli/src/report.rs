//! What commands report: the tables print it, `--json` writes it, `run.json` keeps it. The keys
//! are documented in `docs/cli.md` and do not change.

mod bench;
mod counters;
mod energy;
mod series;
mod weights;

pub use bench::*;
pub use counters::*;
pub use energy::*;
pub use series::*;
pub use weights::*;

use crate::failure::Failure;
use crate::traffic::TrafficReport;
use isospike_conformance::certificate::Certificate;
use isospike_front::mistake::Mistake;
use serde::Serialize;
use std::path::Path;

/// Writes a report as indented JSON with a newline at its end. Numbers that are not finite become `null`: JSON has no other
/// word for them.
pub fn to_json(report: &impl Serialize) -> Result<String, Failure> {
    let failure = |error| Failure::file(Path::new("the report as JSON"), error);
    serde_json::to_string_pretty(report).map(|json| json + "\n").map_err(failure)
}

/// The network of a report.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkReport {
    /// Its name.
    pub name: String,
    /// The model file.
    pub model: String,
    /// The seed.
    pub seed: u64,
    /// The time step.
    pub dt_ms: f64,
    /// Steps to run.
    pub steps: u32,
    /// Simulated time.
    pub duration_ms: f64,
    /// Simulated time at the start that does not count for rates.
    pub transient_ms: f64,
    /// Copies side by side.
    pub batch: u32,
    /// Neurons in one copy.
    pub neurons: u64,
    /// Synapses in one copy.
    pub synapses: u64,
    /// False where some are the number expected: rows that are drawn at each spike are not counted.
    pub synapses_exact: bool,
    /// The part of all pairs of neurons, over all projections, without a synapse; null where there
    /// is no pair, or more synapses than pairs.
    pub connection_sparsity: Option<f64>,
}

/// One backend's run.
#[derive(Clone, Debug, Serialize)]
pub struct BackendReport {
    /// The selector: `cpu`, `wgpu:0`.
    pub backend: String,
    /// The device.
    pub device: String,
    /// Its driver, empty where there is none.
    pub driver: String,
    /// True where the device is software.
    pub software: bool,
    /// What the backend says about itself.
    pub notes: Vec<String>,
    /// `complete`, `interrupted`, `failed`, or `refused` (nothing ran).
    pub status: &'static str,
    /// What went wrong.
    pub error: Option<String>,
    /// Steps that were run, by whichever process.
    pub steps: u32,
    /// Where this process took the run over from a checkpoint: times and energy are of the steps
    /// since. Null where it ran all steps.
    pub resumed_at_step: Option<u32>,
    /// Wall time of building.
    pub build_s: f64,
    /// Wall time of the steps.
    pub run_s: f64,
    /// Wall time divided by simulated time: below 1 is faster than real time.
    pub real_time_factor: Option<f64>,
    /// Spikes of all populations and copies.
    pub spikes: u64,
    /// Synapses of spikes; null, as the counts below, where the backend failed and cannot tell.
    pub synaptic_events: Option<u64>,
    /// Synaptic events per second of wall time.
    pub synaptic_events_per_s: Option<f64>,
    /// Neurons times steps times copies.
    pub neuron_updates: Option<u64>,
    /// Poisson events, which are no synaptic events.
    pub stimulus_events: Option<u64>,
    /// What dense matrices would do: pre * post of all projections, copies and steps.
    pub dense_operations: Option<u128>,
    /// The part of all neurons, copies and steps without a spike.
    pub activation_sparsity: Option<f64>,
    /// Per step and copy, as NeuroBench defines them.
    pub synaptic_operations: Option<SynapticOperationsReport>,
    /// How the time of the steps was spent; empty where the backend does not say.
    pub phases: Vec<PhaseReport>,
    /// Launches of each kernel; empty where there are none.
    pub launches: Vec<LaunchesReport>,
    /// Bytes that came back from the device during the steps.
    pub read_bytes: u64,
    /// Bytes that went there.
    pub written_bytes: u64,
    /// Memory of the simulation.
    pub memory_bytes: u64,
    /// SHA-256 of spikes and final state, 64 hex digits.
    pub digest: Option<String>,
    /// Whether digest and counts are those of the first backend; null for the first and where there is none.
    pub equal: Option<bool>,
    /// What the meters counted during the steps.
    pub measured: MeasuredReport,
    /// What they did not, and why.
    pub not_measured: Vec<NotMeasuredReport>,
}

/// A population's activity.
#[derive(Clone, Debug, Serialize)]
pub struct PopulationReport {
    /// Its name.
    pub name: String,
    /// Neurons in one copy.
    pub size: u32,
    /// Spikes, the transient included.
    pub spikes: u64,
    /// Spikes per neuron and second after the transient; null where no step counts.
    pub rate_hz: Option<f64>,
    /// Coefficient of variation of the inter-spike intervals after the transient.
    pub cv_isi: Option<f64>,
    /// Their revised local variation.
    pub lvr: Option<f64>,
    /// The intervals that both rest on.
    pub isi_count: u64,
    /// The mean interval of a neuron that spikes: the time after the transient over its spikes.
    pub isi_mean_ms: Option<f64>,
    /// Whether that time is shorter than ten mean intervals, which makes `cv_isi` too small.
    pub isi_short: bool,
    /// Mean correlation of the spike counts of pairs of neurons after the transient.
    pub correlation: Option<f64>,
    /// The rate that the literature reports.
    pub reference_rate_hz: Option<f64>,
    /// Neurons that run a program, times copies, times steps.
    pub neuron_updates: Option<u64>,
    /// The part of its neurons, copies and steps without a spike.
    pub activation_sparsity: Option<f64>,
}

/// A backend that is not on this machine.
#[derive(Clone, Debug, Serialize)]
pub struct MissingReport {
    /// Its name.
    pub backend: String,
    /// Why, and how to get it.
    pub reason: String,
}

/// `run`.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// The run. Its keys stand beside `network`.
    #[serde(flatten)]
    pub backend: BackendReport,
    /// One for each population.
    pub populations: Vec<PopulationReport>,
    /// One for each projection.
    pub projections: Vec<ProjectionEvents>,
    /// One for each stimulus that has events.
    pub stimuli: Vec<StimulusEvents>,
    /// One for each receptor that has synapses or stimuli.
    pub receptors: Vec<ReceptorReport>,
    /// One for each row of published energies.
    pub projected: Vec<ProjectedReport>,
    /// Files written.
    pub files: Vec<String>,
}

/// `compare`.
#[derive(Clone, Debug, Serialize)]
pub struct CompareReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// Whether all backends that ran to the end agree; null where fewer than one did.
    pub equal: Option<bool>,
    /// One for each backend, in the order they ran.
    pub backends: Vec<BackendReport>,
    /// Backends that are not here.
    pub missing: Vec<MissingReport>,
    /// One for each backend that differs from the first.
    pub differences: Vec<DifferenceReport>,
    /// The activity on the first backend that ran.
    pub populations: Vec<PopulationReport>,
    /// The activity on the first backend that ran.
    pub projections: Vec<ProjectionEvents>,
    /// The events on the first backend that ran.
    pub stimuli: Vec<StimulusEvents>,
    /// One for each row of published energies, with the counts of the first backend that ran.
    pub projected: Vec<ProjectedReport>,
    /// Files written.
    pub files: Vec<String>,
}

/// Where two backends part.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceReport {
    /// The first backend and the one that differs.
    pub backends: [String; 2],
    /// The first spike that only one has.
    pub spike: Option<SpikeReport>,
    /// The first step after which the state differs.
    pub state: Option<StateReport>,
    /// The first count that differs.
    pub counter: Option<CounterReport>,
    /// What else the search has to say.
    pub note: Option<String>,
}

/// A spike that only one backend has.
#[derive(Clone, Debug, Serialize)]
pub struct SpikeReport {
    /// Its step.
    pub step: u32,
    /// The time of its end.
    pub time_ms: f64,
    /// Its copy of the batch.
    pub copy: u32,
    /// Its population.
    pub population: String,
    /// Its neuron in the population.
    pub neuron: u32,
    /// The backend that has it.
    pub only_in: String,
}

/// The first differing state word.
#[derive(Clone, Debug, Serialize)]
pub struct StateReport {
    /// The step after which it differs.
    pub step: u32,
    /// The time of its end.
    pub time_ms: f64,
    /// Its copy of the batch.
    pub copy: u32,
    /// Its population.
    pub population: String,
    /// Its neuron in the population.
    pub neuron: u32,
    /// The first variable of the neuron that differs.
    pub variable: String,
    /// All variables of this neuron.
    pub variables: Vec<VariableReport>,
    /// Words of the whole network that differ after this step.
    pub differing_words: u64,
    /// What the neuron's threshold compared in this step, on the first backend; `None` where it
    /// does not compare two floats.
    pub threshold: Option<ThresholdReport>,
}

/// The two sides of a threshold.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdReport {
    /// `<`, `<=` or `==`.
    pub comparison: &'static str,
    /// Its left side.
    pub left: WordReport,
    /// Its right side.
    pub right: WordReport,
    /// How many floats lie from one to the other.
    pub distance_ulp: u32,
}

/// A state variable before and after the step that differs.
#[derive(Clone, Debug, Serialize)]
pub struct VariableReport {
    /// Its name.
    pub name: String,
    /// Before the step, on both.
    pub before: Option<WordReport>,
    /// After the step, on each.
    pub after: [WordReport; 2],
    /// Whether these two are the same.
    pub equal: bool,
}

/// A state word.
#[derive(Clone, Debug, Serialize)]
pub struct WordReport {
    /// `0x42280000`.
    pub hex: String,
    /// The value, with enough digits to give back the word; null where it is not a number.
    pub value: Option<String>,
}

impl WordReport {
    /// A word that is a float, or an integer.
    pub fn new(word: u32, integer: bool) -> Self {
        let float = f32::from_bits(word);
        let value = match integer {
            true => Some((word as i32).to_string()),
            false => (!float.is_nan()).then(|| float.to_string()),
        };
        Self { hex: format!("{word:#010x}"), value }
    }

    /// The value in words.
    pub fn told(&self) -> &str {
        self.value.as_deref().unwrap_or("not a number")
    }
}

/// `inspect`.
#[derive(Clone, Debug, Serialize)]
pub struct InspectReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// One for each population.
    pub populations: Vec<PopulationSize>,
    /// One for each projection.
    pub projections: Vec<ProjectionSize>,
    /// One for each stimulus whose values change in time.
    pub series: Vec<SeriesSize>,
    /// One for each receptor.
    pub receptors: Vec<ReceptorReport>,
    /// The largest delay.
    pub max_delay_steps: u32,
    /// An estimate of the memory of a run.
    pub memory_bytes: u64,
    /// What a step moves on a device with kernels; null where such devices refuse the network.
    pub traffic: Option<TrafficReport>,
    /// Why they do.
    pub traffic_refused: Option<String>,
}

/// A population's size.
#[derive(Clone, Debug, Serialize)]
pub struct PopulationSize {
    /// Its name.
    pub name: String,
    /// Neurons in one copy.
    pub size: u32,
    /// Its model, or `spike list`.
    pub model: String,
    /// Its parameters in base units: `tau_m = 20`, or `each` where neurons differ.
    pub parameters: Vec<ParameterReport>,
    /// Its state variables, the refractory counter included.
    pub state: Vec<String>,
    /// Operations of one neuron in one step.
    pub operations: u64,
    /// Bytes of state and per-neuron constants.
    pub bytes: u64,
}

/// A parameter.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterReport {
    /// Its name.
    pub name: String,
    /// Its value in base units; null where neurons differ.
    pub value: Option<f64>,
    /// The values that it may have, in base units or names of parameters: `above 0`,
    /// `at least 0, at most 1 / dt`; null where any value may be given.
    pub range: Option<String>,
}

/// A projection's size.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectionSize {
    /// Its name.
    pub name: String,
    /// Source population.
    pub from: String,
    /// Target population.
    pub to: String,
    /// Its receptor.
    pub receptor: String,
    /// The rule in words.
    pub rule: String,
    /// Synapses in one copy.
    pub synapses: u64,
    /// False where it is the number expected.
    pub synapses_exact: bool,
    /// 16 or 32.
    pub weight_bits: u8,
    /// Least delay.
    pub min_delay_steps: u32,
    /// Largest delay.
    pub max_delay_steps: u32,
    /// How the CPU backend would store it, and why.
    pub cpu_layout: String,
    /// Drawn again at each spike, not stored.
    pub procedural: bool,
    /// Root mean square of its weights in base units.
    pub rms_weight: f64,
    /// Root mean square of their rounding error over `rms_weight`.
    pub relative_error: f64,
    /// Bytes of the synapses as the CPU backend would store them, estimated.
    pub bytes: u64,
}

/// `conformance`.
#[derive(Clone, Debug, Serialize)]
pub struct ConformanceReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// One for each backend that could be opened.
    pub certificates: Vec<Certificate>,
    /// What is not there.
    pub missing: Vec<MissingReport>,
    /// Files written.
    pub files: Vec<String>,
}

/// `conformance --list`.
#[derive(Clone, Debug, Serialize)]
pub struct LadderReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// Every test, rung by rung.
    pub tests: Vec<String>,
}

/// `devices`.
#[derive(Clone, Debug, Serialize)]
pub struct DevicesReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// What is there.
    pub devices: Vec<DeviceReport>,
    /// What is not.
    pub missing: Vec<MissingReport>,
}

/// A device.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceReport {
    /// How to select it.
    pub backend: String,
    /// The device.
    pub device: String,
    /// The interface it is reached by.
    pub api: String,
    /// Driver and version.
    pub driver: String,
    /// `cpu`, `discrete`, `integrated`, `gpu`, `accelerator`, `software`.
    pub kind: String,
    /// True where the device is software.
    pub software: bool,
    /// Its memory, where the interface says; of the cpu, what is free.
    pub memory_bytes: Option<u64>,
}

/// Mistakes, with `--json`.
#[derive(Clone, Debug, Serialize)]
pub struct MistakesReport {
    /// All of them, in the order of the file.
    pub mistakes: Vec<MistakeReport>,
}

/// A mistake.
#[derive(Clone, Debug, Serialize)]
pub struct MistakeReport {
    /// The model file.
    pub file: Option<String>,
    /// Its line, from 1; 0 where there is none.
    pub line: u32,
    /// Its column in characters, from 1; 0 where there is none.
    pub column: u32,
    /// The item.
    pub item: String,
    /// The field, or empty.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl MistakeReport {
    /// The report of a mistake.
    pub fn new(mistake: &Mistake) -> Self {
        Self {
            file: mistake.origin.file.as_deref().map(str::to_owned),
            line: mistake.origin.line,
            column: mistake.origin.column,
            item: mistake.item.clone(),
            field: mistake.field.clone(),
            message: mistake.message.clone(),
            help: mistake.help.clone(),
        }
    }
}
