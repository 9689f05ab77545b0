//! The traces: a panel for each probe, a line for each of its first neurons.

use super::Figures;
use super::axis::{label, ticks};
use super::canvas::{Anchor, Drawing, FAINT, GREY, INK, Text, color};
use super::labels;
use crate::table::{shorten, things, thousands};
use isospike_session::trace::{Head, Trace};

/// More lines than this in a panel are not drawn, and the panel says so.
const MOST_LINES: usize = 8;

/// More probes than this have no panel.
pub(super) const MOST_PANELS: usize = 24;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 58.0;
const PANEL: f64 = 170.0;
/// The room above a panel for its title.
const HEAD: f64 = 30.0;

/// Draws the traces.
pub fn draw(figures: &Figures<'_>) -> Drawing {
    let traces = &figures.samples.traces;
    let panels = traces.len().min(MOST_PANELS);
    let bottom = TOP + (PANEL + HEAD) * panels as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + BOTTOM);
    labels::title(&mut drawing, &figures.title, 20.0, WIDTH - 40.0);
    let words = count_probes(traces.len());
    drawing.text(Text::new(words, (20.0, 44.0), 12.0, GREY, Anchor::Start));
    for (i, trace) in traces.iter().take(panels).enumerate() {
        panel(&mut drawing, figures, trace, TOP + (PANEL + HEAD) * i as f64 + HEAD);
    }
    for ms in ticks(figures.from_ms, figures.to_ms, 8) {
        let at = (x_of(figures, ms), bottom + 16.0);
        drawing.text(Text::new(label(ms), at, 11.0, INK, Anchor::Middle));
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    drawing.text(Text::new("time in ms", (middle, bottom + 38.0), 12.0, INK, Anchor::Middle));
    drawing
}

/// Returns how many probes there are, in words.
pub(super) fn count_probes(all: usize) -> String {
    match all {
        all if all > MOST_PANELS => {
            format!("the first {MOST_PANELS} of {}", things(all as u64, "probe"))
        }
        all => things(all as u64, "probe"),
    }
}

fn x_of(figures: &Figures<'_>, ms: f64) -> f64 {
    LEFT + figures.share(ms) * (WIDTH - LEFT - RIGHT)
}

fn panel(drawing: &mut Drawing, figures: &Figures<'_>, trace: &Trace, top: f64) {
    let bottom = top + PANEL;
    let samples = trace.head.between(figures.from_ms, figures.to_ms);
    let lines: Vec<usize> = (0..trace.lines().min(MOST_LINES)).collect();
    let values = || lines.iter().flat_map(|&line| samples.clone().map(move |s| (line, s)));
    let finite = values().map(|(line, s)| f64::from(trace.value(s, line)));
    let (low, high) = finite
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let (low, high) = span(low, high);
    let y = |value: f64| bottom - (value - low) / (high - low) * PANEL;
    for ms in ticks(figures.from_ms, figures.to_ms, 8) {
        let x = x_of(figures, ms);
        drawing.line(vec![(x, top), (x, bottom)], FAINT, 1.0);
    }
    for value in ticks(low, high, 5) {
        drawing.line(vec![(LEFT, y(value)), (WIDTH - RIGHT, y(value))], FAINT, 1.0);
        let at = (LEFT - 8.0, y(value));
        drawing.text(Text::new(label(value), at, 10.0, INK, Anchor::End));
    }
    drawing.line(vec![(LEFT, top), (LEFT, bottom), (WIDTH - RIGHT, bottom)], GREY, 1.0);
    heading(drawing, &trace.head, (LEFT, top), samples.is_empty());
    for &line in &lines {
        let times = &trace.head.times_ms;
        let points = samples.clone().map(|s| (times[s], f64::from(trace.value(s, line))));
        let points = thin(points.map(|(ms, value)| (x_of(figures, ms), y(value))));
        match points.len() {
            0 => {}
            // A line of one point is nothing to see.
            1 => drawing.dots(points, (4.0, 4.0), color(line)),
            _ => drawing.line(points, color(line), 1.2),
        }
    }
    legend(drawing, trace, &lines, top);
}

