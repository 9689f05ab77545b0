//! A checked signal: one number for the whole network, which synapses that learn read.

use crate::base::id::PopulationId;
use std::sync::Arc;

/// A signal of the whole network (`docs/semantics.md` 8.15): it decays, and pulses and spikes are
/// added to it. Each copy has its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The name under `[signal.NAME]`.
    pub name: String,
    /// The time constant of its decay, above 0.
    pub tau_ms: f64,
    /// The spikes that are added.
    pub spikes: Option<SignalSpikes>,
    /// The steps in which a pulse is added, and its value: ascending, each step once.
    pub pulses: Arc<[(u32, f64)]>,
}

/// The spikes that are added to a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignalSpikes {
    /// The population.
    pub population: PopulationId,
    /// The value of each spike.
    pub gain: f64,
    /// How many steps after the step of the spike it is added, at least 1.
    pub delay_steps: u32,
}
