//! The phases of a step, as data.

use super::{Plan, PopulationPlan, PopulationPlanKind};

/// A phase of a step (section 5 of `docs/semantics.md`). Each sees all that the one before wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Synapses that learn carry out the pre events of the spikes that arrive (8.3).
    PreEvents,
    /// Neurons take the input of the step, change their state and spike (5.2 to 5.7).
    Update,
    /// Spike lists, and what comes in from outside, emit their spikes (5.7).
    Emit,
    /// The spikes of the step are sent to the accumulators of the steps in which they arrive (5.1).
    /// Every delay is a step or more, so an engine may do that at any time before the first one.
    Deliver,
    /// The spikes of the step are noted as post events of the synapses of their neurons (8.3).
    PostEvents,
    /// Signals of the whole network decay, and pulses and spikes are added to them (8.15).
    Signals,
    /// Probes sample state (5.8).
    Probe,
}

impl Plan {
    /// Lists the phases that a step of this plan has, in order.
    pub fn phases(&self) -> Vec<Phase> {
        let any = |is: fn(&PopulationPlanKind) -> bool| {
            self.populations.iter().any(|population: &PopulationPlan| is(&population.kind))
        };
        let phases = [
            (Phase::PreEvents, self.learns()),
            (Phase::Update, any(|kind| matches!(kind, PopulationPlanKind::Neurons(_)))),
            (Phase::Emit, any(|kind| matches!(kind, PopulationPlanKind::SpikeList(_)))),
            (Phase::Deliver, !self.projections.is_empty()),
            (Phase::PostEvents, self.learns()),
            (Phase::Signals, !self.signals.is_empty()),
            (Phase::Probe, !self.probes.is_empty()),
        ];
        phases.into_iter().filter_map(|(phase, is_there)| is_there.then_some(phase)).collect()
    }
}
