//! The arrival at the targets of sums that were sent, in projections with a part of the delay
//! behind the synapse, or with a clocked block that sends (`docs/semantics.md` 8.21, 8.25).

use super::{PRE, Part, Site, for_each, of_copy, while_running};
use crate::device::kernels::body::{Body, build};
use crate::device::kernels::deliver::add_to_ring;
use crate::device::kernels::share::GROUP;
use crate::device::kernels::{Buffer, Stage};
use crate::ir::{Access, Atomic, Guarantees, Op, Val};

/// The launch that adds what arrives in a step to the accumulators, and clears the place of it for
/// what events of this step send.
pub fn arrive(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let buffers = [
        (Buffer::Control, Access::Read),
        (Buffer::Accumulators, Access::Atomic),
        (site.buffer(Part::Sent), Access::ReadWrite),
    ];
    build((PRE, "arrive"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            let neurons = body.u32(site.arena.copies.wrapping_mul(site.arena.targets));
            let slot = slot(body, site, step);
            for_each(body, neurons, |body, neuron| {
                let (copy, target) = body.split(neuron, site.arena.targets, site.arena.copies);
                let index = body.op(Op::UAdd(slot, neuron));
                for (place, first) in site.arena.sent_at.iter().zip(&site.arena.first_accumulators)
                {
                    let sent = site.load(body, *place, index);
                    let accumulator = body.add(target, *first);
                    add_to_ring(body, site.layout, step, copy, accumulator, sent);
                    let nothing = body.u32(0);
                    site.store(body, *place, index, nothing);
                }
            });
        });
    })
}

/// Adds what an event of a step sends to the receptor of this number: it arrives at the target when
/// the step of its place comes again.
pub fn send_later(body: &mut Body, site: &Site<'_>, number: usize, [step, at, sent]: [Val; 3]) {
    let slot = slot(body, site, step);
    let index = body.op(Op::UAdd(slot, at));
    let place = site.arena.sent_at[number];
    let index = body.add(index, place.at);
    body.atomic(Atomic::Add, site.buffer(Part::Sent), index, sent);
}

/// The first word of the place of a step in the list of a receptor.
fn slot(body: &mut Body, site: &Site<'_>, step: Val) -> Val {
    let number = body.op(Op::URem(step, site.synapse.way_steps()));
    let words = site.arena.copies.wrapping_mul(site.arena.targets);
    let none = body.u32(0);
    of_copy(body, number, words, none)
}
