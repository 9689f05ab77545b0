//! The short kernels around update and delivery: spike lists, probes, the clock, the raster.

use super::body::{Body, build};
use super::layout::{Layout, control};
use super::shared::{self, GROUP, Number, Shared};
use super::{Buffer, Role, Stage};
use crate::ir::{Access, Atomic, Guarantees, Op, Val};
use crate::plan::{Phase, Plan, PopulationPlanKind, ProbePlan};

/// The numbers of a spike list, after [`shared::THREADS`].
const FIRST_NEURON: usize = 1;
const STEPS: usize = 2;
const COUNT: usize = 3;
const NEURONS: usize = 4;

/// Returns a spike list as a member of a launch; `None` for one without spikes.
pub fn list_item(layout: &Layout, plan: &Plan, index: usize) -> Option<(usize, u32, Vec<u32>)> {
    let population = &plan.populations[index];
    let PopulationPlanKind::SpikeList(list) = &population.kind else { return None };
    let longest = list.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max()? as u32;
    let (count, steps) = (list.len() as u32, layout.constants[index].spike_list as u32);
    let threads = layout.batch * longest;
    // A constant divides threads into copies, so members share it.
    let shape = if layout.batch == 1 { 0 } else { longest };
    Some((index, shape, vec![threads, population.first_neuron, steps, count, steps + count]))
}

/// Returns the kernel of spike lists: every thread searches the sorted list for the first spike of
/// the step and takes one entry from there on.
pub fn emit(layout: &Layout, shared: &Shared, guarantees: Guarantees) -> Stage {
    let buffers = vec![
        (Buffer::Control, Access::Atomic),
        (Buffer::Constants, Access::Read),
        (Buffer::Spikes, Access::ReadWrite),
        (Buffer::Raster, Access::Atomic),
    ];
    let name = format!("emit_{}", shared.members[0]);
    build((Role::Phase(Phase::Emit), &name), &buffers, GROUP, guarantees, shared.groups, |body| {
        shared::while_running(body, shared, |body, thread, numbers| {
            let longest = shared.threads_of_first() / layout.batch;
            let (copy, offset) = body.split(thread, longest, layout.batch);
            let step = body.load_at(Buffer::Control, control::STEP);
            let steps = numbers.get(body, STEPS);
            let count = numbers.get(body, COUNT).val(body);
            let first = lower_bound(body, steps, count, step);
            let entry = body.op(Op::UAdd(first, offset));
            let inside = body.op(Op::ULt(entry, count));
            body.when(inside, |body| {
                let at = steps.add_to(body, entry, 0);
                let entry_step = body.load(Buffer::Constants, at);
                let now = body.op(Op::UEq(entry_step, step));
                body.when(now, |body| {
                    let at = numbers.get(body, NEURONS).add_to(body, entry, 0);
                    let neuron = body.load(Buffer::Constants, at);
                    let first = numbers.get(body, FIRST_NEURON);
                    spike(body, layout, step, copy, neuron, first);
                });
            });
        });
    })
}

/// Emits the search for the first of `count` ascending words from `base` on that is not below
/// `value`.
pub fn lower_bound(body: &mut Body, base: Number, count: Val, value: Val) -> Val {
    let (low, high) = (body.var(), body.var());
    body.set(high, count);
    body.repeat(|body| {
        let (from, to) = (body.get(low), body.get(high));
        let more = body.op(Op::ULt(from, to));
        let done = body.op(Op::Not(more));
        body.break_if(done);
        let sum = body.op(Op::UAdd(from, to));
        let middle = body.op(Op::UShr(sum, 1));
        let at = base.add_to(body, middle, 0);
        let found = body.load(Buffer::Constants, at);
        let below = body.op(Op::ULt(found, value));
        let above = body.add(middle, 1);
        let from = body.op(Op::Select(below, above, from));
        let to = body.op(Op::Select(below, to, middle));
        body.set(low, from);
        body.set(high, to);
    });
    body.get(low)
}

