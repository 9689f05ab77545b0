//! Stored rows on a device: counted once, then drawn and uploaded in bounded pieces.

use super::{Device, Limits};
use crate::base::progress;
use crate::base::words;
use crate::device::kernels::layout::{Layout, part};
use crate::device::kernels::share::{ROUNDS, Sharing};
use crate::device::kernels::{RowFormat, is_stored};
use crate::plan::{AccumulatorSums, DELAY_STEPS_MAX, Plan, ProjectionPlan};
use crate::run::backend::BackendError;
use crate::run::counters::OutDegrees;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most synapses that are drawn before they are written to the device.
const PIECE: u64 = 1 << 21;

/// The places of the stored rows of a plan, merged by source, before any is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct RowPlan {
    /// Whether weights take a word of their own.
    pub wide: bool,
    /// Parts of consecutive sources, each small enough for one binding.
    pub parts: Vec<RowPart>,
}

/// Sources whose rows are stored in one arena.
#[derive(Clone, Debug, PartialEq)]
pub struct RowPart {
    /// The global id of the first source.
    pub first_source: u32,
    /// The start of each row, and the end of the last one.
    pub starts: Vec<u32>,
}

impl RowPart {
    /// Returns the number of its synapses.
    pub fn synapses(&self) -> u64 {
        self.starts.last().map_or(0, |end| u64::from(*end))
    }

    /// Returns the number of synapses of each source.
    fn lengths(&self) -> Vec<u32> {
        self.starts.windows(2).map(|row| row[1] - row[0]).collect()
    }

    /// Returns the number of its sources.
    pub fn sources(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// Returns the words of its arena; `wide` weights take a word of their own.
    pub fn words(&self, wide: bool) -> u64 {
        words_of(self.sources().into(), self.synapses(), wide)
    }

    /// Returns the words of its header, as [`part`] orders them.
    fn header(&self, wide: bool) -> [u32; part::STARTS as usize] {
        let mut words = [0; part::STARTS as usize];
        words[part::FIRST_SOURCE as usize] = self.first_source;
        words[part::SOURCES as usize] = self.sources();
        words[part::SYNAPSES as usize] = synapses_at(self.sources().into()) as u32;
        if wide {
            words[part::WEIGHTS as usize] = self.weights_at() as u32;
        }
        words
    }

    /// Returns the place of the first 32-bit weight.
    fn weights_at(&self) -> u64 {
        words_of(self.sources().into(), self.synapses(), false)
    }
}

/// Returns the place of the first synapse in an arena of so many sources: an even word, so that
/// the two words of a synapse lie in one line of a cache.
fn synapses_at(sources: u64) -> u64 {
    (u64::from(part::STARTS) + sources + 1).next_multiple_of(2)
}

/// Returns the words of an arena.
fn words_of(sources: u64, synapses: u64, wide: bool) -> u64 {
    synapses_at(sources) + if wide { 3 } else { 2 } * synapses
}

impl RowPlan {
    /// Counts the synapses of every source and cuts the sources into parts.
    pub fn new(plan: &Plan, limits: Limits) -> Result<Self, BackendError> {
        let stored = stored(plan);
        let wide = stored.iter().any(|p| p.weight_bits > 16);
        if let Some(p) = stored.iter().find(|p| p.max_delay_steps > DELAY_STEPS_MAX) {
            return Err(BackendError::Unsupported(format!(
                "projection {} has delays of {}, a device stores at most {DELAY_STEPS_MAX}",
                p.name,
                words::count(p.max_delay_steps, "step")
            )));
        }
        // Counted once, here in parallel, for all later uses.
        stored.iter().for_each(|projection| projection.rows.count());
        let (first, end) = sources(plan, &stored);
        let count = |source: u32| row_length(plan, &stored, source);
        let lengths: Vec<u64> = (first..end).into_par_iter().map(count).collect();
        let most = limits.binding_words.min(u32::MAX.into());
        let fits = |sources: u64, synapses: u64| words_of(sources, synapses, wide) <= most;
        let mut parts: Vec<RowPart> = Vec::new();
        for (source, length) in (first..end).zip(lengths) {
            if !fits(1, length) {
                return Err(BackendError::Unsupported(format!(
                    "the row of source {source} has {}, the device binds at most {most} words at \
                     once",
                    words::count(length, "synapse")
                )));
            }
            let is_full =
                |part: &RowPart| !fits(u64::from(part.sources()) + 1, part.synapses() + length);
            if parts.last().is_none_or(is_full) {
                parts.push(RowPart { first_source: source, starts: vec![0] });
            }
            if let Some(part) = parts.last_mut() {
                part.starts.push((part.synapses() + length) as u32);
            }
        }
        parts.retain(|part| part.synapses() > 0);
        Ok(Self { wide, parts })
    }

    /// Returns the format of the rows, from which kernels are made.
    pub fn format(&self, layout: &Layout) -> RowFormat {
        let sharing =
            |part: &RowPart| Sharing::new(&part.lengths(), ROUNDS, layout.neurons, layout.batch);
        RowFormat { wide: self.wide, parts: self.parts.iter().map(sharing).collect() }
    }
}

/// The sums of the watched rows that each thread of the rayon pool has drawn.
pub struct StoredSums(Vec<Mutex<AccumulatorSums>>);

impl StoredSums {
    /// Returns sums of 0 for each thread.
    pub fn new(sums: &AccumulatorSums) -> Self {
        let of_thread = |_| Mutex::new(sums.zeros());
        Self((0..rayon::current_num_threads()).map(of_thread).collect())
    }

