//! Checkpoints that move between backends: a run that stops on one and goes on on another is the
//! run that never stopped.
//!
//! Every backend has to take, word for word, the checkpoints of the naive oracle, and to go on
//! from them as the oracle did. So what one has taken every other can restore: backends are
//! tried one by one, not in pairs.

use crate::Subject;
use crate::cases::Case;
use crate::verdict::{self, Outcome, equal, failed};
use isospike_core::backend::{Backend, Simulation};
use isospike_core::checkpoint::Checkpoint;
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_core::reference::model::ModelBackend;
use libtest_mimic::Failed;

/// One case on the subject: it takes the checkpoints of the naive oracle, and goes on from them.
pub fn against_oracle(subject: Subject, case: &Case) -> Result<(), Failed> {
    let plan = verdict::plan(&case.text)?;
    let backend = (subject.open)().map_err(failed)?;
    moves(&plan, case.steps, backend.as_ref(), backend.as_ref())
}

/// Whether checkpoints of a run of this length move from one backend to another: the first takes
/// those of the naive oracle, and the second goes on from each as the oracle did.
pub fn moves(plan: &Plan, steps: u32, from: &dyn Backend, to: &dyn Backend) -> Result<(), Failed> {
    let route = Route::new(plan, steps);
    let mut oracle = ModelBackend::default().compile(plan).map_err(failed)?;
    let expected = route.run(oracle.as_mut(), 0, Recording::new(plan))?;
    let mut simulation = from.compile(plan).map_err(failed)?;
    let taken = route.run(simulation.as_mut(), 0, Recording::new(plan))?;
    for (expected, taken) in expected.iter().zip(&taken) {
        expected.equals(plan, taken).map_err(|e| told("in an uninterrupted run", e))?;
    }
    // One simulation for all: what it has run before must not matter.
    let mut simulation = to.compile(plan).map_err(failed)?;
    for cut in &route.cuts {
        let at = route.stops.binary_search(&cut.step).map_err(failed)?;
        let what = format!("restored at step {}", cut.step);
        simulation.restore(&taken[at].checkpoint).map_err(failed)?;
        let until = Route { stops: vec![cut.until], cuts: Vec::new(), plan };
        let after = until.run(simulation.as_mut(), cut.step, taken[at].record.clone())?;
        let end = route.stops.binary_search(&cut.until).map_err(failed)?;
        expected[end].equals(plan, &after[0]).map_err(|e| told(&what, e))?;
    }
    Ok(())
}

/// Where a run is cut, and how long it is followed from there.
struct Cut {
    step: u32,
    until: u32,
}

/// Where runs stop and are compared.
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
    /// at an odd third. What is on its way at a cut has arrived a largest delay later, so the
    /// others are followed a little longer than that, and the last one to the end.
    fn new(plan: &'a Plan, steps: u32) -> Self {
        let delay = plan.max_delay_steps;
        let mut places = vec![1, delay - 1, delay + 1, steps / 3 | 1];
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

    fn run(
        &self,
        simulation: &mut dyn Simulation,
        first: u32,
        mut record: Recording,
    ) -> Result<Vec<Stop>, Failed> {
        let mut stops = Vec::new();
        let mut step = first;
        for &stop in &self.stops {
            simulation.run(stop - step, &mut record).map_err(failed)?;
            step = stop;
            let checkpoint = Checkpoint::take(self.plan, simulation, &record).map_err(failed)?;
            stops.push(Stop { checkpoint, record: record.clone() });
        }
        Ok(stops)
    }
}

impl Stop {
    /// Whether another run is the same up to here.
    fn equals(self: &Stop, plan: &Plan, other: &Stop) -> Result<(), Failed> {
        let outcome = |stop: &Stop| Outcome {
            record: stop.record.clone(),
            state: stop.checkpoint.state.clone(),
        };
        equal(plan, &outcome(self), &outcome(other))?;
        match self.checkpoint == other.checkpoint {
            true => Ok(()),
            false => Err(format!("the checkpoint of step {} differs", self.checkpoint.step).into()),
        }
    }
}

fn told(when: &str, error: Failed) -> Failed {
    format!("{when}: {}", error.message().unwrap_or("no message")).into()
}
