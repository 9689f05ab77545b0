//! `inspect` and `devices`: sizes, and what is there.

use super::traffic::traffic;
use super::{Table, bytes, fit, network, receptors, relative_error, synapses, thousands};
use crate::report::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// More projections than this are added up by what they have in common.
const PROJECTIONS: usize = 16;

/// Sizes. A network of many projections has a row for each kind of them, unless `wide`.
pub fn inspect(report: &InspectReport, wide: bool, width: usize) -> String {
    let mut text = network(&report.network);
    text += &populations(&report.populations).lines(width);
    text += &parameters(&report.populations);
    text += &ranges(&report.populations);
    if !report.projections.is_empty() {
        text.push('\n');
        let many = report.projections.len() > PROJECTIONS && !wide;
        if many {
            text += &kinds(&report.projections).lines(width);
            let all = thousands(report.projections.len() as u64);
            let _ = writeln!(text, "{all} projections by kind; --wide has a row for each");
        } else {
            text += &projections(&report.projections).lines(width);
        }
        if !many && report.projections.iter().any(|p| !p.clocked_blocks.is_empty()) {
            let _ = write!(text, "\n{}", clocked(&report.projections).lines(width));
        }
    }
    if !report.series.is_empty() {
        let _ = write!(text, "\n{}", series(&report.series).lines(width));
    }
    if !report.receptors.is_empty() {
        let _ = write!(text, "\n{}", receptors(&report.receptors).lines(width));
    }
    match (&report.traffic, &report.traffic_refused) {
        (Some(moved), _) => {
            let _ = write!(text, "\n{}", traffic(moved).lines(width));
            if !moved.not_estimated.is_empty() {
                let names = moved.not_estimated.join(", ");
                let _ = writeln!(text, "not estimated, for their synapses learn: {names}");
            }
        }
        (None, Some(why)) => {
            let _ = writeln!(text, "\ndevices with kernels refuse this network: {why}");
        }
        (None, None) => {}
    }
    let _ = writeln!(text, "\nestimated memory {}", bytes(report.memory_bytes));
    fit::page(&text, width)
}

fn populations(all: &[PopulationSize]) -> Table {
    let mut table = Table::new(["population", "model"], ["neurons", "operations", "bytes"]);
    for p in all {
        let (size, operations) = (thousands(p.size.into()), thousands(p.operations));
        table.row([&p.name, &p.model, &size, &operations, &bytes(p.bytes)]);
    }
    table
}

fn series(all: &[SeriesSize]) -> Table {
    let numbers = ["rows", "values a row", "bytes"];
    let mut table = Table::new(["values in time", "population"], numbers);
    for s in all {
        let (rows, width) = (thousands(s.rows.into()), thousands(s.width.into()));
        table.row([&s.name, &s.population, &rows, &width, &bytes(s.bytes)]);
    }
    table
}

/// The parameters, once for all populations that share model and values.
fn parameters(all: &[PopulationSize]) -> String {
    let mut shared: Vec<(String, Vec<&str>)> = Vec::new();
    for p in all.iter().filter(|p| !p.parameters.is_empty()) {
        let parameter = |p: &ParameterReport| match p.value {
            Some(value) => format!("{} {value}", p.name),
            None => format!("{} each", p.name),
        };
        let values: Vec<String> = p.parameters.iter().map(parameter).collect();
        let words = format!("{}: {}", p.model, values.join(", "));
        match shared.iter_mut().find(|(known, _)| *known == words) {
            Some((_, populations)) => populations.push(&p.name),
            None => shared.push((words, vec![&p.name])),
        }
    }
    let mut text = String::new();
    if !shared.is_empty() {
        text += "\nparameters (ms, mV, pA)\n";
    }
    for (words, populations) in &shared {
        let whose = match populations.len() {
            n if n == all.len() && n > 1 => format!("all {n} populations"),
            1..=4 => populations.join(", "),
            n => format!("{} and {} more", populations[..3].join(", "), n - 3),
        };
        let _ = writeln!(text, "  {whose}, {words}");
    }
    text
}

/// The values that the parameters of each model may have.
fn ranges(all: &[PopulationSize]) -> String {
    let mut text = String::new();
    let mut told: Vec<&str> = Vec::new();
    for p in all {
        let bounded = p.parameters.iter().filter_map(|parameter| {
            parameter.range.as_ref().map(|range| format!("{} {range}", parameter.name))
        });
        let bounded: Vec<String> = bounded.collect();
        if bounded.is_empty() || told.contains(&p.model.as_str()) {
            continue;
        }
        if told.is_empty() {
            text += "\nvalues that parameters may have (ms, mV, pA)\n";
        }
        told.push(&p.model);
        let _ = writeln!(text, "  {}: {}", p.model, bounded.join("; "));
    }
    text
}

