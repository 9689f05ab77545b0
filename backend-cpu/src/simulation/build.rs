//! Builds the engine of a plan: shards with their neurons, stores with their rows, exchanges.

use super::late::{self, Learning};
use super::programs::Programs;
use crate::arch::LANES;
use crate::program::compiled::Compiled;
use crate::run::exchange::Exchange;
use crate::run::shard::{ProbePart, Shard, Slice};
use crate::run::shown::Shown;
use crate::run::spin_wait::SpinWait;
use crate::run::worker::{Drawn, Engine, Scripted};
use crate::simulation::memory::{self, Estimate};
use crate::synapse::build;
use crate::synapse::format::tile::Site;
use crate::synapse::layout::{self, Choice, Layout};
use crate::synapse::partition::{Partition, Places};
use crate::synapse::ring::Ring;
use crate::synapse::signals::Signals;
use crate::synapse::store::Store;
use crate::synapse::timing_wheel::TimingWheel;
use isospike_core::base::cores::cores;
use isospike_core::plan::{Plan, PopulationPlan, PopulationPlanKind, ProbePlan, ProjectionPlan};
use isospike_core::run::backend::BackendError;
use isospike_core::run::counters::{Counters, OutDegrees};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, RwLock};

/// More steps than this between two exchanges of spikes gain nothing.
const WINDOW_MAX: u32 = 16;

/// An engine that has run nothing.
pub(super) struct Built {
    pub engine: Engine,
    /// The layout of each projection.
    pub choices: Vec<Choice>,
    /// The lengths of stored rows.
    pub degrees: OutDegrees,
    /// The projections that learn.
    pub learning: Vec<Learning>,
}

/// Builds the engine of a plan for at most this many threads.
pub(super) fn engine(
    plan: &Plan,
    programs: &Programs,
    threads: usize,
) -> Result<Built, BackendError> {
    if u64::from(plan.batch) * u64::from(plan.neurons()) > u64::from(u32::MAX) {
        let what = "all copies together have more than 2^32 - 1 neurons";
        return Err(BackendError::Unsupported(what.to_string()));
    }
    let partition = Partition::new(plan, threads);
    let lanes = partition.lanes(plan);
    let choices = layout::choose(plan, partition.shards, partition.most_accumulators(plan));
    let estimate = Estimate::new(plan, &partition, &choices);
    memory::check(&estimate.what(plan, &choices), estimate.total())?;
    let of_shard = |shard| slices_of(plan, &partition, shard, &programs.all);
    let (slices, first_lanes): (Vec<_>, Vec<_>) = (0..partition.shards).map(of_shard).unzip();
    let places = places(plan, &partition, &first_lanes);
    let mut degrees = OutDegrees::new(plan, |_| false);
    let columns = degrees.columns().to_vec();
    let site = Site { plan, places: &places, lanes: &lanes, columns: &columns };
    // More threads than cores would only be in each other's way, and each holds a tile.
    let stores = build::build(&site, &choices, threads.min(cores()), &mut degrees)?;
    let site =
        late::Site { plan, programs, places: &places, slices: &slices, first_lanes: &first_lanes };
    let (late, learning) = site.build(&mut degrees);
    degrees.tell_rows(plan, |projection| !projection.procedural);
    let ring_delay = ring_delay(plan, &choices);
    let mut late = late.into_iter();
    let make = |(number, (slices, lanes)): (u32, (Vec<Slice>, usize))| Shard {
        number,
        late: late.next().unwrap_or_default(),
        signals: Signals::new(plan),
        stage: 0,
        taken: u32::MAX,
        probes: plan.probes.iter().map(|probe| probe_part(probe, &slices)).collect(),
        slices,
        ring: Ring::new(ring_delay, plan.batch, lanes),
        wheels: stores.iter().map(|store| wheel(store, plan.batch)).collect(),
        record: Vec::new(),
        spikes: Vec::new(),
        counters: Counters::new(plan),
    };
    let shards: Vec<Shard> = (0..).zip(slices.into_iter().zip(lanes)).map(make).collect();
    let workers = threads.clamp(1, shards.len().max(1));
    let of_signals = plan.signals.iter().filter_map(|signal| signal.spikes);
    let of_signals = of_signals.map(|spikes| spikes.delay_steps);
    let axonal = plan.projections.iter().map(|p| p.min_delay_steps - p.dendritic_steps());
    let least_delay = axonal.chain(of_signals).min();
    let engine = Engine {
        isa: programs.isa,
        seed: plan.seed,
        batch: plan.batch,
        neurons: plan.neurons(),
        first_neurons: plan.populations.iter().map(|p| p.first_neuron).collect(),
        window: least_delay.unwrap_or(WINDOW_MAX).clamp(1, WINDOW_MAX),
        workers,
        spin_wait: SpinWait::new(workers),
        exchanges: shards.iter().map(|shard| exchange(shard, plan.batch)).collect(),
        shards: shards.into_iter().map(Mutex::new).collect(),
        stores,
        shown: Shown::new(plan),
        scripted: scripted(plan),
        given: RwLock::default(),
        drawn: drawn(plan, &choices, places),
        failed: AtomicU32::new(u32::MAX),
        #[cfg(test)]
        disturbance: Default::default(),
    };
    Ok(Built { engine, choices, degrees, learning })
}

