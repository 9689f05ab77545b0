//! The post events of the targets of a projection in a shard, kept until every row has carried them
//! out, and the traces of the targets.

use super::bench::Targets;
use super::decay;
use super::event::{Event, Events};
use crate::arch::Detected;
use isospike_core::base::id::Side;
use isospike_core::plan::synapse::Stamp;

/// How many post events of a target are kept.
pub(crate) const DEPTH: usize = 16;

/// See the module. All lists are `[copy * targets + target]`.
#[derive(Clone, Debug)]
pub(crate) struct History {
    targets: usize,
    /// The stamps of the last two events of each target, newest first, 0 where there is none; empty
    /// where nothing happens at them.
    newest: Vec<[u32; 2]>,
    /// The stamps of the events before: depth 2 and up.
    older: Kept,
    /// The traces before these events, for each trace that a program of post events reads; none
    /// for the others.
    before: Vec<Kept>,
    /// The variables of the target in the steps of these events, for those that a program of post
    /// events reads.
    variables: Vec<Kept>,
    /// The signals in these events, for each that a program of post events reads; none for the
    /// others.
    signals_at: Vec<Kept>,
    /// The signals of the model after the last step, `[copy * signals + signal]`.
    signals: Vec<u32>,
    /// The last event of each target, kept here or not: the stamp of its traces.
    last: Vec<Stamp>,
    /// The traces after the last event.
    traces: Vec<Vec<f32>>,
    /// The traces at the present step of the present copy, for those that a program of pre events
    /// or of a clocked block reads: `[trace][target]`.
    now: Vec<Vec<u32>>,
    /// The step after the last one that was noted, for each copy.
    next_step: Vec<u32>,
    /// All rows of a copy have carried out the events before this step.
    horizon: Vec<u32>,
    spike: Vec<f32>,
    values: Vec<u32>,
    ages: Vec<u32>,
}

/// A word for each of some events of each target, `[depth][copy * targets + target]`, the newest
/// first. Rows read few depths, so these stay in the cache.
#[derive(Clone, Debug, Default)]
struct Kept(Vec<Vec<u32>>);

impl History {
    /// Makes the histories of so many targets, in which nothing has happened.
    pub fn new(events: &Events, targets: usize, copies: usize) -> Self {
        let (all, traces) = (targets * copies, events.plan.post.len());
        let kept = |needed: bool, depth| match needed {
            true => Kept::new(all, depth),
            false => Kept::default(),
        };
        let reads = |n: usize| {
            events.on_post.as_ref().is_some_and(|event| event.reads(Side::Post).contains(&n))
        };
        let signals = events.plan.signals.len();
        let reads_signal =
            |n: usize| events.on_post.as_ref().is_some_and(|event| event.signals().contains(&n));
        Self {
            targets,
            newest: vec![[0; 2]; if events.on_post.is_some() { all } else { 0 }],
            older: kept(events.on_post.is_some(), DEPTH - 2),
            before: (0..traces).map(|n| kept(reads(n), DEPTH)).collect(),
            variables: (0..events.plan.target.len())
                .map(|n| kept(events.kept_variables().contains(&n), DEPTH))
                .collect(),
            signals_at: (0..signals).map(|n| kept(reads_signal(n), DEPTH)).collect(),
            signals: vec![0; signals * copies],
            last: vec![Stamp::NEVER; all],
            traces: vec![vec![0.0; all]; traces],
            now: vec![vec![0; targets]; traces],
            next_step: vec![0; copies],
            horizon: vec![0; copies],
            spike: vec![0.0; traces],
            values: Vec::new(),
            ages: Vec::with_capacity(targets),
        }
    }

    /// The step after the last one of a copy that was noted.
    pub fn next_step(&self, copy: u32) -> u32 {
        self.next_step[copy as usize]
    }

    /// Returns the least step before which all rows must have carried out their events, so that an
    /// event more of each of these targets takes the place of none that a row has to carry out;
    /// `None` where there is room.
    pub fn crowded(&self, copy: u32, targets: impl Iterator<Item = u32>) -> Option<u32> {
        let horizon = self.horizon[copy as usize];
        let oldest = self.older.0.last()?;
        // A stamp is the step + 1: the first step behind the event.
        let stamps = targets.map(|target| oldest[self.at(copy, target)]);
        stamps.filter(|stamp| *stamp > horizon).max()
    }

    /// Notes that all rows of a copy have carried out the events before this step.
    pub fn all_caught_up(&mut self, copy: u32, step: u32) {
        self.horizon[copy as usize] = step;
    }

    /// Adds a post event. `variables` has the variables of all targets in this step.
    pub fn push(
        &mut self,
        events: &Events,
        (step, copy): (u32, u32),
        target: u32,
        variables: Targets<'_>,
    ) {
        let at = self.at(copy, target);
        for &n in events.kept_variables() {
            self.variables[n].push(at, variables[n][target as usize]);
        }
        let plan = &events.plan.post;
        for n in 0..plan.len() {
            self.spike[n] = plan.at(n, self.traces[n][at], self.last[at], step);
            self.before[n].push(at, self.spike[n].to_bits());
        }
        let first = copy as usize * self.signals_at.len();
        for (kept, value) in self.signals_at.iter_mut().zip(&self.signals[first..]) {
            kept.push(at, *value);
        }
        plan.at_spike(&mut self.spike, &mut self.values);
        for (trace, value) in self.traces.iter_mut().zip(&self.spike) {
            trace[at] = *value;
        }
        self.last[at] = Stamp::at(step);
        if let Some([newest, second]) = self.newest.get_mut(at) {
            self.older.push(at, *second);
            (*second, *newest) = (*newest, self.last[at].word());
        }
    }