/// The cost of clocked blocks.
fn clocked(all: &[ProjectionSize]) -> Table {
    let numbers = ["every", "events a second", "as pre events of sources at"];
    let mut table = Table::new(["clocked blocks of"], numbers);
    for (name, block) in all.iter().flat_map(|p| p.clocked_blocks.iter().map(|b| (&p.name, b))) {
        table.row([
            name.clone(),
            format!("{} ms", block.period_ms),
            thousands(block.events_per_s.round() as u64),
            format!("{} Hz", block.rate_hz),
        ]);
    }
    table
}

fn projections(all: &[ProjectionSize]) -> Table {
    let mut table = Table::new(
        ["projection", "from -> to", "rule", "on the CPU"],
        ["synapses", "bits", "error", "delay steps", "bytes"],
    );
    for p in all {
        let size = if p.procedural { "procedural".into() } else { bytes(p.bytes) };
        table.row([
            p.name.clone(),
            format!("{} -> {}.{}", p.from, p.to, p.receptor),
            p.rule.clone(),
            p.cpu_layout.clone(),
            synapses(p.synapses, p.synapses_exact),
            p.weight_bits.to_string(),
            relative_error(p.relative_error),
            range(p.min_delay_steps, p.max_delay_steps),
            size,
        ]);
    }
    table.prose(2).prose(3)
}

/// The figures that projections of one kind have together.
struct Kind {
    number: u64,
    synapses: u64,
    exact: bool,
    delays: (u32, u32),
    bytes: u64,
}

/// A row for each kind of projections: rule, receptor, layout, bits.
fn kinds(all: &[ProjectionSize]) -> Table {
    let mut kinds: BTreeMap<(&str, &str, &str, u8), Kind> = BTreeMap::new();
    for p in all {
        // The rule without its numbers, the layout without its reason.
        let rule = p.rule.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().trim();
        let layout = p.cpu_layout.split(':').next().unwrap_or_default();
        let delays = (p.min_delay_steps, p.max_delay_steps);
        let none = Kind { number: 0, synapses: 0, exact: true, delays, bytes: 0 };
        let key = (rule, p.receptor.as_str(), layout, p.weight_bits);
        let kind = kinds.entry(key).or_insert(none);
        kind.number += 1;
        kind.synapses += p.synapses;
        kind.exact &= p.synapses_exact;
        kind.delays = (kind.delays.0.min(delays.0), kind.delays.1.max(delays.1));
        kind.bytes += p.bytes;
    }
    let mut table = Table::new(
        ["rule", "receptor", "on the CPU"],
        ["projections", "synapses", "bits", "delay steps", "bytes"],
    );
    for ((rule, receptor, layout, bits), kind) in kinds {
        table.row([
            rule.to_owned(),
            receptor.to_owned(),
            layout.to_owned(),
            thousands(kind.number),
            synapses(kind.synapses, kind.exact),
            bits.to_string(),
            range(kind.delays.0, kind.delays.1),
            bytes(kind.bytes),
        ]);
    }
    table
}

fn range(least: u32, most: u32) -> String {
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

/// `devices`: what is there and what is not.
pub fn devices(report: &DevicesReport, width: usize) -> String {
    let mut table = Table::new(["backend", "device", "api", "kind", "driver"], ["memory"]);
    for d in &report.devices {
        let kind = match (d.software, d.kind.as_str()) {
            (true, "software") | (false, _) => d.kind.clone(),
            (true, kind) => format!("{kind}, software"),
        };
        let memory = d.memory_bytes.map_or(String::new(), bytes);
        table.row([&d.backend.to_string(), &d.device, &d.api, &kind, &d.driver, &memory]);
    }
    let table = (1..5).fold(table, Table::prose);
    let mut text = table.lines(width);
    if !report.missing.is_empty() {
        text.push('\n');
    }
    missing(&mut text, &report.missing);
    fit::page(&text, width)
}

/// A line for each backend that is not there, with what it needs.
pub(super) fn missing(text: &mut String, all: &[Missing]) {
    for missing in all {
        let _ = writeln!(text, "{} not found: {}", missing.backend, missing.reason);
    }
}
