//! Synapses that learn: built into the shards, and read and written in canonical order.

use super::CpuSimulation;
use super::programs::Programs;
use crate::arch::LANES;
use crate::run::shard::Slice;
use crate::synapse::late::rows::{self, Rows};
use crate::synapse::late::{Home, Late};
use crate::synapse::partition::Places;
use isospike_core::base::id::Side;
use isospike_core::connect::RowSource;
use isospike_core::plan::synapse::{Stamp, SynapseBlock, SynapsePart};
use isospike_core::plan::{Plan, ProjectionPlan};
use isospike_core::run::backend::{one_nan, one_nan_of_synapses};
use isospike_core::run::counters::OutDegrees;
use isospike_core::run::quantity::SynapsePlace;
use isospike_core::run::record::Recording;
use std::ops::Range;

/// The places of the targets of a projection that learns.
#[derive(Debug)]
pub(super) struct Learning {
    projection: usize,
    places: Places,
}

/// The shards of a plan while they are built.
pub(super) struct Site<'a> {
    pub plan: &'a Plan,
    pub programs: &'a Programs,
    /// The places of the targets of each projection.
    pub places: &'a [Places],
    /// The slices of each shard.
    pub slices: &'a [Vec<Slice>],
    /// The first lanes of each receptor in each shard.
    pub first_lanes: &'a [Vec<usize>],
}

impl Site<'_> {
    /// Builds the synapses that learn, shard by shard, and notes the lengths of their rows.
    pub fn build(&self, degrees: &mut OutDegrees) -> (Vec<Vec<Late>>, Vec<Learning>) {
        let mut late: Vec<Vec<Late>> = self.slices.iter().map(|_| Vec::new()).collect();
        let mut learning = Vec::new();
        for (index, projection) in self.plan.projections.iter().enumerate() {
            let Some(events) = &self.programs.events[index] else { continue };
            let rows = self.rows(index, projection, degrees);
            for (shard, rows) in rows.into_iter().enumerate() {
                if let Some(home) = self.home(shard, index, projection) {
                    let isa = self.programs.isa;
                    late[shard].push(Late::new(&home, events.clone(), rows, isa));
                }
            }
            let places = self.places[index].clone();
            learning.push(Learning { projection: index, places });
        }
        (late, learning)
    }

    fn slice(&self, shard: usize, projection: &ProjectionPlan) -> Option<usize> {
        self.slices[shard].iter().position(|slice| slice.population == projection.post.index())
    }

    fn home(&self, shard: usize, index: usize, projection: &ProjectionPlan) -> Option<Home> {
        let slice = self.slice(shard, projection)?;
        Some(Home {
            projection: index,
            source: projection.pre.0,
            slice,
            first_accumulators: projection
                .receptors()
                .into_iter()
                .map(|receptor| self.first_accumulator(shard, receptor) as usize)
                .collect(),
            targets: self.slices[shard][slice].len() as usize,
            copies: self.plan.batch,
            max_delay_steps: projection.max_delay_steps - projection.dendritic_steps(),
        })
    }

    fn first_accumulator(&self, shard: usize, receptor: u32) -> u32 {
        (self.first_lanes[shard][receptor as usize] * LANES) as u32
    }

    /// Draws all rows of a projection, once.
    fn rows(
        &self,
        index: usize,
        projection: &ProjectionPlan,
        degrees: &mut OutDegrees,
    ) -> Vec<Rows> {
        let shards = 0..self.slices.len();
        let targets = |shard| {
            let slice = self.slice(shard, projection);
            slice.map_or(0, |slice| self.slices[shard][slice].len() as usize)
        };
        let mut rows: Vec<rows::Builder> =
            shards.clone().map(|shard| rows::Builder::new(targets(shard))).collect();
        let firsts: Vec<u32> = shards
            .clone()
            .map(|shard| self.first_accumulator(shard, projection.receptor))
            .collect();
        let (column, width) = (degrees.columns()[index], degrees.width(projection.pre.index()));
        let lengths = &mut *degrees.populations_mut().swap_remove(projection.pre.index());
        let mut parts: Vec<Vec<(u32, u32)>> = shards.map(|_| Vec::new()).collect();
        for source in 0..projection.rows.rows() {
            let mut length = 0;
            projection.rows.for_each(source, |synapse| {
                let (shard, accumulator) = self.places[index].find(synapse.target);
                let target = accumulator - firsts[shard as usize];
                let delay = synapse.delay_steps - projection.dendritic_steps();
                parts[shard as usize].push((delay, target));
                length += 1;
            });
            lengths[source as usize * width + column] = length;
            for (part, rows) in parts.iter_mut().zip(&mut rows) {
                // Stable: synapses of one delay keep their order.
                part.sort_by_key(|synapse| synapse.0);
                rows.add(part);
                part.clear();
            }
        }
        rows.into_iter().map(rows::Builder::finish).collect()
    }
}

