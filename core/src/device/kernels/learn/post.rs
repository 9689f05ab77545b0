//! Post events: the spikes of this step are noted for their targets, and kept for the steps in
//! which they arrive; where a condition makes post events, they are noted in place of spikes.

use super::arena::{Part, RING};
use super::catch_up::ring_index;
use super::event::{Outside, Read, evaluate, traces_after};
use super::pre::recent_list;
use super::{POST, Site, for_each, of_copy, reads_target, when_among, while_running};
use crate::base::id::Side;
use crate::device::kernels::body::{Body, build};
use crate::device::kernels::layout::control;
use crate::device::kernels::share::GROUP;
use crate::device::kernels::{Buffer, Stage};
use crate::ir::{Access, Atomic, Guarantees, Op, Output, Program, Val, math};
use crate::plan::synapse::SynapsePlan;

/// The launch that keeps the spikes of a step until they have arrived everywhere.
pub fn remember(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let buffers = [
        (Buffer::Control, Access::Read),
        (Buffer::Spikes, Access::Read),
        (Buffer::Recent, Access::ReadWrite),
    ];
    build((POST, "remember"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            let mask = body.u32(site.layout.slots - 1);
            let slot = body.op(Op::UAnd(step, mask));
            let spikes = body.load_at(Buffer::Control, control::SPIKES);
            let thread = body.op(Op::ThreadId);
            let none = body.u32(0);
            let first = body.op(Op::UEq(thread, none));
            body.when(first, |body| body.store(Buffer::Recent, slot, spikes));
            let list = recent_list(body, site, slot);
            for_each_spike(body, |body, spike, id| {
                let at = body.op(Op::UAdd(list, spike));
                body.store(Buffer::Recent, at, id);
            });
        });
    })
}

/// The launch that notes the post events of a step.
pub fn post_events(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let SynapsePlan { back_steps, on_post, on_post_if, .. } = site.synapse;
    let mut buffers = vec![(Buffer::Control, Access::Atomic)];
    if on_post_if.is_none() {
        let spikes = if *back_steps == 0 { Buffer::Spikes } else { Buffer::Recent };
        buffers.push((spikes, Access::Read));
    }
    buffers.push((site.buffer(Part::Rows), Access::Read));
    buffers.push((site.buffer(Part::Targets), Access::ReadWrite));
    if on_post.iter().chain(on_post_if).any(reads_target) {
        buffers.push((Buffer::State, Access::Read));
    }
    build((POST, "post_events"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            if let Some(condition) = on_post_if {
                return for_each_conditioned(body, site, condition, |body, copy, target| {
                    note(body, site, copy, target, step);
                });
            }
            let each = |body: &mut Body, id: Val| {
                let targets = [site.arena.first_target, site.arena.targets];
                when_among(body, site.layout, id, targets, |body, copy, target| {
                    let target = of_copy(body, copy, site.arena.targets, target);
                    note(body, site, copy, target, step);
                });
            };
            match *back_steps {
                0 => for_each_spike(body, |body, _, id| each(body, id)),
                _ => for_each_spike_before(body, site, step, each),
            }
        });
    })
}

/// The threads of a launch share all targets: the copy and the number of each for which a condition
/// holds.
fn for_each_conditioned(
    body: &mut Body,
    site: &Site<'_>,
    condition: &Program,
    each: impl FnOnce(&mut Body, Val, Val),
) {
    let targets = body.u32(site.arena.copies.wrapping_mul(site.arena.targets));
    for_each(body, targets, |body, target| {
        let (copy, _) = body.split(target, site.arena.targets, site.arena.copies);
        let values = evaluate(body, condition, |body, read| match read {
            Read::Outside(Outside::Target(n)) => site.variable(body, n, target),
            Read::Outside(Outside::Signal(n)) => site.signal(body, n, copy),
            Read::State(_)
            | Read::Decay(_)
            | Read::Outside(Outside::Trace(..) | Outside::Source(_)) => {
                unreachable!("a checked plan has no condition that reads more than its target")
            }
        });
        let Some(holds) = condition.output(Output::Spike) else {
            unreachable!("a checked plan has no condition without a value")
        };
        body.when(values[holds.0 as usize], |body| each(body, copy, target));
    });
}

/// The threads of a launch share the spikes that are back at the synapses in a step.
fn for_each_spike_before(
    body: &mut Body,
    site: &Site<'_>,
    step: Val,
    each: impl FnOnce(&mut Body, Val),
) {
    let back = body.u32(site.synapse.back_steps);
    let emitted = body.op(Op::USub(step, back));
    let mask = body.u32(site.layout.slots - 1);
    let slot = body.op(Op::UAnd(emitted, mask));
    let count = body.load(Buffer::Recent, slot);
    let list = recent_list(body, site, slot);
    for_each(body, count, |body, spike| {
        let at = body.op(Op::UAdd(list, spike));
        let id = body.load(Buffer::Recent, at);
        each(body, id);
    });
}

/// The threads of a launch share the spikes of the step: their number in the list, and their id.
fn for_each_spike(body: &mut Body, each: impl FnOnce(&mut Body, Val, Val)) {
    let spikes = body.load_at(Buffer::Control, control::SPIKES);
    for_each(body, spikes, |body, spike| {
        let id = body.load(Buffer::Spikes, spike);
        each(body, spike, id);
    });
}

/// Notes a post event of a target: its step, its traces before and after, and signals.
fn note(body: &mut Body, site: &Site<'_>, copy: Val, target: Val, step: Val) {
    let program = &site.synapse.post.spike;
    let count = site.load(body, site.arena.count_at, target);
    let newest = site.load(body, site.arena.newest_at, target);
    let mut before = Vec::new();
    for n in 0..site.synapse.post.len() {
        let value = site.float(body, site.arena.trace_at[n], target);
        before.push(site.trace(body, (Side::Post, n), value, newest, step));
    }
    let after = traces_after(body, program, &before);
    let ring = ring_index(body, site, target, count);
    site.store(body, site.arena.steps_at, ring, step);
    for (place, value) in site.arena.ring_at.iter().zip(&before) {
        if let Some(place) = place {
            let word = math::flush(body.builder(), *value);
            site.store(body, *place, ring, word);
        }
    }
    for (n, place) in site.arena.variable_ring_at.iter().enumerate() {
        if let Some(place) = place {
            let value = site.variable(body, n, target);
            site.store_float(body, *place, ring, value);
        }
    }
    for (n, place) in site.arena.signal_ring_at.iter().enumerate() {
        if let Some(place) = place {
            let word = site.signal_word(body, n, copy);
            site.store(body, *place, ring, word);
        }
    }
    for (n, value) in after {
        site.store_float(body, site.arena.trace_at[n], target, value);
    }
    let next = body.add(step, 1);
    site.store(body, site.arena.newest_at, target, next);
    let counted = body.add(count, 1);
    site.store(body, site.arena.count_at, target, counted);
    let base = site.load(body, site.arena.base_at, target);
    let waiting = body.op(Op::USub(counted, base));
    let most = body.u32(RING - 1);
    let full = body.op(Op::ULt(most, waiting));
    body.when(full, |body| {
        let (at, one) = (body.u32(site.layout.full_at()), body.u32(1));
        body.atomic(Atomic::Or, Buffer::Control, at, one);
    });
}
