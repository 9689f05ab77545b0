//! The three columns of energy as tables. They stay apart: no line adds one to another.

use super::{LABEL, Table, counters, fit, network, seconds, thousands};
use crate::report::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `energy`: every figure, term by term.
pub fn energy(report: &EnergyReport, width: usize) -> String {
    let mut text = network(&report.network);
    let _ = writeln!(text, "  {:LABEL$}{}  {}", "backend", report.backend, report.device);
    let _ = writeln!(text, "  {:LABEL$}{}", "run", seconds(report.run_s));
    match &report.counts {
        Some(counts) => text += &counters::lines(counts, &report.network, LABEL, width),
        None => text += "  the backend failed and cannot say what it counted\n",
    }
    if report.status != "complete" {
        let why = report.error.as_deref().unwrap_or("Ctrl-C");
        let _ = writeln!(text, "  {:LABEL$}{why}", report.status);
    }
    let _ = writeln!(text, "\nMEASURED on this machine: joules of its own counters, idle included");
    let _ = writeln!(text, "  {}", measured(&report.measured, &report.not_measured));
    if !report.measured.meters.is_empty() {
        text += &meters(&report.measured.meters).lines(width);
    }
    for meter in &report.measured.meters {
        if let Some(caveat) = &meter.info.caveat {
            let _ = writeln!(text, "  {}: {caveat}", meter.info.name);
        }
    }
    text +=
        "\nPROJECTED: counts of this run times published energies, no machine was measured here\n";
    let scopes = [
        (Scope::Operation, "arithmetic alone"),
        (Scope::Chip, "a chip without board and host, as far as its source goes"),
        (Scope::System, "a whole machine, at the figure it had with the cortical microcircuit"),
    ];
    for (scope, title) in scopes {
        let in_scope = |chip: &&Estimate| chip.row.scope == scope;
        let rows: Vec<_> = report.projected.iter().filter(in_scope).collect();
        if !rows.is_empty() {
            let _ = write!(text, "\n{}: {title}\n{}", scope.name(), terms(&rows, width));
        }
    }
    if !report.not_measured.is_empty() {
        text += "\nNOT MEASURED\n";
    }
    for missing in &report.not_measured {
        let _ = writeln!(text, "  {}: {}", missing.what, missing.reason);
    }
    fit::page(&text, width)
}

/// The measured energy of a run in one line, or why there is none.
pub(super) fn measured(measured: &MeasuredReport, not: &[NotMeasuredReport]) -> String {
    let Some(energy_j) = measured.energy_j else {
        let reason = not.iter().find(|missing| missing.what == "energy");
        return reason.map_or("not measured".into(), |why| format!("not measured: {}", why.reason));
    };
    let mut text = joules(energy_j);
    if let Some(each) = measured.energy_j_per_event {
        let _ = write!(text, ", {} per synaptic event", joules(each));
    }
    let counted = measured.meters.iter().filter(|meter| meter.counted);
    let names: Vec<&str> = counted.map(|meter| meter.info.name.as_str()).collect();
    let _ = write!(text, " ({}); ", names.join(" + "));
    match (measured.idle_power_w, measured.idle_window_s) {
        (Some(power), Some(window)) => {
            let _ = write!(text, "idle {power:.1} W, over {window:.1} s before the run");
        }
        _ => text += "idle not measured",
    }
    text
}

/// The span of the projections in one line.
pub(super) fn range(all: &[Estimate]) -> String {
    let chips = || all.iter().filter(|chip| chip.row.scope == Scope::Chip);
    let least = chips().min_by(|a, b| a.energy_j.total_cmp(&b.energy_j));
    let most = chips().max_by(|a, b| a.energy_j.total_cmp(&b.energy_j));
    let end = |chip: &Estimate| format!("{} ({})", joules(chip.energy_j), chip.row.name);
    match (least, most) {
        (Some(least), Some(most)) => {
            let count = chips().count();
            format!("{} to {} by {count} chips: `isospike energy`", end(least), end(most))
        }
        _ => "no chip in the table".into(),
    }
}

/// Below `compare`: what was not measured, each reason once with the backends it holds for. If a
/// run has its figure, meters that are not there are no news.
pub(super) fn notes(backends: &[BackendReport]) -> String {
    let mut reasons: BTreeMap<(usize, String), Vec<&str>> = BTreeMap::new();
    // A refusal has its own line.
    let ran: Vec<_> = backends.iter().filter(|b| b.status != "refused").collect();
    for b in &ran {
        let has_figure = b.measured.energy_j.is_some();
        let news = |missing: &&NotMeasuredReport| !has_figure || missing.what == "idle power";
        for missing in b.not_measured.iter().filter(news) {
            // The run's own energy first, then the rest in alphabetic order.
            let rank = usize::from(missing.what != "energy");
            let line = format!("{} not measured: {}", missing.what, missing.reason);
            reasons.entry((rank, line)).or_default().push(&b.backend);
        }
    }
    let mut text = String::new();
    for ((_, line), names) in reasons {
        let all = names.len() == ran.len();
        let on = if all { String::new() } else { format!(" ({})", names.join(", ")) };
        let _ = writeln!(text, "{line}{on}");
    }
    text
}

/// Below `compare`: the chips of the table and the rows that the user added.
pub(super) fn chips(all: &[Estimate], width: usize) -> String {
    let rows = all.iter().filter(|chip| chip.row.scope == Scope::Chip || chip.row.added);
    let mut table =
        Table::new(["projected, not measured", "source"], ["energy", "per synaptic event"])
            .prose(0)
            .prose(1);
    for Estimate { row, energy_j, energy_j_per_event, .. } in rows {
        let each = energy_j_per_event.map_or("-".into(), joules);
        table.row([row.name.clone(), row.source.clone(), joules(*energy_j), each]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.lines(width)) }
}