impl CpuSimulation {
    /// Writes the words of synapses that learn into all state words: every post event so far is
    /// carried out first.
    pub(super) fn read_synapses(&self, state: &mut [u32]) {
        let blocks = self.plan.synapse_blocks();
        for learning in &self.learning {
            self.with_late(learning.projection, |shards, late| {
                self.catch_up(late);
                for block in blocks.iter().filter(|b| b.projection == learning.projection) {
                    learning.each((&self.plan, self.step), block, shards, late, |word, place| {
                        state[place] = *word;
                    });
                }
            });
        }
        self.recent.write_traces(&self.plan, state);
        one_nan_of_synapses(&self.plan, state);
    }

    /// Appends the samples of synapses that are due after a step; `None` stands for before step 0.
    pub(super) fn sample_synapses(&self, after: Option<u32>, record: &mut Recording) {
        let places = SynapsePlace::sampled(&self.plan, after).into_iter();
        let read = |place: SynapsePlace| {
            let words = self.read_synapse(&place);
            (place, words)
        };
        record.sample_synapses(&self.plan, after, &places.map(read).collect::<Vec<_>>());
    }

    /// Reads a state variable of synapses.
    pub(super) fn read_synapse(&self, place: &SynapsePlace) -> Vec<u32> {
        let mut words = self.words_of_synapses(place);
        if let Some(stamps) = place.stamps(&self.plan) {
            let stamps = self.words_of_synapses(&stamps);
            place.decay(&self.plan, &mut words, &stamps, self.step);
        }
        one_nan(&mut words);
        words
    }

    /// Writes a state variable of synapses.
    pub(super) fn write_synapse(&mut self, place: &SynapsePlace, words: &[u32]) {
        if let Some(stamps) = place.stamps(&self.plan) {
            for other in place.decaying(&self.plan) {
                let left = self.read_synapse(&other);
                self.each_synapse(&other, |word, n| *word = left[n]);
            }
            let step = self.step;
            self.each_synapse(&stamps, |word, _| *word = step);
        }
        self.each_synapse(place, |word, n| *word = words[n]);
    }

    /// Returns the words of a state variable of synapses, or of their stamps, as they are stored.
    fn words_of_synapses(&self, place: &SynapsePlace) -> Vec<u32> {
        let mut words = vec![0; (place.words.end - place.words.start) as usize];
        self.each_synapse(place, |word, n| words[n] = *word);
        words
    }

    /// Calls `f` with each word of a state variable and its place among them, when all post events
    /// so far have been carried out.
    fn each_synapse(&self, place: &SynapsePlace, f: impl FnMut(&mut u32, usize)) {
        let own = |learning: &&Learning| learning.projection == place.projection;
        let Some(learning) = self.learning.iter().find(own) else { return };
        self.with_late(place.projection, |_, late| {
            self.catch_up(late);
            learning.each_synapse(&self.plan, place.variable, late, f);
        });
    }

    /// Carries out all post events so far.
    fn catch_up(&self, late: &mut [Option<&mut Late>]) {
        for late in late.iter_mut().flatten() {
            (0..self.plan.batch).for_each(|copy| late.catch_up(copy));
        }
    }

    /// Gives the synapses that learn these words, which are those before step `step`.
    pub(super) fn write_synapses(&mut self, state: &[u32], step: u32) {
        let blocks = self.plan.synapse_blocks();
        for learning in &self.learning {
            self.with_late(learning.projection, |shards, late| {
                late.iter_mut().flatten().for_each(|late| late.go_to(step));
                for block in blocks.iter().filter(|b| b.projection == learning.projection) {
                    learning.each((&self.plan, step), block, shards, late, |word, place| {
                        *word = state[place];
                    });
                }
                learning.set_source_traces(&self.plan, &blocks, state, late);
            });
        }
    }

    /// Calls `f` with the targets of a projection and its synapses in each shard.
    fn with_late(
        &self,
        projection: usize,
        f: impl FnOnce(&[Range<u32>], &mut [Option<&mut Late>]),
    ) {
        let engine = self.pool.engine();
        let mut shards: Vec<_> = (0..engine.shards.len()).map(|n| engine.shard(n)).collect();
        let post = self.plan.projections[projection].post.index();
        let targets = shards.iter().map(|shard| {
            let slice = shard.slices.iter().find(|slice| slice.population == post);
            slice.map_or(0..0, |slice| slice.neurons.clone())
        });
        let targets: Vec<Range<u32>> = targets.collect();
        let late = shards
            .iter_mut()
            .map(|shard| shard.late.iter_mut().find(|late| late.projection == projection));
        f(&targets, &mut late.collect::<Vec<_>>());
    }
}

