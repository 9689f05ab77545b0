//! Well-formedness of signals of the whole network.

use super::within;
use crate::plan::signal::{SignalPlan, SignalSpikesPlan};
use crate::plan::{DELAY_STEPS_MAX, Plan};

/// Checks that the spikes that are added to a signal are of a population, and come later than they
/// are emitted, and that pulses are in order.
pub(super) fn signal(plan: &Plan, signal: &SignalPlan) -> Result<(), String> {
    if let Some(SignalSpikesPlan { population, delay_steps, .. }) = signal.spikes {
        within("population", population.0, plan.populations.len())?;
        if !(1..=DELAY_STEPS_MAX).contains(&delay_steps) {
            return Err(format!("{delay_steps} steps are no delay of its spikes"));
        }
    }
    match signal.pulses.is_sorted_by(|a, b| a.0 < b.0) {
        true => Ok(()),
        false => Err("its pulses are not in order of step, each step once".into()),
    }
}
