//! Reports as tables for people.

mod bench;
mod certificate;
mod counters;
mod energy;

pub use bench::{bench, bench_markdown, workloads};
pub use certificate::{certificate, conformance};
pub use energy::energy;

use crate::report::*;
use crate::traffic;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};
use std::fmt::Write as _;

/// A line under the header, and nothing else: rows are read, borders are not.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The width of the words at the start of a line.
const LABEL: usize = 17;

/// `run`: the network, the run, populations, receptors.
pub fn run(report: &RunReport) -> String {
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
        let (from, steps) = (thousands(u64::from(step)), thousands(u64::from(b.steps - step)));
        line("resumed", format!("at step {from}; times and energy are of the {steps} steps since"));
    }
    line("spikes", thousands(b.spikes));
    let rate = b.synaptic_events_per_s.map_or(String::new(), |x| format!(", {}/s", si(x)));
    line("synaptic events", format!("{}{rate}", counters::count(b.synaptic_events)));
    if !report.stimuli.is_empty() {
        line("stimulus events", counters::count(b.stimulus_events));
    }
    line("synaptic ops", counters::operations(b.synaptic_operations));
    line("sparsity", counters::sparsity(b.activation_sparsity, &report.network));
    if !b.phases.is_empty() {
        line("phases", counters::phases(&b.phases));
    }
    if !b.launches.is_empty() {
        line("launches", counters::launches(b));
    }
    line("memory", bytes(b.memory_bytes));
    line("energy", energy::measured(&b.measured, &b.not_measured));
    line("projected", energy::range(&report.projected));
    line("digest", short(b.digest.as_deref()));
    if b.status != "complete" {
        let why = b.error.as_deref().unwrap_or("Ctrl-C");
        line(b.status, format!("after {} steps: {why}", thousands(u64::from(b.steps))));
    }
    let _ = write!(text, "\n{}\n", populations(&report.populations));
    if !report.stimuli.is_empty() {
        let _ = write!(text, "\n{}\n", counters::stimuli(&report.stimuli));
    }
    if !report.receptors.is_empty() {
        let _ = write!(text, "\n{}\n", receptors(&report.receptors));
    }
    for file in &report.files {
        let _ = writeln!(text, "wrote {file}");
    }
    text
}

