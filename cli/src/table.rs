//! Reports as tables for people.

mod bench;
mod certificate;
mod compare;
mod counters;
mod energy;
mod fit;
mod inspect;
mod layout;
mod traffic;

pub use bench::{bench, bench_markdown, workloads};
pub use certificate::{certificate, conformance};
pub use compare::{Columns, compare};
pub use energy::energy;
pub use fit::{shorten, shorten_all, terminal_width};
pub use inspect::{devices, inspect};
pub use layout::Table;

use crate::report::*;
use isospike_core::base::words::noun_of;
use std::fmt::Write as _;

/// The width of the words at the start of a line.
const LABEL: usize = 17;

/// `run`: the network, the run, populations, receptors. Projected energy has a line where rows of
/// the user's own are among it.
pub fn run(report: &RunReport, width: usize) -> String {
    let mut text = network(&report.network);
    let b = &report.backend;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:LABEL$}{value}");
    };
    line("backend", format!("{}  {}", b.backend, device(b)));
    if !b.driver.is_empty() {
        line("driver", b.driver.clone());
    }
    for note in &b.notes {
        line("", note.clone());
    }
    line("build", seconds(b.build_s));
    line("run", format!("{}, {}", seconds(b.run_s), real_time(b.real_time_factor)));
    if let Some(step) = b.resumed_at_step {
        let (from, steps) = (thousands(u64::from(step)), things(b.steps - step, "step"));
        line("resumed", format!("at step {from}; times and energy are of the {steps} since"));
    }
    line("spikes", thousands(b.spikes));
    let rate = b.synaptic_events_per_s.map_or(String::new(), |x| format!(", {}/s", si(x)));
    line("synaptic events", format!("{}{rate}", counters::count(b.synaptic_events)));
    if b.post_events.is_some_and(|events| events > 0) {
        line("post events", counters::count(b.post_events));
    }
    if b.clocked_events.is_some_and(|events| events > 0) {
        line("clocked events", counters::count(b.clocked_events));
    }
    if !report.stimuli.is_empty() {
        line("stimulus events", counters::count(b.stimulus_events));
    }
    line("synaptic ops", counters::operations(b.synaptic_operations));
    line("sparsity", counters::sparsity(b.activation_sparsity, &report.network));
    if !b.cost.phases.is_empty() {
        line("phases", counters::phases(&b.cost.phases));
    }
    if !b.cost.launches.is_empty() {
        line("launches", counters::launches(&b.cost));
    }
    line("memory", bytes(b.memory_bytes));
    line("energy", energy::measured(&b.measured, &b.not_measured));
    if report.projected.iter().any(|chip| chip.row.added) {
        line("projected", energy::range(&report.projected));
    }
    line("digest", short(b.digest.as_deref()));
    if b.status != "complete" {
        let why = b.error.as_deref().unwrap_or("Ctrl-C");
        line(b.status, format!("after {}: {why}", things(b.steps, "step")));
    }
    let _ = write!(text, "\n{}", populations(&report.populations, width));
    if !report.stimuli.is_empty() {
        let _ = write!(text, "\n{}", counters::stimuli(&report.stimuli).lines(width));
    }
    if !report.receptors.is_empty() {
        let _ = write!(text, "\n{}", receptors(&report.receptors).lines(width));
    }
    if !report.files.is_empty() {
        text.push('\n');
    }
    for file in &report.files {
        let _ = writeln!(text, "wrote {file}");
    }
    fit::page(&text, width)
}

fn network(n: &NetworkReport) -> String {
    let copies = if n.batch == 1 { String::new() } else { format!(" x {} copies", n.batch) };
    format!(
        "{}: {}{copies}, {} {}, {} of {} ms ({}), seed {}\n\n",
        n.name,
        things(n.neurons, "neuron"),
        synapses(n.synapses, n.synapses_exact),
        noun_of(n.synapses, "synapse"),
        things(n.steps, "step"),
        n.dt_ms,
        duration(n.duration_ms),
        n.seed
    )
}

/// A number of synapses, `~` before the one that is expected.
fn synapses(count: u64, is_exact: bool) -> String {
    let about = if is_exact { "" } else { "~" };
    format!("{about}{}", thousands(count))
}

fn device(b: &BackendReport) -> String {
    if b.software { format!("{} (software)", b.device) } else { b.device.clone() }
}

