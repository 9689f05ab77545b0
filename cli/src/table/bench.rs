//! The tables of `isospike bench`, for terminals and as Markdown.

use super::{Table, bytes, duration, fit, si, things, thousands};
use crate::report::{BenchReport, BenchRow, MachineReport, SpreadReport};
use isospike_benches::{Goals, Workload};
use std::fmt::Write as _;

const TIME: ([&str; 1], [&str; 10]) = (
    ["workload"],
    [
        "x real time, min",
        "median",
        "bar",
        "aim",
        "reached",
        "best peer",
        "ns/event",
        "ns/update",
        "events/s",
        "updates/s",
    ],
);

const MEMORY: ([&str; 1], [&str; 10]) = (
    ["workload"],
    [
        "bytes/event",
        "bytes/update",
        "GB/s",
        "limit, x real time",
        "share of it",
        "build s, min / median",
        "held",
        "peak",
        "bytes/synapse",
        "rates",
    ],
);

const BESIDE: ([&str; 1], [&str; 7]) = (
    ["workload"],
    ["x real time, min", "median", "ideal", "over ideal", "bar", "reached", "threads alone"],
);

/// Above the table of [`BESIDE`].
const BESIDE_TITLE: &str = "beside one busy process";

/// For a terminal.
pub fn bench(report: &BenchReport, width: usize) -> String {
    let mut text = head(report);
    let mut tables = [Table::new(TIME.0, TIME.1), Table::new(MEMORY.0, MEMORY.1)];
    for row in &report.rows {
        tables[0].row(time_cells(row));
        tables[1].row(memory_cells(row));
    }
    for table in tables {
        let _ = write!(text, "\n{}", table.lines(width));
    }
    if report.rows.iter().any(|row| row.beside_busy.is_some()) {
        let mut beside = Table::new(BESIDE.0, BESIDE.1);
        report.rows.iter().filter_map(beside_cells).for_each(|cells| beside.row(cells));
        let _ = write!(text, "\n{BESIDE_TITLE}\n{}", beside.lines(width));
    }
    fit::page(&(text + &tail(report)), width)
}

