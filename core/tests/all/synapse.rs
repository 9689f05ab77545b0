//! Synapses that learn (`docs/semantics.md` 8) on the naive oracle: published rules against sums
//! over pairs, checkpoints, bounds, the programs of plans, and what is sent.

mod condition;
mod counts;
mod decay;
mod delays;
mod faults;
mod models;
mod probes;
mod programs;
mod quantities;
mod resume;
mod rewire;
mod rules;
mod sent;
mod signals;

use isospike_core::base::id::{PopulationId, Side};
use isospike_core::base::units::Dimension;
use isospike_core::connect::rule::AllToAll;
use isospike_core::connect::{Distribution, Rule};
use isospike_core::describe::checked::{
    Checked, PerNeuron, Population, PopulationKind, Projection,
};
use isospike_core::describe::model::{
    BinaryOp, Expr, NeuronModel, ReceptorDef, Sign, SpikeRule, StateDef, Stmt,
};
use isospike_core::describe::synapse::Synapse;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::plan::synapse::SynapsePart;
use isospike_core::run::backend::{Backend, Simulation};
use std::sync::Arc;

const SOURCES: PopulationId = PopulationId(0);
const FORCE: PopulationId = PopulationId(1);
const CELLS: PopulationId = PopulationId(2);

/// Sources onto cells that spike in given steps: (step, neuron) of both.
struct Network<'a> {
    dt_ms: f64,
    sources: (u32, &'a [(u32, u32)]),
    cells: (u32, &'a [(u32, u32)]),
    synapse: Synapse,
    weight: Distribution,
    delay_ms: Distribution,
    rule: Rule,
    batch: u32,
}

impl<'a> Network<'a> {
    /// One synapse of a weight and a delay in steps of 0.1 ms.
    fn pair(
        pre: &'a [(u32, u32)],
        post: &'a [(u32, u32)],
        synapse: Synapse,
        (weight, delay_steps): (f64, u32),
    ) -> Self {
        Self {
            dt_ms: 0.1,
            sources: (1, pre),
            cells: (1, post),
            synapse,
            weight: Distribution::Constant(weight),
            delay_ms: Distribution::Constant(0.1 * f64::from(delay_steps)),
            rule: Rule::AllToAll(AllToAll),
            batch: 1,
        }
    }

    fn checked(self) -> Checked {
        let list = |name: &str, size, spikes: Vec<(u32, u32)>| Population {
            name: name.into(),
            size,
            kind: PopulationKind::SpikeList(spikes.into()),
            reference_rate_hz: None,
        };
        // A spike of the list arrives a step later.
        let force = self.cells.1.iter().map(|&(step, neuron)| (step - 1, neuron)).collect();
        let cells = PopulationKind::Neurons {
            model: Arc::new(relay()),
            parameters: Vec::new(),
            initial: vec![PerNeuron::All(0.0)],
            refractory_steps: 0,
        };
        let one_to_one = Rule::OneToOne(isospike_core::connect::rule::OneToOne);
        let step = Distribution::Constant(self.dt_ms);
        let mut forced =
            projection(FORCE, 1, one_to_one, [Distribution::Constant(1.0), step], None);
        forced.name = "force".into();
        let learns = [self.weight, self.delay_ms];
        let learns = projection(SOURCES, 0, self.rule, learns, Some(self.synapse));
        Checked {
            name: "learns".into(),
            dt_ms: self.dt_ms,
            duration_steps: 1,
            transient_steps: 0,
            seed: 7,
            batch: self.batch,
            populations: vec![
                list("sources", self.sources.0, self.sources.1.to_vec()),
                list("force", self.cells.0, force),
                Population {
                    name: "cells".into(),
                    size: self.cells.0,
                    kind: cells,
                    reference_rate_hz: None,
                },
            ],
            projections: vec![forced, learns],
            stimuli: Vec::new(),
            probes: Vec::new(),
            synapse_probes: Vec::new(),
            signals: Vec::new(),
        }
    }

    fn plan(self) -> Plan {
        lower(Arc::new(self.checked()))
    }
}

/// `v` is what arrived at `input` in this step; a spike where something arrived at `force`.
fn relay() -> NeuronModel {
    let receptor = |name: &str| ReceptorDef {
        name: name.into(),
        dimension: Dimension::default(),
        sign: Sign::Any,
    };
    let half = Box::new(Expr::Number(0.5));
    NeuronModel {
        name: "relay".into(),
        parameters: Vec::new(),
        state: vec![StateDef {
            name: "v".into(),
            initial: Expr::Number(0.0),
            dimension: Dimension::default(),
        }],
        receptors: vec![receptor("input"), receptor("force")],
        current: None,
        refractory: None,
        update: vec![Stmt::SetState(0, Expr::Receptor(0))],
        threshold: Some(Expr::Binary(BinaryOp::Gt, Box::new(Expr::Receptor(1)), half)),
        spike: SpikeRule::Level,
        reset: Vec::new(),
        locals: 0,
        draws: 0,
    }
}

fn projection(
    pre: PopulationId,
    receptor: u32,
    rule: Rule,
    [weight, delay_ms]: [Distribution; 2],
    synapse: Option<Synapse>,
) -> Projection {
    Projection {
        name: "learns".into(),
        pre,
        post: CELLS,
        receptor,
        rule,
        autapses: true,
        weight,
        delay_ms,
        procedural: false,
        weight_bits: Some(32),
        weight_bounds: None,
        synapse,
    }
}

fn compile(plan: &Plan) -> Box<dyn Simulation> {
    ModelBackend::default().compile(plan).unwrap()
}

/// The floats of a state variable or trace now.
fn floats(plan: &Plan, simulation: &mut dyn Simulation, part: SynapsePart<'_>) -> Vec<f32> {
    let state = simulation.state().unwrap();
    let blocks = plan.synapse_blocks();
    let block = blocks.iter().find(|block| block.part == part).unwrap();
    state[block.words.clone()].iter().map(|word| f32::from_bits(*word)).collect()
}

fn weights(plan: &Plan, simulation: &mut dyn Simulation) -> Vec<f32> {
    floats(plan, simulation, SynapsePart::State(0, "w"))
}

/// The sum that arrived at each cell in the last step.
fn arrived(plan: &Plan, simulation: &mut dyn Simulation) -> Vec<f32> {
    let state = simulation.state().unwrap();
    let words = &state[..plan.neuron_words() as usize];
    words.iter().map(|word| f32::from_bits(*word)).collect()
}

/// Irregular spikes of one neuron: the gaps lie between `least` and `least + spread`.
fn train(number: u32, steps: u32, least: u32, spread: u32) -> Vec<u32> {
    let mut word = number.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        word ^= word << 13;
        word ^= word >> 17;
        word ^= word << 5;
        least + word % spread
    };
    let mut at = next();
    let mut spikes = Vec::new();
    while at < steps {
        spikes.push(at);
        at += next();
    }
    spikes
}

