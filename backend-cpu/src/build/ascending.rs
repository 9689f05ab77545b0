//! Rows of synapses in ascending order of target.

use super::tile::{Maker, Row, Rows};
use crate::format::chunk::Ascending;

/// See the module.
pub(super) struct Sorter<F: Ascending> {
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
