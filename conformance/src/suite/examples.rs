//! Level 8: the published networks, scaled to run in seconds, against committed digests.

use super::{Done, Level, Settings, Test};
use crate::failure::Failure;
use crate::golden::{self, Example, Golden};
use crate::verdict;
use isospike_core::base::words::count;
use isospike_core::run::backend::Backend;

/// A test for each example.
pub fn tests(_: &Settings) -> Vec<Test> {
    let test = |example: Example| {
        Test::new(Level::Examples, example.name, move |backend, _| check(backend, &example))
    };
    golden::cases().into_iter().map(test).collect()
}

/// Runs an example and compares with the committed pair, and its counts with those that its spikes
/// imply; where spikes or state differ, the naive oracle says where.
fn check(backend: &dyn Backend, example: &Example) -> Result<Done, Failure> {
    let plan = golden::plan(example)?;
    let outcome = verdict::run(backend, &plan, &[example.steps])?;
    let got = Golden { spikes: outcome.record.spikes.len(), digest: outcome.digest() };
    match golden::read().get(example.name) {
        Some(golden) if *golden == got => {
            verdict::counted(&plan, &outcome)?;
            Ok(Done { golden: Some(got), ..Done::of(outcome.words()) })
        }
        Some(golden) => {
            let failure = Failure::new(format!(
                "{} with digest {} instead of {} with {}",
                count(got.spikes as u64, "spike"),
                got.digest,
                golden.spikes,
                golden.digest
            ));
            let failure = verdict::located(failure, &plan, backend, example.steps);
            let failure = Failure { golden: Some(got), ..failure };
            Err(failure.shown_by(example.model(plan.network.dt_ms)))
        }
        None => Err(Failure::new(format!("no golden pair for {}: {got:?}", example.name))),
    }
}
