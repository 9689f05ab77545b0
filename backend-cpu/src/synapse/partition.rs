//! Which neuron lives where. Decided from the network and the number of threads; no bit of a run
//! depends on it.

use crate::arch::{LANES, lanes_of};
use crate::synapse::segment::{SEGMENT_MIN, segment};
use isospike_core::plan::{Plan, PopulationPlan, PopulationPlanKind};
use std::ops::Range;

/// Neurons are distributed in blocks of this many, the unit of the random generators.
pub(crate) const BLOCK: u32 = 128;

/// About how many accumulators a shard has, so that they stay in the second-level cache beside the
/// synapses that stream by.
const ACCUMULATORS: u64 = 40_000;

/// The same where segments would be too short for chunks otherwise.
const ACCUMULATORS_WIDE: u64 = 60_000;

/// The place of the target of a synapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which shard.
    pub shard: u32,
    /// The number that is added (wrapping) to the neuron's number to give its accumulator in the
    /// shard.
    pub base: u32,
}

/// The distribution of all populations over the shards.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    /// How many shards.
    pub shards: u32,
    /// `[population][shard]`: a range of neurons, whole blocks except for the population's end.
    ranges: Vec<Vec<Range<u32>>>,
}

impl Partition {
    /// Distributes the populations of a plan over shards for this many threads.
    pub fn new(plan: &Plan, threads: usize) -> Self {
        let shards = count(plan, threads);
        let mut offset = 0;
        let mut ranges = Vec::with_capacity(plan.populations.len());
        for population in &plan.populations {
            if !is_neurons(&population.kind) {
                ranges.push(vec![0..0; shards as usize]);
                continue;
            }
            ranges.push(split(population.size, shards, offset));
            // The next population starts where this one left off, or the first shards would get
            // the odd blocks of all.
            offset = (offset + population.size.div_ceil(BLOCK)) % shards;
        }
        Self { shards, ranges }
    }

    /// The neurons of a population in a shard.
    pub fn range(&self, population: usize, shard: u32) -> Range<u32> {
        self.ranges[population][shard as usize].clone()
    }

    /// How many lanes the accumulators of one copy take in each shard.
    pub fn lanes(&self, plan: &Plan) -> Vec<usize> {
        let of = |shard: u32| {
            let lanes = plan.populations.iter().enumerate().map(|(index, population)| {
                match &population.kind {
                    PopulationPlanKind::Neurons(neurons) => {
                        lanes_of(&self.range(index, shard)) * neurons.receptors as usize
                    }
                    PopulationPlanKind::SpikeList(_) => 0,
                }
            });
            lanes.sum()
        };
        (0..self.shards).map(of).collect()
    }

    /// The most accumulators that any shard has for one copy, padding included.
    pub fn most_accumulators(&self, plan: &Plan) -> u64 {
        self.lanes(plan).into_iter().max().map_or(0, |lanes| (lanes * LANES) as u64)
    }
}

/// How many shards: the same for each thread, and as many as keep the accumulators of each in
/// cache; fewer where rows are short, and one per thread where they are too short for chunks.
fn count(plan: &Plan, threads: usize) -> u32 {
    let updated = || plan.populations.iter().filter(|p| is_neurons(&p.kind));
    let blocks: u64 = updated().map(|p| u64::from(p.size.div_ceil(BLOCK))).sum();
    let threads = (threads as u64).clamp(1, blocks.max(1));
    let accumulators: u64 = updated().map(accumulators_of).sum();
    let shards = |size: u64| {
        let shards = accumulators.div_ceil(size).next_multiple_of(threads).max(threads);
        u32::try_from(shards.min(blocks.max(1))).unwrap_or(u32::MAX)
    };
    let chunks_pay = |shards: u32| {
        let mut stored = plan.projections.iter().filter(|p| !p.procedural);
        stored.any(|p| segment(plan, p, shards) >= SEGMENT_MIN)
    };
    let sizes = [ACCUMULATORS, ACCUMULATORS_WIDE].map(shards);
    sizes.into_iter().find(|&n| chunks_pay(n)).unwrap_or(threads as u32)
}

fn accumulators_of(population: &PopulationPlan) -> u64 {
    match &population.kind {
        PopulationPlanKind::Neurons(neurons) => {
            u64::from(population.size) * u64::from(neurons.receptors)
        }
        PopulationPlanKind::SpikeList(_) => 0,
    }
}
/// The places of the targets of a projection, block by block of the post population.
#[derive(Clone, Debug)]
pub(crate) struct Places(Vec<Place>);

impl Places {
    /// The places of a population's receptor; `first_accumulator` is where its accumulators start
    /// in each shard.
    pub fn new(partition: &Partition, population: usize, first_accumulator: &[u32]) -> Self {
        let ranges = &partition.ranges[population];
        let size = ranges.iter().map(|r| r.end).max().unwrap_or(0);
        let mut places = vec![Place { shard: 0, base: 0 }; size.div_ceil(BLOCK) as usize];
        for (shard, range) in ranges.iter().enumerate().filter(|(_, range)| !range.is_empty()) {
            let base = first_accumulator[shard].wrapping_sub(range.start);
            let blocks = (range.start / BLOCK) as usize..range.end.div_ceil(BLOCK) as usize;
            places[blocks].fill(Place { shard: shard as u32, base });
        }
        Self(places)
    }

    /// The accumulators of the population, of this size, in each of so many shards.
    pub fn ranges(&self, size: u32, shards: usize) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = vec![0..0; shards];
        for (block, place) in (0..).zip(&self.0) {
            let (first, end) = (block * BLOCK, size.min((block + 1) * BLOCK));
            let accumulator = |neuron: u32| place.base.wrapping_add(neuron) as usize;
            let range = &mut ranges[place.shard as usize];
            let start = if range.start == range.end { accumulator(first) } else { range.start };
            *range = start..accumulator(end - 1) + 1;
        }
        ranges
    }

    /// The shard and the accumulator of a target.
    #[inline(always)]
    pub fn find(&self, target: u32) -> (u32, u32) {
        let place = self.0[(target / BLOCK) as usize];
        (place.shard, place.base.wrapping_add(target))
    }
}

fn is_neurons(kind: &PopulationPlanKind) -> bool {
    matches!(kind, PopulationPlanKind::Neurons(_))
}

/// Cuts a population into one range per shard; the first lies in shard `offset`.
fn split(size: u32, shards: u32, offset: u32) -> Vec<Range<u32>> {
    let blocks = u64::from(size.div_ceil(BLOCK));
    let cut = |k: u32| {
        let block = (blocks * u64::from(k)).div_ceil(u64::from(shards));
        (block * u64::from(BLOCK)).min(u64::from(size)) as u32
    };
    let of = |shard: u32| {
        let k = (shard + shards - offset % shards) % shards;
        cut(k)..cut(k + 1)
    };
    (0..shards).map(of).collect()
}
