//! Kernels of synapses that learn, changed.

use crate::wrong::each_statement;
use isospike_core::ir::{Kernel, Op, Stmt, Val};
use isospike_core::plan::Plan;

/// Notes that post events up to this step have been carried out where a pre event is noted, not
/// those before this step only.
pub fn caught_this_step(kernel: &mut Kernel) {
    if kernel.name != "records" {
        return;
    }
    let mut stores = Vec::new();
    each_statement(&mut kernel.body, &mut |stmt| {
        if let Stmt::Store { value, .. } = stmt {
            stores.push(value);
        }
        vec![stmt]
    });
    // The last two are the step of the event + 1, and the step.
    let [.., next, step] = stores[..] else { return };
    each_statement(&mut kernel.body, &mut |stmt| match stmt {
        Stmt::Store { buffer, index, value } if value == step => {
            vec![Stmt::Store { buffer, index, value: next }]
        }
        other => vec![other],
    });
}

/// Lets a post event read the traces of a source as the pre event of its own step leaves them.
pub fn pairs_in_a_step(kernel: &mut Kernel) {
    let ops = kernel.ops.clone();
    for op in &mut kernel.ops {
        // The step + 1 is compared with the stamp of the last pre event.
        if let Op::UEq(next, _) = *op
            && matches!(ops[next.0 as usize], Op::UAdd(..))
        {
            *op = Op::ULt(next, next);
        }
    }
}

/// Lets all copies have the synapses of the first.
pub fn copies_share(plan: &Plan, kernel: &mut Kernel) {
    let learn = plan.projections.iter().filter(|projection| projection.synapse.is_some());
    let counts: Vec<u32> = learn.map(|projection| projection.rows.synapses() as u32).collect();
    let ops = kernel.ops.clone();
    for op in &mut kernel.ops {
        if let Op::UMul(copy, count) = *op
            && matches!(ops[count.0 as usize], Op::U32(word) if counts.contains(&word))
        {
            *op = Op::USub(copy, copy);
        }
    }
}

/// Counts the spikes of all copies as those of the first.
pub fn first_copy_signals(kernel: &mut Kernel) {
    if kernel.name != "signal_spikes" {
        return;
    }
    for op in &mut kernel.ops {
        if let Op::UDiv(id, _) = *op {
            *op = Op::USub(id, id);
        }
    }
}

/// Takes the step for the one behind it where periods are counted.
pub fn clocked_late(kernel: &mut Kernel) {
    if !["clocked", "catch_up", "caught"].contains(&kernel.name.as_str()) {
        return;
    }
    for at in 0..kernel.ops.len() {
        if let Op::URem(next, period) = kernel.ops[at]
            && let Op::UAdd(step, _) = kernel.ops[next.0 as usize]
        {
            kernel.ops[at] = Op::URem(step, period);
        }
    }
}

/// Lets what is sent arrive a step after its pre event, however far behind the synapse the target
/// is.
pub fn sent_early(kernel: &mut Kernel) {
    if kernel.name == "pre_events" {
        arrives_next(kernel);
    }
}

/// Lets what a clocked block sends arrive in the next step, however far behind the synapse the
/// target is.
pub fn clocked_sent_early(kernel: &mut Kernel) {
    if kernel.name == "clocked" {
        arrives_next(kernel);
    }
}

fn arrives_next(kernel: &mut Kernel) {
    // The places of what is on its way are those of steps, modulo that part of the delay.
    let places = kernel.ops.iter().rev().find_map(|op| match op {
        Op::URem(step, _) => Some(*step),
        _ => None,
    });
    let Some(step) = places else { return };
    let one = |val: isospike_core::ir::Val, ops: &[Op]| ops[val.0 as usize] == Op::U32(1);
    let next = kernel.ops.iter().position(|op| match op {
        Op::UAdd(a, b) => *a == step && one(*b, &kernel.ops),
        _ => false,
    });
    let Some(next) = next else { return };
    for op in &mut kernel.ops[next..] {
        if let Op::URem(own, _) = op
            && *own == step
        {
            *own = isospike_core::ir::Val(next as u32);
        }
    }
}

/// Takes traces after the events of a step for those before.
pub fn clocked_trace_after(kernel: &mut Kernel) {
    if kernel.name != "clocked" {
        return;
    }
    let is_next =
        |val: isospike_core::ir::Val, ops: &[Op]| matches!(ops[val.0 as usize], Op::UAdd(..));
    for at in 0..kernel.ops.len() {
        if let Op::Select(now, _, after) = kernel.ops[at]
            && let Op::UEq(next, _) = kernel.ops[now.0 as usize]
            && is_next(next, &kernel.ops)
        {
            kernel.ops[at] = Op::Select(now, after, after);
        }
    }
}

/// Leaves out the stamps of synapses that clocked blocks store.
pub fn clocked_keeps_stamps(kernel: &mut Kernel) {
    if kernel.name == "clocked" {
        // A float that is stored is no sum of words.
        leave_out(kernel, |ops, stamp| matches!(ops[stamp.0 as usize], Op::UAdd(..)));
    }
}

/// Leaves out the stamps of synapses that post events store: the step of one is loaded from a ring.
pub fn post_events_keep_stamps(kernel: &mut Kernel) {
    let targets = kernel.bindings.iter().position(|binding| binding.name == "learned_targets");
    let Some(targets) = targets else { return };
    if !["pre_events", "catch_up"].contains(&kernel.name.as_str()) {
        return;
    }
    leave_out(kernel, |ops, stamp| match ops[stamp.0 as usize] {
        Op::UAdd(step, _) => {
            matches!(ops[step.0 as usize], Op::Load(from, _) if from as usize == targets)
        }
        _ => false,
    });
}

/// Leaves out the stores of some words.
fn leave_out(kernel: &mut Kernel, is_meant: impl Fn(&[Op], Val) -> bool) {
    let ops = kernel.ops.clone();
    each_statement(&mut kernel.body, &mut |stmt| match stmt {
        Stmt::Store { value, .. } if is_meant(&ops, value) => Vec::new(),
        other => vec![other],
    });
}