/// Irregular spikes of some neurons, as a list has them.
fn trains(first: u32, count: u32, steps: u32, (least, spread): (u32, u32)) -> Vec<(u32, u32)> {
    let of = |n| train(first + n, steps, least, spread).into_iter().map(move |step| (step, n));
    let mut all: Vec<(u32, u32)> = (0..count).flat_map(of).collect();
    all.sort_unstable();
    all
}

#[test]
fn traces_of_both_sides_are_words_of_the_state() {
    let plan = Network::pair(&[(3, 0)], &[(5, 0)], models::stdp(1.0), (0.5, 2)).plan();
    let mut simulation = compile(&plan);
    let mut record = isospike_core::run::record::Recording::new(&plan);
    simulation.run(8, &mut record).unwrap();
    let x = floats(&plan, simulation.as_mut(), SynapsePart::Trace(Side::Pre, 0, "x"));
    let y = floats(&plan, simulation.as_mut(), SynapsePart::Trace(Side::Post, 0, "y"));
    assert_eq!((x, y), (vec![1.0], vec![1.0]));
    let state = simulation.state().unwrap();
    // v, w, x, its stamp, y, its stamp.
    assert_eq!(state.len() as u64, plan.state_words());
    assert_eq!((state[3], state[5]), (4, 6));
}
