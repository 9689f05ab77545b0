//! The post events that wait for a synapse, from the oldest on.

use super::decay::factor;
use super::event::{Outside, Read, evaluate, state_of};
use super::{POST, Part, Place, RING, Site, all_catch_up, for_each, of_copy, team, while_running};
use crate::base::id::Side;
use crate::device::kernels::body::{Body, build};
use crate::device::kernels::share::GROUP;
use crate::device::kernels::{Buffer, Stage};
use crate::ir::{Access, Guarantees, Op, Program, Val, Var};

/// The work of a team: the synapses of one source and delay.
#[derive(Clone, Copy)]
pub struct Segment {
    /// The copy of the batch.
    pub copy: Val,
    /// The source and delay.
    pub number: Val,
    /// The same among those of all copies.
    pub record: Val,
    /// The thread's number in its team.
    pub member: Val,
}

/// Shares the synapses of a segment among the threads of a team.
pub fn for_each_synapse(
    body: &mut Body,
    site: &Site<'_>,
    segment: Segment,
    each: impl FnOnce(&mut Body, Synapse),
) {
    let begin = site.load(body, site.arena.starts_at, segment.number);
    let next = body.add(segment.number, 1);
    let end = site.load(body, site.arena.starts_at, next);
    let first = body.op(Op::UAdd(begin, segment.member));
    let stride = body.u32(site.sharing.team);
    body.strided(first, end, stride, |body, number| {
        let synapse = Synapse::new(body, site, segment.copy, segment.record, number);
        each(body, synapse);
    });
}

/// A synapse of a thread.
#[derive(Clone, Copy)]
pub struct Synapse {
    /// The copy of the batch.
    pub copy: Val,
    /// Its source and delay, among those of all copies.
    pub record: Val,
    /// Its number in a copy.
    pub number: Val,
    /// Its target, among those of all copies.
    pub target: Val,
}

impl Synapse {
    /// Finds the target of a synapse.
    pub fn new(body: &mut Body, site: &Site<'_>, copy: Val, record: Val, number: Val) -> Self {
        let target = site.load(body, site.arena.targets_at, number);
        let target = of_copy(body, copy, site.arena.targets, target);
        Self { copy, record, number, target }
    }

    /// The index of the synapse in a list of all copies.
    pub fn index(&self, body: &mut Body, site: &Site<'_>) -> Val {
        of_copy(body, self.copy, site.arena.synapses, self.number)
    }
}

/// Carries out an event of a synapse in a step: evaluates its program, where `outside` gives what
/// comes from outside, and stores the state variables and the stamp. Returns the values of the
/// program.
pub fn carry_out(
    body: &mut Body,
    site: &Site<'_>,
    program: &Program,
    (synapse, step): (Synapse, Val),
    mut outside: impl FnMut(&mut Body, Outside) -> Val,
) -> Vec<Val> {
    let values = evaluate(body, program, |body, read| match read {
        Read::State(n) => {
            let index = synapse.index(body, site);
            site.float(body, site.arena.state_at[n], index)
        }
        Read::Decay(n) => decay_of_state(body, site, n, synapse, step),
        Read::Outside(read) => outside(body, read),
    });
    for (n, value) in state_of(program, &values) {
        let index = synapse.index(body, site);
        site.store_float(body, site.arena.state_at[n], index, value);
    }
    if site.synapse.decays() {
        let index = synapse.index(body, site);
        let next = body.add(step, 1);
        site.store(body, site.arena.state_at[site.synapse.state.len()], index, next);
    }
    values
}

/// The factor by which a state variable has decayed in a step.
fn decay_of_state(body: &mut Body, site: &Site<'_>, n: usize, synapse: Synapse, step: Val) -> Val {
    let Some(tables) = site.arena.state_decay_at[n] else {
        unreachable!("a program reads the decay of a variable that has one")
    };
    let index = synapse.index(body, site);
    let stamp = site.load(body, site.arena.state_at[site.synapse.state.len()], index);
    let next = body.add(step, 1);
    let steps = body.op(Op::USub(next, stamp));
    factor(body, site, tables, steps)
}

/// Carries out all post events that wait for a synapse.
pub fn wait_no_more(body: &mut Body, site: &Site<'_>, synapse: Synapse) {
    let Some(program) = &site.synapse.on_post else { return };
    let caught = site.load(body, site.arena.caught_at, synapse.record);
    let newest = site.load(body, site.arena.newest_at, synapse.target);
    // A stamp is the step + 1.
    let some = body.op(Op::ULt(caught, newest));
    body.when(some, |body| {
        let end = site.load(body, site.arena.count_at, synapse.target);
        let event = oldest(body, site, synapse.target, caught, end);
        body.repeat(|body| {
            let now = body.get(event);
            let done = body.op(Op::UEq(now, end));
            body.break_if(done);
            post_event(body, site, program, synapse, now);
            let next = body.add(now, 1);
            body.set(event, next);
        });
    });
}