    /// Locks the sums of the present thread.
    fn of_thread(&self) -> MutexGuard<'_, AccumulatorSums> {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.0.len();
        self.0[thread].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the sums of all threads to `sums`.
    pub fn add_to(&self, sums: &mut AccumulatorSums) {
        for own in &self.0 {
            sums.merge(&own.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// Draws the rows of one part and writes them to its arena, piece by piece. Writes their lengths
/// to `degrees`, and adds their weights to `sums`.
pub fn upload<D: Device>(
    device: &mut D,
    arena: &D::Buffer,
    plan: &Plan,
    rows: &RowPlan,
    part: &RowPart,
    degrees: &mut OutDegrees,
    sums: &StoredSums,
) -> Result<(), BackendError> {
    progress::begin("drawing synapses", part.synapses());
    device.write(arena, 0, &part.header(rows.wide))?;
    device.write(arena, part::STARTS.into(), &part.starts)?;
    let (mut synapses, mut weights) = (Vec::new(), Vec::new());
    let mut first = 0;
    while first < part.sources() as usize {
        let start = u64::from(part.starts[first]);
        let fits = |end: &u32| u64::from(*end) <= start + PIECE;
        let last = first + part.starts[first + 1..].iter().take_while(|end| fits(end)).count();
        let last = last.max(first + 1);
        let length = (u64::from(part.starts[last]) - start) as usize;
        synapses.resize(2 * length, 0);
        weights.resize(if rows.wide { length } else { 0 }, 0);
        let sources = part.first_source + first as u32..part.first_source + last as u32;
        let degrees = degrees.rows_mut(plan, sources);
        let places = places(part, first..last, degrees, &mut synapses, &mut weights);
        fill(plan, places, rows.wide, sums);
        device.write(arena, synapses_at(part.sources().into()) + 2 * start, &synapses)?;
        if rows.wide {
            device.write(arena, part.weights_at() + start, &weights)?;
        }
        progress::advance(length as u64);
        first = last;
    }
    Ok(())
}

/// The memory that a row is drawn into.
struct Place<'a> {
    source: u32,
    degrees: &'a mut [u32],
    synapses: &'a mut [u32],
    /// Empty where weights are narrow.
    weights: &'a mut [u32],
}

/// Returns the places of some sources of a part.
fn places<'a>(
    part: &RowPart,
    sources: Range<usize>,
    degrees: Vec<&'a mut [u32]>,
    synapses: &'a mut [u32],
    weights: &'a mut [u32],
) -> Vec<Place<'a>> {
    let wide = !weights.is_empty();
    let mut places = Vec::with_capacity(sources.len());
    let (mut rest, mut rest_weights) = (synapses, weights);
    for (source, degrees) in sources.zip(degrees) {
        let length = (part.starts[source + 1] - part.starts[source]) as usize;
        let (synapses, after) = rest.split_at_mut(2 * length);
        let (weights, after_weights) = rest_weights.split_at_mut(if wide { length } else { 0 });
        places.push(Place {
            source: part.first_source + source as u32,
            degrees,
            synapses,
            weights,
        });
        (rest, rest_weights) = (after, after_weights);
    }
    places
}

/// Draws rows in parallel, each into its place.
fn fill(plan: &Plan, places: Vec<Place<'_>>, wide: bool, sums: &StoredSums) {
    places.into_par_iter().for_each(|place| {
        let Place { source, degrees, synapses: row, weights: row_weights } = place;
        let mut sums = sums.of_thread();
        let (population, number) = plan.locate(source);
        let all = plan.projections.iter().enumerate();
        let from_here = all.filter(|(_, p)| p.pre == population).zip(degrees);
        let mut at = 0;
        for ((index, projection), degree) in from_here.filter(|((_, p), _)| is_stored(p)) {
            let receptor = &plan.receptors[projection.receptor as usize];
            let watched = sums.watches(index);
            let first = at;
            projection.rows.for_each(number, |synapse| {
                let target = receptor.first_accumulator + synapse.target;
                if watched {
                    sums.add(target, projection.reach(synapse.weight));
                }
                row[2 * at] = target;
                row[2 * at + 1] = synapse.delay_steps << 16;
                if wide {
                    row_weights[at] = synapse.weight as u32;
                } else {
                    row[2 * at + 1] |= synapse.weight as u32 & 0xffff;
                }
                at += 1;
            });
            *degree = (at - first) as u32;
        }
    });
}

fn stored(plan: &Plan) -> Vec<&ProjectionPlan> {
    plan.projections.iter().filter(|p| is_stored(p)).collect()
}

/// Returns the range of global ids that holds every source of a stored row.
fn sources(plan: &Plan, stored: &[&ProjectionPlan]) -> (u32, u32) {
    let population = |p: &&ProjectionPlan| &plan.populations[p.pre.index()];
    let first = stored.iter().map(|p| population(p).first_neuron).min();
    let end = stored.iter().map(|p| population(p).first_neuron + population(p).size).max();
    (first.unwrap_or(0), end.unwrap_or(0))
}

fn of_source<'a>(
    plan: &'a Plan,
    stored: &'a [&'a ProjectionPlan],
    source: u32,
) -> impl Iterator<Item = &'a ProjectionPlan> {
    let (population, _) = plan.locate(source);
    stored.iter().copied().filter(move |p| p.pre == population)
}

fn row_length(plan: &Plan, stored: &[&ProjectionPlan], source: u32) -> u64 {
    let (_, number) = plan.locate(source);
    of_source(plan, stored, source).map(|p| u64::from(p.rows.len(number))).sum()
}
