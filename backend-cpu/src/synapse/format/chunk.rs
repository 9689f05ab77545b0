//! Chunks of synapses that each have a place of their own: a few of them with a fixed size, so that
//! a whole chunk is added without a branch. The rest is padding: it goes to words behind the
//! accumulators.

use super::segments::Segments;
use super::table::{Scratch, Table};
use super::tile::{Target, Written};
use super::upcoming::Upcoming;
use super::{AtOnce, Delivery, RowFormat, Waiting};
use crate::synapse::arena::Arena;
use crate::synapse::format::dense::Reach;
use crate::synapse::ring::{Accumulators, Slots};
use crate::synapse::timing_wheel::Run;
use bytemuck::Pod;
use isospike_core::connect::Synapse;

/// A format of chunks in which every synapse has a place of its own.
pub(crate) trait Chunk: Pod + Send + Sync {
    /// A synapse as it lies in the chunk, which is nothing but synapses.
    type Value: Pod + Send;

    /// How many synapses a chunk has.
    const SYNAPSES: usize = size_of::<Self>() / size_of::<Self::Value>();

    /// A synapse onto an accumulator of its shard.
    fn pack(accumulator: u32, synapse: Synapse) -> Self::Value;
}

/// A word for each of eight synapses: the target in the low half, the weight in the high one.
pub(crate) type Weighted = [u32; 8];

/// The targets of eight synapses, two in a word.
pub(crate) type Targets = [u32; 4];

/// Four synapses: accumulator, weight, delay.
pub(crate) type Wide = [[u32; 3]; 4];

impl Chunk for Weighted {
    type Value = u32;

    #[inline(always)]
    fn pack(accumulator: u32, synapse: Synapse) -> u32 {
        (accumulator & 0xffff) | synapse.weight.cast_unsigned() << 16
    }
}

impl Chunk for Targets {
    type Value = u16;

    #[inline(always)]
    fn pack(accumulator: u32, _: Synapse) -> u16 {
        accumulator as u16
    }
}

impl Chunk for Wide {
    type Value = [u32; 3];

    #[inline(always)]
    fn pack(accumulator: u32, synapse: Synapse) -> [u32; 3] {
        [accumulator, synapse.weight.cast_unsigned(), synapse.delay_steps]
    }
}

/// Rows of chunks that are built in segments, delay by delay, and delivered by their format.
#[derive(Debug)]
pub(crate) struct SegmentRows<F>(pub F);

/// A format of rows in segments.
pub(crate) trait Segmented: std::fmt::Debug + Send + Sync {
    /// The unit in which rows are stored.
    type Chunk: Chunk;

    /// Returns how spikes reach accumulators.
    fn delivery(&self) -> Delivery<'_>;
}

impl<F: Segmented> RowFormat for SegmentRows<F> {
    fn chunk(&self) -> (u64, u64) {
        (F::Chunk::SYNAPSES as u64, size_of::<F::Chunk>() as u64)
    }

    fn delivery(&self) -> Delivery<'_> {
        self.0.delivery()
    }

    fn target<'a>(&self, arena: &'a mut Arena, _: &'a [Reach]) -> Box<dyn Target + 'a> {
        Box::new(Written::new(arena, Segments::<F::Chunk>::new))
    }
}

/// Each synapse has its weight.
#[derive(Debug)]
pub(crate) struct OwnWeights;

impl Segmented for OwnWeights {
    type Chunk = Weighted;

    fn delivery(&self) -> Delivery<'_> {
        Delivery::Waiting(self)
    }
}

impl Waiting for OwnWeights {
    fn deliver(&self, rows: &Table, _: u32, due: &[Run], scratch: &mut Scratch, sums: &mut [u32]) {
        let Some(sums) = sums.first_chunk_mut() else { return };
        scratch.upcoming.for_each(rows.chunks(), due, |chunk| add_weighted(chunk, sums));
    }
}

/// All synapses have this weight.
#[derive(Debug)]
pub(crate) struct OneWeight {
    /// The quantised weight.
    pub weight: i32,
}

impl Segmented for OneWeight {
    type Chunk = Targets;

    fn delivery(&self) -> Delivery<'_> {
        Delivery::Waiting(self)
    }
}

impl Waiting for OneWeight {
    fn deliver(&self, rows: &Table, _: u32, due: &[Run], scratch: &mut Scratch, sums: &mut [u32]) {
        let Some(sums) = sums.first_chunk_mut() else { return };
        let weight = self.weight.cast_unsigned();
        scratch.upcoming.for_each(rows.chunks(), due, |chunk| add_targets(chunk, weight, sums));
    }
}

/// Each synapse has its weight and its delay.
#[derive(Debug)]
pub(crate) struct OwnDelays;

impl Segmented for OwnDelays {
    type Chunk = Wide;

    fn delivery(&self) -> Delivery<'_> {
        Delivery::AtOnce(self)
    }
}

impl AtOnce for OwnDelays {
    fn deliver(&self, rows: &Table, runs: &[Run], upcoming: &mut Upcoming, slots: &mut Slots<'_>) {
        upcoming.for_each(rows.chunks::<Wide>(), runs, |chunk| {
            for [accumulator, weight, delay] in chunk {
                slots.add(*delay, *accumulator as usize, weight.cast_signed());
            }
        });
    }
}

/// Adds eight weights.
#[inline(always)]
pub(crate) fn add_weighted(chunk: &Weighted, to: &mut Accumulators) {
    for word in chunk {
        let sum = &mut to[(word & 0xffff) as usize];
        *sum = sum.wrapping_add((word.cast_signed() >> 16).cast_unsigned());
    }
}

/// Adds one weight eight times.
#[inline(always)]
pub(crate) fn add_targets(chunk: &Targets, weight: u32, to: &mut Accumulators) {
    let targets: &[u16; 8] = bytemuck::cast_ref(chunk);
    for target in targets {
        let sum = &mut to[usize::from(*target)];
        *sum = sum.wrapping_add(weight);
    }
}
