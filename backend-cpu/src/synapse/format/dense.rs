//! Rows with a place for every accumulator that a source can reach in a shard, synapse or not, so
//! that no target is stored: here with a weight in each place, in [`super::bits`] with a bit.
//!
//! A row is as many whole chunks as its places take, then the synapses that found no room in
//! theirs, with targets.

use super::chunk::add_weighted;
use super::placed::Placed;
use super::table::{Scratch, Table};
use super::tile::{Target, Written};
use super::upcoming::Upcoming;
use super::{Delivery, RowFormat, Waiting};
use crate::arch::{LANES, Lanes, Task, dispatch};
use crate::synapse::arena::Arena;
use crate::synapse::timing_wheel::Run;
use std::ops::Range;

/// The contents of dense rows in their places.
pub(crate) trait Places: Waiting + std::fmt::Debug + Send + Sync + 'static {
    /// The source of its rows.
    const BLOCK: Block;

    /// A synapse with its target, for those that find no room in their place.
    type Listed: bytemuck::Pod + Send;

    /// Adds a synapse to the chunks of a span, onto its accumulator `place`; false if there is no
    /// room for it.
    fn put(span: &mut [Lanes], place: usize, weight: i32) -> bool;

    /// A synapse with its target.
    fn listed(accumulator: u32, weight: i32) -> Self::Listed;
}

/// Rows with such places.
#[derive(Debug)]
pub(crate) struct DenseRows<F>(pub F);

impl<F: Places> RowFormat for DenseRows<F> {
    fn chunk(&self) -> (u64, u64) {
        const BYTES: usize = size_of::<Lanes>();
        ((BYTES / size_of::<F::Listed>()) as u64, BYTES as u64)
    }

    fn block(&self) -> Option<Block> {
        Some(F::BLOCK)
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery::Waiting(&self.0)
    }

    fn target<'a>(&self, arena: &'a mut Arena, reach: &'a [Reach]) -> Box<dyn Target + 'a> {
        Box::new(Written::new(arena, move |site, _| Placed::<F>::new(reach, site.lanes)))
    }
}

/// The accumulators that a source can reach in a shard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    spans: Vec<Span>,
    /// How many chunks the places of a row take.
    pub chunks: u32,
}

/// Neighbouring accumulators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The accumulators, the first one at the start of a [`Lanes`].
    pub accumulators: Range<usize>,
    /// The place of the chunks for them in a row.
    pub chunks: Range<usize>,
}

/// The least that a span takes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub places: usize,
    pub chunks: usize,
}

impl Span {
    /// Its chunks in a row.
    #[inline(always)]
    pub fn of<'a>(&self, chunks: &'a [Lanes], row: &Run) -> &'a [Lanes] {
        &chunks[row.start as usize..][self.chunks.clone()]
    }
}

impl Reach {
    /// The accumulators in these ranges.
    pub fn new(mut ranges: Vec<Range<usize>>, block: Block) -> Self {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                // The next population starts at a whole `Lanes`.
                Some(last) if range.start < last.end + LANES => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        let mut spans: Vec<Span> = Vec::with_capacity(merged.len());
        for accumulators in merged {
            let first = spans.last().map_or(0, |span| span.chunks.end);
            let blocks = accumulators.len().div_ceil(block.places);
            spans.push(Span { accumulators, chunks: first..first + blocks * block.chunks });
        }
        let chunks = spans.last().map_or(0, |span| span.chunks.end) as u32;
        Self { spans, chunks }
    }

    /// Adds a synapse to the places of a row; false if there is no room for it.
    #[inline(always)]
    pub fn put<F: Places>(&self, row: &mut [Lanes], accumulator: u32, weight: i32) -> bool {
        let accumulator = accumulator as usize;
        let span = self.spans.iter().find(|span| span.accumulators.contains(&accumulator));
        span.is_some_and(|span| {
            let place = accumulator - span.accumulators.start;
            F::put(&mut row[span.chunks.clone()], place, weight)
        })
    }

    /// All spans, ascending.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The words that follow the places in each row, where there are any.
    #[inline(always)]
    pub fn listed<'a>(&self, runs: &'a [Run]) -> impl Iterator<Item = Run> + use<'a> {
        let places = self.chunks;
        let longer = runs.iter().filter(move |run| run.count > places);
        longer.map(move |run| Run { start: run.start + places, count: run.count - places })
    }
}

/// A weight of 16 bits in each place: the sum of all synapses of a source onto a target.
#[derive(Debug)]
pub(crate) struct Weights;

