//! State of synapses by name, and backends that do not run them.

use super::{Network, compile, models};
use isospike_core::connect::rule::{AllToAll, Explicit};
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::describe::synapse::Initial;
use isospike_core::device::traffic::TrafficEstimate;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Simulation;
use isospike_core::run::checkpoint::Fingerprint;
use isospike_core::run::quantity::{Place, Quantity};
use isospike_core::run::record::Recording;
use std::sync::Arc;

/// Rows of two, no and three synapses, in two copies.
fn plan() -> Plan {
    let pairs = [(0, 0), (0, 1), (2, 0), (2, 1), (2, 1)];
    let list =
        pairs.map(|(pre, post)| ExplicitSynapse { pre, post, weight: None, delay_steps: None });
    let network = Network {
        sources: (3, &[(2, 0), (2, 2)]),
        cells: (2, &[(5, 1)]),
        rule: Rule::Explicit(Explicit(list.into())),
        batch: 2,
        ..Network::pair(&[], &[], models::stdp(1.0), (0.5, 1))
    };
    network.plan()
}

fn write(simulation: &mut dyn Simulation, values: &[f32]) -> Result<(), String> {
    let words: Vec<u32> = values.iter().map(|x| x.to_bits()).collect();
    simulation.write(&Quantity::synapse("learns", "w"), &words).map_err(|error| error.to_string())
}

#[test]
fn weights_are_read_and_written_by_copy_row_and_place() {
    let plan = plan();
    let weights = Quantity::synapse("learns", "w");
    assert_eq!(Quantity::synapses(&plan), std::slice::from_ref(&weights));
    let Ok(Place::Synapse(place)) = weights.place(&plan) else { panic!("{weights}") };
    // `v` of two cells comes first, in both copies.
    assert_eq!((place.projection, place.variable, place.words.clone()), (1, 0, 4..14));
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    simulation.run(4, &mut record).unwrap();
    let state = simulation.state().unwrap();
    assert_eq!(simulation.read(&weights).unwrap(), place.of(&state));
    let mut values: Vec<f32> = (0_u8..10).map(|n| f32::from(n) / 16.0).collect();
    values[3] = 1e-30;
    write(simulation.as_mut(), &values).unwrap();
    values[3] = 0.0;
    let words: Vec<u32> = values.iter().map(|x| x.to_bits()).collect();
    assert_eq!(simulation.read(&weights).unwrap(), words);
    assert_eq!(place.of(&simulation.state().unwrap()), words);
    // A spike of cell 1 changes what ends there.
    simulation.run(2, &mut record).unwrap();
    let after = simulation.read(&weights).unwrap();
    let changed: Vec<usize> = (0..10).filter(|n| after[*n] != words[*n]).collect();
    assert_eq!(changed, [1, 3, 4, 6, 8, 9]);
    assert!(changed.iter().all(|n| f32::from_bits(after[*n]) > values[*n]));
}

#[test]
fn values_out_of_bounds_are_refused_by_row_and_synapse() {
    let plan = plan();
    let mut simulation = compile(&plan);
    let before = simulation.state().unwrap();
    let named = "state variable `w` of the synapses of projection learns: ";
    for (at, value, words) in [
        (1, 1.5, "1.5 for synapse 1 of source neuron 0 of copy 0; give 0 to 1"),
        (2, -1.0, "-1 for synapse 0 of source neuron 2 of copy 0; give 0 to 1"),
        (9, f32::NAN, "NaN for synapse 2 of source neuron 2 of copy 1; give 0 to 1"),
    ] {
        let mut values = [0.5; 10];
        values[at] = value;
        let error = write(simulation.as_mut(), &values).unwrap_err();
        assert_eq!(error, format!("{named}{words}"));
    }
    let error = write(simulation.as_mut(), &[0.5; 5]).unwrap_err();
    assert_eq!(error, format!("{named}5 words given, it has 10"));
    assert_eq!(simulation.state().unwrap(), before);
}

