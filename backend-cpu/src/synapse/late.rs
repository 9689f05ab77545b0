//! Synapses that learn, in one shard: rows that catch up late (`docs/cpu.md`).
//!
//! A synapse changes at its own events only, so a row need not follow its targets: the post events
//! of each target wait in a [`History`], and a row carries them out when its source has a pre
//! event, when its synapses are read, or before a history is full. No column of synapses is walked.
//!
//! [`rows`] has the synapses, [`event`] runs the programs of their events over rows, [`history`]
//! keeps post events and the traces of targets, [`record`] the traces of sources.

pub(crate) mod event;
mod history;
mod record;
pub(crate) mod rows;

use crate::arch::{Detected, LANES, Lanes};
use crate::synapse::format::table::Due;
use crate::synapse::timing_wheel::{Run, TimingWheel};
use event::{Bench, Events};
use history::History;
use isospike_core::base::id::Side;
use isospike_core::plan::synapse::Stamp;
use record::Records;
use rows::Rows;
use std::ops::Range;
use std::sync::Arc;

/// The synapses of one projection in one shard.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    /// The index of the projection.
    pub projection: usize,
    /// The population of its sources.
    source: u32,
    /// The index of the slice of its targets.
    slice: usize,
    /// The accumulator of the first target.
    first_accumulator: usize,
    events: Arc<Events>,
    rows: Arc<Rows>,
    /// The state variables, copy after copy, in the order of the rows.
    state: Vec<Vec<Lanes>>,
    records: Records,
    history: History,
    wheel: TimingWheel,
    bench: Bench,
}

/// The place of a projection that learns in a shard.
pub(crate) struct Home {
    /// The index of the projection.
    pub projection: usize,
    /// The population of its sources.
    pub source: u32,
    /// The index of the slice of its targets.
    pub slice: usize,
    /// The accumulator of the first target.
    pub first_accumulator: usize,
    /// How many targets the slice has.
    pub targets: usize,
    /// Copies side by side.
    pub copies: u32,
    /// The largest delay.
    pub max_delay_steps: u32,
}

impl Late {
    /// Makes synapses whose state is still to be set.
    pub fn new(home: &Home, events: Arc<Events>, rows: Rows, isa: Detected) -> Self {
        let copies = home.copies as usize;
        let state = vec![vec![Lanes::ZERO; rows.lanes() * copies]; events.states()];
        Self {
            projection: home.projection,
            source: home.source,
            slice: home.slice,
            first_accumulator: home.first_accumulator,
            records: Records::new(&events, rows.segments() * copies),
            history: History::new(&events, home.targets, copies),
            wheel: TimingWheel::new(home.max_delay_steps, home.copies),
            bench: Bench::new(&events, rows.longest(), isa),
            events,
            rows: Arc::new(rows),
            state,
        }
    }

    /// The rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The index of the slice of its targets.
    pub fn slice(&self) -> usize {
        self.slice
    }

    /// Puts the segments of these spikes onto the wheel.
    pub fn push(&mut self, due: &[Due]) {
        for spike in due.iter().filter(|spike| spike.population == self.source) {
            for segment in self.rows.of_source(spike.neuron) {
                let step = spike.step.wrapping_add(self.rows.delay(segment));
                self.wheel.push(step, spike.copy, Run { start: segment as u32, count: 1 });
            }
        }
    }

    /// Carries out the pre events of a step and copy: all post events before have been noted.
    /// `sums` begins with the accumulators of that step and copy.
    pub fn deliver(&mut self, step: u32, copy: u32, sums: &mut [u32]) {
        let due = self.take_due(step, copy);
        if !due.is_empty() {
            self.history.decay(&self.events, step, copy);
        }
        for run in &due {
            self.pre_event(run.start as usize, step, copy, sums);
        }
        self.give_back(step, copy, due);
    }

    /// Notes that pre events of a step and copy have been carried out elsewhere: the state of
    /// synapses has all of them, the traces of sources have not.
    pub fn discard(&mut self, step: u32, copy: u32) {
        let due = self.take_due(step, copy);
        for run in &due {
            let record = self.record(run.start as usize, copy);
            self.records.pre_event(&self.events, record, step);
        }
        self.give_back(step, copy, due);
    }

    /// Notes the post events of a step and copy, by number among the targets.
    pub fn post_events(
        &mut self,
        step: u32,
        copy: u32,
        targets: impl Iterator<Item = u32> + Clone,
    ) {
        if self.history.would_forget(copy, targets.clone()) {
            self.catch_up(copy);
            self.history.all_caught_up(copy, step);
        }
        for target in targets {
            self.history.push(&self.events, step, copy, target);
        }
        self.history.end_step(step, copy);
    }

    /// Carries out all post events of a copy that have been noted.
    pub fn catch_up(&mut self, copy: u32) {
        for segment in 0..self.rows.segments() {
            self.rows.targets(segment, &mut self.bench.targets);
            self.post_events_of(segment, copy);
        }
    }

    /// Takes out everything that is on its way.
    pub fn forget(&mut self) {
        self.wheel.clear();
    }

    /// Goes to step `step`, before which all events of all synapses have been carried out.
    pub fn go_to(&mut self, step: u32) {
        self.history.forget(step);
        self.records.catch_up(step);
    }

    /// Takes over the state of the same synapses, in the memory that it has.
    pub fn copy_from(&mut self, other: &Self) {
        for (words, other) in self.state.iter_mut().zip(&other.state) {
            words.copy_from_slice(other);
        }
        self.records.copy_from(&other.records);
        self.history.copy_from(&other.history);
        self.wheel.clone_from(&other.wheel);
    }

