//! Signals of the whole network: their values as floats.

use crate::base::numeric::{self, decay::Decay};
use crate::describe::checked::Checked;
use crate::describe::signal::{Signal, SignalSpikes};
use crate::plan::signal::{SignalPlan, SignalSpikesPlan};

/// Lowers all signals of a network.
pub(super) fn lower(network: &Checked) -> Vec<SignalPlan> {
    let spikes = |spikes: SignalSpikes| SignalSpikesPlan {
        population: spikes.population,
        gain: numeric::round_host(spikes.gain),
        delay_steps: spikes.delay_steps,
    };
    let signal = |signal: &Signal| SignalPlan {
        name: signal.name.clone(),
        decay: Decay::new(signal.tau_ms, network.dt_ms).factor(1),
        spikes: signal.spikes.map(spikes),
        pulses: signal.pulses.iter().map(|(step, x)| (*step, numeric::round_host(*x))).collect(),
    };
    network.signals.iter().map(signal).collect()
}