impl Learning {
    /// Calls `f` with each word of a block that shards have before a step, and its place among all
    /// state words.
    fn each(
        &self,
        (plan, step): (&Plan, u32),
        block: &SynapseBlock<'_>,
        targets: &[Range<u32>],
        late: &mut [Option<&mut Late>],
        mut f: impl FnMut(&mut u32, usize),
    ) {
        let of_copy = block.words.len() / plan.batch as usize;
        let first = |copy: u32| block.words.start + copy as usize * of_copy;
        match block.part {
            SynapsePart::State(variable, _) => {
                let place = |n| block.words.start + n;
                self.each_synapse(plan, variable, late, |word, n| f(word, place(n)));
            }
            SynapsePart::LastEvent => {
                let states = plan.projections[self.projection].synapse.iter();
                let stamps = states.map(|synapse| synapse.state.len()).sum();
                let place = |n| block.words.start + n;
                self.each_synapse(plan, stamps, late, |word, n| f(word, place(n)));
            }
            SynapsePart::Trace(Side::Post, trace, _) => {
                for_each_target(plan, targets, late, |late, copy, target, neuron| {
                    let value = &mut late.history_mut().trace_mut(trace, copy)[target];
                    let mut word = value.to_bits();
                    f(&mut word, first(copy) + neuron);
                    *value = f32::from_bits(word);
                });
            }
            SynapsePart::Stamp(Side::Post) => {
                for_each_target(plan, targets, late, |late, copy, target, neuron| {
                    let stamp = &mut late.history_mut().stamps_mut(copy)[target];
                    let mut word = stamp.word();
                    f(&mut word, first(copy) + neuron);
                    *stamp = Stamp::from_word(word);
                });
            }
            SynapsePart::Sent(receptor, steps, _) => {
                let arrival = step.wrapping_add(steps);
                for_each_target(plan, targets, late, |late, copy, target, neuron| {
                    let sum = &mut late.sent_mut(arrival, receptor, copy)[target];
                    f(sum, first(copy) + neuron);
                });
            }
            // Those of sources are once for each delay in shards.
            SynapsePart::Trace(Side::Pre, ..) | SynapsePart::Stamp(Side::Pre) => {}
        }
    }

    /// Calls `f` with each word of a state variable, and its place in order of copy, row, place in
    /// the row.
    fn each_synapse(
        &self,
        plan: &Plan,
        variable: usize,
        late: &mut [Option<&mut Late>],
        mut f: impl FnMut(&mut u32, usize),
    ) {
        let rows = &plan.projections[self.projection].rows;
        let of_copy = rows.synapses() as usize;
        let mut next = 0;
        let dendritic_steps = plan.projections[self.projection].dendritic_steps();
        self.for_each_place((rows, dendritic_steps), late, |late, place| {
            for copy in 0..plan.batch {
                let word = &mut late.words_mut(variable, copy)[place];
                f(word, copy as usize * of_copy + next);
            }
            next += 1;
        });
    }

    /// Calls `f` with the place of each synapse in its shard, in order of row, then place in the
    /// row.
    fn for_each_place(
        &self,
        (rows, dendritic_steps): (&RowSource, u32),
        late: &mut [Option<&mut Late>],
        mut f: impl FnMut(&mut Late, usize),
    ) {
        // The delay of each segment of a source, and the place of its next synapse.
        let mut next: Vec<Vec<(u32, usize)>> = late.iter().map(|_| Vec::new()).collect();
        for source in 0..rows.rows() {
            for (next, late) in next.iter_mut().zip(&*late) {
                next.clear();
                let Some(late) = late else { continue };
                let rows = late.rows();
                let place = |segment| (rows.delay(segment), rows.lanes_of(segment).start * LANES);
                next.extend(rows.of_source(source).map(place));
            }
            rows.for_each(source, |synapse| {
                let shard = self.places.find(synapse.target).0 as usize;
                let Some(late) = &mut late[shard] else { return };
                let own = synapse.delay_steps - dendritic_steps;
                let at = next[shard].partition_point(|(delay, _)| *delay < own);
                let place = &mut next[shard][at].1;
                f(late, *place);
                *place += 1;
            });
        }
    }

    /// Sets the traces of all sources.
    fn set_source_traces(
        &self,
        plan: &Plan,
        blocks: &[SynapseBlock<'_>],
        state: &[u32],
        late: &mut [Option<&mut Late>],
    ) {
        let own = || blocks.iter().filter(|block| block.projection == self.projection);
        let Some(stamps) = own().find(|block| block.part == SynapsePart::Stamp(Side::Pre)) else {
            return;
        };
        let size = stamps.words.len() / plan.batch as usize;
        for block in own() {
            let SynapsePart::Trace(Side::Pre, trace, _) = block.part else { continue };
            let words = state[block.words.clone()].iter().zip(&state[stamps.words.clone()]);
            for (at, (value, stamp)) in words.enumerate() {
                let (copy, source) = ((at / size) as u32, (at % size) as u32);
                let (value, stamp) = (f32::from_bits(*value), Stamp::from_word(*stamp));
                for late in late.iter_mut().flatten() {
                    late.set_source_trace(source, copy, trace, value, stamp);
                }
            }
        }
    }
}

/// Calls `f` with the synapses of each shard, each copy, the number of each target there, and its
/// number among those of a copy of the population, copies apart.
fn for_each_target(
    plan: &Plan,
    targets: &[Range<u32>],
    late: &mut [Option<&mut Late>],
    mut f: impl FnMut(&mut Late, u32, usize, usize),
) {
    for (late, targets) in late.iter_mut().zip(targets) {
        let Some(late) = late else { continue };
        for copy in 0..plan.batch {
            for (target, neuron) in targets.clone().enumerate() {
                f(late, copy, target, neuron as usize);
            }
        }
    }
}