    /// Ends a step of a copy: all its events have been added.
    pub fn end_step(&mut self, step: u32, copy: u32) {
        self.next_step[copy as usize] = step.wrapping_add(1);
    }

    /// The stamps of the last two events of each target of a copy, newest first, 0 where there is
    /// none.
    pub fn newest(&self, copy: u32) -> &[[u32; 2]] {
        &self.newest[copy as usize * self.targets..]
    }

    /// The stamp of the event at a depth from 2 on of each target of a copy, 0 where there is none.
    pub fn older(&self, copy: u32, depth: usize) -> &[u32] {
        &self.older.0[depth - 2][copy as usize * self.targets..]
    }

    /// A trace of each target before the event at a depth.
    pub fn before(&self, copy: u32, trace: usize, depth: usize) -> &[u32] {
        &self.before[trace].0[depth][copy as usize * self.targets..]
    }

    /// A variable of each target in the step of the event at a depth.
    pub fn variable(&self, copy: u32, variable: usize, depth: usize) -> &[u32] {
        &self.variables[variable].0[depth][copy as usize * self.targets..]
    }

    /// A signal at the event at a depth of each target.
    pub fn signal_at(&self, copy: u32, signal: usize, depth: usize) -> &[u32] {
        &self.signals_at[signal].0[depth][copy as usize * self.targets..]
    }

    /// The signals of the model in a copy, after the last step.
    pub fn signals(&self, copy: u32) -> &[u32] {
        let count = self.signals_at.len();
        &self.signals[copy as usize * count..][..count]
    }

    /// Sets one of them.
    pub fn set_signal(&mut self, copy: u32, signal: usize, value: f32) {
        self.signals[copy as usize * self.signals_at.len() + signal] = value.to_bits();
    }

    /// Computes the traces that a program reads in a step and copy, whose events are still to be
    /// added.
    pub fn decay(&mut self, events: &Events, event: &Event, isa: Detected, step: u32, copy: u32) {
        let first = copy as usize * self.targets;
        let own = first..first + self.targets;
        for &n in event.reads(Side::Post) {
            let (values, last) = (&self.traces[n][own.clone()], &self.last[own.clone()]);
            let decay = &events.plan.post.decay[n];
            let (ages, now) = (&mut self.ages, &mut self.now[n]);
            decay::of_neurons(isa, decay, (values, last), step, ages, now);
        }
    }

    /// A trace of all targets as [`Self::decay`] left it.
    pub fn now(&self, trace: usize) -> &[u32] {
        &self.now[trace]
    }

    /// Forgets the events: all rows have carried them out before this step.
    pub fn forget(&mut self, step: u32) {
        self.newest.fill([0; 2]);
        self.older.0.iter_mut().for_each(|stamps| stamps.fill(0));
        self.next_step.fill(step);
        self.horizon.fill(step);
    }

    /// The values of a trace of one copy after the last event of each target.
    pub fn trace_mut(&mut self, trace: usize, copy: u32) -> &mut [f32] {
        let first = copy as usize * self.targets;
        &mut self.traces[trace][first..first + self.targets]
    }

    /// The stamps of the last events of one copy.
    pub fn stamps_mut(&mut self, copy: u32) -> &mut [Stamp] {
        let first = copy as usize * self.targets;
        &mut self.last[first..first + self.targets]
    }

    /// Takes over the histories of the same targets.
    pub fn copy_from(&mut self, other: &Self) {
        self.newest.copy_from_slice(&other.newest);
        self.older.copy_from(&other.older);
        let others = other.before.iter().chain(&other.variables).chain(&other.signals_at);
        let own = self.before.iter_mut().chain(&mut self.variables).chain(&mut self.signals_at);
        own.zip(others).for_each(|(own, other)| own.copy_from(other));
        self.signals.copy_from_slice(&other.signals);
        self.last.copy_from_slice(&other.last);
        for (trace, other) in self.traces.iter_mut().zip(&other.traces) {
            trace.copy_from_slice(other);
        }
        self.next_step.copy_from_slice(&other.next_step);
        self.horizon.copy_from_slice(&other.horizon);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let kept = self.before.iter().chain(&self.variables).chain(&self.signals_at);
        let kept = kept.chain([&self.older]);
        let kept: usize = kept.map(Kept::bytes).sum();
        let traces: usize = self.traces.iter().map(|trace| size_of_val(&**trace)).sum();
        let now: usize = self.now.iter().map(|trace| size_of_val(&**trace)).sum();
        let words = size_of_val(&*self.newest)
            + size_of_val(&*self.last)
            + self.ages.capacity() * size_of::<u32>();
        (kept + traces + now + words) as u64
    }

    #[inline(always)]
    fn at(&self, copy: u32, target: u32) -> usize {
        copy as usize * self.targets + target as usize
    }
}

impl Kept {
    fn new(targets: usize, depth: usize) -> Self {
        Self(vec![vec![0; targets]; depth])
    }

    /// Adds the word of a new event of a target; that of the oldest is lost.
    fn push(&mut self, at: usize, word: u32) {
        let mut newer = word;
        for words in &mut self.0 {
            newer = std::mem::replace(&mut words[at], newer);
        }
    }

    fn copy_from(&mut self, other: &Self) {
        for (words, other) in self.0.iter_mut().zip(&other.0) {
            words.copy_from_slice(other);
        }
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|words| size_of_val(&**words)).sum()
    }
}
