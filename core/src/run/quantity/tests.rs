//! Places of quantities, and the words of their errors.

use super::*;
use crate::plan::{NeuronPlan, PopulationPlan, PopulationPlanKind, StateDef, Words};
use std::sync::Arc;

fn plan() -> Plan {
    let float = |name: &str| StateDef { name: name.into(), ty: Type::F32, initial: Words::All(0) };
    let neurons = NeuronPlan {
        program: Default::default(),
        state: vec![float("v"), float(HELD), StateDef::refractory()],
        constants: Vec::new(),
        poisson: Vec::new(),
        series: Vec::new(),
        external: Vec::new(),
        first_receptor: 0,
        receptors: 0,
    };
    let population = |name: &str, size, first_neuron, kind| PopulationPlan {
        name: name.into(),
        size,
        first_neuron,
        kind,
    };
    let network = crate::describe::checked::Checked {
        name: "two".into(),
        dt_ms: 0.1,
        duration_steps: 1,
        transient_steps: 0,
        seed: 1,
        batch: 2,
        populations: Vec::new(),
        projections: Vec::new(),
        stimuli: Vec::new(),
        probes: Vec::new(),
        synapse_probes: Vec::new(),
        signals: Vec::new(),
    };
    Plan {
        network: Arc::new(network),
        seed: 1,
        batch: 2,
        populations: vec![
            population("list", 4, 0, PopulationPlanKind::SpikeList(Arc::new([]))),
            population("n", 3, 4, PopulationPlanKind::Neurons(Box::new(neurons))),
        ],
        receptors: Vec::new(),
        projections: Vec::new(),
        stimuli: Vec::new(),
        currents: Vec::new(),
        probes: Vec::new(),
        synapse_probes: Vec::new(),
        signals: Vec::new(),
        max_delay_steps: 1,
    }
}

#[test]
fn quantities_lie_one_after_the_other_in_the_state() {
    let plan = plan();
    let places: Vec<Range<u64>> =
        Quantity::states(&plan).iter().map(|q| state_place(q, &plan).words).collect();
    assert_eq!(places, [0..6, 6..12, 12..18]);
    assert_eq!(plan.state_words(), 18);
}

#[test]
fn errors_say_what_would_be_right() {
    let plan = plan();
    let told = |quantity: Quantity, words: &[u32]| {
        let accepted = match quantity.place(&plan) {
            Ok(Place::State(place)) => place.accept(&plan, &quantity, words),
            Ok(Place::Parameter(_) | Place::Weights(_) | Place::Synapse(_) | Place::Signal(_)) => {
                unreachable!("there are none")
            }
            Err(error) => Err(error),
        };
        accepted.unwrap_err().to_string()
    };
    assert_eq!(
        told(Quantity::state("m", "v"), &[]),
        "state variable `v` of population m: there is no such population; there are `list`, `n`"
    );
    assert_eq!(
        told(Quantity::state("list", "v"), &[]),
        "state variable `v` of population list: there is no such state variable; there is none"
    );
    assert_eq!(
        told(Quantity::state("n", "v"), &[0]),
        "state variable `v` of population n: 1 word given, it has 6"
    );
    let mut words = [0; 6];
    words[4] = f32::INFINITY.to_bits();
    assert_eq!(
        told(Quantity::state("n", "v"), &words),
        "state variable `v` of population n: inf for neuron 1 of copy 1; give a finite number"
    );
    words[4] = 0.5_f32.to_bits();
    assert!(told(Quantity::state("n", HELD), &words).ends_with("give 0 or 1"));
    words[4] = (-1_i32).cast_unsigned();
    assert!(told(Quantity::state("n", "refractory"), &words).contains("-1 for neuron 1"));
}

#[test]
fn floats_are_flushed_and_counters_are_not() {
    let plan = plan();
    let words = [1; 6];
    let stored = |quantity: Quantity| {
        state_place(&quantity, &plan).accept(&plan, &quantity, &words).unwrap()
    };
    assert_eq!(stored(Quantity::state("n", "v")), [0; 6]);
    assert_eq!(stored(Quantity::state("n", "refractory")), words);
}

fn state_place(quantity: &Quantity, plan: &Plan) -> StatePlace {
    match quantity.place(plan).unwrap() {
        Place::State(place) => place,
        Place::Parameter(_) | Place::Weights(_) | Place::Synapse(_) | Place::Signal(_) => {
            unreachable!("{quantity} is state")
        }
    }
}
