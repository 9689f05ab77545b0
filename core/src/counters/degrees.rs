//! How many synapses leave each neuron: what a spike counts.

use super::Counters;
use crate::plan::{Plan, ProjectionPlan};
use crate::record::Spike;
use std::ops::Range;

/// The length of each row, in the rows that a backend built. Rows that it draws anew at each spike
/// have a length when it is first asked for.
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
        Self { projections, columns, first, degrees }
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

    /// Counts spikes and their synaptic events.
    pub fn count(&mut self, plan: &Plan, spikes: &[Spike], counters: &mut Counters) {
        let all = plan.neurons();
        let (mut population, mut base, mut end) = (0, 0, 0);
        for spike in spikes {
            // Most spikes come from the population of the spike before.
            if !(base..end).contains(&spike.neuron) {
                let copy = spike.neuron / all * all;
                let (found, number) = plan.locate(spike.neuron - copy);
                population = found.index();
                base = spike.neuron - number;
                end = base + plan.populations[population].size;
            }
            counters.spikes[population] += 1;
            let list = &self.projections[population];
            let start = self.first[population] + (spike.neuron - base) as usize * list.len();
            let row = &mut self.degrees[start..start + list.len()];
            for (&index, degree) in list.iter().zip(row) {
                if *degree == UNKNOWN {
                    *degree = plan.projections[index].rows.len(spike.neuron - base);
                }
                counters.synaptic_events[index] += u64::from(*degree);
            }
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        size_of_val(self.degrees.as_slice()) as u64
    }
}
