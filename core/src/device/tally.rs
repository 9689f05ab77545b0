//! Counters of a simulation on a device, and its cost on the host.

use crate::device::kernels::is_stored;
use crate::device::kernels::layout::{Layout, countable_steps};
use crate::plan::Plan;
use crate::run::cost::{Cost, Launches, Phase, PhaseTime};
use crate::run::counters::{Counters, InDegrees, OutDegrees};
use crate::run::record::Spike;
use std::time::{Duration, Instant};

/// Counts since step 0. Kernels count the events of stimuli, in a word for each neuron that is
/// collected before it could overflow, and post events that conditions make; all other counts
/// follow from the spikes that are read.
pub struct Tally {
    /// The counts collected so far.
    counters: Counters,
    /// Out-degrees: those of stored rows as they were drawn for the device, all others from the
    /// first spike of their source on.
    pub degrees: OutDegrees,
    in_degrees: InDegrees,
    /// Steps whose events are in the words of the device.
    uncollected_steps: u32,
    /// The most such steps.
    countable_steps: u32,
}

impl Tally {
    /// Returns counts of 0.
    pub fn new(plan: &Plan) -> Self {
        Self {
            counters: Counters::new(plan),
            degrees: OutDegrees::new(plan, |projection| !is_stored(projection)),
            in_degrees: InDegrees::new(plan),
            uncollected_steps: 0,
            countable_steps: countable_steps(plan),
        }
    }

    /// Goes to these counts. The caller clears the words of the device.
    pub fn restore(&mut self, counters: &Counters) {
        self.counters.clone_from(counters);
        self.degrees.forget();
        self.uncollected_steps = 0;
    }

    /// Adds post events of a projection that a condition made.
    pub fn add_post_events(&mut self, projection: usize, events: u64) {
        self.counters.post_events[projection] += events;
    }

    /// Returns the counts. The caller has collected the events of the device.
    pub fn counters(&mut self, plan: &Plan) -> Counters {
        self.degrees.settle(plan, &mut self.counters);
        self.counters.clone()
    }

    /// Returns the most steps that one chunk can have.
    pub fn most_steps(&self) -> u32 {
        self.countable_steps
    }

    /// Returns whether the events must be collected before so many more steps.
    pub fn is_full(&self, steps: u32) -> bool {
        self.uncollected_steps.saturating_add(steps) > self.countable_steps
    }

    /// Returns whether the device has events that were not collected.
    pub fn has_events(&self) -> bool {
        self.uncollected_steps > 0
    }

    /// Adds the steps and spikes of a chunk.
    pub fn chunk(&mut self, plan: &Plan, steps: u32, spikes: &[Spike]) {
        self.counters.count_steps(plan, steps);
        self.degrees.note(plan, spikes, &mut self.counters);
        self.in_degrees.note(spikes, &mut self.counters);
        self.uncollected_steps += steps;
    }

    /// Adds the words of the `events` buffer. The caller clears them.
    pub fn collect(&mut self, layout: &Layout, words: &[u32]) {
        let ends = layout.events.iter().skip(1).copied().chain([layout.event_words]);
        let ranges = layout.events.iter().copied().zip(ends);
        for (events, (start, end)) in self.counters.stimulus_events.iter_mut().zip(ranges) {
            let words = &words[start as usize..end as usize];
            *events += words.iter().map(|word| u64::from(*word)).sum::<u64>();
        }
        self.uncollected_steps = 0;
    }
}

/// The time of the steps on the host.
#[derive(Default)]
pub struct Spent {
    submit: Duration,
    write: Duration,
    read: Duration,
    written_bytes: u64,
    read_bytes: u64,
    steps: u64,
    chunks: u64,
}

impl Spent {
    /// Adds the submission of a chunk, begun at `since`.
    pub fn submitted(&mut self, steps: u32, since: Instant) {
        self.submit += since.elapsed();
        self.steps += u64::from(steps);
        self.chunks += 1;
    }

    /// Adds a write, begun at `since`.
    pub fn wrote(&mut self, words: usize, since: Instant) {
        self.write += since.elapsed();
        self.written_bytes += 4 * words as u64;
    }

    /// Adds a read, begun at `since`.
    pub fn read(&mut self, words: usize, since: Instant) {
        self.read += since.elapsed();
        self.read_bytes += 4 * words as u64;
    }

    /// Returns the cost, with the launches of the kernel of each chunk and those of each step.
    pub fn cost<'a>(&self, of_chunk: &str, of_step: impl Iterator<Item = &'a str>) -> Cost {
        let launches = |kernel: &str, count| Launches { kernel: kernel.to_owned(), count };
        let phases =
            [(Phase::Write, self.write), (Phase::Submit, self.submit), (Phase::Read, self.read)];
        Cost {
            phases: phases.map(|(phase, time)| PhaseTime { phase, time }).to_vec(),
            launches: std::iter::once(launches(of_chunk, self.chunks))
                .chain(of_step.map(|kernel| launches(kernel, self.steps)))
                .collect(),
            read_bytes: self.read_bytes,
            written_bytes: self.written_bytes,
        }
    }
}
