//! The table of published energies with a user's file.

use isospike_energy::estimate::{Counts, Table};
use std::sync::OnceLock;

/// A text as a file of energies; what is accepted is used.
pub fn energies(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    static PUBLISHED: OnceLock<Table> = OnceLock::new();
    let mut table =
        PUBLISHED.get_or_init(|| Table::published().expect("it has no mistake")).clone();
    let before = table.rows.len();
    match table.add(text, "fuzzed.toml") {
        Err(diagnostics) => {
            assert!(!diagnostics.0.is_empty(), "refused without a mistake");
            assert_eq!(table.rows.len(), before, "a refused file leaves no row");
        }
        Ok(()) => {
            let counts = Counts {
                synaptic_events: u64::MAX,
                neuron_updates: 1,
                spikes: 0,
                post_events: 3,
                clocked_events: 4,
                stimulus_events: 2,
                simulated_s: 1.5,
            };
            for row in &table.rows {
                let joules = row.project(&counts).energy_j;
                assert!(joules >= 0.0, "{}: {joules} J", row.key);
            }
        }
    }
}
