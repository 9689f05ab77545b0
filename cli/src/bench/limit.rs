//! How long moving the bytes alone would take.

use super::measure::Repetition;
use crate::report::LimitReport;
use isospike_benches::Account;
use isospike_benches::bandwidth::{Memory, read, update};
use isospike_core::run::backend::BackendError;

/// The bytes that a network's steps have to move.
pub fn account(last: &Repetition) -> Result<Account, BackendError> {
    match &last.engine {
        Some(engine) => {
            let scattered = engine.scattered(&last.counters.synaptic_events);
            let account = Account::of_processor(&last.plan, engine.synapse_bytes, scattered);
            // A thread adds to the accumulators of one part at a time.
            let parts = engine.shards.div_ceil(engine.threads.max(1)).max(1) as u64;
            let accumulators_bytes = account.accumulators_bytes / parts;
            Ok(Account { accumulators_bytes, ..account })
        }
        None => Account::of_kernels(&last.plan, last.memory_bytes),
    }
}

/// The least time of a simulated second, with each array moved as fast as this machine moves arrays
/// of that size.
pub fn limit(
    account: &Account,
    memory: &Memory,
    threads: usize,
    events_per_s: f64,
    updates_per_s: f64,
) -> LimitReport {
    let capped = |bytes: u64| bytes.min(memory.array_bytes);
    let reached = |needed: f64, rate: &dyn Fn() -> f64| if needed > 0.0 { rate() } else { 0.0 };
    let synapses = events_per_s * account.synapse_bytes;
    let accumulators = events_per_s * account.accumulator_bytes;
    let states = updates_per_s * account.update_bytes;
    let synapse_rate = reached(synapses, &|| read(capped(account.synapses_bytes), threads));
    let accumulator_rate =
        reached(accumulators, &|| update(capped(account.accumulators_bytes), threads));
    let state_rate = reached(states, &|| update(capped(account.state_bytes), threads));
    let time = |bytes: f64, rate: f64| if bytes > 0.0 { bytes / rate } else { 0.0 };
    LimitReport {
        synapses_gb_per_s: synapse_rate * 1e-9,
        accumulators_gb_per_s: accumulator_rate * 1e-9,
        states_gb_per_s: state_rate * 1e-9,
        real_time_factor: time(synapses, synapse_rate)
            + time(accumulators, accumulator_rate)
            + time(states, state_rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_moves_takes_no_time() {
        let memory = Memory { threads: 1, array_bytes: 1 << 20, read: 1.0, copy: 1.0, triad: 1.0 };
        let account = Account { update_bytes: 48.0, state_bytes: 1 << 16, ..Account::default() };
        let found = limit(&account, &memory, 1, 0.0, 1e9);
        assert_eq!((found.synapses_gb_per_s, found.accumulators_gb_per_s), (0.0, 0.0));
        let expected = 48.0 / found.states_gb_per_s;
        assert!((found.real_time_factor - expected).abs() < 1e-9 * expected);
        assert_eq!(limit(&account, &memory, 1, 0.0, 0.0).real_time_factor, 0.0);
    }
}