/// Draws the title of a panel above its upper left corner.
pub(super) fn heading(drawing: &mut Drawing, head: &Head, (left, top): (f64, f64), is_empty: bool) {
    let unit = match head.unit.as_str() {
        "" | "1" => String::new(),
        unit => format!(" in {unit}"),
    };
    let (variable, owner) = (shorten(&head.variable, 24), shorten(&head.owner, 32));
    let mut words = format!("{variable} of {owner}{unit}");
    if head.name != head.variable {
        words += &format!("  ({})", shorten(&head.name, 24));
    }
    if is_empty {
        words += ": no sample in this time";
    }
    drawing.text(Text::new(words, (left, top - 12.0), 12.0, INK, Anchor::Start).bold());
}

/// A short line and the neuron or the synapse for each line drawn.
fn legend(drawing: &mut Drawing, trace: &Trace, lines: &[usize], top: f64) {
    let left = WIDTH - RIGHT + 14.0;
    for (i, &line) in lines.iter().enumerate() {
        let y = top + 8.0 + 16.0 * i as f64;
        drawing.line(vec![(left, y), (left + 18.0, y)], color(line), 2.0);
        let words = trace.line_name(line);
        drawing.text(Text::new(words, (left + 24.0, y), 10.0, INK, Anchor::Start));
    }
    if lines.len() < trace.lines() {
        let words = format!("of {} in all", thousands(trace.lines() as u64));
        let y = top + 8.0 + 16.0 * lines.len() as f64;
        drawing.text(Text::new(words, (left, y), 10.0, GREY, Anchor::Start));
    }
}

/// The ends of the axis: a little beyond the values, and not one point.
fn span(low: f64, high: f64) -> (f64, f64) {
    if low > high {
        return (0.0, 1.0);
    }
    let margin = (high - low) * 0.05;
    let least = high.abs().max(low.abs()) * 1e-6;
    let margin = if margin > least { margin } else { (high.abs() * 0.05).max(1e-9) };
    (low - margin, high + margin)
}

/// Points of a line, at most four in each half point of width: the first, the lowest, the highest
/// and the last one, so that no peak is lost.
fn thin(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::new();
    let mut column: Vec<(f64, f64)> = Vec::new();
    let mut flush = |column: &mut Vec<(f64, f64)>| {
        if column.len() > 4 {
            let by = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
            let low = (0..column.len()).min_by(by).unwrap_or(0);
            let high = (0..column.len()).max_by(by).unwrap_or(0);
            let mut keep = [0, low, high, column.len() - 1];
            keep.sort_unstable();
            out.extend(keep.map(|i| column[i]));
        } else {
            out.extend_from_slice(column);
        }
        column.clear();
    };
    for point in points.filter(|point| point.1.is_finite()) {
        let place = |x: f64| (x * 2.0).floor();
        if column.first().is_some_and(|first| place(first.0) != place(point.0)) {
            flush(&mut column);
        }
        column.push(point);
    }
    flush(&mut column);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_line_keeps_its_peaks() {
        let points = (0..10_000).map(|i| {
            let peak = if i == 4321 { 7.0 } else { f64::from(i % 3) };
            (f64::from(i) * 0.001, peak)
        });
        let thin = thin(points);
        assert!(thin.len() <= 4 * 20, "{}", thin.len());
        assert!(thin.iter().any(|point| point.1 == 7.0));
        assert!(thin.is_sorted_by(|a, b| a.0 <= b.0));
        assert_eq!(super::thin([(0.0, 1.0)].into_iter()), [(0.0, 1.0)]);
    }

    #[test]
    fn an_axis_is_never_one_point() {
        for (low, high) in [(-65.0, -65.0), (0.0, 0.0), (1e-12, 1e-12), (-70.0, -50.0)] {
            let (from, to) = span(low, high);
            assert!(from < low && high < to, "{low} {high}: {from} {to}");
        }
        assert_eq!(span(f64::INFINITY, f64::NEG_INFINITY), (0.0, 1.0));
    }
}
