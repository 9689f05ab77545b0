//! Synapses that learn, in one shard: rows that catch up late (`docs/cpu.md`).
//!
//! A synapse changes at its own events only, so a row need not follow its targets: the post events
//! of each target wait in a [`History`], and a row carries them out when its source has a pre
//! event, when its synapses are read, or before a history is full. No column of synapses is walked.
//!
//! [`rows`] has the synapses, [`bench`] carries their events out, with the programs of [`event`];
//! [`clocked`] carries out clocked blocks. [`history`] keeps post events and the traces of targets,
//! [`condition`] finds the targets that have some where a condition makes them. [`under_way`] has
//! what was sent and has not arrived, and spikes that are not back at synapses. [`waiting`] lists
//! the events that a row has to carry out, [`record`] keeps the traces of sources, [`decay`]
//! computes them.

mod bench;
mod clocked;
mod condition;
mod constants;
mod decay;
pub(crate) mod event;
mod history;
mod record;
pub(crate) mod rows;
mod under_way;
mod waiting;

use crate::arch::{Detected, Lanes, prefetch};
use crate::synapse::arena::Pieces;
use crate::synapse::format::table::Due;
use crate::synapse::signals::Signals;
use crate::synapse::timing_wheel::{Run, TimingWheel};
use bench::{Around, Bench, Row, Targets};
use condition::Condition;
use event::Events;
use history::History;
use isospike_core::plan::synapse::Stamp;
use record::Records;
use rows::Rows;
use std::ops::Range;
use std::sync::Arc;
use under_way::{Back, Sent};

/// The synapses of one projection in one shard.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    /// The index of the projection.
    pub projection: usize,
    /// The population of its sources.
    source: u32,
    /// The index of the slice of its targets.
    slice: usize,
    /// The accumulator of the first target in each receptor that synapses send to.
    first_accumulators: Vec<usize>,
    events: Arc<Events>,
    rows: Arc<Rows>,
    /// The state variables, then the stamps of last events if any decays, copy after copy, in the
    /// order of the rows.
    state: Vec<Pieces<Lanes>>,
    records: Records,
    history: History,
    wheel: TimingWheel,
    sent: Sent,
    back: Back,
    /// The targets whose post events come in a step.
    due: Vec<u32>,
    /// The condition that makes post events; `None` where spikes make them.
    condition: Option<Condition>,
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
    /// The accumulator of the first target in each receptor that synapses send to.
    pub first_accumulators: Vec<usize>,
    /// How many targets the slice has.
    pub targets: usize,
    /// Copies side by side.
    pub copies: u32,
    /// The largest delay up to a synapse.
    pub max_delay_steps: u32,
}

