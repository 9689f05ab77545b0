//! The unit in which synapses are stored: a few of them with a fixed size, so that a whole chunk is
//! added without a branch. The rest is padding: it goes to words behind the accumulators.

use crate::simd::prefetch;
use bytemuck::Pod;
use isospike_core::connect::Synapse;

/// The accumulators of one step and copy, and whatever follows them: as many as 16 bits can name.
pub(crate) type Accumulators = [u32; 65_536];

/// A format of chunks in which every synapse has a place of its own.
pub(crate) trait Chunk: Pod + Send + Sync {
    /// A synapse as it lies in the chunk, which is nothing but synapses.
    type Value: Pod + Send;

    /// How many synapses a chunk has.
    const SYNAPSES: usize = size_of::<Self>() / size_of::<Self::Value>();

    /// A synapse onto an accumulator of its shard.
    fn pack(accumulator: u32, synapse: Synapse) -> Self::Value;
}

/// A format of chunks whose synapses are in ascending order of target.
pub(crate) trait Ascending {
    /// A chunk.
    type Chunk: Pod + Send;

    /// A synapse, ordered by its accumulator.
    type Synapse: Ord + Copy;

    /// A synapse onto an accumulator of its shard.
    fn synapse(accumulator: u32, synapse: Synapse) -> Self::Synapse;

    /// Appends the chunks of some synapses, which are in ascending order.
    fn encode(synapses: &[Self::Synapse], chunks: &mut Vec<Self::Chunk>);
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

/// A run of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first.
    pub start: u32,
    /// How many.
    pub count: u32,
}

/// How many chunks ahead of its use a chunk is prefetched.
const AHEAD: usize = 40;

/// After how many chunks a list is carried out, and started again.
const LIST: usize = 2048;

/// A list of chunks to come, by number: runs are short, so a list reaches far enough ahead of what
/// will be needed.
#[derive(Debug)]
pub(crate) struct Upcoming {
    ids: Box<[u32]>,
}

impl Default for Upcoming {
    fn default() -> Self {
        Self { ids: vec![0; LIST + 8 + AHEAD].into() }
    }
}

impl Upcoming {
    /// Calls `f` for each chunk of the runs.
    #[inline(always)]
    pub fn for_each<C>(&mut self, chunks: &[C], runs: &[Run], mut f: impl FnMut(&C)) {
        let mut len = 0;
        for run in runs {
            let (mut start, mut left) = (run.start, run.count as usize);
            loop {
                // Eight are written whatever the count, because most runs are not longer.
                for (k, id) in self.ids[len..len + 8].iter_mut().enumerate() {
                    *id = start.wrapping_add(k as u32);
                }
                len += left.min(8);
                if len >= LIST {
                    self.carry_out(chunks, len, &mut f);
                    len = 0;
                }
                if left <= 8 {
                    break;
                }
                start += 8;
                left -= 8;
            }
        }
        self.carry_out(chunks, len, &mut f);
    }

    #[inline(always)]
    fn carry_out<C>(&mut self, chunks: &[C], len: usize, f: &mut impl FnMut(&C)) {
        let Some(last) = len.checked_sub(1).map(|last| self.ids[last]) else { return };
        self.ids[len..len + AHEAD].fill(last);
        for ahead in &self.ids[..AHEAD.min(len)] {
            prefetch(chunks, *ahead as usize);
        }
        for (id, ahead) in self.ids[..len].iter().zip(&self.ids[AHEAD..len + AHEAD]) {
            prefetch(chunks, *ahead as usize);
            if let Some(chunk) = chunks.get(*id as usize) {
                f(chunk);
            }
        }
    }
}
