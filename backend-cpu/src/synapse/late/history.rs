//! The post events of the targets of a projection in a shard, kept until every row has carried them
//! out, and the traces of the targets.

use super::event::Events;
use isospike_core::base::id::Side;
use isospike_core::plan::synapse::Stamp;

/// How many post events of a target are kept.
const RING: usize = 16;

/// See the module. All lists are `[copy * targets + target]`.
#[derive(Clone, Debug)]
pub(crate) struct History {
    targets: usize,
    /// How many post events each has had.
    count: Vec<u32>,
    /// The last of each, to be found at a glance.
    newest: Vec<Stamp>,
    /// The steps of the last ones, event n at place n mod 16; empty where nothing happens at them.
    steps: Vec<[u32; RING]>,
    /// The traces before these events, for each trace that a program of post events reads; empty
    /// for the others.
    before: Vec<Vec<[f32; RING]>>,
    /// The traces after the last event.
    traces: Vec<Vec<f32>>,
    /// The traces at the present step of the present copy, for those that a program of pre events
    /// reads: `[trace][target]`.
    now: Vec<Vec<f32>>,
    /// The step after the last one that was noted, for each copy.
    next_step: Vec<u32>,
    /// All rows of a copy have carried out the events before this step.
    horizon: Vec<u32>,
    spike: Vec<f32>,
    values: Vec<u32>,
}

/// Post events that a synapse has to carry out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    /// The synapse, by its place in the row.
    pub lane: u32,
    /// The target.
    target: u32,
    /// The next event, counted over all of the target.
    pub event: u32,
    /// The event behind the last.
    pub end: u32,
}

impl History {
    /// Makes the histories of so many targets, in which nothing has happened.
    pub fn new(events: &Events, targets: usize, copies: usize) -> Self {
        let (all, traces) = (targets * copies, events.plan.post.len());
        let reads = |n: usize| {
            events.on_post.as_ref().is_some_and(|event| event.reads(Side::Post).contains(&n))
        };
        let rings = |n| if reads(n) { vec![[0.0; RING]; all] } else { Vec::new() };
        Self {
            targets,
            count: vec![0; all],
            newest: vec![Stamp::NEVER; all],
            steps: vec![[0; RING]; if events.on_post.is_some() { all } else { 0 }],
            before: (0..traces).map(rings).collect(),
            traces: vec![vec![0.0; all]; traces],
            now: vec![vec![0.0; targets]; traces],
            next_step: vec![0; copies],
            horizon: vec![0; copies],
            spike: vec![0.0; traces],
            values: Vec::new(),
        }
    }

    /// The step after the last one of a copy that was noted.
    pub fn next_step(&self, copy: u32) -> u32 {
        self.next_step[copy as usize]
    }

    /// Returns whether an event more of one of these targets would take the place of one that a row
    /// may still have to carry out.
    pub fn would_forget(&self, copy: u32, mut targets: impl Iterator<Item = u32>) -> bool {
        let horizon = self.horizon[copy as usize];
        !self.steps.is_empty()
            && targets.any(|target| {
                let at = self.at(copy, target);
                let count = self.count[at] as usize;
                count >= RING && self.steps[at][count % RING] >= horizon
            })
    }

    /// Notes that all rows of a copy have carried out the events before this step.
    pub fn all_caught_up(&mut self, copy: u32, step: u32) {
        self.horizon[copy as usize] = step;
    }

    /// Adds a post event.
    pub fn push(&mut self, events: &Events, step: u32, copy: u32, target: u32) {
        let at = self.at(copy, target);
        let place = self.count[at] as usize % RING;
        let plan = &events.plan.post;
        for n in 0..plan.len() {
            self.spike[n] = plan.at(n, self.traces[n][at], self.newest[at], step);
            if let Some(ring) = self.before[n].get_mut(at) {
                ring[place] = self.spike[n];
            }
        }
        plan.at_spike(&mut self.spike, &mut self.values);
        for (trace, value) in self.traces.iter_mut().zip(&self.spike) {
            trace[at] = *value;
        }
        if let Some(steps) = self.steps.get_mut(at) {
            steps[place] = step;
        }
        self.newest[at] = Stamp::at(step);
        self.count[at] = self.count[at].wrapping_add(1);
    }