    /// The words of a state variable of one copy, in the order of the rows.
    pub fn words_mut(&mut self, variable: usize, copy: u32) -> &mut [u32] {
        let lanes = self.rows.lanes();
        let first = copy as usize * lanes;
        Lanes::words_mut(&mut self.state[variable][first..first + lanes])
    }

    /// Sets a trace of a source as it is once all its spikes have arrived: its value after the last
    /// of them, and when that was emitted.
    pub fn set_source_trace(
        &mut self,
        source: u32,
        copy: u32,
        trace: usize,
        value: f32,
        emitted: Stamp,
    ) {
        for segment in self.rows.of_source(source) {
            let last = emitted.step().map_or(Stamp::NEVER, |step| {
                Stamp::at(step.wrapping_add(self.rows.delay(segment)))
            });
            let record = self.record(segment, copy);
            self.records.set(record, trace, value, last);
        }
    }

    /// The traces of the targets.
    pub fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// Bytes of the synapses.
    pub fn synapse_bytes(&self) -> u64 {
        let state: usize = self.state.iter().map(|words| size_of_val(&**words)).sum();
        self.rows.bytes() + state as u64 + self.records.bytes()
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.synapse_bytes() + self.history.bytes() + self.wheel.bytes() + self.bench.bytes()
    }

    fn take_due(&mut self, step: u32, copy: u32) -> Vec<Run> {
        self.wheel.due(step, copy).map(std::mem::take).unwrap_or_default()
    }

    /// Gives an empty list its memory back.
    fn give_back(&mut self, step: u32, copy: u32, mut due: Vec<Run>) {
        due.clear();
        if let Some(list) = self.wheel.due(step, copy) {
            *list = due;
        }
    }

    fn record(&self, segment: usize, copy: u32) -> usize {
        copy as usize * self.rows.segments() + segment
    }

    /// The lanes of a segment in the state of a copy.
    fn lanes(&self, segment: usize, copy: u32) -> Range<usize> {
        let first = copy as usize * self.rows.lanes();
        let lanes = self.rows.lanes_of(segment);
        first + lanes.start..first + lanes.end
    }

    fn pre_event(&mut self, segment: usize, step: u32, copy: u32, sums: &mut [u32]) {
        self.rows.targets(segment, &mut self.bench.targets);
        self.post_events_of(segment, copy);
        let (lanes, record) = (self.lanes(segment, copy), self.record(segment, copy));
        let count = self.bench.targets.len();
        self.records.pre_event(&self.events, record, step);
        let event = &self.events.on_pre;
        for (variable, to) in self.state.iter().zip(&mut self.bench.arrays.state) {
            to[..lanes.len()].copy_from_slice(&variable[lanes.clone()]);
        }
        for &n in event.reads(Side::Post) {
            let now = self.history.now(n);
            let to = Lanes::words_mut(&mut self.bench.arrays.constants[self.events.post(n)]);
            for (word, target) in to.iter_mut().zip(&self.bench.targets) {
                *word = now[*target as usize].to_bits();
            }
        }
        self.bench.run(event, self.records.before(record), count);
        for (variable, from) in self.state.iter_mut().zip(&self.bench.arrays.state) {
            variable[lanes.clone()].copy_from_slice(&from[..lanes.len()]);
        }
        let sent = Lanes::words(&self.bench.arrays.state[self.events.states()]);
        let sums = &mut sums[self.first_accumulator..];
        for (target, sent) in self.bench.targets.iter().zip(sent) {
            let sum = &mut sums[*target as usize];
            *sum = sum.wrapping_add(*sent);
        }
    }

    /// Carries out the post events that wait for a segment, whose targets are on the bench, in each
    /// lane from the oldest on.
    fn post_events_of(&mut self, segment: usize, copy: u32) {
        let Some(event) = &self.events.on_post else { return };
        let (lanes, record) = (self.lanes(segment, copy), self.record(segment, copy));
        let Bench { targets, pending, .. } = &mut self.bench;
        self.history.pending(copy, self.records.caught(record), targets, pending);
        self.records.set_caught(record, self.history.next_step(copy));
        let base = lanes.start * LANES;
        loop {
            let Bench { arrays, pending, .. } = &mut self.bench;
            pending.retain(|wait| wait.event < wait.end);
            if pending.is_empty() {
                break;
            }
            for (to, variable) in arrays.state.iter_mut().zip(&self.state) {
                let (to, words) = (Lanes::words_mut(to), Lanes::words(variable));
                for (to, wait) in to.iter_mut().zip(&*pending) {
                    *to = words[base + wait.lane as usize];
                }
            }
            for &n in event.reads(Side::Pre) {
                let to = Lanes::words_mut(&mut arrays.constants[self.events.pre(n)]);
                for (to, wait) in to.iter_mut().zip(&*pending) {
                    let step = self.history.step(copy, wait);
                    *to = self.records.trace(&self.events, record, n, step).to_bits();
                }
            }
            for &n in event.reads(Side::Post) {
                let to = Lanes::words_mut(&mut arrays.constants[self.events.post(n)]);
                for (to, wait) in to.iter_mut().zip(&*pending) {
                    *to = self.history.before(copy, n, wait).to_bits();
                }
            }
            let count = pending.len();
            self.bench.run(event, &[], count);
            let Bench { arrays, pending, .. } = &mut self.bench;
            for (variable, from) in self.state.iter_mut().zip(&arrays.state) {
                let (words, from) = (Lanes::words_mut(variable), Lanes::words(from));
                for (wait, word) in pending.iter().zip(from) {
                    words[base + wait.lane as usize] = *word;
                }
            }
            pending.iter_mut().for_each(|wait| wait.event += 1);
        }
    }
}
