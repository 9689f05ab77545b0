//! Stored synapses: for each source neuron and shard a row of chunks.
//!
//! A row for the wheel has its synapses delay by delay. Unless all delays are the same, it starts
//! with a header: how many segments there are, then the delay and the number of chunks of each.

use crate::arena::Arena;
use crate::format::bits::AddBits;
use crate::format::chunk::{Run, Targets, Upcoming, Weighted, Wide, add_targets, add_weighted};
use crate::format::dense::{AddWeights, Reach};
use crate::format::narrow::{self, Delays, Narrow};
use crate::format::single::Single;
use crate::layout::Layout;
use crate::ring::Ring;
use crate::simd::{Detected, Lanes, dispatch, prefetch};
use crate::timing_wheel::TimingWheel;
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

/// All synapses of one layout.
#[derive(Debug)]
pub(crate) struct Store {
    pub layout: Layout,
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
    /// For each shard, where rows are dense: what they have places for.
    pub reach: Vec<Reach>,
    pub arena: Arena,
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
const BATCH: usize = 32;

impl Store {
    /// The place in `starts` of a spike's row in a shard.
    #[inline(always)]
    fn place(&self, due: &Due, shard: u32) -> Option<usize> {
        let first = self.first_row[due.population as usize]?;
        Some((first + due.neuron) as usize * (self.shards as usize + 1) + shard as usize)
    }

    /// The chunks of a spike's row in a shard.
    #[inline(always)]
    fn row(&self, due: &Due, shard: u32) -> Option<Run> {
        let place = self.place(due, shard)?;
        let [start, end] = *self.starts.get(place..place + 2)? else { return None };
        (end > start).then_some(Run { start, count: end - start })
    }

    /// Puts the runs of these spikes onto the wheel of a shard.
    pub fn push(&self, shard: u32, due: &[Due], wheel: &mut TimingWheel) {
        match self.layout {
            Layout::Chunks => self.push_chunks::<Weighted>(shard, due, wheel),
            Layout::Targets { .. } => self.push_chunks::<Targets>(shard, due, wheel),
            Layout::Single { .. } => self.push_chunks::<Single>(shard, due, wheel),
            Layout::Dense { .. } | Layout::Bits { .. } => {
                self.push_chunks::<Lanes>(shard, due, wheel);
            }
            Layout::Narrow { .. } => self.push_chunks::<Narrow>(shard, due, wheel),
            Layout::Wide | Layout::Drawn => {}
        }
    }

    #[inline(always)]
    fn push_chunks<C: Pod>(&self, shard: u32, due: &[Due], wheel: &mut TimingWheel) {
        let chunks = self.arena.elements::<C>();
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
            for row in batch.iter().filter_map(|spike| self.row(spike, shard)) {
                let lines = 64 / size_of::<C>();
                (0..3).for_each(|line| prefetch(chunks, row.start as usize + line * lines));
            }
            for spike in batch {
                if let Some(row) = self.row(spike, shard) {
                    push_segments(chunks, row, spike, wheel);
                }
            }
        }
    }

