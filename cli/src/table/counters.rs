//! Counts and what follows from them, as words of a table.

use super::{Table, bytes, seconds, things, thousands};
use crate::report::*;
use std::fmt::Write as _;

/// A count, or a dash where the backend could not tell.
pub(super) fn count(count: Option<u64>) -> String {
    count.map_or("-".into(), thousands)
}

/// Operations of a step and copy, beside those of dense matrices.
pub(super) fn operations(operations: Option<SynapticOperations>) -> String {
    let Some(SynapticOperations { effective_acs, dense }) = operations else {
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
pub(super) fn phases(phases: &[PhaseTime]) -> String {
    let word = |p: &PhaseTime| format!("{} {}", p.phase.name(), seconds(p.time.as_secs_f64()));
    let words: Vec<String> = phases.iter().map(word).collect();
    words.join(", ")
}

/// How many launches, and what moved between host and device.
pub(super) fn launches(cost: &Cost) -> String {
    let all: u64 = cost.launches.iter().map(|l| l.count).sum();
    let (read, written) = (bytes(cost.read_bytes), bytes(cost.written_bytes));
    let kernels = things(cost.launches.len() as u64, "kernel");
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
    let sums = &counts.sums;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:label$}{value}");
    };
    line("synaptic events", thousands(sums.synaptic_events));
    if sums.post_events > 0 {
        line("post events", format!("{}, apart", thousands(sums.post_events)));
    }
    if sums.clocked_events > 0 {
        line("clocked events", format!("{}, apart", thousands(sums.clocked_events)));
    }
    line("stimulus events", format!("{}, apart", thousands(sums.stimulus_events)));
    line("neuron updates", thousands(sums.neuron_updates));
    line("spikes", thousands(sums.spikes));
    line("synaptic ops", operations(counts.synaptic_operations));
    line("sparsity", sparsity(counts.activation_sparsity, network));
    line("simulated", format!("{} s", sums.simulated_s));
    if !counts.stimuli.is_empty() {
        let _ = write!(text, "\n{}", stimuli(&counts.stimuli).lines(width));
    }
    text
}
