//! Chunks of synapses with weights of 16 bits: the targets of a row in ascending order, each by its
//! distance from the one before, and as much of their delays as they do not share.

use super::ascending::{Ascending, Sorter};
use super::dense::Reach;
use super::table::{Scratch, Table};
use super::tile::{Target, Written};
use super::upcoming::Upcoming;
use super::{AtOnce, Delivery, RowFormat, Waiting};
use crate::synapse::arena::Arena;
use crate::synapse::ring::Slots;
use crate::synapse::timing_wheel::Run;
use isospike_core::connect::Synapse;

/// For `n` synapses: the accumulator of the first in two half-words, `n` weights, `n - 1`
/// distances, and the delays. If there are fewer, weights are 0.
pub(crate) type Narrow = [u16; 16];

/// The first half-word of the weights.
const WEIGHTS: usize = 2;

/// How the delays of a row are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delays {
    /// All are the same.
    One {
        /// The delay.
        delay_steps: u32,
    },
    /// In a byte each.
    Byte,
    /// In two bytes each.
    Word,
}

impl Delays {
    /// How many synapses a chunk has.
    pub(crate) fn synapses(self) -> usize {
        match self {
            Self::One { .. } => One::SYNAPSES,
            Self::Byte => Byte::SYNAPSES,
            Self::Word => Word::SYNAPSES,
        }
    }
}

/// Rows of [`Narrow`] chunks. Those of one delay wait on a timing wheel, others are delivered at
/// once.
#[derive(Debug)]
pub(crate) struct NarrowRows {
    /// How delays are kept.
    pub delays: Delays,
}

impl RowFormat for NarrowRows {
    fn chunk(&self) -> (u64, u64) {
        (self.delays.synapses() as u64, size_of::<Narrow>() as u64)
    }

    fn by_distance(&self) -> bool {
        true
    }

    fn delivery(&self) -> Delivery<'_> {
        match self.delays {
            Delays::One { .. } => Delivery::Waiting(self),
            Delays::Byte | Delays::Word => Delivery::AtOnce(self),
        }
    }

    fn target<'a>(&self, arena: &'a mut Arena, _: &'a [Reach]) -> Box<dyn Target + 'a> {
        fn written<'a, D: Delay + 'a>(arena: &'a mut Arena) -> Box<dyn Target + 'a> {
            Box::new(Written::new(arena, |site, _| Sorter::<D>::new(site.lanes.len())))
        }
        match self.delays {
            Delays::One { .. } => written::<One>(arena),
            Delays::Byte => written::<Byte>(arena),
            Delays::Word => written::<Word>(arena),
        }
    }
}

impl Waiting for NarrowRows {
    fn deliver(&self, rows: &Table, _: u32, due: &[Run], scratch: &mut Scratch, sums: &mut [u32]) {
        scratch.upcoming.for_each(rows.chunks(), due, |chunk| {
            for_each::<One>(chunk, |at, weight, _| {
                sums[at] = sums[at].wrapping_add(weight.cast_unsigned());
            });
        });
    }
}

impl AtOnce for NarrowRows {
    fn deliver(&self, rows: &Table, runs: &[Run], upcoming: &mut Upcoming, slots: &mut Slots<'_>) {
        let mut add = |at, weight, delay| slots.add(delay, at, weight);
        match self.delays {
            Delays::Word => upcoming.for_each(rows.chunks(), runs, |chunk| {
                for_each::<Word>(chunk, &mut add);
            }),
            Delays::Byte | Delays::One { .. } => upcoming.for_each(rows.chunks(), runs, |chunk| {
                for_each::<Byte>(chunk, &mut add);
            }),
        }
    }
}

/// See [`Delays`].
pub(crate) trait Delay {
    /// How many synapses a chunk has.
    const SYNAPSES: usize;

    /// The first half-word of the distances.
    const DISTANCES: usize = WEIGHTS + Self::SYNAPSES;

    /// The first half-word of the delays.
    const DELAYS: usize = Self::DISTANCES + Self::SYNAPSES - 1;

    /// Notes the delay of a synapse.
    fn set(chunk: &mut Narrow, synapse: usize, delay_steps: u32);

    /// The delay of a synapse.
    fn get(chunk: &Narrow, synapse: usize) -> u32;
}

/// All have the same, which is not in the chunk.
pub(crate) struct One;

impl Delay for One {
    const SYNAPSES: usize = 7;

    fn set(_: &mut Narrow, _: usize, _: u32) {}

    #[inline(always)]
    fn get(_: &Narrow, _: usize) -> u32 {
        0
    }
}

/// Up to 255 steps.
pub(crate) struct Byte;

impl Delay for Byte {
    const SYNAPSES: usize = 6;

