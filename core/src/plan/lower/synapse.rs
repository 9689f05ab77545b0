//! Synapses that learn: the programs of their events, their traces, the unit of their weights.

use super::neuron::event::{Send, event, host};
use super::quantise;
use crate::base::numeric::{self, decay::Decay};
use crate::connect::rule::Explicit;
use crate::connect::{RealDraw, Rule};
use crate::describe::checked::{Checked, Projection};
use crate::describe::model::Expr;
use crate::describe::synapse::{EventProgram, Initial, Synapse, TracesDef};
use crate::plan::synapse::{ClockedPlan, SynapsePlan, SynapseState, SynapseWord, TracesPlan};

/// Lowers the synapse model of a projection onto a receptor of this scale exponent. `weights` is
/// the distribution of its weights.
pub(super) fn lower(
    network: &Checked,
    projection: &Projection,
    synapse: &Synapse,
    weights: &RealDraw,
    exponent: i32,
) -> SynapsePlan {
    let Synapse {
        model,
        parameters,
        initial,
        state_tau_ms,
        weights: given,
        pre_tau_ms,
        post_tau_ms,
        period_steps,
        sent,
    } = synapse;
    let decays: Vec<bool> = state_tau_ms.iter().map(Option::is_some).collect();
    let program = |decays: &[bool], program: &EventProgram, send| {
        event(network, projection.post, parameters, decays, program, send)
    };
    let traces = |def: &TracesDef, tau_ms: &[f64]| TracesPlan {
        names: def.traces.iter().map(|trace| trace.name.clone()).collect(),
        decay: tau_ms.iter().map(|tau_ms| Decay::new(*tau_ms, network.dt_ms)).collect(),
        spike: program(&vec![false; def.traces.len()], &def.spike, None),
    };
    let send = Send::new(*sent, exponent);
    let learns = !model.on_post.statements.is_empty();
    let bound =
        |bound: &Expr| numeric::flush(numeric::round_host(host(parameters, network.dt_ms, bound)));
    let values = initial.iter().zip(state_tau_ms);
    let state = model.state.iter().zip(values).map(|(variable, (initial, tau_ms))| SynapseState {
        name: variable.name.clone(),
        bounds: variable.bounds.as_ref().map(|(lo, hi)| (bound(lo), bound(hi))),
        decay: tau_ms.map(|tau_ms| Decay::new(tau_ms, network.dt_ms)),
        initial: match initial {
            Initial::Weight => SynapseWord::Weight,
            Initial::Value(x) => {
                SynapseWord::All(numeric::flush(numeric::round_host(*x)).to_bits())
            }
            Initial::Drawn(distribution) => SynapseWord::Drawn(RealDraw::new(distribution)),
        },
    });
    let clocked = model.every.iter().zip(period_steps).map(|(block, period_steps)| ClockedPlan {
        period_steps: *period_steps,
        program: program(&decays, &block.program, None),
    });
    SynapsePlan {
        state: state.collect(),
        weight_exponent: weight_exponent(projection, weights),
        weights: given
            .as_ref()
            .map(|given| given.iter().map(|x| numeric::flush(*x).to_bits()).collect()),
        pre: traces(&model.pre, pre_tau_ms),
        post: traces(&model.post, post_tau_ms),
        on_pre: program(&decays, &model.on_pre, Some(send)),
        on_post: learns.then(|| program(&decays, &model.on_post, None)),
        clocked: clocked.collect(),
        sent: send.integers(),
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
