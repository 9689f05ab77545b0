//! The search for the first difference, on a backend with a fault at will.

use crate::fake::{Fake, plan};
use isospike_conformance::difference::{Search, first_spike, first_state};
use isospike_core::run::record::{Recording, Spike};

fn recording(spikes: &[(u32, u32)]) -> Recording {
    let spikes = spikes.iter().map(|&(step, neuron)| Spike { step, neuron }).collect();
    Recording { spikes, ..Recording::default() }
}

#[test]
fn the_first_spike_that_only_one_has() {
    let a = recording(&[(1, 0), (2, 5), (4, 1)]);
    let found = |b: &[(u32, u32)]| {
        first_spike(&a, &recording(b)).map(|d| (d.spike.step, d.spike.neuron, d.in_first))
    };
    assert_eq!(found(&[(1, 0), (2, 5), (4, 1)]), None);
    assert_eq!(found(&[(1, 0), (4, 1)]), Some((2, 5, true)));
    assert_eq!(found(&[(1, 0), (2, 3), (2, 5), (4, 1)]), Some((2, 3, false)));
    assert_eq!(found(&[(1, 0), (2, 5)]), Some((4, 1, true)));
    assert_eq!(found(&[(1, 0), (2, 5), (4, 1), (9, 9)]), Some((9, 9, false)));
}

fn search(fault: (u32, usize), until: u32) -> Search {
    let broken = Fake { fault: Some(fault), ..Fake::default() };
    first_state(&plan(), [&Fake::default(), &broken], until, &|| false).unwrap()
}

#[test]
fn the_step_variable_and_words_of_a_fault_are_found() {
    // In the middle of a stride, at its edges, in the first and in the last step.
    for step in [0, 1, 14, 15, 16, 437, 999] {
        let Search::Found(found) = search((step, 1), 1000) else { panic!("step {step}") };
        assert_eq!((found.step, found.neuron, found.copy), (step, 1, 0));
        assert_eq!((found.population.as_str(), found.variable.as_str()), ("a", "v"));
        assert_eq!(found.differing_words, 1);
        let v = &found.neuron_words[0];
        assert_eq!(v.words[0], ((step + 1) as f32).to_bits());
        assert_eq!(v.words[1], v.words[0] ^ 1);
        assert_eq!(v.before, (step > 0).then(|| (step as f32).to_bits()));
        let counter = &found.neuron_words[1];
        assert!(counter.integer && counter.words[0] == counter.words[1]);
    }
}

#[test]
fn a_fault_of_the_counter_is_an_integer() {
    let Search::Found(found) = search((20, 5), 100) else { panic!() };
    assert_eq!((found.variable.as_str(), found.neuron), ("refractory", 2));
}

#[test]
fn agreement_is_said_and_a_failure_passed_on() {
    assert_eq!(search((50, 0), 50), Search::NotRepeated);
    let failing = Fake { fails_at: Some(3), ..Fake::default() };
    assert!(first_state(&plan(), [&Fake::default(), &failing], 100, &|| false).is_err());
}
