//! `compare`: the backends, where they part, and the verdict as the last line.

use super::{Table, counters, energy, fit, network, populations, short, si, thousands};
use crate::report::*;
use std::fmt::Write as _;

/// The figures that `compare` shows beside the times.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    /// Every column of the backends, sparsity and stimuli.
    pub wide: bool,
    /// Measured joules, what was not measured and why, and joules projected for chips.
    pub energy: bool,
}

/// A row for each backend, where they part, populations, and the verdict.
pub fn compare(report: &CompareReport, columns: Columns, width: usize) -> String {
    let mut text = network(&report.network);
    text += &backends(report, columns).lines(width);
    for b in &report.backends {
        if let Some(error) = &b.error {
            let _ = writeln!(text, "{} {}: {error}", b.backend, b.status);
        }
    }
    if columns.energy {
        text += &energy::notes(&report.backends);
    }
    for found in &report.differences {
        let _ = write!(text, "\n{}", difference(found, width));
    }
    if columns.energy {
        text += &energy::chips(&report.projected, width);
    }
    if !report.populations.is_empty() {
        let _ = write!(text, "\n{}", populations(&report.populations, width));
    }
    if columns.wide && !report.stimuli.is_empty() {
        let _ = write!(text, "\n{}", counters::stimuli(&report.stimuli).lines(width));
    }
    let counted = report.backends.iter().find(|b| b.synaptic_operations.is_some());
    if let Some(b) = counted.filter(|_| columns.wide) {
        let operations = counters::operations(b.synaptic_operations);
        let _ = writeln!(text, "\nsynaptic ops: {operations}");
        let sparsity = counters::sparsity(b.activation_sparsity, &report.network);
        let _ = writeln!(text, "sparsity: {sparsity}");
    }
    text.push('\n');
    for file in &report.files {
        let _ = writeln!(text, "wrote {file}");
    }
    if !report.missing.is_empty() {
        let mut names: Vec<&str> = report.missing.iter().map(|m| m.backend.as_str()).collect();
        names.dedup();
        let names = names.join(", ");
        let _ = writeln!(text, "not found: {names}; `isospike devices` says what they need");
    }
    let _ = writeln!(text, "{}", all(report));
    fit::page(&text, width)
}

/// The backends as a table: the times, then the spikes, or where not all are equal the digests.
fn backends(report: &CompareReport, columns: Columns) -> Table {
    const EVENTS: [&str; 2] = ["synaptic events", "events/s"];
    const ENERGY: [&str; 2] = ["energy", "per event"];
    let mut rows = Table::new(
        ["backend", "device"],
        [
            "build s",
            "run s",
            "x real time",
            "spikes",
            EVENTS[0],
            EVENTS[1],
            ENERGY[0],
            ENERGY[1],
            "digest",
            "equal",
        ],
    );
    for (i, b) in report.backends.iter().enumerate() {
        let mut row = vec![b.backend.clone(), super::device(b)];
        if b.status == "refused" {
            row.extend((0..9).map(|_| "-".to_owned()));
        } else {
            let optional = |x: Option<f64>, write: fn(f64) -> String| x.map_or("-".into(), write);
            row.extend([
                format!("{:.3}", b.build_s),
                format!("{:.3}", b.run_s),
                optional(b.real_time_factor, |x| format!("{x:.3}")),
                thousands(b.spikes),
                counters::count(b.synaptic_events),
                optional(b.synaptic_events_per_s, si),
                b.measured.energy_j.map_or("not measured".into(), energy::joules),
                optional(b.measured.energy_j_per_event, energy::joules),
                short(b.digest.as_deref()),
            ]);
        }
        row.push(verdict(b, i == 0).into());
        rows.row(row);
    }
    if !columns.wide {
        rows = EVENTS.into_iter().fold(rows, Table::without);
        rows = rows.without(if report.equal == Some(false) { "spikes" } else { "digest" });
    }
    if !(columns.wide || columns.energy) {
        rows = ENERGY.into_iter().fold(rows, Table::without);
    }
    rows
}

