//! One run of a plan on one backend, in chunks.

use crate::checkpoint::Checkpoints;
use crate::chunk::ChunkSize;
use crate::energy::{EnergyMeter, MeteredEnergy};
use crate::monitor::{Event, Monitor};
use crate::series::Series;
use crate::synapses::Synapses;
use isospike_core::base::progress::begin;
use isospike_core::base::words::count;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::cost::Cost;
use isospike_core::run::counters::Counters;
use isospike_core::run::record::Recording;
use std::time::{Duration, Instant};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps were run.
    Complete,
    /// The monitor stopped the run: the recording ends early.
    Interrupted,
    /// The backend failed; the recording ends before that.
    Failed(BackendError),
}

/// The results of a run.
pub struct Outcome {
    /// The backend and its device.
    pub info: BackendInfo,
    /// Wall time of building: rows, kernels, uploads.
    pub build: Duration,
    /// Wall time of the steps.
    pub run: Duration,
    /// The counts before this process took the run over: times and energy are of what came
    /// since.
    pub before: Counters,
    /// Spikes and traces of the whole run.
    pub recording: Recording,
    /// The digest of what was run; `None` where the run failed, as there is no final state.
    pub digest: Option<String>,
    /// The counts of the backend; `None` where it failed and has none any more.
    pub counters: Option<Counters>,
    /// The same per millisecond, where that was requested.
    pub series: Option<Series>,
    /// The synapses of the projections that [`Extras::synapses`] lists; none where the run failed.
    pub synapses: Vec<Synapses>,
    /// The cost of the steps on the backend.
    pub cost: Cost,
    /// Memory held by the simulation.
    pub memory_bytes: u64,
    /// The readings of the meters during the steps.
    pub energy: MeteredEnergy,
    /// How it ended.
    pub end: End,
}

impl Outcome {
    /// The step at which this process took the run over.
    pub fn first_step(&self) -> u32 {
        // Steps are u32 everywhere but in sums.
        self.before.steps as u32
    }
}

/// The duties of a run beside running.
#[derive(Default)]
pub struct Extras<'a> {
    /// Counts each millisecond, too.
    pub series: bool,
    /// Keeps the synapses of these projections at the end, by their index.
    pub synapses: &'a [usize],
    /// Reads these meters around the steps.
    pub meter: Option<&'a mut EnergyMeter>,
    /// Starts from the checkpoint of these, where there is one, and keeps new ones.
    pub checkpoints: Option<&'a mut Checkpoints>,
}

/// Builds a simulation of the plan and runs it up to `steps` steps. A failure in the middle is an
/// outcome with [`End::Failed`].
///
/// # Errors
/// The backend refuses the plan or the checkpoint; nothing has run.
pub fn drive(
    backend: &dyn Backend,
    plan: &Plan,
    steps: u32,
    extras: Extras<'_>,
    monitor: &mut dyn Monitor,
) -> Result<Outcome, BackendError> {
    let Extras { series, synapses: wanted, mut meter, mut checkpoints } = extras;
    let dt_ms = plan.network.dt_ms;
    monitor.event(Event::Building { steps, dt_ms });
    let start = Instant::now();
    let built = build(backend, plan, checkpoints.as_deref_mut());
    let build = start.elapsed();
    let (mut simulation, mut recording, before) = built?;
    monitor.event(Event::Running(recording.steps));
    let mut series = series.then(|| Series::new(plan, dt_ms));
    if let Some(meter) = &mut meter {
        meter.start();
    }
    let start = Instant::now();
    let series_now = series.as_mut();
    let mut run = Run { plan, steps, monitor, checkpoints, series: series_now, start };
    let mut end = run.all(simulation.as_mut(), &mut recording).unwrap_or_else(End::Failed);
    let run = start.elapsed();
    let energy = meter.map_or_else(MeteredEnergy::default, EnergyMeter::stop);
    monitor.event(Event::Ended);
    let (mut state, mut synapses) = (Vec::new(), Vec::new());
    if !matches!(end, End::Failed(_)) {
        match last(plan, simulation.as_mut(), wanted) {
            Ok(words) => (state, synapses) = words,
            Err(error) => end = End::Failed(error),
        }
    }
    begin("counting synaptic events", 0);
    let counters = simulation.counters().ok();
    if let (Some(series), Some(counters)) = (&mut series, &counters) {
        series.end(counters);
    }
    begin("hashing spikes", 0);
    let digest = match end {
        End::Failed(_) => None,
        End::Complete | End::Interrupted => Some(recording.digest(&state)),
    };
    let mut info = backend.info().clone();
    info.notes.extend(simulation.notes());
    Ok(Outcome {
        info,
        build,
        run,
        before,
        recording,
        digest,
        counters,
        series,
        synapses,
        cost: simulation.cost(),
        memory_bytes: simulation.memory_bytes(),
        energy,
        end,
    })
}

/// Returns the state words at the end of a run, and the synapses of these projections.
fn last(
    plan: &Plan,
    simulation: &mut dyn Simulation,
    wanted: &[usize],
) -> Result<(Vec<u32>, Vec<Synapses>), BackendError> {
    let state = simulation.state()?;
    let synapses = wanted.iter().map(|index| Synapses::of(plan, simulation, &state, *index));
    let synapses = synapses.collect::<Result<_, _>>()?;
    Ok((state, synapses))
}

