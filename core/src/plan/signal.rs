//! Signals of the whole network, in the plan: their change in a step, and the words of their state.

use super::Plan;
use crate::base::id::PopulationId;
use crate::base::numeric;
use std::ops::Range;
use std::sync::Arc;

/// A signal of the whole network (`docs/semantics.md` 8.15): one f32 for each copy, 0 before step
/// 0.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalPlan {
    /// Its name.
    pub name: String,
    /// The factor by which it decays in a step.
    pub decay: f32,
    /// The spikes that are added.
    pub spikes: Option<SignalSpikesPlan>,
    /// The steps in which a pulse is added, ascending, and its value.
    pub pulses: Arc<[(u32, f32)]>,
}

/// The spikes that are added to a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignalSpikesPlan {
    /// The population that emits them.
    pub population: PopulationId,
    /// The value of each.
    pub gain: f32,
    /// How many steps after the step of the spike it is added, at least 1.
    pub delay_steps: u32,
}

impl SignalPlan {
    /// Returns the value after a step from the one before it. `spikes` is the number of those that
    /// are added in this step.
    #[inline(always)]
    pub fn next(&self, value: f32, step: u32, spikes: u32) -> f32 {
        let mut next = numeric::flush(value * self.decay);
        if let Ok(at) = self.pulses.binary_search_by_key(&step, |pulse| pulse.0) {
            next += self.pulses[at].1;
        }
        if let Some(SignalSpikesPlan { gain, .. }) = self.spikes {
            next += gain * spikes.cast_signed() as f32;
        }
        numeric::flush(next)
    }

    /// Returns how many steps after a spike it may still be on its way to the signal.
    pub fn delay_steps(&self) -> u32 {
        self.spikes.map_or(0, |spikes| spikes.delay_steps)
    }
}

impl Plan {
    /// Returns the place of the words of all signals among those of
    /// [`crate::run::backend::Simulation::state`]: they follow those of synapses, copy by copy in
    /// each signal.
    pub fn signal_words(&self) -> Range<usize> {
        let first = self.synapse_blocks().last().map(|last| last.words.end);
        let first = first.unwrap_or(self.neuron_words() as usize);
        first..first + self.signals.len() * self.batch as usize
    }

    /// Returns the largest delay of the network: the spikes of so many last steps may be on their
    /// way to synapses or to signals.
    pub fn flight_steps(&self) -> u32 {
        self.signals.iter().map(SignalPlan::delay_steps).fold(self.max_delay_steps, u32::max)
    }
}