/// Emits a spike: its place in the list of the step and its bit in the raster.
pub fn spike(body: &mut Body, layout: &Layout, step: Val, copy: Val, neuron: Val, first: Number) {
    let neurons = body.u32(layout.neurons);
    let base = body.op(Op::UMul(copy, neurons));
    let id = first.add_to(body, neuron, 0);
    let id = body.op(Op::UAdd(base, id));
    let one = body.u32(1);
    let zero = body.u32(control::SPIKES);
    let place = body.atomic_old(Atomic::Add, Buffer::Control, zero, one);
    body.store(Buffer::Spikes, place, id);
    let chunk = body.load_at(Buffer::Control, control::CHUNK);
    let row = body.op(Op::USub(step, chunk));
    let width = body.u32(layout.raster_step_words);
    let row = body.op(Op::UMul(row, width));
    let word = body.op(Op::UShr(id, 5));
    let word = body.op(Op::UAdd(row, word));
    let mask = body.u32(31);
    let bit = body.op(Op::UAnd(id, mask));
    let bit = body.op(Op::UShlBy(one, bit));
    body.atomic(Atomic::Or, Buffer::Raster, word, bit);
}

/// The numbers of a probe, after [`shared::THREADS`].
const STATE: usize = 1;
const SIZE: usize = 2;
const PROBED: usize = 3;
const TRACE: usize = 4;

/// Returns a probe as a member of a launch; `None` for one without neurons.
pub fn probe_item(
    layout: &Layout,
    plan: &Plan,
    index: usize,
) -> Option<(usize, (u32, u32), Vec<u32>)> {
    let ProbePlan { population, variable, neurons, every_steps, .. } = &plan.probes[index];
    let width = neurons.len() as u32;
    if width == 0 {
        return None;
    }
    let size = plan.populations[population.index()].size;
    let words = layout.batch.wrapping_mul(size);
    let state =
        (layout.state[population.index()] as u32).wrapping_add(variable.wrapping_mul(words));
    let (probed, trace) = (layout.probe_neurons[index] as u32, layout.traces[index] as u32);
    // Constants divide steps and threads, so members share them.
    let shape = (*every_steps, if layout.batch == 1 { 0 } else { width });
    Some((index, shape, vec![layout.batch * width, state, size, probed, trace]))
}

/// Returns the kernel of probes: it stores samples in the steps that have some.
pub fn probe(layout: &Layout, plan: &Plan, shared: &Shared, guarantees: Guarantees) -> Stage {
    let every_steps = plan.probes[shared.members[0]].every_steps;
    let buffers = vec![
        (Buffer::Control, Access::Read),
        (Buffer::State, Access::Read),
        (Buffer::Constants, Access::Read),
        (Buffer::Traces, Access::ReadWrite),
    ];
    let name = format!("probe_{}", shared.members[0]);
    build((Role::Phase(Phase::Probe), &name), &buffers, GROUP, guarantees, shared.groups, |body| {
        let step = body.load_at(Buffer::Control, control::STEP);
        let phase = body.op(Op::URem(step, every_steps));
        let none = body.u32(0);
        let due = body.op(Op::UEq(phase, none));
        body.when(due, |body| {
            shared::for_threads(body, shared, |body, thread, numbers| {
                let width = shared.threads_of_first() / layout.batch;
                let (copy, place) = body.split(thread, width, layout.batch);
                let at = numbers.get(body, PROBED).add_to(body, place, 0);
                let neuron = body.load(Buffer::Constants, at);
                let copy_words = numbers.get(body, SIZE).val(body);
                let base = body.op(Op::UMul(copy, copy_words));
                let base = numbers.get(body, STATE).add_to(body, base, 0);
                let at = body.op(Op::UAdd(base, neuron));
                let value = body.load(Buffer::State, at);
                // The number of the sample in the chunk: step / every - ceil(chunk / every).
                let chunk = body.load_at(Buffer::Control, control::CHUNK);
                let before = body.op(Op::UDiv(chunk, every_steps));
                let rest = body.op(Op::URem(chunk, every_steps));
                let zero = body.u32(0);
                let some = body.op(Op::ULt(zero, rest));
                let next = body.add(before, 1);
                let first = body.op(Op::Select(some, next, before));
                let number = body.op(Op::UDiv(step, every_steps));
                let sample = body.op(Op::USub(number, first));
                let sample_words = numbers.get(body, shared::THREADS).val(body);
                let base = body.op(Op::UMul(sample, sample_words));
                let base = numbers.get(body, TRACE).add_to(body, base, 0);
                let at = body.op(Op::UAdd(base, thread));
                body.store(Buffer::Traces, at, value);
            });
        });
    })
}