/// A row for each population, and what marks mean.
fn populations(all: &[PopulationReport], width: usize) -> String {
    const LITERATURE: &str = "lit. Hz";
    let numbers = ["neurons", "spikes", "rate Hz", LITERATURE, "CV", "LvR", "ISIs", "corr."];
    let mut table = Table::new(["population"], numbers);
    for p in all {
        let optional = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.3}"));
        let a = &p.activity;
        let mark = if a.isi_short && a.cv_isi.is_some() { "*" } else { "" };
        table.row([
            p.name.clone(),
            thousands(u64::from(p.size)),
            thousands(a.spikes),
            optional(a.rate_hz),
            optional(p.reference_rate_hz),
            optional(a.cv_isi) + mark,
            optional(a.lvr),
            si(a.isi_count as f64),
            a.correlation.map_or("-".into(), |x| format!("{x:.4}")),
        ]);
    }
    if table.says_only(LITERATURE, &["-"]) {
        table = table.without(LITERATURE);
    }
    let mut text = table.lines(width);
    text += "CV and LvR of inter-spike intervals (ISIs), corr.: correlation of spike counts\n";
    if all.iter().any(|p| p.activity.isi_short && p.activity.cv_isi.is_some()) {
        text += "* shorter than ten mean intervals: long ones do not fit, so this CV is too small; \
                 run longer\n";
    }
    text
}

/// How many projections and stimuli have a row each; of more, each receptor shows its worst.
const INPUTS_SHOWN: usize = 16;

/// How far rounding changes the weights of each projection and Poisson stimulus.
fn receptors(all: &[ReceptorReport]) -> Table {
    let every = all.iter().map(|r| r.inputs.len()).sum::<usize>() <= INPUTS_SHOWN;
    let of = if every { "weights of" } else { "largest error of" };
    let mut table = Table::new(["receptor", of], ["bits", "unit", "RMS weight", "error"]);
    for r in all {
        let mut inputs: Vec<&InputReport> = r.inputs.iter().collect();
        if !every {
            inputs.sort_by(|a, b| b.relative_error.total_cmp(&a.relative_error));
            inputs.truncate(1);
        }
        for input in inputs {
            table.row([
                r.name.clone(),
                format!("{} {}", input.kind, input.name),
                r.weight_bits.to_string(),
                format!("2^{}", -r.scale_exponent),
                format!("{:.6}", input.rms_weight),
                relative_error(input.relative_error),
            ]);
        }
    }
    table
}

fn relative_error(error: f64) -> String {
    if error == 0.0 { "0".into() } else { format!("{error:.1e}") }
}

/// The first 16 digits of a digest.
fn short(digest: Option<&str>) -> String {
    digest.map_or("-".into(), |digest| digest.chars().take(16).collect())
}

fn real_time(factor: Option<f64>) -> String {
    match factor {
        None => "no step was run".into(),
        Some(factor) if factor > 0.0 && factor < 1.0 => {
            format!("real-time factor {factor:.4} ({:.1} x faster than real time)", 1.0 / factor)
        }
        Some(factor) => format!("real-time factor {factor:.3}"),
    }
}

fn seconds(s: f64) -> String {
    format!("{s:.3} s")
}

/// `1 s`, `250 ms`.
pub fn duration(ms: f64) -> String {
    let (number, unit) = if ms >= 1000.0 { (ms / 1000.0, "s") } else { (ms, "ms") };
    // Nanoseconds are the shortest steps.
    let number = format!("{number:.9}");
    format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

/// A count of things with digits in groups: `1 neuron`, `77,169 neurons`.
pub fn things(n: impl Into<u64>, noun: &str) -> String {
    let n = n.into();
    format!("{} {}", thousands(n), noun_of(n, noun))
}

/// `12,345,678`.
pub fn thousands(n: u64) -> String {
    indicatif::HumanCount(n).to_string()
}

/// Three digits and a prefix: `967 M`.
fn si(x: f64) -> String {
    if x < 1000.0 && x.fract() == 0.0 {
        return x.to_string();
    }
    let (scaled, prefix) = match x {
        x if x >= 1e12 => (x / 1e12, " T"),
        x if x >= 1e9 => (x / 1e9, " G"),
        x if x >= 1e6 => (x / 1e6, " M"),
        x if x >= 1e3 => (x / 1e3, " k"),
        x => (x, ""),
    };
    match scaled {
        s if s >= 100.0 => format!("{s:.0}{prefix}"),
        s if s >= 10.0 => format!("{s:.1}{prefix}"),
        s => format!("{s:.2}{prefix}"),
    }
}

/// `1.35 GB`, in powers of 1000.
pub fn bytes(n: u64) -> String {
    if n < 1000 { format!("{n} B") } else { format!("{}B", si(n as f64)) }
}

#[cfg(test)]
mod tests;
