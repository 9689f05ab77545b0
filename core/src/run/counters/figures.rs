//! Figures from the counts of a run and the sizes of its network.

use super::Counters;
use crate::base::id::PopulationId;
use crate::plan::Plan;

/// Figures in the terms of NeuroBench (Yik et al., arXiv:2304.04640, and
/// `docs/metrics` of its harness): a *model execution* is one step of one copy of the network, an
/// activation is a spike. Stimuli and post events are no part of any of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// For each population, the part of its neurons, steps and copies without a spike; `None`
    /// where no step was run.
    pub activation_sparsity: Vec<Option<f64>>,
    /// The same over all populations.
    pub total_activation_sparsity: Option<f64>,
    /// For each projection, what a dense matrix would do: pre * post in each step of each copy.
    pub dense_operations: Vec<u128>,
    /// For each projection, the part of the pre * post pairs without a synapse. Synapses of the
    /// same pair count each; `None` where that makes them more than there are pairs. The share of
    /// the expected synapses where they are not counted ([`crate::plan::ProjectionPlan::count`]).
    pub connection_sparsity: Vec<Option<f64>>,
    /// The same over all projections.
    pub total_connection_sparsity: Option<f64>,
    /// Per model execution; `None` where no step was run.
    pub synaptic_operations: Option<SynapticOperations>,
}

/// Synaptic operations of one model execution, averaged over the steps and copies of a run.
///
/// NeuroBench counts an *effective* operation for each nonzero activation and each nonzero weight
/// that it meets; with binary activations it is an accumulate (`Effective_ACs`), else a
/// multiply-accumulate (`Effective_MACs`). Spikes are binary, so there are no such multiplications.
/// The one difference: a synapse whose weight is 0 counts here, because it exists and is delivered.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SynapticOperations {
    /// Synaptic events / (steps * copies).
    pub effective_acs: f64,
    /// The sum of pre * post over all projections: every neuron active, every pair connected.
    pub dense: f64,
}

impl Figures {
    /// From the counts of a run of the plan.
    pub fn new(plan: &Plan, counters: &Counters) -> Self {
        let executions = u128::from(counters.steps) * u128::from(plan.batch);
        let sizes = plan.populations.iter().map(|p| u128::from(p.size));
        let slots: Vec<u128> = sizes.map(|size| size * executions).collect();
        let size = |id: PopulationId| u128::from(plan.populations[id.index()].size);
        let pairs: Vec<u128> =
            plan.projections.iter().map(|p| size(p.pre) * size(p.post)).collect();
        let synapses: Vec<u64> = plan.projections.iter().map(|p| p.count().synapses).collect();
        let per_projection = synapses.iter().zip(&pairs);
        let events: u64 = counters.synaptic_events.iter().sum();
        let dense: u128 = pairs.iter().sum();
        let operations = || SynapticOperations {
            effective_acs: events as f64 / executions as f64,
            dense: dense as f64,
        };
        Self {
            activation_sparsity: counters
                .spikes
                .iter()
                .zip(&slots)
                .map(|(spikes, slots)| sparsity(*spikes, *slots))
                .collect(),
            total_activation_sparsity: sparsity(counters.spikes.iter().sum(), slots.iter().sum()),
            connection_sparsity: per_projection.map(|(n, pairs)| sparsity(*n, *pairs)).collect(),
            total_connection_sparsity: sparsity(synapses.iter().sum(), dense),
            synaptic_operations: (executions > 0).then(operations),
            dense_operations: pairs.into_iter().map(|pairs| pairs * executions).collect(),
        }
    }
}

/// The part of `all` that is not among the `some`.
fn sparsity(some: u64, all: u128) -> Option<f64> {
    let rest = all.checked_sub(u128::from(some))?;
    (all > 0).then(|| rest as f64 / all as f64)
}
