//! Synapses that learn: pre events, post events, and the rows that catch up on them late
//! (`docs/semantics.md` 8).
//!
//! Each projection has five buffers ([`Arena`]): its rows sorted by source and delay, the state of
//! synapses, a record of the last pre event for each source and delay, for each target a ring of
//! the last post events, and the sums that were sent and have not arrived. A thread that has a
//! synapse first carries out the post events that wait for it, then the pre event: no other thread
//! writes that synapse, and no column of synapses is walked. When a ring is full, and before a
//! clocked block, all synapses catch up.

mod arena;
mod arrive;
mod catch_up;
mod clocked;
mod decay;
mod event;
mod post;
mod pre;

pub use arena::{Arena, Part, Place, RING, Tables};
pub use arrive::arrive;
pub use catch_up::{catch_up, caught};
pub use clocked::clocked;
pub use post::{post_events, remember};
pub use pre::{pre_events, records};

use super::body::Body;
use super::layout::{Layout, control};
use super::share::{GROUP, Sharing, team};
use super::shared::unless_stopped;
use super::signal;
use super::{Buffer, Role};
use crate::base::id::Side;
use crate::ir::{Input, Op, Program, Val, math};
use crate::plan::Phase;
use crate::plan::synapse::SynapsePlan;
use decay::decayed;

/// The part of a step that launches of pre events carry out.
pub const PRE: Role = Role::Phase(Phase::PreEvents);

/// The part of a step that launches of post events carry out.
pub const POST: Role = Role::Phase(Phase::PostEvents);

/// A projection in a kernel.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The layout of the plan.
    pub layout: &'a Layout,
    /// The model of the synapses.
    pub synapse: &'a SynapsePlan,
    /// The places of its words.
    pub arena: &'a Arena,
    /// Its number among the projections that learn.
    pub number: u32,
    /// How threads share a segment.
    pub sharing: Sharing,
}

impl Site<'_> {
    /// Whether any row has a synapse: random rows may all be empty.
    pub fn has_synapses(&self) -> bool {
        self.arena.synapses > 0
    }

    /// Returns the buffer of a part.
    fn buffer(&self, part: Part) -> Buffer {
        Buffer::Learned(self.number, part)
    }

    /// Loads a word of a list.
    fn load(&self, body: &mut Body, place: Place, index: Val) -> Val {
        let at = body.add(index, place.at);
        body.load(self.buffer(place.part), at)
    }

    /// Loads a float of a list.
    fn float(&self, body: &mut Body, place: Place, index: Val) -> Val {
        let word = self.load(body, place, index);
        body.op(Op::BitsToF(word))
    }

    /// Loads a variable of a target, a number among those of all copies, as it is now.
    fn variable(&self, body: &mut Body, n: usize, target: Val) -> Val {
        state(body, self.arena.variables_at[n], target)
    }

    /// Loads a variable of the source of a synapse as it is now.
    fn variable_of_source(&self, body: &mut Body, n: usize, record: Val) -> Val {
        // A source has a record for each delay.
        let source = body.op(Op::UDiv(record, self.arena.delays));
        state(body, self.arena.of_source_at[n], source)
    }

    /// Whether a clocked block reads a variable of the target or of the source.
    fn clocked_reads_neurons(&self) -> bool {
        let mut blocks = self.synapse.clocked.iter();
        blocks.any(|block| reads_target(&block.program) || block.reads_source())
    }

    /// Stores a word of a list.
    fn store(&self, body: &mut Body, place: Place, index: Val, word: Val) {
        let at = body.add(index, place.at);
        body.store(self.buffer(place.part), at, word);
    }

    /// Stores a float of a list, flushed.
    fn store_float(&self, body: &mut Body, place: Place, index: Val, value: Val) {
        let word = math::flush(body.builder(), value);
        self.store(body, place, index, word);
    }

    /// Returns the word of the signal with this number in the model, before it changes in the
    /// present step.
    fn signal_word(&self, body: &mut Body, n: usize, copy: Val) -> Val {
        signal::word(body, self.layout, self.synapse.signals[n], copy)
    }

    /// Returns the signal itself.
    fn signal(&self, body: &mut Body, n: usize, copy: Val) -> Val {
        let word = self.signal_word(body, n, copy);
        body.op(Op::BitsToF(word))
    }

    /// Returns the trace with this number of a neuron at a step: 0 before its first event. `stamp`
    /// is the step of its last event + 1.
    fn trace(
        &self,
        body: &mut Body,
        (side, n): (Side, usize),
        value: Val,
        stamp: Val,
        step: Val,
    ) -> Val {
        let next = body.add(step, 1);
        let steps = body.op(Op::USub(next, stamp));
        let now = decayed(body, self, (side, n), value, steps);
        let (never, nothing) = (body.u32(0), body.builder().f32(0.0));
        let never = body.op(Op::UEq(stamp, never));
        body.op(Op::Select(never, nothing, now))
    }
}

/// Loads a float of the state of neurons: word `at` of the list that begins with word `first`.
fn state(body: &mut Body, first: u32, at: Val) -> Val {
    let at = body.add(at, first);
    let word = body.load(Buffer::State, at);
    body.op(Op::BitsToF(word))
}

/// Whether a program reads a variable of the target.
fn reads_target(program: &Program) -> bool {
    program.inputs.iter().any(|input| matches!(input, Input::Target(_)))
}

/// `index` of copy `copy` in lists of so many words a copy.
fn of_copy(body: &mut Body, copy: Val, words: u32, index: Val) -> Val {
    let words = body.u32(words);
    let base = body.op(Op::UMul(copy, words));
    body.op(Op::UAdd(base, index))
}

/// Emits a block with the present step, which is left out once the run has ended.
fn while_running(body: &mut Body, each: impl FnOnce(&mut Body, Val)) {
    unless_stopped(body, |body| {
        let step = body.load_at(Buffer::Control, control::STEP);
        each(body, step);
    });
}

/// Emits a block for the neuron of a spike, where it is one of so many from a global id on: its
/// copy, and its number among them.
pub fn when_among(
    body: &mut Body,
    layout: &Layout,
    id: Val,
    [first, count]: [u32; 2],
    each: impl FnOnce(&mut Body, Val, Val),
) {
    let (copy, neuron) = body.split(id, layout.neurons, layout.batch);
    let first = body.u32(first);
    let number = body.op(Op::USub(neuron, first));
    let count = body.u32(count);
    let inside = body.op(Op::ULt(number, count));
    body.when(inside, |body| each(body, copy, number));
}

/// Shares the numbers below `end` among the threads of a launch.
pub fn for_each(body: &mut Body, end: Val, each: impl FnOnce(&mut Body, Val)) {
    let thread = body.op(Op::ThreadId);
    let (groups, width) = (body.op(Op::GroupCount), body.u32(GROUP));
    let stride = body.op(Op::UMul(groups, width));
    body.strided(thread, end, stride, each);
}

/// Whether all synapses catch up in a step: the ring of some target is full, or a clocked block is
/// carried out.
fn all_catch_up(body: &mut Body, site: &Site<'_>, step: Val) -> Val {
    let flag = body.load_at(Buffer::Control, site.layout.full_at());
    let zero = body.u32(0);
    let full = body.op(Op::ULt(zero, flag));
    let blocks = site.synapse.clocked.iter();
    blocks.fold(full, |any, block| {
        let due = clocked::is_due(body, block, step);
        body.op(Op::Or(any, due))
    })
}
