//! Rows of synapses that all have one weight and one delay, in ascending order of target.

use super::Site;
use super::plan::Spec;
use super::row::{Tile, append, draw_row};
use crate::arena::Space;
use crate::single::Single;
use isospike_core::backend::BackendError;
use isospike_core::connect::AccumulatorSums;

/// A tile of such rows.
pub(super) struct Ascending<'a, 's> {
    site: &'a Site<'a>,
    spec: &'a Spec,
    space: &'a Space<'s, Single>,
    /// The chunks of the tile.
    chunks: Vec<Single>,
    /// Where each row starts in each shard among `chunks`, and its end.
    starts: Vec<u32>,
    /// The accumulators of the present row in each shard.
    accumulators: Vec<Vec<u32>>,
}

impl<'a, 's> Ascending<'a, 's> {
    pub fn new(site: &'a Site<'a>, spec: &'a Spec, space: &'a Space<'s, Single>) -> Self {
        let accumulators = vec![Vec::new(); site.lanes.len()];
        Self { site, spec, space, chunks: Vec::new(), starts: Vec::new(), accumulators }
    }
}

impl Tile for Ascending<'_, '_> {
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    ) {
        let shards = &mut self.accumulators;
        draw_row(self.site, self.spec, population, row, degrees, sums, |shard, accumulator, _| {
            shards[shard as usize].push(accumulator);
        });
        for accumulators in shards {
            self.starts.push(self.chunks.len() as u32);
            accumulators.sort_unstable();
            Single::encode(accumulators, &mut self.chunks);
            accumulators.clear();
        }
        self.starts.push(self.chunks.len() as u32);
    }

    fn finish(&mut self, starts: &mut [u32]) -> Result<(), BackendError> {
        append(self.space, &self.chunks, &self.starts, starts)?;
        self.chunks.clear();
        self.starts.clear();
        Ok(())
    }
}