impl Late {
    /// Makes synapses whose state is still to be set.
    pub fn new(home: &Home, events: Arc<Events>, rows: Rows, isa: Detected) -> Self {
        let copies = home.copies as usize;
        let state = vec![Pieces::zeroed(rows.lanes() * copies); events.words()];
        Self {
            projection: home.projection,
            source: home.source,
            slice: home.slice,
            first_accumulators: home.first_accumulators.clone(),
            records: Records::new(&events, rows.segments() * copies),
            history: History::new(&events, home.targets, copies),
            wheel: TimingWheel::new(home.max_delay_steps, home.copies),
            sent: Sent::new(&events.plan, home.targets, copies),
            back: Back::new(&events.plan, copies),
            due: Vec::new(),
            condition: Condition::new(&events, &rows, home.targets),
            bench: Bench::new(&events, &rows, isa),
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

    /// The state variables of the targets that the model reads, by their number in the slice.
    pub fn variables(&self) -> &[u32] {
        &self.events.plan.target
    }

    /// The population of its sources.
    pub fn source(&self) -> u32 {
        self.source
    }

    /// The state variables of the sources that clocked blocks read.
    pub fn variables_of_sources(&self) -> &[u32] {
        &self.events.plan.source
    }

    /// Carries out the pre events of a step and copy: all post events before have been noted.
    /// `targets` has the variables of the targets before the update of that step; `sums` begins
    /// with the accumulators of that step and copy.
    pub fn deliver(&mut self, step: u32, copy: u32, targets: Targets<'_>, sums: &mut [u32]) {
        self.sent.arrive(step, copy, &self.first_accumulators, sums);
        let due = self.take_due(step, copy);
        if !due.is_empty() {
            let (isa, event) = (self.bench.isa(), &self.events.on_pre);
            self.history.decay(&self.events, event, isa, step, copy);
        }
        for (n, run) in due.iter().enumerate() {
            let next = due.get(n + 1).map(|next| next.start as usize);
            self.pre_event(run.start as usize, next, (step, copy), targets, sums);
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

    /// Takes the spikes of a step and copy, by number among the targets, and notes the post events
    /// of the step. `variables` has the variables of the targets after the update. Returns how many
    /// of these events a condition made.
    pub fn spikes(
        &mut self,
        step: u32,
        copy: u32,
        targets: impl Iterator<Item = u32> + Clone,
        variables: Targets<'_>,
    ) -> u64 {
        if let Some(mut condition) = self.condition.take() {
            let signals = self.history.signals(copy);
            condition.find(&self.events, self.bench.isa(), variables, signals);
            self.post_events(step, copy, condition.list.iter().copied(), variables);
            let events = condition.events();
            self.condition = Some(condition);
            return events;
        }
        if self.back.is_at_once() {
            self.post_events(step, copy, targets, variables);
            return 0;
        }
        let empty = std::mem::take(&mut self.due);
        let mut due = self.back.exchange(step, copy, targets, empty);
        self.post_events(step, copy, due.iter().copied(), variables);
        due.clear();
        self.due = due;
        0
    }

    /// Sends a spike of a target, emitted in a step, on its way back again, if it is not back
    /// before step `now`.
    pub fn send_back(&mut self, step: u32, copy: u32, target: u32, now: u32) {
        self.back.add(step, copy, target, now);
    }

    fn post_events(
        &mut self,
        step: u32,
        copy: u32,
        targets: impl Iterator<Item = u32> + Clone,
        variables: Targets<'_>,
    ) {
        if let Some(least) = self.history.crowded(copy, targets.clone()) {
            // Half of what has been since then, too, so that this is seldom.
            let limit = least + step.saturating_sub(least) / 2;
            self.catch_up_before(copy, limit);
            self.history.all_caught_up(copy, limit);
        }
        for target in targets {
            self.history.push(&self.events, (step, copy), target, variables);
        }
        self.history.end_step(step, copy);
    }

    /// Carries out all post events of a copy that have been noted.
    pub fn catch_up(&mut self, copy: u32) {
        self.catch_up_before(copy, u32::MAX);
    }

    /// Takes the signals of a copy after a step: events read them from then on.
    pub fn set_signals(&mut self, copy: u32, signals: &Signals) {
        for (n, signal) in self.events.plan.signals.iter().enumerate() {
            self.history.set_signal(copy, n, signals.value(*signal as usize, copy));
        }
    }

    /// Takes out everything that is on its way.
    pub fn forget(&mut self) {
        self.wheel.clear();
        self.back.clear();
    }

    /// Goes to step `step`, before which all events of all synapses have been carried out.
    pub fn go_to(&mut self, step: u32) {
        self.history.forget(step);
        self.records.catch_up(step);
        self.sent.go_to(step);
    }

    /// Takes over the state of the same synapses, in the memory that it has.
    pub fn copy_from(&mut self, other: &Self) {
        for (words, other) in self.state.iter_mut().zip(&other.state) {
            words.copy_from_slice(other);
        }
        self.records.copy_from(&other.records);
        self.history.copy_from(&other.history);
        self.wheel.clone_from(&other.wheel);
        self.sent.copy_from(&other.sent);
        self.back.copy_from(&other.back);
    }

    /// The words of a state variable of one copy, in the order of the rows; those of stamps follow
    /// the variables.
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

    /// The sums on their way to the targets in a copy, to be there in a step, for each of the
    /// receptors that synapses send to.
    pub fn sent_mut(&mut self, step: u32, receptor: usize, copy: u32) -> &mut [u32] {
        self.sent.sums_mut(step, receptor, copy)
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
        let under_way = self.sent.bytes() + self.back.bytes();
        let condition = self.condition.as_ref().map_or(0, Condition::bytes);
        let waiting = self.history.bytes() + self.wheel.bytes() + under_way + condition;
        self.synapse_bytes() + waiting + self.bench.bytes()
    }

    /// Carries out the post events of rows that have not carried out all before this step.
    fn catch_up_before(&mut self, copy: u32, step: u32) {
        for segment in 0..self.rows.segments() {
            if self.records.caught(self.record(segment, copy)) < step {
                self.take(segment, copy);
                let (bench, row, state) = self.row(segment, copy);
                bench.put_back(&row, state);
            }
        }
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

    /// Prefetches one of three parts of a segment. A part at a time, because a core waits for no
    /// more than some lines at once.
    fn prefetch(&self, segment: Option<usize>, copy: u32, part: usize) {
        let Some(segment) = segment else { return };
        let lanes = self.lanes(segment, copy);
        let parts = lanes.len().div_ceil(3);
        let here = (part * parts).min(lanes.len())..((part + 1) * parts).min(lanes.len());
        self.rows.prefetch(segment, here.clone());
        for variable in &self.state {
            here.clone().for_each(|lane| prefetch(variable, lanes.start + lane));
        }
    }

    /// A segment as the bench has it, and the state.
    fn row(&mut self, segment: usize, copy: u32) -> (&mut Bench, Row<'_>, &mut [Pieces<Lanes>]) {
        let (lanes, record) = (self.lanes(segment, copy), self.record(segment, copy));
        let Self { events, records, history, bench, state, .. } = self;
        let caught = records.caught(record);
        (bench, Row { lanes, events, records, record, history, copy, caught }, state)
    }

    /// Takes a segment onto the bench, with all post events carried out.
    fn take(&mut self, segment: usize, copy: u32) {
        self.rows.targets(segment, &mut self.bench.targets);
        let (bench, row, state) = self.row(segment, copy);
        bench.take(&row, state);
        let record = self.record(segment, copy);
        self.records.set_caught(record, self.history.next_step(copy));
    }

    /// Carries out a pre event of a segment, and prefetches the next.
    fn pre_event(
        &mut self,
        segment: usize,
        next: Option<usize>,
        (step, copy): (u32, u32),
        targets: Targets<'_>,
        sums: &mut [u32],
    ) {
        self.prefetch(next, copy, 0);
        self.take(segment, copy);
        self.prefetch(next, copy, 1);
        let record = self.record(segment, copy);
        self.records.pre_event(&self.events, record, step);
        let firsts = std::mem::take(&mut self.first_accumulators);
        let mut sent = std::mem::take(&mut self.sent);
        let (bench, row, state) = self.row(segment, copy);
        let around = Around { step, pre: row.records.before(record), targets };
        bench.run(&row, &row.events.on_pre, around);
        if row.events.pre_event_stores() {
            bench.put_back(&row, state);
        }
        let at_once = row.events.plan.dendritic_steps == 0;
        for (receptor, first) in firsts.iter().enumerate().filter(|_| row.events.on_pre.sends()) {
            let sums = match at_once {
                true => &mut sums[*first..],
                false => sent.sums_mut(step, receptor, copy),
            };
            bench.send(&row, receptor, sums);
        }
        (self.first_accumulators, self.sent) = (firsts, sent);
        self.prefetch(next, copy, 2);
    }
}
