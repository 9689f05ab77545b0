//! Rows of synapses in ascending order of target.

use super::Site;
use super::plan::Spec;
use super::row::{Tile, append, draw_row};
use crate::arena::Space;
use crate::chunk::Ascending;
use isospike_core::backend::BackendError;
use isospike_core::connect::AccumulatorSums;

/// A tile of such rows.
pub(super) struct Sorter<'a, 's, F: Ascending> {
    site: &'a Site<'a>,
    spec: &'a Spec,
    space: &'a Space<'s, F::Chunk>,
    /// The chunks of the tile.
    chunks: Vec<F::Chunk>,
    /// Where each row starts in each shard among `chunks`, and its end.
    starts: Vec<u32>,
    /// The present row in each shard.
    rows: Vec<Vec<F::Synapse>>,
}

impl<'a, 's, F: Ascending> Sorter<'a, 's, F> {
    pub fn new(site: &'a Site<'a>, spec: &'a Spec, space: &'a Space<'s, F::Chunk>) -> Self {
        let rows = vec![Vec::new(); site.lanes.len()];
        Self { site, spec, space, chunks: Vec::new(), starts: Vec::new(), rows }
    }
}

impl<F: Ascending> Tile for Sorter<'_, '_, F> {
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    ) {
        let rows = &mut self.rows;
        draw_row(
            self.site,
            self.spec,
            population,
            row,
            degrees,
            sums,
            |shard, accumulator, synapse| {
                rows[shard as usize].push(F::synapse(accumulator, synapse));
            },
        );
        for synapses in rows {
            self.starts.push(self.chunks.len() as u32);
            synapses.sort_unstable();
            F::encode(synapses, &mut self.chunks);
            synapses.clear();
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
