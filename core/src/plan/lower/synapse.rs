//! Synapses that learn: the programs of their events, their traces, the unit of their weights.

use super::neuron::event::{Send, event, host};
use super::quantise;
use crate::base::numeric::{self, decay::Decay};
use crate::connect::rule::Explicit;
use crate::connect::{RealDraw, Rule};
use crate::describe::checked::{Checked, Projection};
use crate::describe::model::Expr;
use crate::describe::synapse::{EventProgram, Initial, Sent, Synapse, TracesDef};
use crate::plan::ReceptorPlan;
use crate::plan::synapse::{
    ClockedPlan, SentPlan, SynapsePlan, SynapseState, SynapseWord, TracesPlan,
};

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
        initial,
        weights: given,
        pre_tau_ms,
        post_tau_ms,
        period_steps,
        dendritic_steps,
        back_steps,
        sent,
    } = synapse;
    let states = model.state.len() as u32;
    let program = |states, program: &EventProgram, sends: &[Send]| {
        event(network, projection.post, parameters, states, program, sends)
    };
    let traces = |def: &TracesDef, tau_ms: &[f64]| TracesPlan {
        names: def.traces.iter().map(|trace| trace.name.clone()).collect(),
        decay: tau_ms.iter().map(|tau_ms| Decay::new(*tau_ms, network.dt_ms)).collect(),
        spike: program(def.traces.len() as u32, &def.spike, &[]),
    };
    let receptor = |sent: &Sent| first + sent.receptor as usize;
    let send = |sent: &Sent| Send::new(sent.bounds, receptors[receptor(sent)].scale_exponent);
    let sends: Vec<Send> = sent.iter().map(send).collect();
    let integers = sent
        .iter()
        .zip(&sends)
        .map(|(sent, send)| SentPlan { receptor: receptor(sent) as u32, bounds: send.integers() });
    let learns = !model.on_post.statements.is_empty();
    let bound =
        |bound: &Expr| numeric::flush(numeric::round_host(host(parameters, network.dt_ms, bound)));
    let state = model.state.iter().zip(initial).map(|(variable, initial)| SynapseState {
        name: variable.name.clone(),
        bounds: variable.bounds.as_ref().map(|(lo, hi)| (bound(lo), bound(hi))),
        initial: match initial {
            Initial::Weight => SynapseWord::Weight,
            Initial::Value(x) => {
                SynapseWord::All(numeric::flush(numeric::round_host(*x)).to_bits())
            }
        },
    });
    let clocked = model.every.iter().zip(period_steps).map(|(block, period_steps)| ClockedPlan {
        period_steps: *period_steps,
        program: program(states, &block.program, &[]),
    });
    SynapsePlan {
        state: state.collect(),
        weight_exponent: weight_exponent(projection, weights),
        weights: given
            .as_ref()
            .map(|given| given.iter().map(|x| numeric::flush(*x).to_bits()).collect()),
        pre: traces(&model.pre, pre_tau_ms),
        post: traces(&model.post, post_tau_ms),
        on_pre: program(states, &model.on_pre, &sends),
        on_post: learns.then(|| program(states, &model.on_post, &[])),
        clocked: clocked.collect(),
        sent: integers.collect(),
        dendritic_steps: *dendritic_steps,
        back_steps: *back_steps,
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
