//! Counts and what follows from them, as words of a table.

use super::{Table, bytes, seconds, things, thousands};
use crate::report::*;
use std::fmt::Write as _;

/// A count, or a dash where the backend could not tell.
pub(super) fn count(count: Option<u64>) -> String {
    count.map_or("-".into(), thousands)
}

/// Operations of a step and copy, beside those of dense matrices.
pub(super) fn operations(operations: Option<SynapticOperationsReport>) -> String {
    let Some(SynapticOperationsReport { effective_acs, dense }) = operations else {
        return "-".into();
    };
    let dense = thousands(dense as u64);
    format!("{effective_acs:.1} effective ACs of {dense} dense, in a step of a copy (NeuroBench)")
}

/// Sparsity of activation and of connections.
pub(super) fn sparsity(activation: Option<f64>, network: &NetworkReport) -> String {
    let part = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.6}"));
    let connections = part(network.connection_sparsity);
    format!("activation {}, connections {connections}", part(activation))
}

/// The time of each phase.
pub(super) fn phases(phases: &[PhaseReport]) -> String {
    let words: Vec<String> =
        phases.iter().map(|p| format!("{} {}", p.phase, seconds(p.time_s))).collect();
    words.join(", ")
}

/// How many launches, and what moved between host and device.
pub(super) fn launches(b: &BackendReport) -> String {
    let all: u64 = b.launches.iter().map(|l| l.count).sum();
    let (read, written) = (bytes(b.read_bytes), bytes(b.written_bytes));
    let kernels = things(b.launches.len() as u64, "kernel");
    format!("{} of {kernels}; {read} read back, {written} written", thousands(all))
}

/// A row for each stimulus that has events.
pub(super) fn stimuli(all: &[StimulusEvents]) -> Table {
    let mut table = Table::new(["stimulus", "population"], ["events"]);
    for s in all {
        table.row([s.name.clone(), s.population.clone(), thousands(s.events)]);
    }
    table
}

/// The counts of `energy`, a line each.
pub(super) fn lines(
    counts: &CountsReport,
    network: &NetworkReport,
    label: usize,
    width: usize,
) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:label$}{value}");
    };
    line("synaptic events", thousands(counts.synaptic_events));
    line("stimulus events", format!("{}, apart", thousands(counts.stimulus_events)));
    line("neuron updates", thousands(counts.neuron_updates));
    line("spikes", thousands(counts.spikes));
    line("synaptic ops", operations(counts.synaptic_operations));
    line("sparsity", sparsity(counts.activation_sparsity, network));
    line("simulated", format!("{} s", counts.simulated_s));
    if !counts.stimuli.is_empty() {
        let _ = write!(text, "\n{}", stimuli(&counts.stimuli).lines(width));
    }
    text
}
