//! One thread of a run: the steps of the shards that it was given.

use crate::barrier::Barrier;
use crate::block::Registers;
use crate::partition::Places;
use crate::shard::{Moment, Shard};
use crate::simd::Detected;
use isospike_core::connect::RowSource;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Where a shard shows the spikes of a step to all workers: one list for even steps, one for odd.
///
/// A list is written before the barrier of its step and read after it, and not written again until
/// all have passed the barrier of the next step. So plain loads and stores are enough.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Board {
    counts: [AtomicU32; 2],
    lists: [Box<[AtomicU32]>; 2],
}

impl Board {
    /// For a shard with this many neurons in all copies.
    pub fn new(neurons: usize) -> Self {
        let list = || (0..neurons).map(|_| AtomicU32::new(0)).collect();
        Self { counts: [AtomicU32::new(0), AtomicU32::new(0)], lists: [list(), list()] }
    }

    fn publish(&self, step: u32, spikes: &[u32]) {
        let parity = (step & 1) as usize;
        for (to, spike) in self.lists[parity].iter().zip(spikes) {
            to.store(*spike, Ordering::Relaxed);
        }
        self.counts[parity].store(spikes.len() as u32, Ordering::Relaxed);
    }

    fn read(&self, step: u32, spikes: &mut Vec<u32>) {
        let parity = (step & 1) as usize;
        let count = self.counts[parity].load(Ordering::Relaxed) as usize;
        spikes.extend(self.lists[parity][..count].iter().map(|s| s.load(Ordering::Relaxed)));
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        (size_of_val(self) + size_of_val(&*self.lists[0]) * 2) as u64
    }
}

/// A population that spikes when told.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    /// The global id of its neuron 0.
    pub first_neuron: u32,
    /// (step, neuron), sorted.
    pub spikes: Arc<[(u32, u32)]>,
}

impl Scripted {
    /// The entries of some steps.
    pub fn during(&self, steps: Range<u32>) -> &[(u32, u32)] {
        let at = |step: u32| self.spikes.partition_point(|(s, _)| *s < step);
        &self.spikes[at(steps.start)..at(steps.end)]
    }
}

/// A projection whose rows are not stored.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    /// The global ids of its sources.
    pub sources: Range<u32>,
    /// Its rows.
    pub rows: RowSource,
    /// Where its targets are.
    pub places: Places,
}

/// How the time of a run was spent: added over workers, hence up to threads * `wall`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Adding the weights of spikes to accumulators.
    pub deliver: Duration,
    /// Random words, neuron programs, listing spikes, probes.
    pub update: Duration,
    /// Showing spikes to the other workers.
    pub emit: Duration,
    /// Waiting for other workers.
    pub wait: Duration,
    /// The run as a whole, on the clock.
    pub wall: Duration,
}

/// Every how many steps the phases are timed; what is measured stands for the steps between.
const TIMED: u32 = 8;

/// What all workers of a run share.
pub(crate) struct Run<'a> {
    pub isa: Detected,
    pub seed: u64,
    pub batch: u32,
    /// Neurons of one copy.
    pub neurons: u32,
    /// The steps to run.
    pub steps: Range<u32>,
    pub barrier: Barrier,
    /// One for each shard.
    pub boards: &'a [Board],
    pub scripted: &'a [Scripted],
    pub drawn: &'a [Drawn],
}

impl Run<'_> {
    /// Runs the shards, the first of which has the number `first`.
    pub fn work(&self, first: u32, shards: &mut [Shard]) -> Phases {
        let _guard = self.barrier.guard();
        let mut registers = Registers::default();
        let mut due = Vec::new();
        let mut phases = Phases::default();
        for step in self.steps.clone() {
            let moment = Moment { step, seed: self.seed, batch: self.batch, neurons: self.neurons };
            let mut clock = Clock::new((step - self.steps.start).is_multiple_of(TIMED));
            self.collect(step, &mut due);
            if !self.drawn.is_empty() {
                self.draw(&moment, &due, first, shards);
            }
            for shard in shards.iter_mut() {
                shard.deliver(&moment, &due);
                clock.lap(&mut phases.deliver);
                shard.update(self.isa, &moment, &mut registers);
                clock.lap(&mut phases.update);
            }
            for (shard, board) in shards.iter().zip(&self.boards[first as usize..]) {
                board.publish(step, &shard.spikes);
            }
            clock.lap(&mut phases.emit);
            if !self.barrier.wait() {
                break;
            }
            clock.lap(&mut phases.wait);
        }
        let steps = self.steps.len() as u32;
        phases.scale(f64::from(steps) / f64::from(steps.div_ceil(TIMED).max(1)));
        phases
    }

    /// The spikes of the step before, of all shards and all scripted populations.
    fn collect(&self, step: u32, due: &mut Vec<u32>) {
        due.clear();
        let Some(before) = step.checked_sub(1) else { return };
        self.boards.iter().for_each(|board| board.read(before, due));
        for scripted in self.scripted {
            let spikes = scripted.during(before..step);
            for copy in 0..self.batch {
                let base = copy * self.neurons + scripted.first_neuron;
                due.extend(spikes.iter().map(|(_, neuron)| base + neuron));
            }
        }
    }

    /// Draws the rows of spikes again and delivers what ends in these shards.
    fn draw(&self, moment: &Moment, due: &[u32], first: u32, shards: &mut [Shard]) {
        let emitted = moment.step.wrapping_sub(1);
        for &spike in due {
            let (copy, source) = moment.split(spike);
            for drawn in self.drawn.iter().filter(|d| d.sources.contains(&source)) {
                drawn.rows.for_each(source - drawn.sources.start, |synapse| {
                    let (shard, accumulator) = drawn.places.find(synapse.target);
                    if let Some(shard) = shards.get_mut(shard.wrapping_sub(first) as usize) {
                        let (delay, weight) = (synapse.delay_steps, synapse.weight);
                        shard.ring.add(emitted, copy, delay, accumulator, weight);
                    }
                });
            }
        }
    }
}

impl Phases {
    /// Adds another worker's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.deliver += other.deliver;
        self.update += other.update;
        self.emit += other.emit;
        self.wait += other.wait;
    }

    fn scale(&mut self, by: f64) {
        for phase in [&mut self.deliver, &mut self.update, &mut self.emit, &mut self.wait] {
            *phase = phase.mul_f64(by);
        }
    }
}

/// A clock that may be off.
struct Clock(Option<Instant>);

impl Clock {
    fn new(on: bool) -> Self {
        Self(on.then(Instant::now))
    }

    /// Adds the time since the last lap.
    fn lap(&mut self, to: &mut Duration) {
        if let Some(last) = &mut self.0 {
            let now = Instant::now();
            *to += now - *last;
            *last = now;
        }
    }
}
