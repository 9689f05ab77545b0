//! One run of a plan on one backend, in chunks.

use crate::energy::{Gauge, Taken};
use crate::progress::{ChunkSize, Progress, interrupted};
use isospike_core::backend::{Backend, BackendError, BackendInfo};
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
    /// Spikes and traces.
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

/// Builds and runs. An error here means that nothing has run; a failure in the middle is an
/// outcome with [`End::Failed`].
pub fn drive(
    backend: &dyn Backend,
    plan: &Plan,
    steps: u32,
    show: &Show<'_>,
    gauge: &mut Gauge,
) -> Result<Outcome, BackendError> {
    let progress = Progress::new(show.label, steps, show.dt_ms, show.quiet);
    let start = Instant::now();
    let built = backend.compile(plan);
    let build = start.elapsed();
    let mut simulation = match built {
        Ok(simulation) => simulation,
        Err(error) => {
            progress.finish();
            return Err(error);
        }
    };
    let mut recording = Recording::new(plan);
    let mut chunk = ChunkSize::new(ChunkSize::TARGET);
    let mut end = End::Complete;
    gauge.start();
    let start = Instant::now();
    while recording.steps < steps {
        if interrupted() {
            end = End::Interrupted;
            break;
        }
        let before = (recording.steps, Instant::now());
        let now = chunk.next(steps - recording.steps);
        if let Err(error) = simulation.run(now, &mut recording) {
            end = End::Failed(error);
            break;
        }
        // A backend that runs nothing would keep us here for ever.
        if recording.steps != before.0 + now {
            let message =
                format!("{} steps were asked for, {} run", now, recording.steps - before.0);
            end = End::Failed(BackendError::Lost(message));
            break;
        }
        chunk.learn(now, before.1.elapsed());
        progress.set(recording.steps, start.elapsed());
    }
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
    Ok(Outcome { info, build, run, recording, state, memory_bytes, energy, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, plan};

    const SHOW: Show<'static> = Show { label: "fake", dt_ms: 0.1, quiet: true };

    #[test]
    fn chunks_do_not_change_the_digest() {
        let plan = plan();
        let outcome = drive(&Fake::default(), &plan, 5000, &SHOW, &mut Gauge::none()).unwrap();
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
        let outcome = drive(&fake, &plan(), 5000, &SHOW, &mut Gauge::none()).unwrap();
        assert!(matches!(&outcome.end, End::Failed(BackendError::Lost(_))), "{:?}", outcome.end);
        assert_eq!(outcome.recording.spikes.last().unwrap().step, 999);
        assert_eq!(outcome.digest(), None);
    }

    #[test]
    fn a_refusal_is_an_error() {
        let fake = Fake { refuses: true, ..Fake::default() };
        assert!(matches!(
            drive(&fake, &plan(), 1, &SHOW, &mut Gauge::none()),
            Err(BackendError::Unsupported(_))
        ));
    }
}