/// Returns the kernel that ends a step: it advances the clock, empties the list of spikes, and
/// moves each series whose present row has ended to the next one. After a step in which state was
/// not finite the clock stands.
pub fn tick(layout: &Layout, guarantees: Guarantees) -> Stage {
    let mut buffers = vec![(Buffer::Control, Access::ReadWrite)];
    if layout.series == 0 {
        return build((Role::Tick, "tick"), &buffers, 1, guarantees, 1, |body| clock(body, layout));
    }
    buffers.push((Buffer::Constants, Access::Read));
    let groups = layout.series.div_ceil(GROUP);
    build((Role::Tick, "tick"), &buffers, GROUP, guarantees, groups, |body| {
        for_threads(body, layout.series, |body, thread| {
            let zero = body.u32(0);
            let first = body.op(Op::UEq(thread, zero));
            body.when(first, |body| clock(body, layout));
            let words = body.u32(control::SERIES_WORDS);
            let at = body.op(Op::UMul(thread, words));
            let at = body.add(at, control::SERIES);
            advance(body, at);
        });
    })
}

fn clock(body: &mut Body, layout: &Layout) {
    let step = body.load_at(Buffer::Control, control::STEP);
    let stopped = body.load_at(Buffer::Control, control::STOPPED);
    let failed = body.load_at(Buffer::Control, control::FAILED);
    let one = body.u32(1);
    let passed = body.op(Op::UXor(stopped, one));
    let next = body.op(Op::UAdd(step, passed));
    let at = body.u32(control::STEP);
    body.store(Buffer::Control, at, next);
    let at = body.u32(control::STOPPED);
    body.store(Buffer::Control, at, failed);
    let at = body.u32(control::SPIKES);
    let none = body.u32(0);
    body.store(Buffer::Control, at, none);
    if layout.learns {
        let at = body.u32(layout.full_at());
        body.store(Buffer::Control, at, none);
    }
}

/// Emits the end of a step for the series with these words of the control buffer.
fn advance(body: &mut Body, at: Val) {
    let (zero, one) = (body.u32(0), body.u32(1));
    let left_at = body.add(at, control::SERIES_LEFT);
    let left = body.load(Buffer::Control, left_at);
    let ends = body.op(Op::ULt(zero, left));
    body.when(ends, |body| {
        let less = body.op(Op::USub(left, one));
        body.store(Buffer::Control, left_at, less);
        let over = body.op(Op::UEq(less, zero));
        body.when(over, |body| {
            let row_at = body.add(at, control::SERIES_ROW);
            let row = body.load(Buffer::Control, row_at);
            let width_at = body.add(at, control::SERIES_WIDTH);
            let width = body.load(Buffer::Control, width_at);
            let row = body.op(Op::UAdd(row, width));
            body.store(Buffer::Control, row_at, row);
            let length_at = body.add(at, control::SERIES_LENGTH);
            let length = body.load(Buffer::Control, length_at);
            let length = body.add(length, 1);
            body.store(Buffer::Control, length_at, length);
            let left = body.load(Buffer::Constants, length);
            body.store(Buffer::Control, left_at, left);
        });
    });
}

/// Returns the kernel that begins a chunk: it clears the raster.
pub fn clear(layout: &Layout, groups: u32, guarantees: Guarantees) -> Stage {
    build(
        (Role::Clear, "clear"),
        &[(Buffer::Raster, Access::ReadWrite)],
        GROUP,
        guarantees,
        groups,
        |body| {
            let thread = body.op(Op::ThreadId);
            let end = body.u32(layout.raster_words() as u32);
            let groups_now = body.op(Op::GroupCount);
            let width = body.u32(GROUP);
            let stride = body.op(Op::UMul(groups_now, width));
            body.strided(thread, end, stride, |body, word| {
                let none = body.u32(0);
                body.store(Buffer::Raster, word, none);
            });
        },
    )
}

/// Emits the body of threads `0..threads`; the others of the last group do nothing.
pub fn for_threads(body: &mut Body, threads: u32, each: impl FnOnce(&mut Body, Val)) {
    let thread = body.op(Op::ThreadId);
    let end = body.u32(threads);
    let inside = body.op(Op::ULt(thread, end));
    body.when(inside, |body| each(body, thread));
}
