//! Checkpoints that move between backends: a run that stops on one and goes on on another is the
//! run that never stopped.
//!
//! Every backend has to take, word for word, the checkpoints of the naive oracle, and to go on
//! from them as the oracle did. So what one has taken every other can restore: backends are
//! tried one by one, not in pairs.

use crate::cases::Case;
use crate::failure::Failure;
use crate::suite::Done;
use crate::verdict::{self, Outcome, equal};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::record::Recording;

/// One case on the backend: it takes the checkpoints of the naive oracle, and goes on from them.
pub fn against_oracle(backend: &dyn Backend, case: &Case) -> Result<Done, Failure> {
    let plan = verdict::plan(&case.text)?;
    moves(&plan, case.steps, backend, backend)
}

/// Whether checkpoints of a run of this length move from one backend to another: the first takes
/// those of the naive oracle, and the second goes on from each as the oracle did.
pub fn moves(
    plan: &Plan,
    steps: u32,
    from: &dyn Backend,
    to: &dyn Backend,
) -> Result<Done, Failure> {
    let route = Route::new(plan, steps);
    let start = || Recording::new(plan);
    let expected = route.run(ModelBackend::default().compile(plan)?.as_mut(), start())?;
    let taken = route.run(from.compile(plan)?.as_mut(), start())?;
    let mut checked = 0;
    for (expected, taken) in expected.iter().zip(&taken) {
        checked += expected.equals(plan, taken).map_err(|e| told("uninterrupted", &e))?;
    }
    // One simulation for all: what it has run before must not matter.
    let mut simulation = to.compile(plan)?;
    for cut in &route.cuts {
        let find = |step: u32| route.stops.partition_point(|stop| *stop < step);
        let stop = &taken[find(cut.step)];
        simulation.restore(&stop.checkpoint)?;
        let rest = Route { stops: vec![cut.until], cuts: Vec::new(), plan };
        let after = rest.run(simulation.as_mut(), stop.record.clone())?;
        let what = format!("restored at step {}", cut.step);
        let end = &expected[find(cut.until)];
        checked += end.equals(plan, &after[0]).map_err(|e| told(&what, &e))?;
    }
    Ok(Done::of(checked))
}

/// The steps at which a run is cut, and how long it is followed from there.
struct Cut {
    step: u32,
    until: u32,
}

/// The steps at which runs stop and are compared.
struct Route<'a> {
    plan: &'a Plan,
    cuts: Vec<Cut>,
    /// All ends of cuts, ascending.
    stops: Vec<u32>,
}

/// A run at a stop.
struct Stop {
    checkpoint: Checkpoint,
    record: Recording,
}

impl<'a> Route<'a> {
    /// Cuts after one step, while the first spikes are on their way, when they have arrived, and
    /// at an odd third. Spikes on their way at a cut have arrived a largest delay later, so the
    /// others are followed a little longer than that, and the last one to the end.
    fn new(plan: &'a Plan, steps: u32) -> Self {
        let delay = plan.flight_steps();
        let mut places = vec![1, delay - 1, delay + 1, (steps / 3) | 1];
        places.retain(|place| (1..steps).contains(place));
        places.sort_unstable();
        places.dedup();
        let last = places.last().copied();
        let cut = |step| {
            let soon = steps.min(step + delay + 7);
            Cut { step, until: if Some(step) == last { steps } else { soon } }
        };
        let cuts: Vec<Cut> = places.into_iter().map(cut).collect();
        let mut stops: Vec<u32> = cuts.iter().flat_map(|cut| [cut.step, cut.until]).collect();
        stops.sort_unstable();
        stops.dedup();
        Self { plan, cuts, stops }
    }

    /// Runs on from where the recording ends.
    fn run(
        &self,
        simulation: &mut dyn Simulation,
        mut record: Recording,
    ) -> Result<Vec<Stop>, Failure> {
        let mut stops = Vec::new();
        for &stop in &self.stops {
            simulation.run(stop - record.steps, &mut record)?;
            let checkpoint = Checkpoint::take(self.plan, simulation, &record)?;
            stops.push(Stop { checkpoint, record: record.clone() });
        }
        Ok(stops)
    }
}

impl Stop {
    /// Whether another run is the same up to here.
    fn equals(&self, plan: &Plan, other: &Self) -> Result<u64, Failure> {
        let outcome = |stop: &Self| Outcome {
            record: stop.record.clone(),
            state: stop.checkpoint.state.clone(),
            counters: stop.checkpoint.counters.clone(),
        };
        let checked = equal(plan, &outcome(self), &outcome(other))?;
        match self.checkpoint == other.checkpoint {
            true => Ok(checked),
            false => Err(format!("the checkpoint of step {} differs", self.checkpoint.step).into()),
        }
    }
}

fn told(when: &str, failure: &Failure) -> Failure {
    Failure::new(format!("{when}: {failure}"))
}
