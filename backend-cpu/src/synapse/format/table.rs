//! The rows of a store in memory: for each source neuron and shard a run of chunks.
//!
//! A row for the wheel has its synapses delay by delay. Unless all delays are the same, it starts
//! with a header: how many segments there are, then the delay and the number of chunks of each.

use super::dense::Reach;
use super::upcoming::Upcoming;
use crate::arch::{Detected, prefetch};
use crate::synapse::arena::Arena;
use crate::synapse::timing_wheel::{Run, TimingWheel};
use bytemuck::Pod;

/// A spike that has been exchanged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    /// When it was emitted.
    pub step: u32,
    /// In which copy.
    pub copy: u32,
    /// The population that it comes from.
    pub population: u32,
    /// The neuron's number in the population.
    pub neuron: u32,
}

/// The rows of a store.
#[derive(Debug)]
pub(crate) struct Table {
    /// The delay of all synapses, where there is only one.
    pub delay: Option<u32>,
    /// The largest delay.
    pub max_delay_steps: u32,
    /// For each population: the row of its neuron 0, if it has synapses here.
    pub first_row: Vec<Option<u32>>,
    /// `[row][shard]`: the first chunk of the row in each shard, and after the last shard the end.
    pub starts: Vec<u32>,
    /// How many shards.
    pub shards: u32,
    /// For each shard, where rows are dense: the accumulators that they have places for.
    pub reach: Vec<Reach>,
    /// The chunks.
    pub arena: Arena,
    /// Bytes of a chunk.
    pub chunk_bytes: u64,
}

/// Memory that a worker needs to deliver spikes, used again and again.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub isa: Detected,
    pub upcoming: Upcoming,
    pub runs: Vec<Run>,
    /// Places of the targets of dense rows.
    pub counts: Vec<u32>,
}

impl Scratch {
    /// For one worker.
    pub fn new(isa: Detected) -> Self {
        Self { isa, upcoming: Upcoming::default(), runs: Vec::new(), counts: Vec::new() }
    }
}

/// How many spikes are looked up at once.
pub(crate) const BATCH: usize = 32;

impl Table {
    /// Returns all chunks.
    #[inline(always)]
    pub fn chunks<C: Pod>(&self) -> &[C] {
        self.arena.elements()
    }

    /// Returns the place in `starts` of a spike's row in a shard.
    #[inline(always)]
    pub fn place(&self, due: &Due, shard: u32) -> Option<usize> {
        let first = self.first_row[due.population as usize]?;
        Some((first + due.neuron) as usize * (self.shards as usize + 1) + shard as usize)
    }

    /// Returns the chunks of a spike's row in a shard.
    #[inline(always)]
    pub fn row(&self, due: &Due, shard: u32) -> Option<Run> {
        let place = self.place(due, shard)?;
        let [start, end] = *self.starts.get(place..place + 2)? else { return None };
        (end > start).then_some(Run { start, count: end - start })
    }

    /// Puts the runs of these spikes onto the wheel of a shard.
    pub fn push(&self, shard: u32, due: &[Due], wheel: &mut TimingWheel) {
        // Everything is prefetched a batch at a time: where the rows are, then how they start.
        for batch in due.chunks(BATCH) {
            for spike in batch {
                if let Some(place) = self.place(spike, shard) {
                    prefetch(&self.starts, place);
                }
            }
            if let Some(delay) = self.delay {
                for spike in batch {
                    if let Some(row) = self.row(spike, shard) {
                        wheel.push(spike.step.wrapping_add(delay), spike.copy, row);
                    }
                }
                continue;
            }
            let (words, chunk) = (self.arena.elements::<u32>(), self.chunk_words());
            for row in batch.iter().filter_map(|spike| self.row(spike, shard)) {
                (0..3).for_each(|line| prefetch(words, row.start as usize * chunk + line * 16));
            }
            for spike in batch {
                if let Some(row) = self.row(spike, shard) {
                    self.push_segments(row, spike, wheel);
                }
            }
        }
    }

    #[inline(always)]
    fn push_segments(&self, row: Run, spike: &Due, wheel: &mut TimingWheel) {
        let words = &self.arena.elements::<u32>()[row.start as usize * self.chunk_words()..];
        let segments = words[0] as usize;
        let mut start = row.start + header_chunks(self.chunk_bytes as usize, segments) as u32;
        for word in &words[1..1 + segments] {
            let (delay, count) = (word & 0xffff, word >> 16);
            wheel.push(spike.step.wrapping_add(delay), spike.copy, Run { start, count });
            start += count;
        }
    }

    #[inline(always)]
    fn chunk_words(&self) -> usize {
        self.chunk_bytes as usize / size_of::<u32>()
    }

    /// Returns the bytes held.
    pub fn bytes(&self) -> u64 {
        self.arena.bytes() + size_of_val(&*self.starts) as u64
    }
}

/// Returns how many chunks of so many bytes a header takes.
#[inline(always)]
pub(crate) fn header_chunks(chunk_bytes: usize, segments: usize) -> usize {
    (1 + segments).div_ceil(chunk_bytes / size_of::<u32>())
}