/// To paste into a document.
pub fn bench_markdown(report: &BenchReport) -> String {
    let mut text = head(report);
    type Cells = fn(&BenchRow) -> [String; 11];
    let tables: [(_, Cells); 2] = [(TIME, time_cells), (MEMORY, memory_cells)];
    for ((words, numbers), cells) in tables {
        let header: Vec<&str> = words.into_iter().chain(numbers).collect();
        let _ = writeln!(text, "\n| {} |", header.join(" | "));
        let _ = writeln!(text, "|{}", " --- |".repeat(header.len()));
        for row in &report.rows {
            let _ = writeln!(text, "| {} |", cells(row).join(" | "));
        }
    }
    let beside: Vec<_> = report.rows.iter().filter_map(beside_cells).collect();
    if !beside.is_empty() {
        let header: Vec<&str> = BESIDE.0.into_iter().chain(BESIDE.1).collect();
        let _ = writeln!(text, "\n{BESIDE_TITLE}:\n\n| {} |", header.join(" | "));
        let _ = writeln!(text, "|{}", " --- |".repeat(header.len()));
        for cells in beside {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    text + &tail(report)
}

/// `--list`.
pub fn workloads(all: &[Workload], width: usize) -> String {
    let mut table = Table::new(
        ["workload", "model", "replaced", "bar", "aim", "best peer"],
        ["warm-up", "measured", "times"],
    );
    for w in all {
        let set: Vec<_> = w.set.iter().map(|one| format!("{}={}", one.path, one.value)).collect();
        let peer = w.peer.as_ref().map_or("-".into(), |peer| {
            let figure = goals(&Goals {
                real_time_factor: peer.real_time_factor,
                updates_per_s: peer.updates_per_s,
                ..Goals::default()
            });
            format!("{figure} ({})", peer.name)
        });
        table.row([
            w.name.clone(),
            w.model.clone(),
            set.join(" "),
            goals(&w.bar),
            goals(&w.aim),
            peer,
            duration(w.warm_up_ms),
            duration(w.measured_ms),
            w.repetitions.to_string(),
        ]);
    }
    (1..6).fold(table, Table::prose).lines(width)
}

/// The circumstances in which all rows were measured.
fn head(report: &BenchReport) -> String {
    let Some(row) = report.rows.last() else { return String::new() };
    let MachineReport { date, processor, cores, load_average, memory } = &row.machine;
    let load = load_average.map_or("not known".into(), |load| format!("{load:.2}"));
    format!(
        "{processor}, {}; {date}, load average {load}; commit {}\n\
         {}: {}\n\
         memory beyond the caches ({}, arrays of {}): read {:.1} GB/s, copy {:.1}, \
         triad {:.1}\n",
        things(*cores as u64, "core"),
        row.commit,
        row.backend,
        row.device,
        things(memory.threads as u64, "thread"),
        bytes(memory.array_bytes),
        memory.read_gb_per_s,
        memory.copy_gb_per_s,
        memory.triad_gb_per_s,
    )
}

/// The notes that the cells cannot hold.
fn tail(report: &BenchReport) -> String {
    let mut text = String::new();
    for row in &report.rows {
        for rate in row.rates.iter().filter(|rate| rate.agrees == Some(false)) {
            let _ = writeln!(
                text,
                "{}: {} spikes at {} Hz; the reference is {} Hz, more than {} % away",
                row.workload,
                rate.population,
                optional(rate.rate_hz, |x| format!("{x:.3}")),
                optional(rate.reference_rate_hz, |x| x.to_string()),
                row.rates_within * 100.0,
            );
        }
        for note in &row.notes {
            let _ = writeln!(text, "{}: {note}", row.workload);
        }
    }
    for file in &report.files {
        let _ = writeln!(text, "wrote {file}");
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn time_cells(row: &BenchRow) -> [String; 11] {
    let reached = match (row.aim_reached, row.bar_reached) {
        (Some(true), _) => "aim",
        (_, Some(true)) => "bar",
        (_, Some(false)) => "NO",
        _ => "-",
    };
    let peer = row.peer.as_ref().map_or("-".into(), |peer| {
        goals(&Goals {
            real_time_factor: peer.real_time_factor,
            updates_per_s: peer.updates_per_s,
            ..Goals::default()
        })
    });
    let events = if row.synapses > 0 { si(row.events_per_s) } else { "-".into() };
    [
        row.workload.clone(),
        factor(row.real_time_factor.min),
        factor(row.real_time_factor.median),
        goals(&row.bar),
        goals(&row.aim),
        reached.into(),
        peer,
        optional(row.ns_per_event, |x| format!("{x:.2}")),
        optional(row.ns_per_update, |x| format!("{x:.2}")),
        events,
        si(row.updates_per_s),
    ]
}

fn memory_cells(row: &BenchRow) -> [String; 11] {
    let SpreadReport { min, median } = row.build_s;
    let rates = match row.rates_agree {
        Some(true) => "agree",
        Some(false) => "DIFFER",
        None => "-",
    };
    [
        row.workload.clone(),
        optional(row.bytes_per_event, |x| format!("{x:.1}")),
        optional(row.bytes_per_update, |x| format!("{x:.0}")),
        optional(row.moved_gb_per_s, |x| format!("{x:.1}")),
        optional(row.limit.map(|limit| limit.real_time_factor), factor),
        optional(row.share_of_limit, |x| format!("{:.0} %", x * 100.0)),
        format!("{min:.2} / {median:.2}"),
        bytes(row.memory_bytes),
        row.peak_bytes.map_or("-".into(), bytes),
        optional(row.bytes_per_synapse, |x| format!("{x:.2}")),
        rates.into(),
    ]
}

/// The cells of [`BESIDE`], where that was measured.
fn beside_cells(row: &BenchRow) -> Option<[String; 8]> {
    let beside = row.beside_busy?;
    let (fewer, all) = (factor(beside.one_thread_less.median), factor(beside.all_threads.median));
    Some([
        row.workload.clone(),
        factor(beside.real_time_factor.min),
        factor(beside.real_time_factor.median),
        factor(beside.ideal),
        format!("{:.2}", beside.over_ideal),
        beside.bar.to_string(),
        if beside.bar_reached { "yes" } else { "NO" }.into(),
        format!("{fewer} one less, {all} all"),
    ])
}

/// Goals in one cell: `0.85, build 8 s, 2 GB`.
fn goals(goals: &Goals) -> String {
    let Goals { real_time_factor, build_s, updates_per_s, peak_gb, share_of_limit } = goals;
    let all = [
        real_time_factor.map(|x| x.to_string()),
        updates_per_s.map(|x| format!("{} updates/s", si(x))),
        build_s.map(|x| format!("build {x} s")),
        peak_gb.map(|x| format!("{x} GB")),
        share_of_limit.map(|x| format!("{:.0} % of the limit", x * 100.0)),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "-".into() } else { all.join(", ") }
}

fn optional(x: Option<f64>, write: impl Fn(f64) -> String) -> String {
    x.map_or("-".into(), write)
}

/// Three digits that say something.
fn factor(x: f64) -> String {
    match x {
        x if x >= 100.0 => thousands(x.round() as u64),
        x if x >= 10.0 => format!("{x:.1}"),
        x if x >= 1.0 => format!("{x:.2}"),
        x if x >= 0.1 => format!("{x:.3}"),
        x if x >= 0.01 => format!("{x:.4}"),
        x => format!("{x:.5}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_told_in_one_cell() {
        let all = Goals {
            real_time_factor: Some(0.85),
            build_s: Some(8.0),
            peak_gb: Some(2.0),
            ..Goals::default()
        };
        assert_eq!(goals(&all), "0.85, build 8 s, 2 GB");
        assert_eq!(goals(&Goals::default()), "-");
    }

    #[test]
    fn factors_have_three_digits() {
        let all = [123.4, 12.345, 1.2345, 0.12345, 0.012345, 0.0012345].map(factor);
        assert_eq!(all, ["123", "12.3", "1.23", "0.123", "0.0123", "0.00123"]);
    }
}