    /// Ends a step of a copy: all its events have been added.
    pub fn end_step(&mut self, step: u32, copy: u32) {
        self.next_step[copy as usize] = step.wrapping_add(1);
    }

    /// Lists the synapses onto these targets that may have post events from step `caught` on to
    /// carry out, with these events: none where a checkpoint had a stamp of a step to come.
    pub fn pending(&self, copy: u32, caught: u32, targets: &[u32], pending: &mut Vec<Wait>) {
        let newest = &self.newest[copy as usize * self.targets..];
        // First the synapses for which anything waits, without a branch: half of them have
        // something, in no order. A stamp is the step + 1.
        let nothing = Wait { lane: 0, target: 0, event: 0, end: 0 };
        pending.clear();
        pending.resize(targets.len(), nothing);
        let mut waiting = 0;
        for (lane, &target) in (0..).zip(targets) {
            pending[waiting] = Wait { lane, target, ..nothing };
            waiting += usize::from(newest[target as usize].word() > caught);
        }
        pending.truncate(waiting);
        for wait in pending {
            let at = self.at(copy, wait.target);
            let (steps, end) = (&self.steps[at], self.count[at]);
            let oldest = end.saturating_sub(RING as u32);
            let mut event = end;
            while event > oldest && steps[(event as usize - 1) % RING] >= caught {
                event -= 1;
            }
            (wait.event, wait.end) = (event, end);
        }
    }

    /// The step of a post event.
    #[inline(always)]
    pub fn step(&self, copy: u32, wait: &Wait) -> u32 {
        self.steps[self.at(copy, wait.target)][wait.event as usize % RING]
    }

    /// A trace of the target before a post event.
    #[inline(always)]
    pub fn before(&self, copy: u32, trace: usize, wait: &Wait) -> f32 {
        self.before[trace][self.at(copy, wait.target)][wait.event as usize % RING]
    }

    /// Computes the traces that pre events of a step and copy read.
    pub fn decay(&mut self, events: &Events, step: u32, copy: u32) {
        let first = copy as usize * self.targets;
        let newest = &self.newest[first..first + self.targets];
        for &n in events.on_pre.reads(Side::Post) {
            let values = &self.traces[n][first..first + self.targets];
            for ((now, value), newest) in self.now[n].iter_mut().zip(values).zip(newest) {
                *now = events.plan.post.at(n, *value, *newest, step);
            }
        }
    }

    /// A trace of all targets as [`Self::decay`] left it.
    pub fn now(&self, trace: usize) -> &[f32] {
        &self.now[trace]
    }

    /// Forgets the events: all rows have carried them out before this step.
    pub fn forget(&mut self, step: u32) {
        self.count.fill(0);
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
        &mut self.newest[first..first + self.targets]
    }

    /// Takes over the histories of the same targets.
    pub fn copy_from(&mut self, other: &Self) {
        self.count.copy_from_slice(&other.count);
        self.newest.copy_from_slice(&other.newest);
        self.steps.copy_from_slice(&other.steps);
        for (rings, other) in self.before.iter_mut().zip(&other.before) {
            rings.copy_from_slice(other);
        }
        for (trace, other) in self.traces.iter_mut().zip(&other.traces) {
            trace.copy_from_slice(other);
        }
        self.next_step.copy_from_slice(&other.next_step);
        self.horizon.copy_from_slice(&other.horizon);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let before: usize = self.before.iter().map(|ring| size_of_val(&**ring)).sum();
        let traces = self.traces.iter().chain(&self.now);
        let traces: usize = traces.map(|trace| size_of_val(&**trace)).sum();
        let lists = size_of_val(&*self.steps) + 2 * size_of_val(&*self.count);
        (before + traces + lists) as u64
    }

    #[inline(always)]
    fn at(&self, copy: u32, target: u32) -> usize {
        copy as usize * self.targets + target as usize
    }
}
