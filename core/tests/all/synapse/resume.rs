//! A run that goes on from a checkpoint has the bits of one that was never interrupted.

use super::{Network, compile, models, trains, weights};
use isospike_core::connect::rule::FixedProbability;
use isospike_core::connect::{Distribution, Rule};
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::counters::derive;
use isospike_core::run::input::Input;
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::{Recording, Spike};
use std::sync::Arc;

const STEPS: u32 = 400;

/// Delays of 1 to 60 steps, drawn weights, two copies, sources that spike within a delay again.
fn plan(synapse: isospike_core::describe::synapse::Synapse) -> Plan {
    let (pre, post) = (trains(30, 6, STEPS, (2, 25)), trains(40, 5, STEPS, (2, 40)));
    let network = Network {
        sources: (6, &pre),
        cells: (5, &post),
        weight: Distribution::Uniform { lo: 0.1, hi: 0.9 },
        delay_ms: Distribution::Uniform { lo: 0.1, hi: 6.0 },
        rule: Rule::FixedProbability(FixedProbability(0.7)),
        batch: 2,
        ..Network::pair(&[], &[], synapse, (0.5, 1))
    };
    network.plan()
}

#[test]
fn a_restored_run_has_the_same_bits() {
    for synapse in [models::stdp(1.0), models::triplet(1.0), models::conditioned()] {
        let plan = plan(synapse);
        let mut whole = compile(&plan);
        let mut recorded = Recording::new(&plan);
        let mut checkpoints = vec![Checkpoint::start(&plan)];
        let mut states = vec![plan.initial_state()];
        for _ in 0..STEPS {
            whole.run(1, &mut recorded).unwrap();
            states.push(whole.state().unwrap());
            checkpoints.push(Checkpoint::take(&plan, whole.as_mut(), &recorded).unwrap());
        }
        let mut resumed = compile(&plan);
        assert_eq!(resumed.state().unwrap(), states[0]);
        for from in [0, 1, 7, 59, 60, 61, 133, 250, 399, 400] {
            resumed.restore(&checkpoints[from]).unwrap();
            assert_eq!(resumed.state().unwrap(), states[from], "{from}");
            let mut record = Recording { steps: from as u32, ..Recording::new(&plan) };
            for (step, state) in states.iter().enumerate().skip(from + 1) {
                resumed.run(1, &mut record).unwrap();
                assert_eq!(resumed.state().unwrap(), *state, "{from}: step {step}");
            }
            let last = recorded.spikes.iter().filter(|spike| spike.step >= from as u32);
            assert!(record.spikes.iter().eq(last));
            assert_eq!(resumed.counters().unwrap(), whole.counters().unwrap());
        }
        resumed.reset().unwrap();
        assert_eq!(resumed.state().unwrap(), states[0]);
    }
}

/// Cells that learn from one another, each from itself, too: a spike is an event of both sides.
fn recurrent(pre: &[(u32, u32)], post: &[(u32, u32)]) -> Plan {
    let network = Network {
        sources: (6, pre),
        cells: (5, post),
        rule: Rule::FixedProbability(FixedProbability(0.7)),
        ..Network::pair(&[], &[], models::stdp(1.0), (0.5, 3))
    };
    let mut network = network.checked();
    let mut own = network.projections[1].clone();
    (own.pre, own.name) = (own.post, "own".into());
    own.delay_ms = Distribution::Uniform { lo: 0.1, hi: 2.0 };
    network.projections.push(own);
    network.batch = 2;
    lower(Arc::new(network))
}

#[test]
fn cells_learn_from_one_another_and_go_on_from_a_checkpoint() {
    let (pre, post) = (trains(30, 6, STEPS, (2, 25)), trains(40, 5, STEPS, (2, 40)));
    let plan = recurrent(&pre, &post);
    let mut whole = compile(&plan);
    let mut record = Recording::new(&plan);
    whole.run(150, &mut record).unwrap();
    let checkpoint = Checkpoint::take(&plan, whole.as_mut(), &record).unwrap();
    whole.run(STEPS - 150, &mut record).unwrap();
    let mut resumed = compile(&plan);
    resumed.restore(&checkpoint).unwrap();
    let mut rest = Recording { steps: 150, ..Recording::new(&plan) };
    resumed.run(STEPS - 150, &mut rest).unwrap();
    assert_eq!(resumed.state().unwrap(), whole.state().unwrap());
    assert_eq!(whole.counters().unwrap(), derive(&plan, &record));
    let changed = |name| {
        let words = whole.read(&Quantity::synapse(name, "w")).unwrap();
        let half = 0.5_f32.to_bits();
        words.iter().filter(|word| **word != half).count() * 10 > words.len() * 9
    };
    assert!(["learns", "own"].map(changed).iter().all(|changed| *changed));
}

#[test]
fn spikes_from_outside_are_events_as_those_of_a_list() {
    let (pre, post) = (trains(30, 6, STEPS, (2, 25)), trains(40, 5, STEPS, (2, 40)));
    let listed = recurrent(&pre, &post);
    let open = recurrent(&[], &post);
    let copies = [0, open.neurons()];
    let given = pre
        .iter()
        .flat_map(|&(step, neuron)| copies.map(|first| Spike { step, neuron: first + neuron }));
    let mut given: Vec<Spike> = given.collect();
    given.sort_unstable();
    let mut simulations = [compile(&listed), compile(&open)];
    for (simulation, spikes) in simulations.iter_mut().zip([&[][..], &given]) {
        let mut record = Recording::new(&listed);
        simulation.advance(STEPS, &Input::spikes(spikes), &mut record).unwrap();
    }
    let [listed, open] = simulations.map(|mut simulation| simulation.state().unwrap());
    assert_eq!(listed, open);
}

/// A checkpoint that no run can come to, as one made by hand.
#[test]
fn stamps_of_steps_to_come_are_no_panic() {
    let plan = plan(models::stdp(1.0));
    let mut checkpoint = Checkpoint::start(&plan);
    for word in &mut checkpoint.state[plan.neuron_words() as usize..] {
        *word = u32::MAX;
    }
    let mut simulation = compile(&plan);
    simulation.restore(&checkpoint).unwrap();
    simulation.run(50, &mut Recording::new(&plan)).unwrap();
}

#[test]
fn bounds_hold_after_every_event() {
    // Steps of a third of the range.
    let mut synapse = models::stdp(1.0);
    let large = isospike_core::describe::checked::PerNeuron::All(0.33);
    (synapse.parameters[0], synapse.parameters[1]) = (large.clone(), large);
    let plan = plan(synapse);
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    let mut seen = [false; 2];
    for _ in 0..STEPS {
        simulation.run(1, &mut record).unwrap();
        for weight in weights(&plan, simulation.as_mut()) {
            assert!((0.0..=1.0).contains(&weight), "{weight}");
            seen = [seen[0] | (weight == 0.0), seen[1] | (weight == 1.0)];
        }
    }
    assert_eq!(seen, [true; 2], "both bounds are met");
}
