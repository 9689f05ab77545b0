//! The CPU backend of isospike: vectorised, threaded, and bit for bit the same whatever the
//! instruction set and the number of threads.
//!
//! ```no_run
//! # use isospike_core::{backend::{Backend, BackendError}, plan::Plan, record::Recording};
//! # fn example(plan: &Plan) -> Result<(), BackendError> {
//! use isospike_cpu::{CpuBackend, Options};
//! let backend = CpuBackend::new(Options { threads: Some(2), isa: None })?;
//! let mut simulation = backend.compile(plan)?;
//! let mut recording = Recording::new(plan);
//! simulation.run(1000, &mut recording)?;
//! # Ok(())
//! # }
//! ```
//!
//! The network is cut into *shards*, decided from the network alone; a thread runs some of them.
//! In each step a shard adds the synapses of the spikes of the step before to its own accumulators,
//! then updates its neurons block by block with an interpreter of the neuron program. See
//! `docs/cpu.md`.

mod barrier;
mod block;
mod layout;
mod memory;
mod partition;
mod random;
mod ring;
mod rows;
mod shard;
mod simd;
mod simulation;
mod tape;
mod word;
mod worker;

pub use layout::{Choice, Layout};
pub use simd::Isa;
pub use simulation::CpuSimulation;
pub use worker::Phases;

use isospike_core::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::plan::Plan;
use simd::Detected;

/// How to use the CPU. The results are the same for all options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How many threads, at least 1; `None`: as many as there are cores. More than cores is slow
    /// but allowed.
    pub threads: Option<usize>,
    /// Which instruction set; `None`: the widest.
    pub isa: Option<Isa>,
}

/// The host CPU as a backend.
#[derive(Clone, Debug)]
pub struct CpuBackend {
    info: BackendInfo,
    isa: Detected,
    threads: usize,
}

impl CpuBackend {
    /// The CPU with these options; an error where it lacks the instruction set asked for.
    pub fn new(options: Options) -> Result<Self, BackendError> {
        let isa = Detected::new(options.isa)?;
        let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
        let threads = options.threads.unwrap_or_else(cores);
        if threads == 0 {
            return Err(BackendError::Unsupported("a run needs at least one thread".to_string()));
        }
        let plural = if threads == 1 { "" } else { "s" };
        let device = format!("{}, {}, {threads} thread{plural}", model(), isa.isa().name());
        let info = BackendInfo { backend: "cpu".to_string(), device, ..BackendInfo::default() };
        Ok(Self { info, isa, threads })
    }

    /// As [`Backend::compile`], with the type of this backend's simulation kept.
    pub fn prepare(&self, plan: &Plan) -> Result<CpuSimulation, BackendError> {
        CpuSimulation::new(plan, self.isa, self.threads)
    }
}

impl Backend for CpuBackend {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        Ok(Box::new(self.prepare(plan)?))
    }
}

/// The processor's name where the system tells, else its architecture.
fn model() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    match name.map(str::trim) {
        Some(name) if !name.is_empty() => name.to_string(),
        _ => std::env::consts::ARCH.to_string(),
    }
}
