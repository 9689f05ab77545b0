//! Synapses that learn: the programs of their events, their traces, the unit of their weights.

use super::neuron::before_reset;
use super::neuron::event::{Send, condition, event, host};
use super::quantise;
use crate::base::id::PopulationId;
use crate::base::numeric::{self, decay::Decay};
use crate::connect::rule::Explicit;
use crate::connect::{RealDraw, Rule};
use crate::describe::checked::{Checked, Projection};
use crate::describe::model::Expr;
use crate::describe::synapse::{
    EventProgram, Initial, Rewire, Sent, Synapse, SynapseModel, SynapseStateDef, TracesDef,
};
use crate::plan::ReceptorPlan;
use crate::plan::synapse::{
    ClockedPlan, RewirePlan, SentPlan, SynapsePlan, SynapseState, SynapseWord, TracesPlan,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lowers the synapse model of a projection. `weights` is the distribution of its weights; the
/// receptors of its targets begin with the first one of these.
pub(super) fn lower(
    network: &Checked,
    projection: &Projection,
    synapse: &Synapse,
    weights: &RealDraw,
    (first, receptors): (usize, &[ReceptorPlan]),
) -> SynapsePlan {
    let Synapse {
        model,
        parameters,
        signals,
        initial: _,
        state_tau_ms,
        weights: given,
        pre_tau_ms,
        post_tau_ms,
        period_steps,
        target,
        source,
        dendritic_steps,
        back_steps,
        sent,
        rewire,
    } = synapse;
    let decays: Vec<bool> = state_tau_ms.iter().map(Option::is_some).collect();
    let read = ReadOfTarget::new(network, projection.post, model, target);
    let program = |decays: &[bool], program: &EventProgram, sends: &[Send]| {
        event(network, (projection.post, read.now()), parameters, decays, program, sends)
    };
    let traces = |def: &TracesDef, tau_ms: &[f64]| TracesPlan {
        names: def.traces.iter().map(|trace| trace.name.clone()).collect(),
        decay: tau_ms.iter().map(|tau_ms| Decay::new(*tau_ms, network.dt_ms)).collect(),
        spike: program(&vec![false; def.traces.len()], &def.spike, &[]),
    };
    let receptor = |sent: &Sent| first + sent.receptor as usize;
    let send = |sent: &Sent| Send::new(sent.bounds, receptors[receptor(sent)].scale_exponent);
    let sends: Vec<Send> = sent.iter().map(send).collect();
    let sends_of = |program: &EventProgram| if model.sends(program) { &sends[..] } else { &[] };
    let integers = sent
        .iter()
        .zip(&sends)
        .map(|(sent, send)| SentPlan { receptor: receptor(sent) as u32, bounds: send.integers() });
    let learns = !model.on_post.statements.is_empty();
    let then = || (projection.post, read.then());
    let clocked = model.every.iter().zip(period_steps).map(|(block, period_steps)| ClockedPlan {
        period_steps: *period_steps,
        program: program(&decays, &block.program, sends_of(&block.program)),
    });
    SynapsePlan {
        state: state(network, synapse),
        weight_exponent: weight_exponent(projection, weights),
        weights: given.as_ref().map(|floats| words(floats)),
        signals: signals.clone(),
        pre: traces(&model.pre, pre_tau_ms),
        post: traces(&model.post, post_tau_ms),
        on_pre: program(&decays, &model.on_pre, sends_of(&model.on_pre)),
        on_post: learns.then(|| event(network, then(), parameters, &decays, &model.on_post, &[])),
        on_post_if: (model.on_post_if.as_ref())
            .map(|holds| condition(network, then(), parameters, 0, holds)),
        clocked: clocked.collect(),
        target: read.list,
        source: source.clone(),
        sent: integers.collect(),
        dendritic_steps: *dendritic_steps,
        back_steps: *back_steps,
        rewire: rewire.as_ref().map(|own| lower_rewire(network, projection, synapse, own)),
    }
}

/// Lowers the rewiring of a projection.
fn lower_rewire(
    network: &Checked,
    projection: &Projection,
    synapse: &Synapse,
    rewire: &Rewire,
) -> RewirePlan {
    let Rewire { name, period_steps, remove, create } = rewire;
    let given = |value: f64| numeric::flush(numeric::round_host(value)).to_bits();
    let (states, parameters) = (create.len() as u32, &synapse.parameters);
    RewirePlan {
        name: name.clone(),
        period_steps: *period_steps,
        remove: condition(network, (projection.post, Vec::new()), parameters, states, remove),
        create: create.iter().map(|value| value.map(given)).collect(),
        draws_delays: !matches!(projection.rule, Rule::Explicit(_)),
    }
}

/// Returns the bits of floats that a file gives, flushed.
fn words(floats: &[f32]) -> Arc<[u32]> {
    floats.iter().map(|x| numeric::flush(*x).to_bits()).collect()
}

/// Lowers the state variables.
fn state(network: &Checked, synapse: &Synapse) -> Vec<SynapseState> {
    let Synapse { model, parameters, initial, state_tau_ms, .. } = synapse;
    let bound =
        |bound: &Expr| numeric::flush(numeric::round_host(host(parameters, network.dt_ms, bound)));
    let values = initial.iter().zip(state_tau_ms);
    let state = |(variable, (initial, tau_ms)): (&SynapseStateDef, (&Initial, &Option<f64>))| {
        SynapseState {
            name: variable.name.clone(),
            bounds: variable.bounds.as_ref().map(|(lo, hi)| (bound(lo), bound(hi))),
            decay: tau_ms.map(|tau_ms| Decay::new(tau_ms, network.dt_ms)),
            initial: match initial {
                Initial::Weight => SynapseWord::Weight,
                Initial::Value(x) => {
                    SynapseWord::All(numeric::flush(numeric::round_host(*x)).to_bits())
                }
                Initial::Drawn(distribution) => SynapseWord::Drawn(RealDraw::new(distribution)),
                Initial::Given(floats) => SynapseWord::Given(words(floats)),
            },
        }
    };
    model.state.iter().zip(values).map(state).collect()
}

/// The variables of the target that the events of a model read.
struct ReadOfTarget {
    /// Each variable of the plan once: those read as they are, then those of the step of a spike.
    list: Vec<u32>,
    /// How many are read as they are.
    now: u32,
    /// How many the model names.
    names: usize,
    /// The names that are read as they are, and those read at post events.
    numbers: [Vec<u32>; 2],
}

impl ReadOfTarget {
    fn new(network: &Checked, post: PopulationId, model: &SynapseModel, target: &[u32]) -> Self {
        let blocks = model.every.iter().map(|block| &block.program);
        let now: BTreeSet<u32> = blocks.chain([&model.on_pre]).flat_map(|p| p.target()).collect();
        let then = model.read_before_reset();
        let variable = |number: &u32| target[*number as usize];
        let copy = |number: &u32| before_reset(network, post, variable(number));
        Self {
            list: now.iter().map(variable).chain(then.iter().map(copy)).collect(),
            now: now.len() as u32,
            names: target.len(),
            numbers: [now, then].map(|numbers| numbers.into_iter().collect()),
        }
    }

    /// The place in the list of each name, where it is read as it is.
    fn now(&self) -> Vec<u32> {
        self.places(0, 0)
    }

    /// The place in the list of each name, where it is read at a post event.
    fn then(&self) -> Vec<u32> {
        self.places(1, self.now)
    }

    fn places(&self, read: usize, first: u32) -> Vec<u32> {
        let mut places = vec![0; self.names];
        for (place, number) in (first..).zip(&self.numbers[read]) {
            places[*number as usize] = place;
        }
        places
    }
}

/// Returns the exponent of the unit in which every drawn or given weight is an integer that an f32
/// has.
fn weight_exponent(projection: &Projection, weights: &RealDraw) -> i32 {
    let drawn = weights.max_abs();
    let max = match &projection.rule {
        Rule::Explicit(Explicit(list)) => {
            let given = list.iter().map(|synapse| synapse.weight.map_or(drawn, libm::fabs));
            given.fold(0.0, f64::max)
        }
        _ => drawn,
    };
    quantise::exponent_of_floats(max)
}
