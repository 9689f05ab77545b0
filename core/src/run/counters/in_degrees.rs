//! How many synapses that learn end at each neuron: the post events of a spike.

use super::Counters;
use crate::plan::{Plan, ProjectionPlan};
use crate::run::record::Spike;
use rayon::prelude::*;
use std::ops::Range;

/// The in-degrees of the projections with post events of spikes (`docs/semantics.md` 8.9), whose
/// rows are drawn once to count them.
#[derive(Clone, Debug)]
pub struct InDegrees {
    projections: Vec<OfProjection>,
    /// How many neurons a copy has.
    neurons: u32,
}

/// Holds the in-degrees of one projection.
#[derive(Clone, Debug)]
struct OfProjection {
    /// Its index in the plan.
    index: usize,
    /// The global ids of its targets.
    targets: Range<u32>,
    /// How many synapses end at each.
    degrees: Vec<u32>,
}

impl InDegrees {
    /// Draws the rows of the projections with post events of spikes, in parallel; none of others.
    pub fn new(plan: &Plan) -> Self {
        let learning = plan.projections.iter().enumerate().filter(|(_, projection)| {
            projection.synapse.as_ref().is_some_and(|synapse| synapse.counts_spikes_of_targets())
        });
        let of = |(index, projection): (usize, &ProjectionPlan)| {
            let post = &plan.populations[projection.post.index()];
            let targets = post.first_neuron..post.first_neuron + post.size;
            OfProjection { index, targets, degrees: count(projection, post.size) }
        };
        Self { projections: learning.map(of).collect(), neurons: plan.neurons().max(1) }
    }

    /// Returns whether no projection has such post events, so that there is nothing to note.
    pub fn is_empty(&self) -> bool {
        self.projections.is_empty()
    }

    /// Counts the post events of spikes.
    pub fn note(&self, spikes: &[Spike], counters: &mut Counters) {
        for OfProjection { index, targets, degrees } in &self.projections {
            let local = spikes.iter().map(|spike| spike.neuron % self.neurons);
            let local = local.filter(|neuron| targets.contains(neuron));
            let events = local.map(|neuron| u64::from(degrees[(neuron - targets.start) as usize]));
            counters.post_events[*index] += events.sum::<u64>();
        }
    }

    /// Returns the bytes held.
    pub fn bytes(&self) -> u64 {
        self.projections.iter().map(|of| size_of_val(of.degrees.as_slice()) as u64).sum()
    }
}

/// Counts the synapses that end at each target.
fn count(projection: &ProjectionPlan, targets: u32) -> Vec<u32> {
    let nothing = || vec![0_u32; targets as usize];
    let row = |mut degrees: Vec<u32>, row: u32| {
        projection.rows.for_each(row, |synapse| degrees[synapse.target as usize] += 1);
        degrees
    };
    let sum = |mut some: Vec<u32>, more: Vec<u32>| {
        some.iter_mut().zip(more).for_each(|(some, more)| *some += more);
        some
    };
    (0..projection.rows.rows()).into_par_iter().fold(nothing, row).reduce(nothing, sum)
}
