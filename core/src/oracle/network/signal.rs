//! Section 8.15 of `docs/semantics.md`: signals of the whole network, from the checked network.

use super::ModelSimulation;
use crate::base::numeric;
use std::sync::Arc;

/// The values of all signals: `[signal][copy]`.
pub(super) type Signals = Vec<Vec<f32>>;

impl ModelSimulation {
    /// 8.15: signals change at the end of step t, in which they were read as they were before.
    pub(super) fn change_signals(&mut self, t: usize) {
        let network = Arc::clone(&self.network);
        for (signal, values) in network.signals.iter().zip(&mut self.signals) {
            // 8.6: D(1), and +0 where f64 says less than 2^-64.
            let factor = libm::exp(-network.dt_ms / signal.tau_ms);
            let factor = if factor < libm::ldexp(1.0, -64) { 0.0 } else { factor as f32 };
            for (copy, value) in (0..).zip(values) {
                let mut next = numeric::flush(*value * numeric::flush(factor));
                for (step, pulse) in &*signal.pulses {
                    if *step as usize == t {
                        next += numeric::round_host(*pulse);
                    }
                }
                if let Some(spikes) = &signal.spikes {
                    let emitted = t.checked_sub(spikes.delay_steps as usize);
                    let own =
                        |spike: &&(u32, _, u32)| (spike.0, spike.1) == (copy, spikes.population);
                    let count = emitted.map_or(0, |s| self.history[s].iter().filter(own).count());
                    next += numeric::round_host(spikes.gain) * count as f32;
                }
                *value = numeric::flush(next);
            }
        }
    }
}
