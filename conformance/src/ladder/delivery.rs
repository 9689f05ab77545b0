//! Rung 6: spikes reach their targets.

use super::{Rung, Settings, Test};
use crate::cases::{self, Case};
use crate::verdict;

/// A test for each case.
pub fn tests(_: &Settings) -> Vec<Test> {
    let test = |case: Case| {
        Test::new(Rung::Delivery, case.name.clone(), move |backend, _| {
            verdict::against_oracle(backend, &case)
        })
    };
    cases::named(&["delays", "giant_row", "procedural", "rules", "weights"])
        .into_iter()
        .map(test)
        .collect()
}
