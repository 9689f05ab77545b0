//! Stored rows: for each shard and source neuron, the synapses that end in the shard.
//!
//! Rows are built tile by tile (a tile is a run of source neurons), in parallel, each row drawn
//! once: into buffers that are used again for the next tile, then copied to memory of just the
//! right size. So the peak is the network itself and one tile per thread.

use crate::layout::{Choice, Format, Layout, Narrow, Wide};
use crate::partition::Places;
use isospike_core::backend::BackendError;
use isospike_core::connect::AccumulatorSums;
use isospike_core::plan::Plan;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many source neurons a tile has.
const TILE: u32 = 128;

/// The rows of one shard in one format.
#[derive(Debug)]
pub(crate) struct Rows<F> {
    tiles: Vec<Tile<F>>,
}

/// The rows of [`TILE`] sources.
#[derive(Debug)]
struct Tile<F> {
    /// Where each row starts, and the end of the last; empty where all rows are.
    starts: Box<[u32]>,
    synapses: Box<[F]>,
}

impl<F> Rows<F> {
    /// The synapses of a source neuron (its global id).
    #[inline(always)]
    pub fn row(&self, source: u32) -> &[F] {
        let tile = &self.tiles[(source / TILE) as usize];
        let i = (source % TILE) as usize;
        match tile.starts.get(i..i + 2) {
            Some(&[start, end]) => &tile.synapses[start as usize..end as usize],
            _ => &[],
        }
    }

    /// Whether there is no synapse.
    pub fn is_empty(&self) -> bool {
        self.tiles.iter().all(|tile| tile.synapses.is_empty())
    }

    fn bytes(&self) -> u64 {
        let tiles = self.tiles.iter().map(|tile| {
            size_of_val(tile) + size_of_val(&*tile.starts) + size_of_val(&*tile.synapses)
        });
        tiles.sum::<usize>() as u64
    }
}

/// All stored rows of a shard.
#[derive(Debug)]
pub(crate) struct Stored {
    /// With 16-bit weights.
    pub narrow: Rows<Narrow>,
    /// With 32-bit weights.
    pub wide: Rows<Wide>,
}

impl Stored {
    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.narrow.bytes() + self.wide.bytes()
    }
}

/// What building needs to know.
pub(crate) struct Site<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The layout of each projection.
    pub choices: &'a [Choice],
    /// Where the targets of each projection are.
    pub places: &'a [Places],
    /// How many shards.
    pub shards: u32,
    /// How many threads build.
    pub threads: usize,
}

/// Builds the rows of all shards and checks that no accumulator can overflow.
pub(crate) fn build(site: &Site<'_>) -> Result<Vec<Stored>, BackendError> {
    let tiles = site.plan.neurons().div_ceil(TILE);
    let next = AtomicU32::new(0);
    let threads = site.threads.clamp(1, tiles.max(1) as usize);
    let built: Vec<Built> = std::thread::scope(|scope| {
        let spawn = |_| scope.spawn(|| Builder::new(site).run(&next, tiles));
        let helpers: Vec<_> = (1..threads).map(spawn).collect();
        let mut built = vec![Builder::new(site).run(&next, tiles)];
        for helper in helpers {
            match helper.join() {
                Ok(one) => built.push(one),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        built
    });
    let mut sums = AccumulatorSums::new(site.plan);
    let mut all = Vec::with_capacity(tiles as usize);
    for one in built {
        sums.merge(&one.sums);
        all.extend(one.tiles);
    }
    sums.check(site.plan)?;
    all.sort_unstable_by_key(|(number, _)| *number);
    let empty = || Stored { narrow: Rows { tiles: Vec::new() }, wide: Rows { tiles: Vec::new() } };
    let mut stored: Vec<Stored> = (0..site.shards).map(|_| empty()).collect();
    for (_, shards) in all {
        for (stored, (narrow, wide)) in stored.iter_mut().zip(shards) {
            stored.narrow.tiles.push(narrow);
            stored.wide.tiles.push(wide);
        }
    }
    Ok(stored)
}

type Pair = (Tile<Narrow>, Tile<Wide>);

struct Built {
    /// The number of each tile, and its part in each shard.
    tiles: Vec<(u32, Vec<Pair>)>,
    sums: AccumulatorSums,
}

/// One thread's buffers.
struct Builder<'a> {
    site: &'a Site<'a>,
    narrow: Vec<Buffer<Narrow>>,
    wide: Vec<Buffer<Wide>>,
    sums: AccumulatorSums,
}

/// A tile of a shard in the making.
#[derive(Clone)]
struct Buffer<F> {
    starts: Vec<u32>,
    synapses: Vec<F>,
}

impl<F: Format> Buffer<F> {
    fn close_row(&mut self) {
        self.starts.push(self.synapses.len() as u32);
    }

    fn finish(&mut self) -> Tile<F> {
        let none = self.synapses.is_empty();
        let starts: Box<[u32]> = if none { Box::new([]) } else { self.starts.as_slice().into() };
        let tile = Tile { starts, synapses: self.synapses.as_slice().into() };
        self.starts.truncate(1);
        self.synapses.clear();
        tile
    }
}

impl<'a> Builder<'a> {
    fn new(site: &'a Site<'a>) -> Self {
        let shards = site.shards as usize;
        Self {
            site,
            narrow: vec![Buffer { starts: vec![0], synapses: Vec::new() }; shards],
            wide: vec![Buffer { starts: vec![0], synapses: Vec::new() }; shards],
            sums: AccumulatorSums::new(site.plan),
        }
    }

    /// Takes tiles until there are no more.
    fn run(mut self, next: &AtomicU32, tiles: u32) -> Built {
        let mut built = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= tiles {
                return Built { tiles: built, sums: self.sums };
            }
            let end = (number.saturating_add(1)).saturating_mul(TILE);
            for source in number * TILE..end.min(self.site.plan.neurons()) {
                self.draw(source);
            }
            let pairs = self.narrow.iter_mut().zip(&mut self.wide);
            built.push((number, pairs.map(|(n, w)| (n.finish(), w.finish())).collect()));
        }
    }

    /// Draws the rows of one source.
    fn draw(&mut self, source: u32) {
        let plan = self.site.plan;
        let (population, row) = plan.locate(source);
        for (p, projection) in plan.projections.iter().enumerate() {
            if projection.pre != population {
                continue;
            }
            let places = &self.site.places[p];
            match self.site.choices[p].layout {
                Layout::Narrow => fill(&mut self.narrow, projection, places, row),
                Layout::Wide => fill(&mut self.wide, projection, places, row),
                Layout::Drawn => {}
            }
            if self.sums.watches(projection.receptor) {
                let first = plan.receptors[projection.receptor as usize].first_accumulator;
                projection.rows.for_each(row, |s| self.sums.add(first + s.target, s.weight));
            }
        }
        self.narrow.iter_mut().for_each(Buffer::close_row);
        self.wide.iter_mut().for_each(Buffer::close_row);
    }
}

fn fill<F: Format>(
    shards: &mut [Buffer<F>],
    projection: &isospike_core::plan::ProjectionPlan,
    places: &Places,
    row: u32,
) {
    projection.rows.for_each(row, |synapse| {
        let (shard, accumulator) = places.find(synapse.target);
        shards[shard as usize].synapses.push(F::pack(accumulator, synapse));
    });
}
