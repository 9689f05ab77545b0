//! One run of a plan on one backend, in chunks.

use crate::checkpoint::Checkpoints;
use crate::energy::{Gauge, Taken};
use crate::progress::{ChunkSize, Progress, interrupted};
use isospike_core::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use std::time::{Duration, Instant};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps were run.
    Complete,
    /// Ctrl-C: the recording ends early.
    Interrupted,
    /// The backend failed; the recording ends before that.
    Failed(BackendError),
}

/// What a run left.
pub struct Outcome {
    /// Where it ran.
    pub info: BackendInfo,
    /// Wall time of building: rows, kernels, uploads.
    pub build: Duration,
    /// Wall time of the steps.
    pub run: Duration,
    /// The step at which this process took the run over: times and energy are of those since.
    pub first_step: u32,
    /// Spikes and traces of the whole run.
    pub recording: Recording,
    /// The final state words; empty where the run failed.
    pub state: Vec<u32>,
    /// Memory held by the simulation.
    pub memory_bytes: u64,
    /// What the meters counted during the steps.
    pub energy: Taken,
    /// How it ended.
    pub end: End,
}

impl Outcome {
    /// The digest of what was run; `None` where the run failed, as there is no final state.
    pub fn digest(&self) -> Option<String> {
        match self.end {
            End::Failed(_) => None,
            End::Complete | End::Interrupted => Some(self.recording.digest(&self.state)),
        }
    }
}

/// What to show while running.
pub struct Show<'a> {
    /// The word before the bar.
    pub label: &'a str,
    /// Simulated time of a step.
    pub dt_ms: f64,
    /// No bar.
    pub quiet: bool,
}

/// Builds and runs, from the checkpoint that there is to go on from, keeping new ones on the way.
/// An error here means that nothing has run; a failure in the middle is an outcome with
/// [`End::Failed`].
pub fn drive(
    backend: &dyn Backend,
    plan: &Plan,
    steps: u32,
    show: &Show<'_>,
    gauge: &mut Gauge,
    mut checkpoints: Option<&mut Checkpoints>,
) -> Result<Outcome, BackendError> {
    let progress = Progress::new(show.label, steps, show.dt_ms, show.quiet);
    let start = Instant::now();
    let built = build(backend, plan, checkpoints.as_deref_mut());
    let build = start.elapsed();
    let (mut simulation, mut recording) = match built {
        Ok(built) => built,
        Err(error) => {
            progress.finish();
            return Err(error);
        }
    };
    let first_step = recording.steps;
    gauge.start();
    let start = Instant::now();
    let mut run = Run { plan, steps, progress: &progress, checkpoints, start };
    let mut end = run.all(simulation.as_mut(), &mut recording).unwrap_or_else(End::Failed);
    let run = start.elapsed();
    let energy = gauge.stop();
    progress.finish();
    let mut state = Vec::new();
    if !matches!(end, End::Failed(_)) {
        match simulation.state() {
            Ok(words) => state = words,
            Err(error) => end = End::Failed(error),
        }
    }
    let memory_bytes = simulation.memory_bytes();
    let info = backend.info().clone();
    Ok(Outcome { info, build, run, first_step, recording, state, memory_bytes, energy, end })
}

/// A simulation, and what was recorded before it goes on.
fn build(
    backend: &dyn Backend,
    plan: &Plan,
    checkpoints: Option<&mut Checkpoints>,
) -> Result<(Box<dyn Simulation>, Recording), BackendError> {
    let mut simulation = backend.compile(plan)?;
    let recording = match checkpoints {
        Some(checkpoints) => checkpoints.restore(plan, simulation.as_mut())?,
        None => Recording::new(plan),
    };
    Ok((simulation, recording))
}

/// The steps of a run.
struct Run<'a> {
    plan: &'a Plan,
    steps: u32,
    progress: &'a Progress,
    checkpoints: Option<&'a mut Checkpoints>,
    start: Instant,
}

impl Run<'_> {
    /// Runs chunk by chunk until the end or Ctrl-C; either leaves a checkpoint.
    fn all(
        &mut self,
        simulation: &mut dyn Simulation,
        recording: &mut Recording,
    ) -> Result<End, BackendError> {
        let first_step = recording.steps;
        let mut chunk = ChunkSize::new();
        while recording.steps < self.steps && !interrupted() {
            let before = (recording.steps, Instant::now());
            let most = self.checkpoints.as_ref().map_or(u32::MAX, |c| c.steps_to_next(before.0));
            let now = chunk.next(most.min(self.steps - before.0));
            simulation.run(now, recording)?;
            // A backend that runs nothing would keep us here for ever.
            if recording.steps != before.0 + now {
                let ran = recording.steps - before.0;
                let message = format!("{now} steps were asked for, {ran} run");
                return Err(BackendError::Lost(message));
            }
            chunk.learn(now, before.1.elapsed());
            if let Some(checkpoints) = &mut self.checkpoints
                && checkpoints.is_due(recording.steps)
            {
                checkpoints.save(self.plan, simulation, recording)?;
            }
            self.progress.set(recording.steps, recording.steps - first_step, self.start.elapsed());
        }
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.save(self.plan, simulation, recording)?;
        }
        Ok(if recording.steps < self.steps { End::Interrupted } else { End::Complete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, plan};

    const SHOW: Show<'static> = Show { label: "fake", dt_ms: 0.1, quiet: true };

    #[test]
    fn chunks_do_not_change_the_digest() {
        let plan = plan();
        let outcome =
            drive(&Fake::default(), &plan, 5000, &SHOW, &mut Gauge::none(), None).unwrap();
        assert_eq!(outcome.end, End::Complete);
        let mut simulation = Fake::default().compile(&plan).unwrap();
        let mut whole = Recording::new(&plan);
        simulation.run(5000, &mut whole).unwrap();
        assert_eq!(outcome.recording, whole);
        assert_eq!(outcome.digest().unwrap(), whole.digest(&simulation.state().unwrap()));
    }

    #[test]
    fn a_late_failure_keeps_the_spikes_so_far() {
        let fake = Fake { fails_at: Some(1000), ..Fake::default() };
        let outcome = drive(&fake, &plan(), 5000, &SHOW, &mut Gauge::none(), None).unwrap();
        assert!(matches!(&outcome.end, End::Failed(BackendError::Lost(_))), "{:?}", outcome.end);
        assert_eq!(outcome.recording.spikes.last().unwrap().step, 999);
        assert_eq!(outcome.digest(), None);
    }

    #[test]
    fn a_refusal_is_an_error() {
        let fake = Fake { refuses: true, ..Fake::default() };
        assert!(matches!(
            drive(&fake, &plan(), 1, &SHOW, &mut Gauge::none(), None),
            Err(BackendError::Unsupported(_))
        ));
    }
}
