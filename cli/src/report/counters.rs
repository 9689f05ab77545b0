//! Counts of a run, and what it took on a backend.

use serde::Serialize;

/// Synaptic operations of one step of one copy.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SynapticOperationsReport {
    /// Accumulations of spikes through synapses that exist.
    pub effective_acs: f64,
    /// Every neuron through every pair.
    pub dense: f64,
}

/// Time of a phase, added over threads.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseReport {
    /// `deliver`, `update`, `emit`, `wait`; on devices `write`, `submit`, `read`.
    pub phase: &'static str,
    /// How long.
    pub time_s: f64,
}

/// Launches of a kernel.
#[derive(Clone, Debug, Serialize)]
pub struct LaunchesReport {
    /// The kernel.
    pub kernel: String,
    /// How many.
    pub count: u64,
}

/// A projection's activity.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectionEvents {
    /// Its name.
    pub name: String,
    /// Synaptic events.
    pub synaptic_events: u64,
    /// What a dense matrix would do: pre * post in each step of each copy.
    pub dense_operations: u128,
    /// The part of its pairs of neurons without a synapse; null where it has more synapses.
    pub connection_sparsity: Option<f64>,
    /// False where that is of the number of synapses expected.
    pub synapses_exact: bool,
}

/// A stimulus that has events.
#[derive(Clone, Debug, Serialize)]
pub struct StimulusEvents {
    /// Its name.
    pub name: String,
    /// The population that it drives.
    pub population: String,
    /// Its Poisson events.
    pub events: u64,
}

/// A count on which two backends disagree.
#[derive(Clone, Debug, Serialize)]
pub struct CounterReport {
    /// In words: `synaptic events of projection exc_inh`.
    pub counter: String,
    /// The count on each.
    pub counts: [Option<u64>; 2],
}
