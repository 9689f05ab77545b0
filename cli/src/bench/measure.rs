//! One repetition: built, warmed up, measured.

use super::machine::{peak_bytes, reset_peak};
use crate::failure::Failure;
use crate::progress::{Progress, interrupted};
use isospike_core::base::cores::cores;
use isospike_core::base::words::count;
use isospike_core::describe::checked::Checked;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::cost::PhaseTime;
use isospike_core::run::counters::Counters;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, CpuSimulation};
use isospike_session::chunk::ChunkSize;
use isospike_session::{Event, Kind, Monitor, Selector};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Each call of a simulation ends with a look at its whole state: seldom enough not to be seen,
/// often enough for Ctrl-C.
const CHUNK: Duration = Duration::from_secs(1);

/// The place in which workloads run.
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

    /// The kind of place.
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

/// The workload that is measured.
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
                dense: simulation.layouts().iter().map(|choice| choice.layout.is_dense()).collect(),
            }),
            Self::Other(_) => None,
        }
    }
}

/// The notes of the engine of the processor.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Threads that ran it.
    pub threads: usize,
    /// Parts that the network was cut into.
    pub shards: usize,
    /// Bytes of the stored synapses.
    pub synapse_bytes: u64,
    /// Whether the rows of each projection are dense.
    pub dense: Vec<bool>,
}

impl Engine {
    /// The share of these events, counted by projection, each of which was added to its accumulator
    /// by itself.
    pub fn scattered(&self, events: &[u64]) -> f64 {
        let all: u64 = events.iter().sum();
        let dense = events.iter().zip(&self.dense).filter(|(_, dense)| **dense);
        let dense: u64 = dense.map(|(events, _)| events).sum();
        (all - dense) as f64 / all.max(1) as f64
    }
}

/// The results of a repetition.
pub struct Repetition {
    /// The plan that ran.
    pub plan: Plan,
    /// From the checked network to a simulation that can run: lowering, rows, kernels, uploads.
    pub build: Duration,
    /// The measured steps.
    pub run: Duration,
    /// Their counts.
    pub counters: Counters,
    /// How the backend spent them, added over threads.
    pub phases: Vec<PhaseTime>,
    /// Everything since step 0.
    pub recording: Recording,
    /// The digest of spikes and final state.
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
        self.engine.as_ref().map_or_else(cores, |engine| engine.threads)
    }
}

/// Builds a network, runs its transient as the warm-up, then measures the rest of its duration.
pub fn measure(site: &Site, network: &Arc<Checked>, label: &str) -> Result<Repetition, Failure> {
    let mut progress = Progress::new(label, true);
    let (steps, dt_ms) = (network.duration_steps, network.dt_ms);
    progress.event(Event::Building { steps, dt_ms });
    let measured = measured(site, network, label, &mut progress);
    progress.event(Event::Ended);
    measured
}

fn measured(
    site: &Site,
    network: &Arc<Checked>,
    label: &str,
    progress: &mut Progress,
) -> Result<Repetition, Failure> {
    let failure = |error| Failure::backend(label, error);
    let counts_anew = reset_peak();
    let start = Instant::now();
    let plan = lower(network.clone());
    let mut subject = site.build(&plan).map_err(failure)?;
    let build = start.elapsed();
    let engine = subject.engine();
    let simulation = subject.simulation();
    let mut recording = Recording::new(&plan);
    progress.event(Event::Running(0));
    advance(simulation, &mut recording, network.transient_steps, progress, failure)?;
    let (counters, cost) = (simulation.counters().map_err(failure)?, simulation.cost());
    let run = advance(simulation, &mut recording, network.duration_steps, progress, failure)?;
    let counters = simulation.counters().map_err(failure)?.since(&counters);
    let phases = since(&simulation.cost().phases, &cost.phases);
    let digest = recording.digest(&simulation.state().map_err(failure)?);
    let memory_bytes = simulation.memory_bytes();
    let peak_bytes = if counts_anew { peak_bytes() } else { None };
    Ok(Repetition {
        plan,
        build,
        run,
        counters,
        phases,
        recording,
        digest,
        memory_bytes,
        peak_bytes,
        engine,
    })
}

/// The time of each phase since an earlier look at the same simulation.
fn since(now: &[PhaseTime], then: &[PhaseTime]) -> Vec<PhaseTime> {
    let before = |phase| then.iter().find(|t| t.phase == phase).map_or(Duration::ZERO, |t| t.time);
    now.iter().map(|t| PhaseTime { time: t.time.saturating_sub(before(t.phase)), ..*t }).collect()
}

/// Runs up to a step; gives the time that took.
fn advance(
    simulation: &mut dyn Simulation,
    recording: &mut Recording,
    until: u32,
    progress: &mut Progress,
    failure: impl Fn(BackendError) -> Failure,
) -> Result<Duration, Failure> {
    let mut chunk = ChunkSize::new(CHUNK);
    let mut run = Duration::ZERO;
    while recording.steps < until {
        if interrupted() {
            return Err(Failure::Interrupted);
        }
        let (before, start) = (recording.steps, Instant::now());
        let steps = chunk.next(until - before);
        simulation.run(steps, recording).map_err(&failure)?;
        let time = start.elapsed();
        if recording.steps != before + steps {
            let (ran, steps) = (recording.steps - before, count(steps, "step"));
            let message = format!("{ran} of {steps} were run");
            return Err(failure(BackendError::Lost(message)));
        }
        chunk.learn(steps, time);
        run += time;
        progress.event(Event::Reached { step: recording.steps, run });
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_core::run::cost::Phase;

    #[test]
    fn phases_of_the_warm_up_do_not_count() {
        let phase = |phase, ms| PhaseTime { phase, time: Duration::from_millis(ms) };
        let now = [phase(Phase::Update, 5), phase(Phase::Read, 7)];
        let found = since(&now, &[phase(Phase::Update, 2)]);
        assert_eq!(found, [phase(Phase::Update, 3), phase(Phase::Read, 7)]);
    }
}
