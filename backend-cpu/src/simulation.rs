//! A plan on the CPU: made ready, run, read.

use crate::barrier::Barrier;
use crate::compiled::Compiled;
use crate::layout::{self, Choice, Layout};
use crate::memory;
use crate::partition::{Partition, Places};
use crate::ring::Ring;
use crate::rows::{self, Site};
use crate::shard::{ProbePart, Shard, Slice, lanes_of};
use crate::simd::{Detected, LANES};
use crate::worker::{Board, Drawn, Phases, Run, Scripted};
use isospike_core::backend::{BackendError, Simulation, check_finite};
use isospike_core::plan::{Plan, PopulationPlan, PopulationPlanKind, ProbePlan, ProjectionPlan};
use isospike_core::record::{Recording, Spike};
use std::ops::Range;
use std::sync::Arc;

/// A plan in the middle of its run on the CPU.
#[derive(Debug)]
pub struct CpuSimulation {
    plan: Plan,
    isa: Detected,
    threads: usize,
    /// Steps run so far.
    step: u32,
    shards: Vec<Shard>,
    boards: Vec<Board>,
    scripted: Vec<Scripted>,
    drawn: Vec<Drawn>,
    choices: Vec<Choice>,
    generated: usize,
    phases: Phases,
}

impl CpuSimulation {
    pub(crate) fn new(
        plan: &Plan,
        isa: Detected,
        interpret: bool,
        threads: usize,
    ) -> Result<Self, BackendError> {
        if u64::from(plan.batch) * u64::from(plan.neurons()) > u64::from(u32::MAX) {
            let what = "all copies together have more than 2^32 - 1 neurons";
            return Err(BackendError::Unsupported(what.to_string()));
        }
        let partition = Partition::new(plan);
        let choices: Vec<Choice> = plan.projections.iter().map(layout::choose).collect();
        let rings = ring_lanes(plan, &partition);
        memory::check("synapses, delay rings and state", estimate(plan, &choices, &rings))?;

        let programs: Vec<Option<Arc<Compiled>>> =
            plan.populations.iter().map(|p| compile(p, isa, interpret)).collect();
        let mut slices = Vec::new();
        let mut first_lanes = Vec::new();
        for shard in 0..partition.shards {
            let (shard_slices, firsts) = slices_of(plan, &partition, shard, &programs);
            slices.push(shard_slices);
            first_lanes.push(firsts);
        }
        let place = |projection: &ProjectionPlan| {
            let receptor = projection.receptor as usize;
            let first: Vec<u32> =
                first_lanes.iter().map(|firsts| (firsts[receptor] * LANES) as u32).collect();
            Places::new(&partition, projection.post.index(), &first)
        };
        let places: Vec<Places> = plan.projections.iter().map(place).collect();
        let site =
            Site { plan, choices: &choices, places: &places, shards: partition.shards, threads };
        let stored = rows::build(&site)?;

        let mut shards = Vec::with_capacity(slices.len());
        for ((slices, stored), lanes) in slices.into_iter().zip(stored).zip(rings) {
            let probes = plan.probes.iter().map(|probe| probe_part(probe, &slices)).collect();
            let ring = Ring::new(plan.max_delay_steps, plan.batch, lanes);
            let formats = [!stored.narrow.is_empty(), !stored.wide.is_empty()];
            let (record, spikes) = (Vec::new(), Vec::new());
            shards.push(Shard { slices, probes, ring, stored, record, spikes, formats });
        }
        let boards = shards.iter().map(|shard| {
            let neurons: usize = shard.slices.iter().map(|slice| slice.neurons.len()).sum();
            Board::new(neurons * plan.batch as usize)
        });
        let boards = boards.collect();
        Ok(Self {
            plan: plan.clone(),
            isa,
            threads,
            step: 0,
            shards,
            boards,
            scripted: scripted(plan),
            drawn: drawn(plan, &choices, places),
            choices,
            generated: programs.iter().flatten().filter(|c| c.is_generated()).count(),
            phases: Phases::default(),
        })
    }

