//! Building stored synapses: every row drawn once, in parallel, sorted in the first-level cache and
//! written once.
//!
//! The work is cut into tiles of a few source neurons. A thread sorts the rows of a tile into its
//! buffers, takes the next free place of each arena, and copies them there.

mod ascending;
mod dense;
mod plan;
mod segments;
mod tile;

use crate::arena::Space;
use crate::format::bits::Bits;
use crate::format::chunk::{Targets, Weighted, Wide};
use crate::format::dense::{Reach, Weights};
use crate::format::narrow::{self, Delays, Narrow};
use crate::format::single::Single;
use crate::layout::{Choice, Layout};
use crate::partition::Places;
use crate::simd::Lanes;
use crate::store::Store;
use ascending::Sorter;
use dense::Dense;
use isospike_core::base::cores::cores;
use isospike_core::base::progress;
use isospike_core::plan::AccumulatorSums;
use isospike_core::plan::Plan;
use isospike_core::run::backend::BackendError;
use isospike_core::run::counters::OutDegrees;
use plan::Spec;
pub(crate) use plan::expected_bytes;
use segments::Segments;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;
use tile::{Made, Maker, Tile};

/// How many source neurons a tile has.
const TILE: u32 = 32;

/// What building needs to know.
pub(crate) struct Site<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The layout of each projection.
    pub choices: &'a [Choice],
    /// Where the targets of each projection are.
    pub places: &'a [Places],
    /// How many lanes the accumulators of one copy take in each shard.
    pub lanes: &'a [usize],
    /// The place of each projection in the rows of [`OutDegrees`].
    pub columns: &'a [usize],
    /// How many threads build.
    pub threads: usize,
}

/// A tile to be built: rows of one population, and where their places are noted in each store that
/// has any, and their lengths.
struct Job<'a> {
    population: usize,
    rows: Range<u32>,
    starts: Vec<Option<&'a mut [u32]>>,
    degrees: &'a mut [u32],
}

