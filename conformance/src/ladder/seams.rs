//! Rung 9: where runs are cut, doubled and continued.

use super::{Rung, Settings, Test};
use crate::cases::{self, Case};
use crate::verdict;

/// A test for each case.
pub fn tests(_: &Settings) -> Vec<Test> {
    let test = |case: Case| {
        Test::new(Rung::Seams, case.name.clone(), move |backend, _| {
            verdict::against_oracle(backend, &case)
        })
    };
    cases::named(&["batch"]).into_iter().map(test).collect()
}
