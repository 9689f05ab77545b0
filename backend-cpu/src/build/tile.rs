//! A tile in the making: the rows of a few neighbouring source neurons, in any format.

use super::plan::Spec;
use super::{Site, TILE};
use crate::arena::Space;
use bytemuck::Pod;
use isospike_core::connect::Synapse;
use isospike_core::plan::AccumulatorSums;
use isospike_core::run::backend::BackendError;

/// A tile of any format.
pub(super) trait Tile {
    /// Adds the row of a neuron and notes its length for each projection.
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    );

    /// Writes all rows added and notes where: `[row][shard]`, then the end of each row.
    fn finish(&mut self, starts: &mut [u32]) -> Result<(), BackendError>;
}

/// Makes rows of one format.
pub(super) trait Maker {
    /// The source of rows.
    type Chunk: Pod;

    /// Adds a row: for each shard in turn [`Rows::begin`], then its chunks.
    fn add(&mut self, row: Row<'_>, to: &mut Rows<Self::Chunk>);
}

/// The rows of a tile.
pub(super) struct Rows<C> {
    pub chunks: Vec<C>,
    /// The start of each row in each shard among `chunks`, and its end.
    starts: Vec<u32>,
}

impl<C> Rows<C> {
    /// Begins the part of the next shard.
    pub fn begin(&mut self) {
        self.starts.push(self.chunks.len() as u32);
    }
}

/// A row to be drawn.
pub(super) struct Row<'r> {
    site: &'r Site<'r>,
    spec: &'r Spec,
    population: usize,
    row: u32,
    degrees: &'r mut [u32],
    sums: &'r mut AccumulatorSums,
}

impl Row<'_> {
    /// Draws it in all projections of the store: calls `f` with the shard of each synapse and the
    /// accumulator there, and notes how many synapses each projection has.
    #[inline(always)]
    pub fn for_each(self, mut f: impl FnMut(u32, u32, Synapse)) {
        let Self { site, spec, population, row, degrees, sums } = self;
        for &index in &spec.projections[population] {
            let (projection, places) = (&site.plan.projections[index], &site.places[index]);
            let mut length = 0;
            let mut store = |synapse: Synapse| {
                length += 1;
                let (shard, accumulator) = places.find(synapse.target);
                f(shard, accumulator, synapse);
            };
            if sums.watches(index) {
                let first = site.plan.receptors[projection.receptor as usize].first_accumulator;
                projection.rows.for_each(row, |synapse| {
                    sums.add(first + synapse.target, synapse.weight);
                    store(synapse);
                });
            } else {
                projection.rows.for_each(row, store);
            }
            degrees[site.columns[index]] = length;
        }
    }
}

/// A tile whose rows a maker makes.
pub(super) struct Made<'a, 's, M: Maker> {
    site: &'a Site<'a>,
    spec: &'a Spec,
    space: &'a Space<'s, M::Chunk>,
    maker: M,
    rows: Rows<M::Chunk>,
}

impl<'a, 's, M: Maker> Made<'a, 's, M> {
    pub fn new(
        site: &'a Site<'a>,
        spec: &'a Spec,
        space: &'a Space<'s, M::Chunk>,
        maker: M,
    ) -> Self {
        let starts = Vec::with_capacity(TILE as usize * (site.lanes.len() + 1));
        Self { site, spec, space, maker, rows: Rows { chunks: Vec::new(), starts } }
    }
}

impl<M: Maker> Tile for Made<'_, '_, M> {
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    ) {
        let (site, spec) = (self.site, self.spec);
        self.maker.add(Row { site, spec, population, row, degrees, sums }, &mut self.rows);
        // The end of the last shard's part.
        self.rows.begin();
    }

    fn finish(&mut self, starts: &mut [u32]) -> Result<(), BackendError> {
        let Rows { chunks, starts: local } = &mut self.rows;
        let Some(first) = self.space.append(chunks) else {
            return Err(BackendError::OutOfMemory {
                what: "rows longer than their rule lets expect".to_string(),
                needed_bytes: size_of_val(&**chunks) as u64,
                available_bytes: 0,
            });
        };
        for (start, local) in starts.iter_mut().zip(&*local) {
            *start = first as u32 + local;
        }
        chunks.clear();
        local.clear();
        Ok(())
    }
}
