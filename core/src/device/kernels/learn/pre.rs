//! Pre events: the synapses of the spikes that arrive in this step.

use super::arrive::send_later;
use super::catch_up::{Segment, Synapse, carry_out, for_each_synapse, wait_no_more};
use super::event::{Outside, traces_after};
use super::{PRE, Part, Site, of_copy, reads_target, team, when_among, while_running};
use crate::base::id::Side;
use crate::device::kernels::body::{Body, build};
use crate::device::kernels::deliver::add_to_ring;
use crate::device::kernels::share::{GROUP, Sharing};
use crate::device::kernels::{Buffer, Stage};
use crate::ir::{Access, Guarantees, Op, Val};

/// The launch of the pre events of a step: each synapse catches up on its post events, carries out
/// its program and adds what it sends to the accumulator of its target.
pub fn pre_events(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let sums = match site.synapse.dendritic_steps {
        0 => Buffer::Accumulators,
        _ => site.buffer(Part::Sent),
    };
    let mut buffers = vec![
        (Buffer::Control, Access::Read),
        (Buffer::Recent, Access::Read),
        (site.buffer(Part::Rows), Access::Read),
        (site.buffer(Part::Synapses), Access::ReadWrite),
        (site.buffer(Part::Records), Access::Read),
        (site.buffer(Part::Targets), Access::Read),
    ];
    if site.synapse.on_pre.sent().next().is_some() {
        buffers.insert(2, (sums, Access::Atomic));
    }
    if reads_target(&site.synapse.on_pre) {
        buffers.push((Buffer::State, Access::Read));
    }
    build((PRE, "pre_events"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            for_each_arrival(body, site, site.sharing, step, |body, arrival| {
                for_each_synapse(body, site, arrival, |body, synapse| {
                    wait_no_more(body, site, synapse);
                    pre_event(body, site, synapse, step);
                });
            });
        });
    })
}

/// The launch that notes the pre events of a step in the records of sources.
pub fn records(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let buffers = [
        (Buffer::Control, Access::Read),
        (Buffer::Recent, Access::Read),
        (site.buffer(Part::Rows), Access::Read),
        (site.buffer(Part::Records), Access::ReadWrite),
    ];
    build((PRE, "records"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            let alone = Sharing { team: 1, ..site.sharing };
            for_each_arrival(body, site, alone, step, |body, arrival| {
                note(body, site, arrival.record, step);
            });
        });
    })
}

/// The teams of a launch share the spikes that arrive in a step, delay by delay.
fn for_each_arrival(
    body: &mut Body,
    site: &Site<'_>,
    sharing: Sharing,
    step: Val,
    each: impl FnOnce(&mut Body, Segment),
) {
    let (first, teams, member) = team(body, sharing);
    let (none, delays, one) = (body.u32(0), body.u32(site.arena.delays), body.u32(1));
    body.strided(none, delays, one, |body, delay| {
        let steps = site.load(body, site.arena.delays_at, delay);
        let emitted = body.op(Op::USub(step, steps));
        let mask = body.u32(site.layout.slots - 1);
        let slot = body.op(Op::UAnd(emitted, mask));
        let count = body.load(Buffer::Recent, slot);
        let list = recent_list(body, site, slot);
        body.strided(first, count, teams, |body, spike| {
            let at = body.op(Op::UAdd(list, spike));
            let id = body.load(Buffer::Recent, at);
            let sources = [site.arena.first_source, site.arena.sources];
            when_among(body, site.layout, id, sources, |body, copy, source| {
                let segment = of_copy(body, source, site.arena.delays, delay);
                let record = of_copy(body, copy, site.arena.segments(), segment);
                each(body, Segment { copy, number: segment, record, member });
            });
        });
    });
}

/// The place of the list of spikes of a slot.
pub fn recent_list(body: &mut Body, site: &Site<'_>, slot: Val) -> Val {
    let width = body.u32(site.layout.all_neurons() as u32);
    let list = body.op(Op::UMul(slot, width));
    body.add(list, site.layout.slots)
}

fn pre_event(body: &mut Body, site: &Site<'_>, synapse: Synapse, step: Val) {
    let program = &site.synapse.on_pre;
    let values = carry_out(body, site, program, (synapse, step), |body, read| match read {
        Outside::Trace(Side::Pre, n) => source_trace(body, site, n, synapse.record, step),
        Outside::Trace(Side::Post, n) => {
            let value = site.float(body, site.arena.trace_at[n], synapse.target);
            let stamp = site.load(body, site.arena.newest_at, synapse.target);
            site.trace(body, (Side::Post, n), value, stamp, step)
        }
        Outside::Target(n) => site.variable(body, n, synapse.target),
        Outside::Source(_) => unreachable!("a checked plan has no pre event that reads its source"),
        Outside::Signal(n) => site.signal(body, n, synapse.copy),
    });
    for (n, sent) in program.sent() {
        let sent = body.op(Op::IToU(values[sent.0 as usize]));
        if site.synapse.dendritic_steps > 0 {
            send_later(body, site, n as usize, [step, synapse.target, sent]);
            continue;
        }
        let first = body.u32(site.arena.first_accumulators[n as usize]);
        let target = site.load(body, site.arena.targets_at, synapse.number);
        let target = body.op(Op::UAdd(first, target));
        add_to_ring(body, site.layout, step, synapse.copy, target, sent);
    }
}

/// A trace of a source before a pre event.
fn source_trace(body: &mut Body, site: &Site<'_>, n: usize, record: Val, step: Val) -> Val {
    let value = site.float(body, site.arena.after_at[n], record);
    let last = site.load(body, site.arena.last_at, record);
    site.trace(body, (Side::Pre, n), value, last, step)
}

/// Notes a pre event in its record.
fn note(body: &mut Body, site: &Site<'_>, record: Val, step: Val) {
    let program = &site.synapse.pre.spike;
    let mut before = Vec::new();
    for n in 0..site.synapse.pre.len() {
        before.push(source_trace(body, site, n, record, step));
    }
    let after = traces_after(body, program, &before);
    for (n, value) in before.iter().enumerate() {
        site.store_float(body, site.arena.before_at[n], record, *value);
    }
    for (n, value) in after {
        site.store_float(body, site.arena.after_at[n], record, value);
    }
    let next = body.add(step, 1);
    site.store(body, site.arena.last_at, record, next);
    site.store(body, site.arena.caught_at, record, step);
}
