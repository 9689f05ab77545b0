//! How many synapses leave each neuron: what a spike counts.

use super::Counters;
use crate::plan::{Plan, ProjectionPlan};
use crate::run::record::Spike;
use rayon::prelude::*;
use std::ops::Range;

/// The length of each row, in the rows that a backend built. Rows that it draws anew at each spike
/// have a length when it is first read.
#[derive(Clone, Debug)]
pub struct OutDegrees {
    /// For each population, the projections that start there.
    projections: Vec<Vec<usize>>,
    /// See [`Self::columns`].
    columns: Vec<usize>,
    /// For each population, where the row of its neuron 0 is, and the end.
    first: Vec<usize>,
    /// Row by row in order of global id, each with one number for each projection.
    degrees: Vec<u32>,
    /// Spikes of each neuron, all copies together, that were noted and not yet settled.
    spikes: Vec<u32>,
    /// How many these are in all.
    noted: u64,
    /// Whether there are lengths to be learnt.
    drawn: bool,
}

/// Not yet known. No row is so long: its synapses are counted in 32 bits, and a row of 2^32 - 1
/// fits no memory.
const UNKNOWN: u32 = u32::MAX;

impl OutDegrees {
    /// Zeros where rows will be built, to be filled in; lengths to be learnt for projections that
    /// are `drawn`.
    pub fn new(plan: &Plan, drawn: impl Fn(&ProjectionPlan) -> bool) -> Self {
        let mut projections = vec![Vec::new(); plan.populations.len()];
        let mut columns = Vec::with_capacity(plan.projections.len());
        for (index, projection) in plan.projections.iter().enumerate() {
            let list = &mut projections[projection.pre.index()];
            columns.push(list.len());
            list.push(index);
        }
        let mut first = vec![0];
        let mut degrees = Vec::new();
        for (population, list) in plan.populations.iter().zip(&projections) {
            let start = |&index: &usize| {
                if drawn(&plan.projections[index]) { UNKNOWN } else { 0 }
            };
            let row: Vec<u32> = list.iter().map(start).collect();
            for _ in 0..population.size {
                degrees.extend_from_slice(&row);
            }
            first.push(degrees.len());
        }
        let spikes = vec![0; plan.neurons() as usize];
        let drawn = plan.projections.iter().any(drawn);
        Self { projections, columns, first, degrees, spikes, noted: 0, drawn }
    }

    /// For each projection, its place in the rows of its source population.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// How many numbers a row of a population has.
    pub fn width(&self, population: usize) -> usize {
        self.projections[population].len()
    }

    /// The rows of each population, to be filled in.
    pub fn populations_mut(&mut self) -> Vec<&mut [u32]> {
        let mut rest = self.degrees.as_mut_slice();
        let mut parts = Vec::with_capacity(self.projections.len());
        for ends in self.first.windows(2) {
            let (part, after) = rest.split_at_mut(ends[1] - ends[0]);
            parts.push(part);
            rest = after;
        }
        parts
    }

    /// The rows of some neurons, by global id, to be filled in.
    pub fn rows_mut(&mut self, plan: &Plan, neurons: Range<u32>) -> Vec<&mut [u32]> {
        let mut rest = self.degrees.as_mut_slice();
        let mut skipped = 0;
        let mut rows = Vec::with_capacity(neurons.len());
        for neuron in neurons {
            let (population, number) = plan.locate(neuron);
            let width = self.projections[population.index()].len();
            let start = self.first[population.index()] + number as usize * width;
            let (row, after) = rest.split_at_mut(start - skipped).1.split_at_mut(width);
            (rest, skipped) = (after, start + width);
            rows.push(row);
        }
        rows
    }

    /// Tells the rows of projections that are `built` how many synapses they have, so that nobody
    /// draws them again to count them.
    pub fn tell_rows(&self, plan: &Plan, built: impl Fn(&ProjectionPlan) -> bool) {
        for (index, projection) in plan.projections.iter().enumerate().filter(|(_, p)| built(p)) {
            let (population, column) = (projection.pre.index(), self.columns[index]);
            let rows = &self.degrees[self.first[population]..self.first[population + 1]];
            let lengths = rows.iter().skip(column).step_by(self.width(population));
            projection.rows.remember_synapses(lengths.map(|length| u64::from(*length)).sum());
        }
    }

    /// Learns the lengths of rows that spiked for the first time, in parallel: to count a row whose
    /// length is drawn is to draw it.
    fn learn(&mut self, plan: &Plan) {
        let mut rest = self.spikes.as_slice();
        for (index, population) in plan.populations.iter().enumerate() {
            let (spikes, after) = rest.split_at(population.size as usize);
            rest = after;
            let list = &self.projections[index];
            let rows = &mut self.degrees[self.first[index]..self.first[index + 1]];
            let rows = rows.par_chunks_mut(list.len().max(1)).zip(spikes).zip(0..population.size);
            rows.filter(|((_, spikes), _)| **spikes > 0).for_each(|((row, _), neuron)| {
                for (&projection, degree) in list.iter().zip(row) {
                    if *degree == UNKNOWN {
                        *degree = plan.projections[projection].rows.len(neuron);
                    }
                }
            });
        }
    }

    /// Takes note of spikes. Their counts are added up by [`Self::settle`], a row at a time: to
    /// look the row up at every spike would miss the cache every time.
    pub fn note(&mut self, plan: &Plan, spikes: &[Spike], counters: &mut Counters) {
        // No neuron may reach 2^32.
        if self.noted + spikes.len() as u64 > u64::from(u32::MAX) {
            self.settle(plan, counters);
        }
        self.noted += spikes.len() as u64;
        let all = self.spikes.len() as u32;
        for spike in spikes {
            // Dividing takes longer than all the rest; the first copy needs none.
            let neuron = if spike.neuron < all { spike.neuron } else { spike.neuron % all };
            self.spikes[neuron as usize] += 1;
        }
    }

    /// Adds the spikes noted and their synaptic events to the counters.
    pub fn settle(&mut self, plan: &Plan, counters: &mut Counters) {
        if self.noted == 0 {
            return;
        }
        if self.drawn {
            self.learn(plan);
        }
        let mut rest = self.spikes.as_mut_slice();
        for (index, population) in plan.populations.iter().enumerate() {
            let (spikes, after) = rest.split_at_mut(population.size as usize);
            rest = after;
            let list = &self.projections[index];
            let rows = &self.degrees[self.first[index]..self.first[index + 1]];
            for (neuron, spikes) in (0_usize..).zip(spikes).filter(|(_, spikes)| **spikes > 0) {
                let count = u64::from(std::mem::take(spikes));
                counters.spikes[index] += count;
                let start = neuron * list.len();
                for (&projection, degree) in list.iter().zip(&rows[start..]) {
                    counters.synaptic_events[projection] += count * u64::from(*degree);
                }
            }
        }
        self.noted = 0;
    }

    /// Forgets the spikes noted.
    pub fn forget(&mut self) {
        self.spikes.fill(0);
        self.noted = 0;
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        (size_of_val(self.degrees.as_slice()) + size_of_val(self.spikes.as_slice())) as u64
    }
}
