//! Chunks of synapses that all have one weight and one delay: the targets of a row in ascending
//! order, each by its distance from the one before.

use super::ascending::{Ascending, Sorter};
use super::dense::Reach;
use super::table::{Scratch, Table};
use super::tile::{Target, Written};
use super::{Delivery, RowFormat, Waiting};
use crate::synapse::arena::Arena;
use crate::synapse::timing_wheel::Run;
use isospike_core::connect::Synapse;

/// Up to seven synapses: the accumulator of the first, then for each other one more than how far
/// its accumulator lies behind the one before; 0 where there are no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(crate) struct Single {
    first: u32,
    steps: [u16; STEPS],
}

const STEPS: usize = 6;

impl Single {
    /// The most synapses of a chunk.
    pub const SYNAPSES: usize = STEPS + 1;

    /// The farthest that two neighbours in a chunk can be apart.
    pub const FARTHEST: u32 = u16::MAX as u32 - 1;

    /// Adds one weight to each accumulator.
    #[inline(always)]
    pub fn add(&self, weight: u32, to: &mut [u32]) {
        let mut at = self.first as usize;
        to[at] = to[at].wrapping_add(weight);
        for step in self.steps {
            // Without a branch: where there are no more, nothing is added to the last one.
            let more = u32::from(step != 0);
            at += usize::from(step) - more as usize;
            to[at] = to[at].wrapping_add(weight * more);
        }
    }
}

/// Rows of [`Single`] chunks: all synapses have this weight.
#[derive(Debug)]
pub(crate) struct SingleRows {
    /// The quantised weight.
    pub weight: i32,
}

impl RowFormat for SingleRows {
    fn chunk(&self) -> (u64, u64) {
        (Single::SYNAPSES as u64, size_of::<Single>() as u64)
    }

    fn by_distance(&self) -> bool {
        true
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery::Waiting(self)
    }

    fn target<'a>(&self, arena: &'a mut Arena, _: &'a [Reach]) -> Box<dyn Target + 'a> {
        Box::new(Written::new(arena, |site, _| Sorter::<Single>::new(site.lanes.len())))
    }
}

impl Waiting for SingleRows {
    fn deliver(&self, rows: &Table, _: u32, due: &[Run], scratch: &mut Scratch, sums: &mut [u32]) {
        let weight = self.weight.cast_unsigned();
        let chunks = rows.chunks::<Single>();
        scratch.upcoming.for_each(chunks, due, |chunk| chunk.add(weight, sums));
    }
}

impl Ascending for Single {
    type Chunk = Self;

    type Synapse = u32;

    fn synapse(accumulator: u32, _: Synapse) -> u32 {
        accumulator
    }

    fn encode(accumulators: &[u32], chunks: &mut Vec<Self>) {
        let mut rest = accumulators.iter().copied().peekable();
        while let Some(first) = rest.next() {
            let mut chunk = Self { first, steps: [0; STEPS] };
            let mut last = first;
            for step in &mut chunk.steps {
                let Some(next) = rest.next_if(|next| next - last <= Self::FARTHEST) else { break };
                *step = (next - last + 1) as u16;
                last = next;
            }
            chunks.push(chunk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each accumulator is named, and the number of chunks.
    fn there_and_back(accumulators: &[u32]) -> (Vec<(u32, u32)>, usize) {
        let mut chunks = Vec::new();
        Single::encode(accumulators, &mut chunks);
        let mut sums = vec![0; accumulators.last().map_or(0, |last| *last as usize + 1)];
        chunks.iter().for_each(|chunk| chunk.add(3, &mut sums));
        let named = (0..).zip(sums).filter(|(_, sum)| *sum != 0);
        (named.map(|(at, sum)| (at, sum / 3)).collect(), chunks.len())
    }

    #[test]
    fn every_synapse_is_there_once() {
        let (named, chunks) = there_and_back(&[0, 0, 0, 5, 6, 6, 9, 9, 1000, 66_534]);
        assert_eq!(named, [(0, 3), (5, 1), (6, 2), (9, 2), (1000, 1), (66_534, 1)]);
        assert_eq!(chunks, 2);
        assert_eq!(there_and_back(&[]), (vec![], 0));
    }

    #[test]
    fn a_chunk_ends_before_a_long_way() {
        let far = Single::FARTHEST;
        assert_eq!(there_and_back(&[7, 7 + far]), (vec![(7, 1), (7 + far, 1)], 1));
        assert_eq!(there_and_back(&[7, 8 + far]), (vec![(7, 1), (8 + far, 1)], 2));
        let (named, chunks) = there_and_back(&[0, 1, 200_000, 200_000, 500_000]);
        assert_eq!(named, [(0, 1), (1, 1), (200_000, 2), (500_000, 1)]);
        assert_eq!(chunks, 3);
    }
}
