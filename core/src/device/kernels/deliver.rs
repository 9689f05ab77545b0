//! The delivery of stored rows, in work units of a spike and a segment of its row
//! ([`super::share`]).

use super::body::{Body, build};
use super::layout::{Layout, control, part};
use super::share::{GROUP, Sharing, for_each_synapse, for_each_work_unit};
use super::{Buffer, Role, Stage};
use crate::ir::{Access, Atomic, Guarantees, Op, Val};
use crate::plan::Phase;

/// The part of a step that delivery kernels carry out.
pub const ROLE: Role = Role::Phase(Phase::Deliver);

/// Returns the delivery kernel of a part of the rows. Parts differ by their buffers and their
/// sharing.
///
/// For each spike of the list whose source belongs to the part, every synapse of its row adds its
/// weight to the accumulator in the slot of the step at which it arrives. A synapse is two words:
/// accumulator id, then `delay_steps << 16 | weight`; a `wide` weight is a word of its own behind
/// all synapses instead.
pub fn deliver(
    layout: &Layout,
    wide: bool,
    (number, sharing): (u32, Sharing),
    groups: u32,
    guarantees: Guarantees,
) -> Stage {
    let arena = Buffer::Rows(number);
    let buffers = [
        (Buffer::Control, Access::Read),
        (Buffer::Spikes, Access::Read),
        (Buffer::Accumulators, Access::Atomic),
        (arena, Access::Read),
    ];
    build((ROLE, "deliver"), &buffers, GROUP, guarantees, groups, |body| {
        let step = body.load_at(Buffer::Control, control::STEP);
        let first_source = body.load_at(arena, part::FIRST_SOURCE);
        let sources = body.load_at(arena, part::SOURCES);
        let synapses = body.load_at(arena, part::SYNAPSES);
        let weights = wide.then(|| body.load_at(arena, part::WEIGHTS));
        for_each_work_unit(body, layout, sharing, |body, unit| {
            let source = body.op(Op::USub(unit.neuron, first_source));
            let mine = body.op(Op::ULt(source, sources));
            body.when(mine, |body| {
                let start = body.add(source, part::STARTS);
                let begin = body.load(arena, start);
                let next = body.add(start, 1);
                let end = body.load(arena, next);
                for_each_synapse(body, sharing, unit, [begin, end], |body, synapse| {
                    let word = body.op(Op::UShl(synapse, 1));
                    let word = body.op(Op::UAdd(synapses, word));
                    let target = body.load(arena, word);
                    let word = body.add(word, 1);
                    let packed = body.load(arena, word);
                    let delay = body.op(Op::UShr(packed, 16));
                    let weight = if let Some(weights) = weights {
                        let word = body.op(Op::UAdd(weights, synapse));
                        body.load(arena, word)
                    } else {
                        let high = body.op(Op::UShl(packed, 16));
                        let signed = body.op(Op::UToI(high));
                        let weight = body.op(Op::ISar(signed, 16));
                        body.op(Op::IToU(weight))
                    };
                    let arrival = body.op(Op::UAdd(step, delay));
                    add_to_ring(body, layout, arrival, unit.copy, target, weight);
                });
            });
        });
    })
}

/// Emits the addition of `weight` to accumulator `target` of `copy` in the slot of step `arrival`.
pub fn add_to_ring(
    body: &mut Body,
    layout: &Layout,
    arrival: Val,
    copy: Val,
    target: Val,
    weight: Val,
) {
    let base = ring_base(body, layout, arrival, copy);
    let index = body.op(Op::UAdd(base, target));
    body.atomic(Atomic::Add, Buffer::Accumulators, index, weight);
}

/// Emits the index of accumulator 0 of `copy` in the slot of `step`.
pub fn ring_base(body: &mut Body, layout: &Layout, step: Val, copy: Val) -> Val {
    let mask = body.u32(layout.slots - 1);
    let slot = body.op(Op::UAnd(step, mask));
    let batch = body.u32(layout.batch);
    let row = body.op(Op::UMul(slot, batch));
    let row = body.op(Op::UAdd(row, copy));
    let width = body.u32(layout.accumulators);
    body.op(Op::UMul(row, width))
}