/// Returns the places of the targets of all projections, from the first lane of each receptor in
/// each shard.
fn places(plan: &Plan, partition: &Partition, first_lanes: &[Vec<usize>]) -> Vec<Places> {
    let place = |projection: &ProjectionPlan| {
        let receptor = projection.receptor as usize;
        let first: Vec<u32> =
            first_lanes.iter().map(|firsts| (firsts[receptor] * LANES) as u32).collect();
        Places::new(partition, projection.post.index(), &first)
    };
    plan.projections.iter().map(place).collect()
}

/// Returns the exchange buffer of a shard.
fn exchange(shard: &Shard, copies: u32) -> Exchange {
    let neurons: usize = shard.slices.iter().map(|slice| slice.neurons.len()).sum();
    Exchange::new(neurons * copies as usize)
}

/// The slices of a shard, and where the accumulators of each receptor of the plan start in it.
fn slices_of(
    plan: &Plan,
    partition: &Partition,
    shard: u32,
    programs: &[Option<Arc<Compiled>>],
) -> (Vec<Slice>, Vec<usize>) {
    let mut slices = Vec::new();
    let mut firsts = vec![0; plan.receptors.len()];
    let mut next = 0;
    for (index, population) in plan.populations.iter().enumerate() {
        let range = partition.range(index, shard);
        let (PopulationPlanKind::Neurons(neurons), Some(program)) =
            (&population.kind, &programs[index])
        else {
            continue;
        };
        if range.is_empty() {
            continue;
        }
        let slice = Slice::new(plan, index, range, program.clone(), neurons, &mut next);
        let first = neurons.first_receptor as usize;
        firsts[first..first + slice.arrays.receptors.len()]
            .copy_from_slice(&slice.arrays.receptors);
        slices.push(slice);
    }
    (slices, firsts)
}

/// The largest delay of the rows that are delivered at once.
pub(crate) fn ring_delay(plan: &Plan, choices: &[Choice]) -> u32 {
    let rows = plan.projections.iter().zip(choices).filter(|(_, c)| !c.layout.waits());
    rows.map(|(projection, _)| projection.max_delay_steps).max().unwrap_or(1)
}

fn wheel(store: &Store, copies: u32) -> TimingWheel {
    match store.waits() {
        true => TimingWheel::new(store.rows.max_delay_steps, copies),
        false => TimingWheel::default(),
    }
}

/// Bytes of all states and constants.
pub(crate) fn state_bytes(plan: &Plan) -> u64 {
    let of = |population: &PopulationPlan| match &population.kind {
        PopulationPlanKind::Neurons(neurons) => {
            let words = (neurons.state.len() + 2) as u64 * u64::from(plan.batch)
                + (neurons.constants.len() + neurons.series.len() + neurons.external.len()) as u64;
            words * 4 * u64::from(population.size)
        }
        PopulationPlanKind::SpikeList(_) => 0,
    };
    plan.populations.iter().map(of).sum()
}

/// The part of a probe whose neurons are in these slices.
fn probe_part(probe: &ProbePlan, slices: &[Slice]) -> ProbePart {
    let slice = slices.iter().position(|s| s.population == probe.population.index());
    let range = slice.map_or(0..0, |s| slices[s].neurons.clone());
    let from = probe.neurons.partition_point(|&i| i < range.start);
    let to = probe.neurons.partition_point(|&i| i < range.end).max(from);
    ProbePart {
        slice: slice.unwrap_or(0),
        variable: probe.variable as usize,
        neurons: probe.neurons[from..to].iter().map(|i| i - range.start).collect(),
        positions: (from as u32..to as u32).collect(),
        every_steps: probe.every_steps.max(1),
        words: Vec::new(),
    }
}

fn scripted(plan: &Plan) -> Vec<Scripted> {
    let lists = plan.populations.iter().filter_map(|population| match &population.kind {
        PopulationPlanKind::SpikeList(spikes) => {
            Some(Scripted { first_neuron: population.first_neuron, spikes: spikes.clone() })
        }
        PopulationPlanKind::Neurons(_) => None,
    });
    lists.collect()
}

fn drawn(plan: &Plan, choices: &[Choice], places: Vec<Places>) -> Vec<Drawn> {
    let all = plan.projections.iter().enumerate().zip(choices).zip(places);
    let kept = all.filter(|((_, choice), _)| choice.layout == Layout::Drawn);
    let of = |(((index, projection), _), places): (((usize, &ProjectionPlan), _), _)| Drawn {
        projection: index,
        population: projection.pre.index() as u32,
        rows: projection.rows.clone(),
        places,
    };
    kept.map(of).collect()
}