/// Finds the first event of a target that is in a step from `caught` on.
fn oldest(body: &mut Body, site: &Site<'_>, target: Val, caught: Val, end: Val) -> Var {
    let event = body.var();
    body.set(event, end);
    body.repeat(|body| {
        let now = body.get(event);
        let (zero, ring) = (body.u32(0), body.u32(RING));
        let none = body.op(Op::UEq(now, zero));
        let back = body.op(Op::USub(end, now));
        let all = body.op(Op::UEq(back, ring));
        let done = body.op(Op::Or(none, all));
        body.break_if(done);
        let one = body.u32(1);
        let before = body.op(Op::USub(now, one));
        let step = in_ring(body, site, site.arena.steps_at, target, before);
        let early = body.op(Op::ULt(step, caught));
        body.break_if(early);
        body.set(event, before);
    });
    event
}

/// The word of an event of a target in a ring.
pub fn in_ring(body: &mut Body, site: &Site<'_>, place: Place, target: Val, event: Val) -> Val {
    let index = ring_index(body, site, target, event);
    site.load(body, place, index)
}

/// The index of an event of a target in a ring.
pub fn ring_index(body: &mut Body, site: &Site<'_>, target: Val, event: Val) -> Val {
    let mask = body.u32(RING - 1);
    let list = body.op(Op::UAnd(event, mask));
    let words = site.arena.copies.wrapping_mul(site.arena.targets);
    of_copy(body, list, words, target)
}

fn post_event(body: &mut Body, site: &Site<'_>, program: &Program, synapse: Synapse, event: Val) {
    let step = in_ring(body, site, site.arena.steps_at, synapse.target, event);
    carry_out(body, site, program, (synapse, step), |body, read| {
        let ring = match read {
            Outside::Trace(Side::Pre, n) => {
                return trace_of_source(body, site, n, synapse.record, step);
            }
            Outside::Trace(Side::Post, n) => site.arena.ring_at[n],
            Outside::Target(n) => site.arena.variable_ring_at[n],
            Outside::Source(_) => None,
            Outside::Signal(n) => site.arena.signal_ring_at[n],
        };
        let Some(place) = ring else {
            unreachable!("each value of its step that a post event reads has a ring")
        };
        let word = in_ring(body, site, place, synapse.target, event);
        body.op(Op::BitsToF(word))
    });
}

/// A trace of the source in a step that is not before the last pre event: a pre event of the same
/// step does not pair.
pub fn trace_of_source(body: &mut Body, site: &Site<'_>, n: usize, record: Val, step: Val) -> Val {
    let last = site.load(body, site.arena.last_at, record);
    let before = site.float(body, site.arena.before_at[n], record);
    let after = site.float(body, site.arena.after_at[n], record);
    let now = site.trace(body, (Side::Pre, n), after, last, step);
    let next = body.add(step, 1);
    let same = body.op(Op::UEq(next, last));
    body.op(Op::Select(same, before, now))
}

/// Emits a block for each synapse of all copies.
pub fn for_all_synapses(body: &mut Body, site: &Site<'_>, each: impl FnOnce(&mut Body, Synapse)) {
    let (first, teams, member) = team(body, site.sharing);
    let end = body.u32(site.arena.copies.wrapping_mul(site.arena.segments()));
    body.strided(first, end, teams, |body, record| {
        let (copy, number) = body.split(record, site.arena.segments(), site.arena.copies);
        for_each_synapse(body, site, Segment { copy, number, record, member }, each);
    });
}

/// The buffers of a launch that changes the state of all synapses.
pub fn buffers_of_all(site: &Site<'_>) -> [(Buffer, Access); 5] {
    [
        (Buffer::Control, Access::Read),
        (site.buffer(Part::Rows), Access::Read),
        (site.buffer(Part::Synapses), Access::ReadWrite),
        (site.buffer(Part::Records), Access::Read),
        (site.buffer(Part::Targets), Access::Read),
    ]
}

/// The launch in which all synapses catch up.
pub fn catch_up(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    build((POST, "catch_up"), &buffers_of_all(site), GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            let all = all_catch_up(body, site, step);
            body.when(all, |body| {
                for_all_synapses(body, site, |body, synapse| wait_no_more(body, site, synapse));
            });
        });
    })
}

/// The launch that notes that all synapses have caught up.
pub fn caught(site: &Site<'_>, groups: u32, guarantees: Guarantees) -> Stage {
    let buffers = [
        (Buffer::Control, Access::Read),
        (site.buffer(Part::Records), Access::ReadWrite),
        (site.buffer(Part::Targets), Access::ReadWrite),
    ];
    build((POST, "caught"), &buffers, GROUP, guarantees, groups, |body| {
        while_running(body, |body, step| {
            let all = all_catch_up(body, site, step);
            body.when(all, |body| {
                let next = body.add(step, 1);
                let records = body.u32(site.arena.copies.wrapping_mul(site.arena.segments()));
                for_each(body, records, |body, record| {
                    site.store(body, site.arena.caught_at, record, next);
                });
                let targets = body.u32(site.arena.copies.wrapping_mul(site.arena.targets));
                for_each(body, targets, |body, target| {
                    let count = site.load(body, site.arena.count_at, target);
                    site.store(body, site.arena.base_at, target, count);
                });
            });
        });
    })
}
