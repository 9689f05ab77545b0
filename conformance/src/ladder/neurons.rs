//! Rung 5: single neurons of every model, and what drives them.

use super::{Rung, Settings, Test};
use crate::cases::{self, Case};
use crate::verdict;

/// A test for each case.
pub fn tests(_: &Settings) -> Vec<Test> {
    let test = |case: Case| {
        Test::new(Rung::Neurons, case.name.clone(), move |backend, _| {
            verdict::against_oracle(backend, &case)
        })
    };
    cases::named(&[
        "models_current",
        "models_conductance",
        "custom_model",
        "currents",
        "poisson",
        "events",
    ])
    .into_iter()
    .map(test)
    .collect()
}
