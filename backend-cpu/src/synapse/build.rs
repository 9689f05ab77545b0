//! Building stored synapses: every row drawn once, in parallel, sorted in the first-level cache and
//! written once.
//!
//! The work is cut into tiles of a few source neurons. A thread sorts the rows of a tile into its
//! buffers, takes the next free place of each arena, and copies them there.

mod plan;

use crate::synapse::format::tile::{Site, Spec, TILE, Target};
use crate::synapse::layout::{Choice, Layout};
use crate::synapse::store::Store;
use isospike_core::base::cores::cores;
use isospike_core::base::progress;
use isospike_core::plan::AccumulatorSums;
use isospike_core::run::backend::BackendError;
use isospike_core::run::counters::OutDegrees;
pub(crate) use plan::expected_bytes;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

/// A tile to be built: rows of one population, and where their places are noted in each store that
/// has any, and their lengths.
struct Job<'a> {
    population: usize,
    rows: Range<u32>,
    starts: Vec<Option<&'a mut [u32]>>,
    degrees: &'a mut [u32],
}

/// Builds all stores with this many threads, notes the length of each row in `degrees`, and checks
/// that no accumulator can overflow.
pub(crate) fn build(
    site: &Site<'_>,
    choices: &[Choice],
    threads: usize,
    degrees: &mut OutDegrees,
) -> Result<Vec<Store>, BackendError> {
    let specs = Spec::all(site, choices);
    let mut tables = Vec::with_capacity(specs.len());
    for spec in &specs {
        tables.push(spec.table(site)?);
    }
    let (mut targets, mut starts) = (Vec::new(), Vec::new());
    for (spec, table) in specs.iter().zip(&mut tables) {
        targets.push(spec.format.target(&mut table.arena, &table.reach));
        starts.push(table.starts.as_mut_slice());
    }
    progress::begin("drawing synapses", sources(site));
    let jobs = Mutex::new(jobs(site, &specs, starts, degrees.populations_mut()).into_iter());
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || work(site, choices, &specs, &targets, next);
    let sums: Vec<Result<AccumulatorSums, BackendError>> = std::thread::scope(|scope| {
        let helper = |_| Builder::new().spawn_scoped(scope, work).ok();
        // Some build where the system has no room for them all.
        let helpers: Vec<_> = (1..threads.min(cores())).map_while(helper).collect();
        let mut sums = vec![work()];
        for helper in helpers {
            match helper.join() {
                Ok(other) => sums.push(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        sums
    });
    let used: Vec<usize> = targets.iter().map(|target| target.used()).collect();
    drop((targets, jobs));
    for (table, chunks) in tables.iter_mut().zip(used) {
        table.arena.close(chunks as u64 * table.chunk_bytes);
    }
    let mut all = AccumulatorSums::new(site.plan);
    for one in sums {
        all.merge(&one?);
    }
    all.check(site.plan)?;
    let stores = specs.into_iter().zip(tables);
    Ok(stores.map(|(spec, rows)| Store { format: spec.format, rows }).collect())
}

/// Counts the neurons that have rows.
fn sources(site: &Site<'_>) -> u64 {
    let populations = site.plan.populations.iter().enumerate();
    let is_source =
        |population: usize| site.plan.projections.iter().any(|p| p.pre.index() == population);
    populations.filter(|(index, _)| is_source(*index)).map(|(_, p)| u64::from(p.size)).sum()
}

/// Cuts the rows into tiles. `starts` has the places of all rows, store by store, `degrees` the
/// lengths of those of each population.
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
    choices: &[Choice],
    specs: &[Spec],
    targets: &[Box<dyn Target + '_>],
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
        sum_drawn(site, choices, job.population, job.rows, &mut sums);
    }
    Ok(sums)
}

/// Adds what is not stored to the sums.
fn sum_drawn(
    site: &Site<'_>,
    choices: &[Choice],
    population: usize,
    rows: Range<u32>,
    sums: &mut AccumulatorSums,
) {
    let projections = site.plan.projections.iter().zip(choices).enumerate();
    for (index, (projection, choice)) in projections {
        let watched = sums.watches(index);
        let kept = matches!(choice.layout, Layout::Drawn | Layout::Late);
        if !kept || projection.pre.index() != population || !watched {
            continue;
        }
        rows.clone().for_each(|row| sums.add_row(site.plan, projection, row));
    }
}