    /// How the time of the last run was spent.
    pub fn phases(&self) -> Phases {
        self.phases
    }

    /// The layout of each projection, and why.
    pub fn layouts(&self) -> &[Choice] {
        &self.choices
    }

    /// How many populations run as machine code; the others are interpreted.
    pub fn generated(&self) -> usize {
        self.generated
    }

    /// How many shards the network was cut into; more threads than this have nothing to do.
    pub fn shards(&self) -> usize {
        self.shards.len()
    }

    /// Runs the shards of all workers, the first worker on this thread.
    fn work(&mut self, steps: Range<u32>) -> Phases {
        let workers = self.threads.clamp(1, self.shards.len().max(1));
        let run = Run {
            isa: self.isa,
            seed: self.plan.seed,
            batch: self.plan.batch,
            neurons: self.plan.neurons(),
            steps,
            barrier: Barrier::new(workers as u32),
            boards: &self.boards,
            scripted: &self.scripted,
            drawn: &self.drawn,
        };
        let shards = self.shards.len();
        let mut rest = self.shards.as_mut_slice();
        let mut parts = Vec::with_capacity(workers);
        for worker in 0..workers {
            let first = shards * worker / workers;
            let (part, after) = rest.split_at_mut(shards * (worker + 1) / workers - first);
            parts.push((first as u32, part));
            rest = after;
        }
        let run = &run;
        std::thread::scope(|scope| {
            let mut parts = parts.into_iter();
            let own = parts.next();
            let spawn = |(first, part)| scope.spawn(move || run.work(first, part));
            let helpers: Vec<_> = parts.map(spawn).collect();
            let mut phases = own.map_or(Phases::default(), |(first, part)| run.work(first, part));
            for helper in helpers {
                match helper.join() {
                    Ok(other) => phases.add(&other),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            phases
        })
    }

    /// Appends the spikes of all shards and scripted populations, in canonical order.
    fn collect_spikes(&mut self, steps: Range<u32>, record: &mut Recording) {
        let neurons = self.plan.neurons();
        let mut lists: Vec<Vec<Spike>> =
            self.shards.iter_mut().map(|shard| std::mem::take(&mut shard.record)).collect();
        for scripted in &self.scripted {
            for copy in 0..self.plan.batch {
                let base = copy * neurons + scripted.first_neuron;
                let spikes = scripted.during(steps.clone()).iter();
                lists.push(
                    spikes.map(|&(step, neuron)| Spike { step, neuron: base + neuron }).collect(),
                );
            }
        }
        record.spikes.reserve(lists.iter().map(Vec::len).sum());
        let mut rests: Vec<&[Spike]> = lists.iter().map(Vec::as_slice).collect();
        while let Some(step) = rests.iter().filter_map(|rest| rest.first()).map(|s| s.step).min() {
            let first = record.spikes.len();
            for rest in &mut rests {
                let (now, later) = rest.split_at(rest.partition_point(|s| s.step == step));
                record.spikes.extend_from_slice(now);
                *rest = later;
            }
            record.spikes[first..].sort_unstable();
        }
    }

    /// Appends the samples of all probes.
    fn collect_traces(&mut self, record: &mut Recording) {
        record.traces.resize(self.plan.probes.len(), Vec::new());
        for (index, probe) in self.plan.probes.iter().enumerate() {
            let width = probe.neurons.len();
            let trace = &mut record.traces[index];
            let first = trace.len();
            for shard in &mut self.shards {
                let part = &mut shard.probes[index];
                if part.neurons.is_empty() {
                    continue;
                }
                let samples = part.words.chunks_exact(part.neurons.len());
                trace.resize(trace.len().max(first + samples.len() * width), 0);
                for (sample, to) in samples.zip(trace[first..].chunks_exact_mut(width)) {
                    for (word, &position) in sample.iter().zip(&part.positions) {
                        to[position as usize] = *word;
                    }
                }
                part.words.clear();
            }
        }
    }

    fn state_words(&self) -> Vec<u32> {
        let mut words = Vec::new();
        for (index, population) in self.plan.populations.iter().enumerate() {
            let PopulationPlanKind::Neurons(neurons) = &population.kind else { continue };
            let mut slices: Vec<&Slice> = self.shards.iter().flat_map(|s| &s.slices).collect();
            slices.retain(|slice| slice.population == index);
            slices.sort_unstable_by_key(|slice| slice.neurons.start);
            let variables = neurons.program.next_state.len();
            let arrays = variables + usize::from(neurons.program.next_refractory.is_some());
            for array in 0..arrays {
                for copy in 0..self.plan.batch {
                    for slice in &slices {
                        let lanes = slice.arrays.state.get(array);
                        let lanes = lanes.unwrap_or(&slice.arrays.refractory);
                        words.extend_from_slice(slice.words(lanes, copy));
                    }
                }
            }
        }
        words
    }
}

impl Simulation for CpuSimulation {
    fn run(&mut self, steps: u32, record: &mut Recording) -> Result<(), BackendError> {
        let clock = std::time::Instant::now();
        let end = self.step.checked_add(steps).ok_or_else(|| {
            BackendError::Unsupported("a run has at most 2^32 - 1 steps".to_string())
        })?;
        let steps = self.step..end;
        self.phases = self.work(steps.clone());
        self.step = end;
        self.collect_spikes(steps, record);
        self.collect_traces(record);
        record.steps = end;
        self.phases.wall = clock.elapsed();
        check_finite(&self.plan, &self.state_words(), end)
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        Ok(self.state_words())
    }

    fn memory_bytes(&self) -> u64 {
        let shards: u64 = self.shards.iter().map(Shard::bytes).sum();
        shards + self.boards.iter().map(Board::bytes).sum::<u64>()
    }
}

fn compile(population: &PopulationPlan, isa: Detected, interpret: bool) -> Option<Arc<Compiled>> {
    let PopulationPlanKind::Neurons(neurons) = &population.kind else { return None };
    Some(Arc::new(Compiled::new(neurons, isa, interpret)))
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

/// How many lanes the accumulators of one copy take in each shard.
fn ring_lanes(plan: &Plan, partition: &Partition) -> Vec<usize> {
    let of = |shard: u32| {
        let lanes =
            plan.populations.iter().enumerate().map(|(index, population)| match &population.kind {
                PopulationPlanKind::Neurons(neurons) => {
                    lanes_of(&partition.range(index, shard)) * neurons.receptors as usize
                }
                PopulationPlanKind::SpikeList(_) => 0,
            });
        lanes.sum()
    };
    (0..partition.shards).map(of).collect()
}

/// About how many bytes the simulation will take.
fn estimate(plan: &Plan, choices: &[Choice], rings: &[usize]) -> u64 {
    let synapses = plan.projections.iter().zip(choices).map(|(projection, choice)| {
        match choice.layout.synapse_bytes() {
            0 => 0,
            bytes => layout::expected_synapses(projection).saturating_mul(bytes),
        }
    });
    let synapses = synapses.fold(0_u64, u64::saturating_add);
    let ring = |lanes: &usize| Ring::bytes_for(plan.max_delay_steps, plan.batch, *lanes);
    let rings: u64 = rings.iter().map(ring).sum();
    let state = plan.populations.iter().map(|population| match &population.kind {
        PopulationPlanKind::Neurons(neurons) => {
            let words = (neurons.initial.len() + 3) as u64 * u64::from(plan.batch)
                + neurons.constants.len() as u64;
            words * 4 * u64::from(population.size)
        }
        PopulationPlanKind::SpikeList(_) => 0,
    });
    synapses.saturating_add(rings).saturating_add(state.sum())
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
    let all = plan.projections.iter().zip(choices).zip(places);
    let kept = all.filter(|((_, choice), _)| choice.layout == Layout::Drawn);
    let of = |((projection, _), places): ((&ProjectionPlan, _), _)| {
        let pre = &plan.populations[projection.pre.index()];
        let sources = pre.first_neuron..pre.first_neuron + pre.size;
        Drawn { sources, rows: projection.rows.clone(), places }
    };
    kept.map(of).collect()
}
