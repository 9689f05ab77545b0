//! Level 7: synapses that learn: cases of their events, traces, bounds and histories, then networks
//! drawn at random.

use super::networks::{self, Family};
use super::{Level, Settings, Test};
use crate::cases::{self, Case};

/// A test for each case; then learning networks.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let test = |case: Case| {
        Test::new(Level::Synapses, case.name.clone(), move |backend, _| case.run(backend))
    };
    let cases = cases::named(&cases::LEARNING).into_iter();
    let cases = cases.chain(cases::named(&["synapse_probes"]));
    let mut tests: Vec<Test> = cases.map(test).collect();
    tests.push(networks::test(Level::Synapses, Family::Learning, settings));
    tests
}
