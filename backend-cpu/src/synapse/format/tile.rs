//! A tile in the making: the rows of a few neighbouring source neurons, in any format.

use super::RowFormat;
use crate::synapse::arena::{Arena, Space};
use crate::synapse::partition::Places;
use bytemuck::Pod;
use isospike_core::connect::Synapse;
use isospike_core::plan::{AccumulatorSums, Plan};
use isospike_core::run::backend::BackendError;

/// How many source neurons a tile has.
pub(crate) const TILE: u32 = 32;

/// The places of all synapses.
pub(crate) struct Site<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The places of the targets of each projection.
    pub places: &'a [Places],
    /// How many lanes the accumulators of one copy take in each shard.
    pub lanes: &'a [usize],
    /// The place of each projection in the rows of
    /// [`OutDegrees`](isospike_core::run::counters::OutDegrees).
    pub columns: &'a [usize],
}

/// A store to be built.
#[derive(Debug)]
pub(crate) struct Spec {
    /// How rows lie in memory.
    pub format: Box<dyn RowFormat>,
    /// For each population: its projections that are stored here.
    pub projections: Vec<Vec<usize>>,
    /// For each population: the row of its neuron 0.
    pub first_row: Vec<Option<u32>>,
    /// How many rows there are.
    pub rows: u32,
    /// The delays that rows are sorted by.
    pub delays: Delays,
    /// The largest delay of any synapse.
    pub max_delay_steps: u32,
}

/// The delays that rows are sorted by: those of one, where they are not sorted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    /// The least.
    pub least: u32,
    /// The largest.
    pub largest: u32,
}

impl Delays {
    /// Returns how many there are.
    pub fn count(self) -> usize {
        (self.largest - self.least) as usize + 1
    }

    /// Returns whether rows start with a header.
    pub fn has_header(self) -> bool {
        self.count() > 1
    }
}

/// The memory that the chunks of a store are written to, by any number of threads.
pub(crate) trait Target: Sync {
    /// Returns how many chunks were written.
    fn used(&self) -> usize;

    /// Begins a tile.
    fn tile<'a>(&'a self, site: &'a Site<'a>, spec: &'a Spec) -> Box<dyn Tile + 'a>;
}

/// Memory for the rows of a maker.
pub(crate) struct Written<'s, M: Maker, F> {
    space: Space<'s, M::Chunk>,
    make: F,
}

impl<'s, M: Maker, F: Fn(&Site<'_>, &Spec) -> M + Sync> Written<'s, M, F> {
    /// Takes the memory of an arena; `make` begins the rows of a tile.
    pub fn new(arena: &'s mut Arena, make: F) -> Self {
        Self { space: arena.space(), make }
    }
}

impl<'s, M, F> Target for Written<'s, M, F>
where
    M: Maker + 's,
    F: Fn(&Site<'_>, &Spec) -> M + Sync,
{
    fn used(&self) -> usize {
        self.space.used()
    }

    fn tile<'a>(&'a self, site: &'a Site<'a>, spec: &'a Spec) -> Box<dyn Tile + 'a> {
        Box::new(Made::new(site, spec, &self.space, (self.make)(site, spec)))
    }
}

/// A tile of any format.
pub(crate) trait Tile {
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
pub(crate) trait Maker {
    /// The unit in which rows are stored.
    type Chunk: Pod + Send;

    /// Adds a row: for each shard in turn [`Rows::begin`], then its chunks.
    fn add(&mut self, row: Row<'_>, to: &mut Rows<Self::Chunk>);
}

/// The rows of a tile.
pub(crate) struct Rows<C> {
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
pub(crate) struct Row<'r> {
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
                    sums.add(first + synapse.target, projection.reach(synapse.weight));
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
pub(crate) struct Made<'a, 's, M: Maker> {
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
