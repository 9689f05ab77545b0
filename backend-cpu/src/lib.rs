//! The CPU backend of isospike: vectorised, threaded, and bit for bit the same whatever the
//! instruction set and the number of threads.
//!
//! ```no_run
//! # use isospike_core::run::backend::{Backend, BackendError};
//! # use isospike_core::plan::Plan;
//! # use isospike_core::run::record::Recording;
//! # fn example(plan: &Plan) -> Result<(), BackendError> {
//! use isospike_cpu::{CpuBackend, Options};
//! let backend = CpuBackend::new(Options { threads: Some(2), ..Options::default() })?;
//! let mut simulation = backend.compile(plan)?;
//! let mut recording = Recording::new(plan);
//! simulation.run(1000, &mut recording)?;
//! # Ok(())
//! # }
//! ```
//!
//! The network is cut into *shards*, decided from the network alone; a thread runs some of them.
//! In each step a shard adds the synapses of the spikes of the step before to its own accumulators,
//! then updates its neurons: the neuron program is made machine code where that is possible, else
//! interpreted block by block. See `docs/cpu.md`.

#![cfg_attr(
    not(target_arch = "x86_64"),
    allow(dead_code, reason = "what only generated code and vectors of x86 need")
)]

mod arch;
mod program;
mod run;
mod simulation;
mod synapse;

pub use arch::Isa;
pub use run::phases::Phases;
pub use simulation::CpuSimulation;
pub use simulation::memory::Estimate;
pub use synapse::format::narrow::Delays;
pub use synapse::layout::{Choice, Layout};

use arch::Detected;
use isospike_core::base::cores::cores;
use isospike_core::base::environment;
use isospike_core::base::words::count;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::rewire;
use run::autotuner::Autotuner;
use synapse::{layout, partition};

/// How to use the CPU. The results are the same for all options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How many threads, at least 1; `None`: as many cores as pay, found out while it runs where
    /// steps are short. More than cores is slow but allowed.
    pub threads: Option<usize>,
    /// Which instruction set; `None`: the one that `ISOSPIKE_CPU_ISA` names in the environment
    /// (`docs/environment.md`), else the widest.
    pub isa: Option<Isa>,
    /// Interpret neuron programs even where they could be machine code. The environment says the
    /// same with `ISOSPIKE_CPU_JIT=off` (`docs/environment.md`).
    pub interpret: bool,
}

/// The host CPU as a backend.
#[derive(Clone, Debug)]
pub struct CpuBackend {
    info: BackendInfo,
    isa: Detected,
    interpret: bool,
    /// As requested; `None`: decided for each network.
    threads: Option<usize>,
}

impl CpuBackend {
    /// The CPU with these options; an error where it lacks the requested instruction set.
    pub fn new(options: Options) -> Result<Self, BackendError> {
        let isa = match options.isa {
            Some(isa) => Some(isa),
            None => Isa::from_environment()?,
        };
        let isa = Detected::new(isa)?;
        let threads = match options.threads {
            Some(0) => {
                let message = "a run needs at least one thread".to_string();
                return Err(BackendError::Unsupported(message));
            }
            Some(n) => count(n as u64, "thread"),
            None => format!("up to {}", count(cores() as u64, "thread")),
        };
        let switch = environment::switch("ISOSPIKE_CPU_JIT").map_err(BackendError::Unsupported)?;
        let asked = options.interpret || switch == Some(false);
        let obstacle = if asked { None } else { program::obstacle(isa) };
        let interpret = asked || obstacle.is_some();
        let how = if interpret { "interpreter" } else { "JIT" };
        let device = format!("{}, {}, {how}, {threads}", model(), isa.isa().name());
        let note = obstacle.map(|why| format!("neuron programs are interpreted: {why}"));
        let backend = "cpu".to_string();
        let info =
            BackendInfo { backend, device, notes: Vec::from_iter(note), ..BackendInfo::default() };
        Ok(Self { info, isa, interpret, threads: options.threads })
    }

    /// As [`Backend::compile`], with the type of this backend's simulation kept.
    pub fn prepare(&self, plan: &Plan) -> Result<CpuSimulation, BackendError> {
        plan.verify()?;
        CpuSimulation::new(plan, self.isa, self.interpret, self.autotuner(plan))
    }

    /// The layout of each projection, and why: what [`CpuSimulation::layouts`] would say, without
    /// building anything.
    pub fn layouts(&self, plan: &Plan) -> Vec<Choice> {
        self.chosen(plan).1
    }

    /// The memory that a simulation of the plan is expected to take, without building anything.
    pub fn estimate(&self, plan: &Plan) -> Estimate {
        let (partition, choices) = self.chosen(plan);
        Estimate::new(plan, &partition, &choices)
    }

    fn chosen(&self, plan: &Plan) -> (partition::Partition, Vec<Choice>) {
        let partition = partition::Partition::new(plan, self.autotuner(plan).most());
        let choices = layout::choose(plan, partition.shards, partition.most_accumulators(plan));
        (partition, choices)
    }

    fn autotuner(&self, plan: &Plan) -> Autotuner {
        self.threads.map_or_else(|| Autotuner::for_plan(plan, cores()), Autotuner::fixed)
    }
}

impl Backend for CpuBackend {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        let backend = self.clone();
        rewire::compile(plan, move |plan| Ok(Box::new(backend.prepare(plan)?)))
    }
}

/// The processor's name where the system gives it, else its architecture.
fn model() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    match name.map(str::trim) {
        Some(name) if !name.is_empty() => name.to_string(),
        _ => std::env::consts::ARCH.to_string(),
    }
}