fn meters(all: &[MeterReport]) -> Table {
    let mut table =
        Table::new(["meter", "covers", "counted"], ["energy", "power W", "idle W", "window s"]);
    for meter in all {
        let watts = |power: Option<f64>| power.map_or("-".into(), |x| format!("{x:.2}"));
        table.row([
            meter.info.name.clone(),
            meter.info.covers.clone(),
            if meter.counted { "yes" } else { "no" }.into(),
            meter.energy_j.map_or("not measured".into(), joules),
            watts(meter.power_w),
            watts(meter.idle_power_w),
            format!("{:.3}", meter.window_s),
        ]);
    }
    table.prose(1)
}

/// Count x energy = joules for each row, then where its figure comes from.
fn terms(rows: &[&Estimate], width: usize) -> String {
    let mut table = Table::new(["row", "counted"], ["count", "pJ each", "energy", "per event"]);
    for row in rows {
        for (i, term) in row.terms.iter().enumerate() {
            let only = row.terms.len() == 1;
            let each = if only { row.energy_j_per_event } else { None };
            table.row([
                if i == 0 { row.row.key.clone() } else { String::new() },
                term.operation.name().into(),
                count(term.count),
                number(term.each_pj),
                joules(term.energy_j),
                each.map_or(String::new(), joules),
            ]);
        }
        if row.terms.len() > 1 {
            let each = row.energy_j_per_event.map_or(String::new(), joules);
            let empty = String::new;
            table.row([empty(), "sum".into(), empty(), empty(), joules(row.energy_j), each]);
        }
    }
    let mut text = table.prose(1).lines(width);
    for Estimate { row, .. } in rows {
        let Row { key, name, source, link, process, .. } = row;
        let evidence = row.evidence.name();
        let _ = writeln!(text, "  {key}: {name}, {process}, {evidence}; {source}, {link}");
        let _ = writeln!(text, "    in it: {}; not in it: {}", row.covers, row.excludes);
        if let Some(caveat) = &row.caveat {
            let _ = writeln!(text, "    note: {caveat}");
        }
    }
    text
}

/// A count: whole where it is one.
fn count(x: f64) -> String {
    if x.fract() == 0.0 && x < 1e15 { thousands(x as u64) } else { x.to_string() }
}

/// A figure as the source prints it.
fn number(x: f64) -> String {
    if x >= 1e5 { format!("{x:e}") } else { x.to_string() }
}

/// Three digits and a prefix: `12.3 µJ`. Zero is a projection of no event, never a measurement.
pub(super) fn joules(x: f64) -> String {
    const PREFIXES: [(f64, &str); 7] =
        [(1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p")];
    if x == 0.0 {
        return "0 J".into();
    }
    // 999.6 has three digits as 1.00 of the next prefix.
    let found = PREFIXES.iter().find(|(scale, _)| x / scale >= 0.9995);
    let (scale, prefix) = found.unwrap_or(&PREFIXES[6]);
    match x / scale {
        s if s >= 99.95 => format!("{s:.0} {prefix}J"),
        s if s >= 9.995 => format!("{s:.1} {prefix}J"),
        s => format!("{s:.2} {prefix}J"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn meter(name: &str, counted: bool, energy_j: f64) -> MeterReport {
        MeterReport {
            info: MeterInfo {
                name: name.into(),
                covers: "a fake".into(),
                part: Part::Processor,
                overlaps: None,
                resolution_j: 1e-6,
                refresh: Duration::from_millis(1),
                read_every: Duration::from_secs(1),
                caveat: None,
            },
            counted,
            energy_j: Some(energy_j),
            reason: None,
            power_w: Some(energy_j / 2.0),
            window_s: 2.0,
            idle_power_w: None,
            idle_window_s: None,
        }
    }

    #[test]
    fn a_figure_names_its_meters_and_its_idle_power() {
        let mut report = MeasuredReport {
            energy_j: Some(12.0),
            energy_j_per_event: Some(6e-9),
            idle_power_w: Some(3.25),
            idle_window_s: Some(5.1),
            meters: vec![meter("package", true, 10.0), meter("core", false, 7.0)],
        };
        report.meters.push(meter("dram", true, 2.0));
        let line = measured(&report, &[]);
        let wanted = "12.0 J, 6.00 nJ per synaptic event (package + dram); \
                      idle 3.2 W, over 5.1 s before the run";
        assert_eq!(line, wanted);
        report.idle_power_w = None;
        assert!(measured(&report, &[]).ends_with("; idle not measured"));
        let table = meters(&report.meters).lines(120);
        assert!(table.contains("7.00 J") && table.contains("3.50"), "{table}");
    }

    #[test]
    fn joules_have_three_digits_and_a_prefix() {
        for (x, text) in [
            (0.0, "0 J"),
            (23.6e-12, "23.6 pJ"),
            (0.0009996, "1.00 mJ"),
            (1.5e-7, "150 nJ"),
            (71.5, "71.5 J"),
            (12_345.0, "12.3 kJ"),
            (1e-15, "0.00 pJ"),
        ] {
            assert_eq!(joules(x), text);
        }
        assert_eq!((number(4.4e6), number(13300.0)), ("4.4e6".into(), "13300".into()));
        assert_eq!((count(1e6), count(0.3)), ("1,000,000".into(), "0.3".into()));
    }
}