#[test]
fn without_bounds_any_finite_number_is_a_value() {
    let synapse = models::tsodyks_markram(0.5, 100.0, 10.0);
    let plan = Network::pair(&[(1, 0)], &[], synapse, (0.5, 1)).plan();
    let mut simulation = compile(&plan);
    write(simulation.as_mut(), &[-3e38]).unwrap();
    let error = write(simulation.as_mut(), &[f32::INFINITY]).unwrap_err();
    assert!(error.ends_with("of copy 0; give a finite number"), "{error}");
}

#[test]
fn names_that_are_not_there_are_refused() {
    let plan = plan();
    let error = |quantity: Quantity| quantity.place(&plan).unwrap_err().to_string();
    let found = error(Quantity::synapse("learns", "x"));
    assert!(found.contains("no such state variable of its synapses; there is `w`"), "{found}");
    let found = error(Quantity::synapse("force", "w"));
    assert!(found.contains("no such state variable of its synapses; there is none"), "{found}");
    let found = error(Quantity::synapse("nothing", "w"));
    assert!(found.contains("no such projection"), "{found}");
    let found = error(Quantity::weights("learns"));
    assert!(found.contains("`Quantity::synapse`"), "{found}");
    assert!(Quantity::weights("force").place(&plan).is_ok());
}

#[test]
fn bytes_of_synapses_that_learn_are_not_estimated() {
    let network = Network {
        rule: Rule::AllToAll(AllToAll),
        ..Network::pair(&[(1, 0)], &[], models::stdp(1.0), (0.5, 1))
    };
    let plan = network.plan();
    let estimate = TrafficEstimate::new(&plan).unwrap();
    let learns = |index: &usize| plan.projections[*index].synapse.is_some();
    assert!(!estimate.learning.is_empty() && estimate.learning.iter().all(learns));
    assert!(estimate.events.iter().all(|event| !event.projections.iter().any(learns)));
}

#[test]
fn given_weights_are_the_floats_that_synapses_begin_with() {
    let mut network = plan().network.as_ref().clone();
    // No common unit of 24 bits holds them.
    let given = [1e-7_f32, 0.1, 1.0, 1e-30, 0.999_999_94];
    let synapse = network.projections[1].synapse.as_mut().unwrap();
    synapse.weights = Some(given.into());
    let plan = lower(Arc::new(network.clone()));
    plan.verify().unwrap();
    let flushed = given.map(|x| if x < 1e-20 { 0.0_f32 } else { x }.to_bits());
    assert_eq!(plan.initial_state()[4..14], flushed.repeat(2));
    let weights = Quantity::synapse("learns", "w");
    assert_eq!(compile(&plan).read(&weights).unwrap(), flushed.repeat(2));
    // They decide a run.
    let other = |weights: Option<Arc<[f32]>>| {
        let mut network = network.clone();
        network.projections[1].synapse.as_mut().unwrap().weights = weights;
        lower(Arc::new(network))
    };
    let drawn = Fingerprint::of(&other(None));
    assert_ne!(Fingerprint::of(&plan), drawn);
    let fewer = other(Some(given[1..].into()));
    let fault = fewer.verify().unwrap_err().fault;
    assert_eq!(fault, "4 weights are given for 5 synapses");
}

#[test]
fn given_values_are_the_floats_that_state_begins_with() {
    let other = |given: &[f32]| {
        let mut network = plan().network.as_ref().clone();
        let synapse = network.projections[1].synapse.as_mut().unwrap();
        synapse.initial[0] = Initial::Given(given.into());
        lower(Arc::new(network))
    };
    let given = [0.25_f32, -0.5, 1e-40, 0.75, 0.5];
    let plan = other(&given);
    plan.verify().unwrap();
    let flushed = given.map(|x| if x == 1e-40 { 0.0_f32 } else { x }.to_bits());
    assert_eq!(plan.initial_state()[4..14], flushed.repeat(2));
    let weights = Quantity::synapse("learns", "w");
    assert_eq!(compile(&plan).read(&weights).unwrap(), flushed.repeat(2));
    let fingerprint = Fingerprint::of(&plan);
    assert_ne!(fingerprint, Fingerprint::of(&other(&[0.25, -0.5, 1e-40, 0.75, 0.625])));
    assert_ne!(fingerprint, Fingerprint::of(&self::plan()));
    let fault = other(&given[1..]).verify().unwrap_err().fault;
    assert_eq!(fault, "4 values are given for 5 synapses");
}