/// A simulation, and what was recorded and counted before it goes on.
fn build(
    backend: &dyn Backend,
    plan: &Plan,
    checkpoints: Option<&mut Checkpoints>,
) -> Result<(Box<dyn Simulation>, Recording, Counters), BackendError> {
    let mut simulation = backend.compile(plan)?;
    let recording = match checkpoints {
        Some(checkpoints) => {
            begin("going to the checkpoint", 0);
            checkpoints.restore(plan, simulation.as_mut())?
        }
        None => Recording::new(plan),
    };
    let before = simulation.counters()?;
    Ok((simulation, recording, before))
}

/// The steps of a run.
struct Run<'a> {
    plan: &'a Plan,
    steps: u32,
    monitor: &'a mut dyn Monitor,
    checkpoints: Option<&'a mut Checkpoints>,
    series: Option<&'a mut Series>,
    start: Instant,
}

impl Run<'_> {
    /// Runs chunk by chunk until the end or until the monitor stops it; either leaves a checkpoint.
    fn all(
        &mut self,
        simulation: &mut dyn Simulation,
        recording: &mut Recording,
    ) -> Result<End, BackendError> {
        let mut chunk = ChunkSize::new(ChunkSize::TARGET);
        while recording.steps < self.steps && !self.monitor.is_interrupted() {
            let before = (recording.steps, Instant::now());
            let now = chunk.next(self.steps_to_stop(before.0));
            simulation.run(now, recording)?;
            // A backend that runs nothing would keep us here for ever.
            if recording.steps != before.0 + now {
                let ran = recording.steps - before.0;
                let message = format!("{ran} of {} were run", count(now, "step"));
                return Err(BackendError::Lost(message));
            }
            chunk.learn(now, before.1.elapsed());
            if let Some(series) = &mut self.series {
                series.reached(recording.steps, simulation)?;
            }
            if let Some(checkpoints) = &mut self.checkpoints
                && checkpoints.is_due(recording.steps)
            {
                checkpoints.save(self.plan, simulation, recording, self.monitor)?;
            }
            let (step, run) = (recording.steps, self.start.elapsed());
            self.monitor.event(Event::Reached { step, run });
        }
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.save(self.plan, simulation, recording, self.monitor)?;
        }
        Ok(if recording.steps < self.steps { End::Interrupted } else { End::Complete })
    }

    /// How many steps may be run from here before the monitor looks.
    fn steps_to_stop(&self, step: u32) -> u32 {
        let checkpoint = self.checkpoints.as_ref().map(|c| c.steps_to_next(step));
        let bin = self.series.as_ref().map(|series| series.steps_left(step));
        checkpoint.into_iter().chain(bin).fold(self.steps - step, u32::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, plan};

    fn run(fake: &Fake, plan: &Plan, steps: u32, series: bool) -> Outcome {
        drive(fake, plan, steps, Extras { series, ..Extras::default() }, &mut ()).unwrap()
    }

    #[test]
    fn chunks_do_not_change_the_digest() {
        let plan = plan();
        let outcome = run(&Fake::default(), &plan, 5000, false);
        assert_eq!(outcome.end, End::Complete);
        let mut simulation = Fake::default().compile(&plan).unwrap();
        let mut whole = Recording::new(&plan);
        simulation.run(5000, &mut whole).unwrap();
        assert_eq!(outcome.recording, whole);
        assert_eq!(outcome.digest.unwrap(), whole.digest(&simulation.state().unwrap()));
    }

    #[test]
    fn a_late_failure_keeps_the_spikes_so_far() {
        let fake = Fake { fails_at: Some(1000), ..Fake::default() };
        let outcome = run(&fake, &plan(), 5000, false);
        assert!(matches!(&outcome.end, End::Failed(BackendError::Lost(_))), "{:?}", outcome.end);
        assert_eq!(outcome.recording.spikes.last().unwrap().step, 999);
        assert_eq!(outcome.digest, None);
    }

    #[test]
    fn a_series_adds_up_to_the_counts() {
        for steps in [5000, 4997] {
            let plan = plan();
            let outcome = run(&Fake::default(), &plan, steps, true);
            let series = outcome.series.unwrap();
            assert_eq!(series.bins().len(), 500);
            let mut sum = Counters::new(&plan);
            for bin in &series.bins()[..499] {
                assert_eq!(bin.steps, 10);
                sum.add(bin);
            }
            sum.add(&series.bins()[499]);
            assert_eq!(Some(&sum), outcome.counters.as_ref());
            assert_eq!(sum.steps, u64::from(steps));
            assert!(sum.spikes[0] > 0 && sum.neuron_updates[0] > 0);
            // Every third step, from 0 on: four in steps 0 to 9, three in 10 to 19.
            let spikes = |bin: &Counters| bin.spikes.iter().sum::<u64>();
            assert_eq!([spikes(&series.bins()[0]), spikes(&series.bins()[1])], [4, 3]);
        }
    }

    #[test]
    fn a_late_failure_ends_the_series_early() {
        let fake = Fake { fails_at: Some(1005), ..Fake::default() };
        let outcome = run(&fake, &plan(), 5000, true);
        let series = outcome.series.unwrap();
        let steps: u64 = series.bins().iter().map(|bin| bin.steps).sum();
        assert_eq!((series.bins().len(), steps), (101, 1005));
    }

    #[test]
    fn a_refusal_is_an_error() {
        let fake = Fake { refuses: true, ..Fake::default() };
        assert!(matches!(
            drive(&fake, &plan(), 1, Extras::default(), &mut ()),
            Err(BackendError::Unsupported(_))
        ));
    }
}
