//! Rows of synapses in ascending order of target.

use super::tile::{Maker, Row, Rows};
use bytemuck::Pod;
use isospike_core::connect::Synapse;

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

/// The present row, sorted shard by shard.
pub(crate) struct Sorter<F: Ascending> {
    /// The present row in each shard.
    shards: Vec<Vec<F::Synapse>>,
}

impl<F: Ascending> Sorter<F> {
    pub fn new(shards: usize) -> Self {
        Self { shards: vec![Vec::new(); shards] }
    }
}

impl<F: Ascending> Maker for Sorter<F> {
    type Chunk = F::Chunk;

    fn add(&mut self, row: Row<'_>, to: &mut Rows<F::Chunk>) {
        row.for_each(|shard, accumulator, synapse| {
            self.shards[shard as usize].push(F::synapse(accumulator, synapse));
        });
        for synapses in &mut self.shards {
            to.begin();
            synapses.sort_unstable();
            F::encode(synapses, &mut to.chunks);
            synapses.clear();
        }
    }
}