    /// Adds what is due to the accumulators of a shard, step and copy, which come first in `sums`.
    pub fn deliver(&self, shard: u32, rows: &[Run], scratch: &mut Scratch, sums: &mut [u32]) {
        let Scratch { isa, upcoming, runs: listed, counts } = scratch;
        let reach = self.reach.get(shard as usize);
        match self.layout {
            Layout::Chunks => {
                let Some(sums) = sums.first_chunk_mut() else { return };
                let chunks = self.arena.elements::<Weighted>();
                upcoming.for_each(chunks, rows, |chunk| add_weighted(chunk, sums));
            }
            Layout::Targets { weight } => {
                let Some(sums) = sums.first_chunk_mut() else { return };
                let (chunks, weight) = (self.arena.elements::<Targets>(), weight.cast_unsigned());
                upcoming.for_each(chunks, rows, |chunk| add_targets(chunk, weight, sums));
            }
            Layout::Single { weight, .. } => {
                let (chunks, weight) = (self.arena.elements::<Single>(), weight.cast_unsigned());
                upcoming.for_each(chunks, rows, |chunk| chunk.add(weight, sums));
            }
            Layout::Dense { .. } => {
                let (chunks, Some(reach)) = (self.arena.elements(), reach) else { return };
                dispatch(*isa, AddWeights { chunks, rows, reach, upcoming, listed, sums });
            }
            Layout::Bits { weight, .. } => {
                let (chunks, Some(reach)) = (self.arena.elements(), reach) else { return };
                let weight = weight.cast_unsigned();
                let task = AddBits { chunks, rows, weight, reach, upcoming, listed, counts, sums };
                dispatch(*isa, task);
            }
            Layout::Narrow { .. } => {
                upcoming.for_each(self.arena.elements(), rows, |chunk| {
                    narrow::for_each::<narrow::One>(chunk, |at, weight, _| {
                        sums[at] = sums[at].wrapping_add(weight.cast_unsigned());
                    });
                });
            }
            Layout::Wide | Layout::Drawn => {}
        }
    }

    /// Adds the rows of these spikes to the ring of a shard, for layouts without a wheel.
    pub fn deliver_rows(&self, shard: u32, due: &[Due], ring: &mut Ring, scratch: &mut Scratch) {
        let Scratch { upcoming, runs, .. } = scratch;
        let of_one = |a: &Due, b: &Due| a.step == b.step && a.copy == b.copy;
        for spikes in due.chunk_by(of_one) {
            runs.clear();
            runs.reserve(spikes.len());
            for batch in spikes.chunks(BATCH) {
                for place in batch.iter().filter_map(|spike| self.place(spike, shard)) {
                    prefetch(&self.starts, place);
                }
                runs.extend(batch.iter().filter_map(|spike| self.row(spike, shard)));
            }
            let mut slots = ring.slots(spikes[0].step, spikes[0].copy);
            let mut add = |at, weight, delay| slots.add(delay, at, weight);
            match self.layout {
                Layout::Narrow { delays: Delays::Byte } => {
                    upcoming.for_each(self.arena.elements(), runs, |chunk| {
                        narrow::for_each::<narrow::Byte>(chunk, &mut add);
                    });
                }
                Layout::Narrow { .. } => {
                    upcoming.for_each(self.arena.elements(), runs, |chunk| {
                        narrow::for_each::<narrow::Word>(chunk, &mut add);
                    });
                }
                Layout::Wide => {
                    upcoming.for_each(self.arena.elements::<Wide>(), runs, |chunk| {
                        for [accumulator, weight, delay] in chunk {
                            add(*accumulator as usize, weight.cast_signed(), *delay);
                        }
                    });
                }
                _ => {}
            }
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.arena.bytes() + size_of_val(&*self.starts) as u64
    }

    /// Bytes of a chunk.
    pub fn chunk_bytes(&self) -> u64 {
        self.layout.chunk().1
    }
}

#[inline(always)]
fn push_segments<C: Pod>(chunks: &[C], row: Run, spike: &Due, wheel: &mut TimingWheel) {
    let row_chunks = &chunks[row.start as usize..(row.start + row.count) as usize];
    let words: &[u32] = bytemuck::cast_slice(row_chunks);
    let segments = words[0] as usize;
    let mut start = row.start + header_chunks::<C>(segments) as u32;
    for word in &words[1..1 + segments] {
        let (delay, count) = (word & 0xffff, word >> 16);
        wheel.push(spike.step.wrapping_add(delay), spike.copy, Run { start, count });
        start += count;
    }
}

/// How many chunks a header takes.
#[inline(always)]
pub(crate) fn header_chunks<C>(segments: usize) -> usize {
    (1 + segments).div_ceil(size_of::<C>() / size_of::<u32>())
}
