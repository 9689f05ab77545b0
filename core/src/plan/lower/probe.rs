//! Probes: which words of which synapses a sample has.

use super::projection;
use crate::base::id::ProjectionId;
use crate::connect::RowSource;
use crate::describe::checked::{Checked, Probe, SynapseProbe, SynapseSample};
use crate::plan::{Places, ProbePlan, ProjectionPlan, SynapseProbePlan, SynapseSamplePlan};
use std::collections::BTreeSet;

pub(super) fn neurons(network: &Checked) -> Vec<ProbePlan> {
    let lower = |probe: &Probe| ProbePlan {
        name: probe.name.clone(),
        population: probe.population,
        variable: probe.variable,
        neurons: probe.neurons.clone(),
        every_steps: probe.every_steps,
        initial: probe.initial,
    };
    network.probes.iter().map(lower).collect()
}

pub(super) fn synapses(network: &Checked, projections: &[ProjectionPlan]) -> Vec<SynapseProbePlan> {
    let lower = |probe: &SynapseProbe| SynapseProbePlan {
        name: probe.name.clone(),
        projection: probe.projection.index(),
        variable: probe.variable.map(|variable| variable as usize),
        sample: sample(&probe.sample, &projections[probe.projection.index()].rows),
        every_steps: probe.every_steps,
        initial: probe.initial,
    };
    network.synapse_probes.iter().map(lower).collect()
}

fn sample(sample: &SynapseSample, rows: &RowSource) -> SynapseSamplePlan {
    SynapseSamplePlan::Each(match sample {
        SynapseSample::First(count) => {
            Places::Multiples { of: 1, count: (*count).min(rows.synapses()) }
        }
        SynapseSample::Every(of) => {
            Places::Multiples { of: *of, count: rows.synapses().div_ceil((*of).max(1)) }
        }
        SynapseSample::Pairs(pairs) => Places::List(of_pairs(pairs, rows, |_| {})),
        SynapseSample::Histogram(histogram) => {
            return SynapseSamplePlan::Histogram(histogram.edges());
        }
    })
}

/// Returns the pairs without a synapse among those that a probe lists, in order. Draws the rows of
/// their sources.
pub fn missing_pairs(
    network: &Checked,
    projection: ProjectionId,
    pairs: &[(u32, u32)],
) -> Vec<(u32, u32)> {
    let rows = projection::targets(network, projection);
    let mut missing: BTreeSet<(u32, u32)> = pairs.iter().copied().collect();
    of_pairs(pairs, &rows, |pair| {
        missing.remove(&pair);
    });
    missing.into_iter().collect()
}

/// Returns the places of all synapses of pairs, which are sorted. Calls `found` for each.
fn of_pairs(pairs: &[(u32, u32)], rows: &RowSource, mut found: impl FnMut((u32, u32))) -> Vec<u64> {
    let mut places = Vec::new();
    let (mut first, mut row) = (0, 0);
    for pairs in pairs.chunk_by(|a, b| a.0 == b.0) {
        let source = pairs[0].0;
        first += (row..source).map(|row| u64::from(rows.len(row))).sum::<u64>();
        row = source;
        let mut place = first;
        rows.for_each(source, |synapse| {
            let pair = (source, synapse.target);
            if pairs.binary_search(&pair).is_ok() {
                places.push(place);
                found(pair);
            }
            place += 1;
        });
    }
    places
}