impl Places for Weights {
    const BLOCK: Block = Block { places: 2 * LANES, chunks: 1 };

    type Listed = u32;

    fn put(span: &mut [Lanes], place: usize, weight: i32) -> bool {
        let places: &mut [i16] = bytemuck::cast_slice_mut(span);
        let sum = i16::try_from(i32::from(places[place]) + weight);
        sum.map(|sum| places[place] = sum).is_ok()
    }

    fn listed(accumulator: u32, weight: i32) -> u32 {
        accumulator | weight.cast_unsigned() << 16
    }
}

impl Waiting for Weights {
    fn deliver(
        &self,
        rows: &Table,
        shard: u32,
        due: &[Run],
        scratch: &mut Scratch,
        sums: &mut [u32],
    ) {
        let Some(reach) = rows.reach.get(shard as usize) else { return };
        let Scratch { isa, upcoming, runs: listed, .. } = scratch;
        let chunks = rows.chunks();
        dispatch(*isa, AddWeights { chunks, rows: due, reach, upcoming, listed, sums });
    }
}

/// Adds rows of [`Weights`] to the accumulators of a step and copy, which come first in `sums`.
pub(crate) struct AddWeights<'a> {
    pub chunks: &'a [Lanes],
    pub rows: &'a [Run],
    pub reach: &'a Reach,
    pub upcoming: &'a mut Upcoming,
    pub listed: &'a mut Vec<Run>,
    pub sums: &'a mut [u32],
}

impl Task for AddWeights<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { chunks, rows, reach, upcoming, listed, sums } = self;
        for span in reach.spans() {
            let sums = &mut sums[span.accumulators.clone()];
            let of = |run: &Run| -> &[i16] { bytemuck::cast_slice(span.of(chunks, run)) };
            // Four at a time, so that sums are read and written a fourth as often.
            let (fours, rest) = rows.as_chunks::<4>();
            for [a, b, c, d] in fours {
                add_four(sums, of(a), of(b), of(c), of(d));
            }
            for a in rest {
                for (sum, weight) in sums.iter_mut().zip(of(a)) {
                    *sum = sum.wrapping_add(i32::from(*weight).cast_unsigned());
                }
            }
        }
        listed.clear();
        listed.extend(reach.listed(rows));
        let Some(sums) = sums.first_chunk_mut() else { return };
        upcoming.for_each(chunks, listed, |chunk| {
            let halves: &[[u32; 8]; 2] = bytemuck::cast_ref(chunk);
            halves.iter().for_each(|half| add_weighted(half, sums));
        });
    }
}

#[inline(always)]
fn add_four(sums: &mut [u32], a: &[i16], b: &[i16], c: &[i16], d: &[i16]) {
    let weights = a.iter().zip(b).zip(c.iter().zip(d));
    for (sum, ((a, b), (c, d))) in sums.iter_mut().zip(weights) {
        let all = i32::from(*a) + i32::from(*b) + i32::from(*c) + i32::from(*d);
        *sum = sum.wrapping_add(all.cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synapse::format::bits::Bits;

    #[test]
    fn neighbouring_populations_share_a_span() {
        let reach = Reach::new(vec![320..420, 16..300, 304..310, 0..0, 1008..1010], Weights::BLOCK);
        let span = |accumulators, chunks| Span { accumulators, chunks };
        assert_eq!(reach.spans(), [span(16..420, 0..13), span(1008..1010, 13..14)]);
        assert_eq!(reach.chunks, 14);
        let mut row = [Lanes::ZERO; 14];
        let mut put = |accumulator| reach.put::<Weights>(&mut row, accumulator, 7);
        assert_eq!(
            [15, 16, 419, 420, 1007, 1009].map(&mut put),
            [false, true, true, false, false, true]
        );
        let places: &[i16] = bytemuck::cast_slice(&row);
        let used = places.iter().enumerate().filter(|(_, weight)| **weight == 7);
        assert_eq!(used.map(|(place, _)| place).collect::<Vec<_>>(), [0, 403, 417]);
        assert_eq!(Reach::new(Vec::new(), Bits::BLOCK).chunks, 0);
    }

    #[test]
    fn weights_of_one_target_are_added_while_they_fit() {
        let mut row = [Lanes::ZERO; 2];
        assert!(Weights::put(&mut row, 33, -20_000) && Weights::put(&mut row, 33, -12_000));
        assert!(!Weights::put(&mut row, 33, -1000) && Weights::put(&mut row, 33, 64_000));
        assert_eq!(row[1].0[0], 32_000 << 16);
    }
}