/// Builds all stores, notes the length of each row in `degrees`, and checks that no accumulator can
/// overflow.
pub(crate) fn build(site: &Site<'_>, degrees: &mut OutDegrees) -> Result<Vec<Store>, BackendError> {
    let specs = Spec::all(site);
    let mut stores = Vec::with_capacity(specs.len());
    for spec in &specs {
        stores.push(spec.store(site)?);
    }
    let (mut arenas, mut starts) = (Vec::new(), Vec::new());
    for store in &mut stores {
        arenas.push(match store.layout {
            Layout::Chunks => Target::Weighted(store.arena.space()),
            Layout::Targets { .. } => Target::Targets(store.arena.space()),
            Layout::Single { .. } => Target::Single(store.arena.space()),
            Layout::Dense { .. } => Target::Dense(store.arena.space(), &store.reach),
            Layout::Bits { .. } => Target::Bits(store.arena.space(), &store.reach),
            Layout::Narrow { delays } => Target::Narrow(store.arena.space(), delays),
            Layout::Wide | Layout::Drawn => Target::Wide(store.arena.space()),
        });
        starts.push(store.starts.as_mut_slice());
    }
    progress::begin("drawing synapses", sources(site));
    let jobs = Mutex::new(jobs(site, &specs, starts, degrees.populations_mut()).into_iter());
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || work(site, &specs, &arenas, next);
    let sums: Vec<Result<AccumulatorSums, BackendError>> = std::thread::scope(|scope| {
        let helper = |_| Builder::new().spawn_scoped(scope, work).ok();
        // Where the system has no room for them all, some build.
        let helpers: Vec<_> = (1..site.threads.min(cores())).map_while(helper).collect();
        let mut sums = vec![work()];
        for helper in helpers {
            match helper.join() {
                Ok(other) => sums.push(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        sums
    });
    let used: Vec<usize> = arenas.iter().map(Target::used).collect();
    drop((arenas, jobs));
    for (store, chunks) in stores.iter_mut().zip(used) {
        store.arena.close(chunks as u64 * store.chunk_bytes());
    }
    let mut all = AccumulatorSums::new(site.plan);
    for one in sums {
        all.merge(&one?);
    }
    all.check(site.plan)?;
    Ok(stores)
}

/// Counts the neurons that have rows.
fn sources(site: &Site<'_>) -> u64 {
    let populations = site.plan.populations.iter().enumerate();
    let is_source =
        |population: usize| site.plan.projections.iter().any(|p| p.pre.index() == population);
    populations.filter(|(index, _)| is_source(*index)).map(|(_, p)| u64::from(p.size)).sum()
}

/// The memory that the chunks of a store are written to.
enum Target<'a> {
    Weighted(Space<'a, Weighted>),
    Targets(Space<'a, Targets>),
    Single(Space<'a, Single>),
    Dense(Space<'a, Lanes>, &'a [Reach]),
    Bits(Space<'a, Lanes>, &'a [Reach]),
    Narrow(Space<'a, Narrow>, Delays),
    Wide(Space<'a, Wide>),
}

impl<'s> Target<'s> {
    fn used(&self) -> usize {
        match self {
            Self::Weighted(space) => space.used(),
            Self::Targets(space) => space.used(),
            Self::Single(space) => space.used(),
            Self::Dense(space, _) | Self::Bits(space, _) => space.used(),
            Self::Narrow(space, _) => space.used(),
            Self::Wide(space) => space.used(),
        }
    }

    fn tile<'a>(&'a self, site: &'a Site<'a>, spec: &'a Spec) -> Box<dyn Tile + 'a>
    where
        's: 'a,
    {
        fn made<'a, M: Maker + 'a>(
            site: &'a Site<'a>,
            spec: &'a Spec,
            space: &'a Space<'_, M::Chunk>,
            maker: M,
        ) -> Box<dyn Tile + 'a> {
            Box::new(Made::new(site, spec, space, maker))
        }
        let (lanes, shards) = (site.lanes, site.lanes.len());
        match self {
            Self::Weighted(space) => made(site, spec, space, Segments::new(site, spec)),
            Self::Targets(space) => made(site, spec, space, Segments::new(site, spec)),
            Self::Wide(space) => made(site, spec, space, Segments::new(site, spec)),
            Self::Single(space) => made(site, spec, space, Sorter::<Single>::new(shards)),
            Self::Dense(space, reach) => {
                made(site, spec, space, Dense::<Weights>::new(reach, lanes))
            }
            Self::Bits(space, reach) => made(site, spec, space, Dense::<Bits>::new(reach, lanes)),
            Self::Narrow(space, delays) => match delays {
                Delays::One { .. } => made(site, spec, space, Sorter::<narrow::One>::new(shards)),
                Delays::Byte => made(site, spec, space, Sorter::<narrow::Byte>::new(shards)),
                Delays::Word => made(site, spec, space, Sorter::<narrow::Word>::new(shards)),
            },
        }
    }
}

/// All tiles. `starts` has the places of all rows, store by store, `degrees` the lengths of those of
/// each population.
fn jobs<'a>(
    site: &Site<'_>,
    specs: &[Spec],
    mut starts: Vec<&'a mut [u32]>,
    degrees: Vec<&'a mut [u32]>,
) -> Vec<Job<'a>> {
    let per_row = site.lanes.len() + 1;
    let mut jobs = Vec::new();
    let populations = site.plan.populations.iter().zip(degrees).enumerate();
    for (population, (planned, mut degrees)) in populations {
        let has_rows = |spec: &Spec| spec.first_row[population].is_some();
        let is_source = site.plan.projections.iter().any(|p| p.pre.index() == population);
        let lengths_per_row = degrees.len() / planned.size.max(1) as usize;
        let mut first = 0;
        while is_source && first < planned.size {
            let rows = first..planned.size.min(first.saturating_add(TILE));
            let mut take = |(spec, rest): (&Spec, &mut &'a mut [u32])| {
                has_rows(spec).then(|| {
                    let (mine, after) = std::mem::take(rest).split_at_mut(rows.len() * per_row);
                    *rest = after;
                    mine
                })
            };
            let starts = specs.iter().zip(&mut starts).map(&mut take).collect();
            first = rows.end;
            let (mine, after) = degrees.split_at_mut(rows.len() * lengths_per_row);
            degrees = after;
            jobs.push(Job { population, rows, starts, degrees: mine });
        }
    }
    jobs
}

/// One thread: takes tiles until there are no more.
fn work<'a>(
    site: &Site<'_>,
    specs: &[Spec],
    targets: &[Target<'_>],
    next: impl Fn() -> Option<Job<'a>>,
) -> Result<AccumulatorSums, BackendError> {
    let mut sums = AccumulatorSums::new(site.plan);
    let mut tiles: Vec<_> =
        targets.iter().zip(specs).map(|(target, spec)| target.tile(site, spec)).collect();
    while let Some(job) = next() {
        for (tile, starts) in tiles.iter_mut().zip(job.starts) {
            let Some(starts) = starts else { continue };
            let width = job.degrees.len() / job.rows.len();
            for (row, degrees) in job.rows.clone().zip(job.degrees.chunks_exact_mut(width)) {
                tile.draw(job.population, row, degrees, &mut sums);
            }
            tile.finish(starts)?;
        }
        progress::advance(job.rows.len() as u64);
        sum_drawn(site, &job.population, job.rows, &mut sums);
    }
    Ok(sums)
}

/// Adds what is not stored to the sums.
fn sum_drawn(site: &Site<'_>, population: &usize, rows: Range<u32>, sums: &mut AccumulatorSums) {
    let projections = site.plan.projections.iter().zip(site.choices).enumerate();
    for (index, (projection, choice)) in projections {
        let watched = sums.watches(index);
        if choice.layout != Layout::Drawn || projection.pre.index() != *population || !watched {
            continue;
        }
        let first = site.plan.receptors[projection.receptor as usize].first_accumulator;
        for row in rows.clone() {
            projection.rows.for_each(row, |s| sums.add(first + s.target, s.weight));
        }
    }
}