/// `compare`: a row for each backend, what is missing, where they part, populations.
pub fn compare(report: &CompareReport) -> String {
    let mut text = network(&report.network);
    let mut rows = new_table(
        ["backend", "device"],
        [
            "build s",
            "run s",
            "x real time",
            "spikes",
            "synaptic events",
            "events/s",
            "energy",
            "per event",
            "digest",
            "equal",
        ],
    );
    for (i, b) in report.backends.iter().enumerate() {
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut row = Row::from(vec![Cell::new(&b.backend), Cell::new(device(b))]);
        if b.status == "refused" {
            for _ in 0..9 {
                row.add_cell(number("-".into()));
            }
        } else {
            row.add_cell(number(format!("{:.3}", b.build_s)));
            row.add_cell(number(format!("{:.3}", b.run_s)));
            let factor = b.real_time_factor.map_or("-".into(), |x| format!("{x:.3}"));
            row.add_cell(number(factor));
            row.add_cell(number(thousands(b.spikes)));
            row.add_cell(number(counters::count(b.synaptic_events)));
            row.add_cell(number(b.synaptic_events_per_s.map_or("-".into(), si)));
            let energy = b.measured.energy_j.map_or("not measured".into(), energy::joules);
            row.add_cell(number(energy));
            let each = b.measured.energy_j_per_event.map_or("-".into(), energy::joules);
            row.add_cell(number(each));
            row.add_cell(number(short(b.digest.as_deref())));
        }
        row.add_cell(number(verdict(b, i == 0).into()));
        rows.add_row(row);
    }
    let _ = writeln!(text, "{rows}");
    for b in &report.backends {
        if let Some(error) = &b.error {
            let _ = writeln!(text, "{} {}: {error}", b.backend, b.status);
        }
    }
    missing(&mut text, &report.missing);
    text += &energy::notes(&report.backends);
    for found in &report.differences {
        let _ = write!(text, "\n{}", difference(found));
    }
    text += &energy::chips(&report.projected);
    if !report.populations.is_empty() {
        let _ = write!(text, "\n{}\n", populations(&report.populations));
    }
    if !report.stimuli.is_empty() {
        let _ = write!(text, "\n{}\n", counters::stimuli(&report.stimuli));
    }
    if let Some(b) = report.backends.iter().find(|b| b.synaptic_operations.is_some()) {
        let operations = counters::operations(b.synaptic_operations);
        let _ = writeln!(text, "\nsynaptic ops: {operations}");
        let sparsity = counters::sparsity(b.activation_sparsity, &report.network);
        let _ = writeln!(text, "sparsity: {sparsity}");
    }
    for file in &report.files {
        let _ = writeln!(text, "wrote {file}");
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

fn difference(found: &DifferenceReport) -> String {
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
        let _ = writeln!(
            text,
            "  first state that differs: after step {} ({:.4} ms), population {}, neuron {}{}, \
             `{}`; {} word{} of the network differ",
            s.step,
            s.time_ms,
            s.population,
            s.neuron,
            copy(s.copy),
            s.variable,
            thousands(s.differing_words),
            if s.differing_words == 1 { "" } else { "s" },
        );
        let mut table = new_table(["variable"], ["before the step", a, b, ""]);
        for v in &s.variables {
            let word = |w: &WordReport| format!("{} {}", w.hex, w.value);
            let before = v.before.as_ref().map_or("initial value".into(), word);
            let mark = if v.equal { "" } else { "<-" };
            table.add_row([&v.name, &before, &word(&v.after[0]), &word(&v.after[1]), mark]);
        }
        let _ = writeln!(text, "{table}");
        if let Some(t) = &s.threshold {
            let _ = writeln!(
                text,
                "  its threshold on {a}: {} {} {} {} {}, {} ulp apart",
                t.left.hex,
                t.left.value,
                t.comparison,
                t.right.hex,
                t.right.value,
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

/// `inspect`: sizes.
pub fn inspect(report: &InspectReport) -> String {
    let mut text = network(&report.network);
    let mut table = new_table(
        ["population", "model", "parameters (ms, mV, pA)"],
        ["neurons", "operations", "bytes"],
    );
    for p in &report.populations {
        let parameter = |p: &ParameterReport| match p.value {
            Some(value) => format!("{} {value}", p.name),
            None => format!("{} each", p.name),
        };
        let parameters: Vec<String> = p.parameters.iter().map(parameter).collect();
        let size = thousands(u64::from(p.size));
        let operations = thousands(p.operations);
        let row = [&p.name, &p.model, &parameters.join(", "), &size, &operations, &bytes(p.bytes)];
        table.add_row(row);
    }
    let _ = writeln!(text, "{table}");
    if !report.projections.is_empty() {
        let mut table = new_table(
            ["projection", "from -> to", "rule", "on the CPU"],
            ["synapses", "bits", "delay steps", "bytes"],
        );
        for p in &report.projections {
            let delays = match (p.min_delay_steps, p.max_delay_steps) {
                (min, max) if min == max => min.to_string(),
                (min, max) => format!("{min} to {max}"),
            };
            let size = if p.procedural { "procedural".into() } else { bytes(p.bytes) };
            let ends = format!("{} -> {}.{}", p.from, p.to, p.receptor);
            let synapses = synapses(p.synapses, p.synapses_exact);
            let bits = p.weight_bits.to_string();
            let layout = &p.cpu_layout;
            table.add_row([&p.name, &ends, &p.rule, layout, &synapses, &bits, &delays, &size]);
        }
        let _ = writeln!(text, "\n{table}");
    }
    if !report.receptors.is_empty() {
        let _ = writeln!(text, "\n{}", receptors(&report.receptors));
    }
    match (&report.traffic, &report.traffic_refused) {
        (Some(moved), _) => {
            let _ = writeln!(text, "\n{}", traffic::table(moved));
        }
        (None, Some(why)) => {
            let _ = writeln!(text, "\ndevices with kernels refuse this network: {why}");
        }
        (None, None) => {}
    }
    let _ = writeln!(text, "\nestimated memory {}", bytes(report.memory_bytes));
    text
}

/// `devices`: what is there and what is not.
pub fn devices(report: &DevicesReport) -> String {
    let mut table = new_table(["backend", "device", "api", "kind", "driver"], ["memory"]);
    for d in &report.devices {
        let kind = match (d.software, d.kind.as_str()) {
            (true, "software") | (false, _) => d.kind.clone(),
            (true, kind) => format!("{kind}, software"),
        };
        let memory = d.memory_bytes.map_or(String::new(), bytes);
        table.add_row([&d.backend, &d.device, &d.api, &kind, &d.driver, &memory]);
    }
    let mut text = format!("{table}\n");
    missing(&mut text, &report.missing);
    text
}

fn missing(text: &mut String, all: &[MissingReport]) {
    for missing in all {
        let _ = writeln!(text, "{} not found: {}", missing.backend, missing.reason);
    }
}

fn network(n: &NetworkReport) -> String {
    let copies = if n.batch == 1 { String::new() } else { format!(" x {} copies", n.batch) };
    format!(
        "{}: {} neurons{copies}, {} synapses, {} steps of {} ms ({}), seed {}\n\n",
        n.name,
        thousands(n.neurons),
        synapses(n.synapses, n.synapses_exact),
        thousands(u64::from(n.steps)),
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

fn populations(all: &[PopulationReport]) -> Table {
    let numbers =
        ["neurons", "spikes", "rate Hz", "literature Hz", "CV of ISI", "correlation", "sparsity"];
    let mut table = new_table(["population"], numbers);
    for p in all {
        let optional = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.3}"));
        table.add_row([
            p.name.clone(),
            thousands(u64::from(p.size)),
            thousands(p.spikes),
            optional(p.rate_hz),
            optional(p.reference_rate_hz),
            optional(p.cv_isi),
            p.correlation.map_or("-".into(), |x| format!("{x:.4}")),
            p.activation_sparsity.map_or("-".into(), |x| format!("{x:.6}")),
        ]);
    }
    table
}

fn receptors(all: &[ReceptorReport]) -> Table {
    let mut table = new_table(["receptor"], ["weight bits", "unit", "RMS weight", "error"]);
    for r in all {
        table.add_row([
            r.name.clone(),
            r.weight_bits.to_string(),
            format!("2^{}", -r.scale_exponent),
            format!("{:.6}", r.rms_weight),
            if r.relative_error == 0.0 { "0".into() } else { format!("{:.1e}", r.relative_error) },
        ]);
    }
    table
}

/// A table with some columns of words and then some of numbers, fitted to the terminal.
pub fn new_table<const W: usize, const N: usize>(words: [&str; W], numbers: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(words.into_iter().chain(numbers));
    for column in table.column_iter_mut().skip(W) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
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
    if ms >= 1000.0 { format!("{} s", ms / 1000.0) } else { format!("{ms} ms") }
}

/// `12,345,678`.
pub fn thousands(n: u64) -> String {
    indicatif::HumanCount(n).to_string()
}

/// Three digits and a prefix: `967 M`.
fn si(x: f64) -> String {
    let (scaled, prefix) = match x {
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
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(si(966_700_000.0), "967 M");
        assert_eq!(si(1234.0), "1.23 k");
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(1_350_000_000), "1.35 GB");
        assert_eq!(duration(10_000.0), "10 s");
        assert_eq!(duration(0.5), "0.5 ms");
        assert_eq!(real_time(Some(0.25)), "real-time factor 0.2500 (4.0 x faster than real time)");
    }

    #[test]
    fn a_digest_is_cut_to_16_digits() {
        assert_eq!(short(Some("0123456789abcdef0123")), "0123456789abcdef");
        assert_eq!(short(None), "-");
    }
}
