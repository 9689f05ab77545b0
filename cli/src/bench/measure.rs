//! One repetition: built, warmed up, measured.

use super::cores;
use super::machine::{peak_bytes, reset_peak};
use crate::backends::{Kind, Selector};
use crate::failure::Failure;
use crate::progress::{ChunkSize, Progress, interrupted};
use isospike_core::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::checked::Checked;
use isospike_core::lower::lower;
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_cpu::{CpuBackend, CpuSimulation, Phases};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Each call of a simulation ends with a look at its whole state: seldom enough not to be seen,
/// often enough for Ctrl-C.
const CHUNK: Duration = Duration::from_secs(1);

/// Where workloads run.
pub enum Site {
    /// The engine of the processor, which says more about itself.
    Cpu(CpuBackend),
    /// Any other backend.
    Other(Box<dyn Backend>),
}

impl Site {
    /// Opens what the selector names.
    pub fn open(selector: &Selector) -> Result<Self, BackendError> {
        match selector.kind {
            Kind::Cpu => Ok(Self::Cpu(selector.cpu()?)),
            _ => Ok(Self::Other(selector.open()?)),
        }
    }

    /// What it is.
    pub fn info(&self) -> &BackendInfo {
        match self {
            Self::Cpu(backend) => backend.info(),
            Self::Other(backend) => backend.info(),
        }
    }

    fn build(&self, plan: &Plan) -> Result<Subject, BackendError> {
        match self {
            Self::Cpu(backend) => Ok(Subject::Cpu(Box::new(backend.prepare(plan)?))),
            Self::Other(backend) => Ok(Subject::Other(backend.compile(plan)?)),
        }
    }
}

/// What is measured.
enum Subject {
    Cpu(Box<CpuSimulation>),
    Other(Box<dyn Simulation>),
}

impl Subject {
    fn simulation(&mut self) -> &mut dyn Simulation {
        match self {
            Self::Cpu(simulation) => &mut **simulation,
            Self::Other(simulation) => &mut **simulation,
        }
    }

    fn engine(&self) -> Option<Engine> {
        match self {
            Self::Cpu(simulation) => Some(Engine {
                threads: simulation.workers(),
                shards: simulation.shards(),
                synapse_bytes: simulation.synapse_bytes(),
                phases: Phases::default(),
            }),
            Self::Other(_) => None,
        }
    }
}

/// What the engine of the processor says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// Threads that ran it.
    pub threads: usize,
    /// Parts that the network was cut into.
    pub shards: usize,
    /// Bytes of the stored synapses.
    pub synapse_bytes: u64,
    /// How the threads spent the measured time.
    pub phases: Phases,
}

/// What a repetition left.
pub struct Repetition {
    /// The plan that ran.
    pub plan: Plan,
    /// From the checked network to a simulation that can run: lowering, rows, kernels, uploads.
    pub build: Duration,
    /// The measured steps.
    pub run: Duration,
    /// Everything since step 0.
    pub recording: Recording,
    /// Of spikes and final state.
    pub digest: String,
    /// Held by the simulation.
    pub memory_bytes: u64,
    /// The most that the process held.
    pub peak_bytes: Option<u64>,
    /// Only of the processor's own engine.
    pub engine: Option<Engine>,
}

impl Repetition {
    /// How many threads move the bytes of this machine's memory.
    pub fn threads(&self) -> usize {
        self.engine.map_or_else(cores, |engine| engine.threads)
    }
}

/// Builds a network, runs its transient as the warm-up, then measures the rest of its duration.
pub fn measure(
    site: &Site,
    network: &Arc<Checked>,
    label: &str,
    quiet: bool,
) -> Result<Repetition, Failure> {
    let failure = |error| Failure::Backend(label.to_owned(), error);
    let progress = Progress::new(label, network.duration_steps, network.dt_ms, quiet);
    let counts_anew = reset_peak();
    let start = Instant::now();
    let plan = lower(network.clone());
    let built = site.build(&plan);
    let build = start.elapsed();
    let mut recording = Recording::new(&plan);
    let ran = built.map_err(failure).and_then(|mut subject| {
        advance(&mut subject, &mut recording, network.transient_steps, &progress, failure)?;
        let (run, engine) =
            advance(&mut subject, &mut recording, network.duration_steps, &progress, failure)?;
        let state = subject.simulation().state().map_err(failure)?;
        Ok((run, engine, state, subject.simulation().memory_bytes()))
    });
    progress.finish();
    let (run, engine, state, memory_bytes) = ran?;
    let peak_bytes = if counts_anew { peak_bytes() } else { None };
    let digest = recording.digest(&state);
    Ok(Repetition { plan, build, run, recording, digest, memory_bytes, peak_bytes, engine })
}

/// Runs up to a step; gives the time that took and what the engine says of it.
fn advance(
    subject: &mut Subject,
    recording: &mut Recording,
    until: u32,
    progress: &Progress,
    failure: impl Fn(BackendError) -> Failure,
) -> Result<(Duration, Option<Engine>), Failure> {
    let mut chunk = ChunkSize::new(CHUNK);
    let mut run = Duration::ZERO;
    let mut engine = subject.engine();
    while recording.steps < until {
        if interrupted() {
            return Err(Failure::Interrupted);
        }
        let (before, start) = (recording.steps, Instant::now());
        let steps = chunk.next(until - before);
        subject.simulation().run(steps, recording).map_err(&failure)?;
        let time = start.elapsed();
        if recording.steps != before + steps {
            let message = format!("{steps} steps were asked for, {} run", recording.steps - before);
            return Err(failure(BackendError::Lost(message)));
        }
        if let (Some(engine), Subject::Cpu(simulation)) = (&mut engine, &*subject) {
            engine.phases += simulation.phases();
        }
        chunk.learn(steps, time);
        run += time;
        progress.set(recording.steps, run);
    }
    Ok((run, engine))
}
