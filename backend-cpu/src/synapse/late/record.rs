//! The last pre event of each segment, and the traces of its source then.

use super::decay::AtSpike;
use super::event::Events;
use isospike_core::plan::synapse::Stamp;

/// One record for each copy and segment.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    /// The last pre event.
    last: Vec<Stamp>,
    /// Post events before this step have been carried out.
    caught: Vec<u32>,
    /// How many traces the source has.
    traces: usize,
    /// The traces before the last pre event, record after record.
    before: Vec<f32>,
    /// The traces after it.
    after: Vec<f32>,
    values: Vec<u32>,
}

impl Records {
    /// Makes records of segments that have had no event.
    pub fn new(events: &Events, records: usize) -> Self {
        let traces = events.plan.pre.len();
        Self {
            last: vec![Stamp::NEVER; records],
            caught: vec![0; records],
            traces,
            before: vec![0.0; records * traces],
            after: vec![0.0; records * traces],
            values: Vec::new(),
        }
    }

    /// The first step whose post events have not been carried out.
    pub fn caught(&self, record: usize) -> u32 {
        self.caught[record]
    }

    /// Notes that post events before this step have been carried out.
    pub fn set_caught(&mut self, record: usize, step: u32) {
        self.caught[record] = step;
    }

    /// Notes that for all records.
    pub fn catch_up(&mut self, step: u32) {
        self.caught.fill(step);
    }

    /// Adds a pre event.
    pub fn pre_event(&mut self, events: &Events, record: usize, step: u32) {
        let plan = &events.plan.pre;
        let own = record * self.traces..(record + 1) * self.traces;
        let traces = self.before[own.clone()].iter_mut().zip(&mut self.after[own.clone()]);
        for (n, (before, after)) in traces.enumerate() {
            *before = plan.at(n, *after, self.last[record], step);
            *after = *before;
        }
        plan.at_spike(&mut self.after[own], &mut self.values);
        self.last[record] = Stamp::at(step);
    }

    /// The traces before the last pre event.
    pub fn before(&self, record: usize) -> &[f32] {
        &self.before[record * self.traces..(record + 1) * self.traces]
    }

    /// A trace at the last pre event.
    pub fn trace(&self, record: usize, trace: usize) -> AtSpike {
        let at = record * self.traces + trace;
        let (before, after) = (self.before[at], self.after[at]);
        AtSpike { last: self.last[record], before, after }
    }

    /// A trace at a step that is not before the last pre event: events of one step do not pair.
    pub fn at(&self, events: &Events, record: usize, trace: usize, step: u32) -> f32 {
        let AtSpike { last, before, after } = self.trace(record, trace);
        if last == Stamp::at(step) { before } else { events.plan.pre.at(trace, after, last, step) }
    }

    /// Sets a trace after the last pre event, and when that was.
    pub fn set(&mut self, record: usize, trace: usize, value: f32, last: Stamp) {
        self.after[record * self.traces + trace] = value;
        self.last[record] = last;
    }

    /// Takes over the records of the same segments.
    pub fn copy_from(&mut self, other: &Self) {
        self.last.copy_from_slice(&other.last);
        self.caught.copy_from_slice(&other.caught);
        self.before.copy_from_slice(&other.before);
        self.after.copy_from_slice(&other.after);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let traces = size_of_val(&*self.before) + size_of_val(&*self.after);
        (traces + size_of_val(&*self.last) + size_of_val(&*self.caught)) as u64
    }
}
