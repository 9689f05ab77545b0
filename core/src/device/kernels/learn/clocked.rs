//! Clocked blocks: statements that all synapses carry out at the end of each period
//! (`docs/semantics.md` 8.12).

use super::arrive::send_later;
use super::catch_up::{self, Synapse, buffers_of_all, for_all_synapses, in_ring, trace_of_source};
use super::event::Outside;
use super::{POST, Part, Site, while_running};
use crate::base::id::Side;
use crate::device::kernels::body::{Body, build};
use crate::device::kernels::share::GROUP;
use crate::device::kernels::{Buffer, Stage};
use crate::ir::{Access, Guarantees, Op, Program, Val};
use crate::plan::synapse::ClockedPlan;

/// The launch of the clocked blocks of a step, when all synapses have caught up.
pub fn clocked(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let mut buffers = buffers_of_all(site).to_vec();
    if site.clocked_reads_neurons() {
        buffers.push((Buffer::State, Access::Read));
    }
    if site.synapse.sends_without_spikes() {
        buffers.push((site.buffer(Part::Sent), Access::Atomic));
    }
    build((POST, "clocked"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            for block in &site.synapse.clocked {
                let due = is_due(body, block, step);
                // A synapse has the same thread in each block.
                body.when(due, |body| {
                    for_all_synapses(body, site, |body, synapse| {
                        carry_out(body, site, &block.program, synapse, step);
                    });
                });
            }
        });
    })
}

/// Whether a block is carried out in a step.
pub fn is_due(body: &mut Body, block: &ClockedPlan, step: Val) -> Val {
    let (next, none) = (body.add(step, 1), body.u32(0));
    let rest = body.op(Op::URem(next, block.period_steps));
    body.op(Op::UEq(rest, none))
}

fn carry_out(body: &mut Body, site: &Site<'_>, program: &Program, synapse: Synapse, step: Val) {
    let values =
        catch_up::carry_out(body, site, program, (synapse, step), |body, read| match read {
            Outside::Trace(Side::Pre, n) => trace_of_source(body, site, n, synapse.record, step),
            Outside::Trace(Side::Post, n) => trace_of_target(body, site, n, synapse.target, step),
            Outside::Target(n) => site.variable(body, n, synapse.target),
            Outside::Source(n) => site.variable_of_source(body, n, synapse.record),
            Outside::Signal(n) => site.signal(body, n, synapse.copy),
        });
    for (n, sent) in program.sent() {
        let sent = body.op(Op::IToU(values[sent.0 as usize]));
        send_later(body, site, n as usize, [step, synapse.target, sent]);
    }
}

/// A trace of the target in the present step, as it was before a spike in that step.
fn trace_of_target(body: &mut Body, site: &Site<'_>, n: usize, target: Val, step: Val) -> Val {
    let Some(ring) = site.arena.ring_at[n] else {
        unreachable!("each trace that a clocked block reads has a ring")
    };
    let newest = site.load(body, site.arena.newest_at, target);
    let (next, one) = (body.add(step, 1), body.u32(1));
    let now = body.op(Op::UEq(next, newest));
    // Without an event the place in the ring has a word that is not used.
    let count = site.load(body, site.arena.count_at, target);
    let event = body.op(Op::USub(count, one));
    let before = in_ring(body, site, ring, target, event);
    let before = body.op(Op::BitsToF(before));
    let value = site.float(body, site.arena.trace_at[n], target);
    let decayed = site.trace(body, (Side::Post, n), value, newest, step);
    body.op(Op::Select(now, before, decayed))
}
