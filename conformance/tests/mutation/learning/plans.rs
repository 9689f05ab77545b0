//! Plans of synapses that learn, changed.

use isospike_core::ir::{Op, Output, Program, Val};
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::SynapsePlan;

fn each(plan: &mut Plan, change: impl Fn(&mut SynapsePlan)) {
    for projection in &mut plan.projections {
        if let Some(synapse) = &mut projection.synapse {
            let mut other = SynapsePlan::clone(synapse);
            change(&mut other);
            *synapse = other.into();
        }
    }
}

pub fn post_unbounded(plan: &mut Plan) {
    each(plan, |synapse| synapse.on_post.iter_mut().for_each(unbounded));
}

pub fn pre_unbounded(plan: &mut Plan) {
    each(plan, |synapse| unbounded(&mut synapse.on_pre));
}

/// Takes the clamp from each variable.
fn unbounded(program: &mut Program) {
    let ops = &program.ops;
    for (output, val) in &mut program.outputs {
        if let Output::State(_) = output {
            *val = clamped(ops, *val).unwrap_or(*val);
        }
    }
}

/// The value that an operation clamps: it is `min(max(value, least), largest)`.
fn clamped(ops: &[Op], val: Val) -> Option<Val> {
    let Op::Select(_, larger, largest) = ops[val.0 as usize] else { return None };
    let Op::Select(_, least, value) = ops[larger.0 as usize] else { return None };
    let is_literal = |val: Val| matches!(ops[val.0 as usize], Op::F32(_));
    (is_literal(least) && is_literal(largest)).then_some(value)
}