/// The verdict on all in one line: `6 backends, all equal: 523a34ded22ccbe5`.
fn all(report: &CompareReport) -> String {
    let complete: Vec<_> = report.backends.iter().filter(|b| b.status == "complete").collect();
    let names = |wanted: &dyn Fn(&BackendReport) -> bool| {
        let names = report.backends.iter().filter(|b| wanted(b)).map(|b| b.backend.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let digest = short(complete.first().and_then(|b| b.digest.as_deref()));
    let mut text = match (complete.len(), report.equal) {
        (0, _) => "no backend ran to the end".to_owned(),
        (1, _) => format!("1 backend, nothing to compare it with: {digest}"),
        (n, Some(true)) => format!("{n} backends, all equal: {digest}"),
        (n, _) => {
            let differ = names(&|b| b.equal == Some(false));
            let verb = if differ.contains(", ") { "differ" } else { "differs" };
            format!("{n} backends, NOT equal: {differ} {verb} from {}", complete[0].backend)
        }
    };
    for status in ["refused", "failed", "interrupted"] {
        let those = names(&|b| b.status == status);
        if !those.is_empty() {
            let _ = write!(text, "; {status}: {those}");
        }
    }
    text
}

fn verdict(b: &BackendReport, first: bool) -> &'static str {
    match (b.status, b.equal) {
        ("complete", Some(true)) => "equal",
        ("complete", Some(false)) => "DIFFERS",
        ("complete", None) if first => "first",
        ("complete", None) => "-",
        (status, _) => status,
    }
}

fn difference(found: &DifferenceReport, width: usize) -> String {
    let [a, b] = &found.backends;
    let mut text = format!("{a} and {b} differ\n");
    if let Some(s) = &found.spike {
        let _ = writeln!(
            text,
            "  first spike that only one has: step {} ({:.4} ms), population {}, neuron {}{}: \
             only in {}",
            s.step,
            s.time_ms,
            s.population,
            s.neuron,
            copy(s.copy),
            s.only_in
        );
    }
    if let Some(s) = &found.state {
        let projection = s.projection.as_ref().map(|name| format!("projection {name}, "));
        let synapse = s.synapse.map(|place| format!(", synapse {place} of its row"));
        let (projection, synapse) = (projection.unwrap_or_default(), synapse.unwrap_or_default());
        let owner = match s.population.is_empty() {
            true => "the whole network".to_owned(),
            false => {
                format!("{projection}population {}, neuron {}{synapse}", s.population, s.neuron)
            }
        };
        let _ = writeln!(
            text,
            "  first state that differs: after step {} ({:.4} ms), {owner}{}, `{}`; {} word{} of the \
             network differ",
            s.step,
            s.time_ms,
            copy(s.copy),
            s.variable,
            thousands(s.differing_words),
            if s.differing_words == 1 { "" } else { "s" },
        );
        let mut table = Table::new(["variable"], ["before the step", a, b, ""]);
        for v in &s.variables {
            let word = |w: &WordReport| format!("{} {}", w.hex, w.told());
            let before = v.before.as_ref().map_or("initial value".into(), word);
            let mark = if v.equal { "" } else { "<-" };
            let [first, other] = [&v.after[0], &v.after[1]].map(word);
            table.row([&v.name, &before, &first, &other, mark]);
        }
        text += &table.lines(width);
        if let Some(t) = &s.threshold {
            let _ = writeln!(
                text,
                "  its threshold on {a}: {} {} {} {} {}, {} ulp apart",
                t.left.hex,
                t.left.told(),
                t.comparison,
                t.right.hex,
                t.right.told(),
                thousands(t.distance_ulp.into())
            );
        }
    }
    if let Some(c) = &found.counter {
        let [x, y] = c.counts.map(counters::count);
        let _ = writeln!(text, "  first count that differs: {}: {x} on {a}, {y} on {b}", c.counter);
    }
    if let Some(note) = &found.note {
        let _ = writeln!(text, "  {note}");
    }
    text
}

fn copy(copy: u32) -> String {
    if copy == 0 { String::new() } else { format!(", copy {copy}") }
}