    fn set(chunk: &mut Narrow, synapse: usize, delay_steps: u32) {
        bytemuck::bytes_of_mut(chunk)[2 * Self::DELAYS + synapse] = delay_steps as u8;
    }

    #[inline(always)]
    fn get(chunk: &Narrow, synapse: usize) -> u32 {
        bytemuck::bytes_of(chunk)[2 * Self::DELAYS + synapse].into()
    }
}

/// Up to 65,535 steps.
pub(crate) struct Word;

impl Delay for Word {
    const SYNAPSES: usize = 5;

    fn set(chunk: &mut Narrow, synapse: usize, delay_steps: u32) {
        chunk[Self::DELAYS + synapse] = delay_steps as u16;
    }

    #[inline(always)]
    fn get(chunk: &Narrow, synapse: usize) -> u32 {
        chunk[Self::DELAYS + synapse].into()
    }
}

/// Calls `f` with the accumulator, weight and delay of each synapse of a chunk.
#[inline(always)]
pub(crate) fn for_each<D: Delay>(chunk: &Narrow, mut f: impl FnMut(usize, i32, u32)) {
    let mut at = usize::from(chunk[0]) | usize::from(chunk[1]) << 16;
    for i in 0..D::SYNAPSES {
        if i > 0 {
            at += usize::from(chunk[D::DISTANCES + i - 1]);
        }
        f(at, i32::from(chunk[WEIGHTS + i].cast_signed()), D::get(chunk, i));
    }
}

impl<D: Delay> Ascending for D {
    type Chunk = Narrow;

    /// Accumulator, delay and weight, in this order of worth.
    type Synapse = u64;

    fn synapse(accumulator: u32, synapse: Synapse) -> u64 {
        let weight = u64::from(synapse.weight as u16);
        u64::from(accumulator) << 32 | u64::from(synapse.delay_steps as u16) << 16 | weight
    }

    fn encode(synapses: &[u64], chunks: &mut Vec<Narrow>) {
        let accumulator = |synapse: u64| (synapse >> 32) as u32;
        let mut rest = synapses.iter().copied().peekable();
        while let Some(&first) = rest.peek() {
            let mut chunk = Narrow::default();
            let mut last = accumulator(first);
            (chunk[0], chunk[1]) = (last as u16, (last >> 16) as u16);
            for i in 0..D::SYNAPSES {
                let near = |next: &u64| accumulator(*next) - last <= u32::from(u16::MAX);
                let Some(next) = rest.next_if(near) else { break };
                if i > 0 {
                    chunk[D::DISTANCES + i - 1] = (accumulator(next) - last) as u16;
                }
                chunk[WEIGHTS + i] = next as u16;
                D::set(&mut chunk, i, (next >> 16) as u32 & 0xffff);
                last = accumulator(next);
            }
            chunks.push(chunk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the synapses without those of weight 0 that fill chunks, and the number of chunks.
    fn there_and_back<D: Delay>(synapses: &[(u32, i32, u32)]) -> (Vec<(u32, i32, u32)>, usize) {
        let row = synapses.iter().map(|&(accumulator, weight, delay_steps)| {
            D::synapse(accumulator, Synapse { target: 0, weight, delay_steps })
        });
        let (mut row, mut chunks) = (row.collect::<Vec<_>>(), Vec::new());
        row.sort_unstable();
        D::encode(&row, &mut chunks);
        let mut found = Vec::new();
        for chunk in &chunks {
            for_each::<D>(chunk, |at, weight, delay| {
                if weight != 0 {
                    found.push((at as u32, weight, delay));
                }
            });
        }
        found.sort_unstable();
        (found, chunks.len())
    }

    #[test]
    fn every_synapse_comes_back() {
        let row = |delay: fn(u32) -> u32| {
            let synapse = |k: u32| (70_000 + k / 2 * 3000, 900 * k as i32 - 32_768, delay(k));
            (0..40).map(synapse).collect::<Vec<_>>()
        };
        let one = row(|_| 0);
        assert_eq!(there_and_back::<One>(&one), (one, 6));
        let bytes = row(|k| 216 + k);
        assert_eq!(there_and_back::<Byte>(&bytes), (bytes, 7));
        let words = row(|k| 65_496 + k);
        assert_eq!(there_and_back::<Word>(&words), (words, 8));
        assert_eq!(there_and_back::<Byte>(&[]), (vec![], 0));
    }

    #[test]
    fn a_chunk_ends_before_a_long_way() {
        let far = u32::from(u16::MAX);
        let row = [(7, 1, 1), (7 + far, 2, 2), (8 + 2 * far, 3, 3), (8 + 2 * far, 4, 3)];
        assert_eq!(there_and_back::<Word>(&row), (row.to_vec(), 2));
    }
}
