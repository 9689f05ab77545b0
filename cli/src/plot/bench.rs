//! Benchmarks: a row for each, with its real-time factor between the limit of the machine, its
//! goals and the best of other simulators, and where its threads spent their time.

use super::axis::label;
use super::canvas::{Anchor, Color, Drawing, FAINT, GREY, INK, Text, color};
use crate::report::BenchRow;
use crate::table::shorten;
use isospike_core::base::words::count;

const WIDTH: f64 = 1000.0;
const TOP: f64 = 104.0;
const BOTTOM: f64 = 46.0;
const ROW: f64 = 34.0;
/// Factors stand between these, on a logarithmic scale.
const FACTORS: (f64, f64) = (130.0, 610.0);
/// Phases stand between these.
const PHASES: (f64, f64) = (650.0, 976.0);

/// The meaning of a mark: its name, its colour, and half of its height.
const MARKS: [(&str, Color, f64); 4] = [
    ("limit: the bytes alone", color(2), 9.0),
    ("aim", color(3), 9.0),
    ("bar", color(1), 9.0),
    ("best other simulator", GREY, 9.0),
];

/// Phases by their names; what is none of them, and what no phase holds, is the rest.
const PARTS: [(&str, Color); 7] = [
    ("deliver", color(0)),
    ("update", color(2)),
    ("emit", color(3)),
    ("wait", color(5)),
    ("submit", color(4)),
    ("read", color(6)),
    ("other", FAINT),
];

/// Draws rows.
pub fn draw(rows: &[BenchRow]) -> Drawing {
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + BOTTOM);
    head(&mut drawing, rows);
    let range = decades(rows);
    for power in range.0..=range.1 {
        let at = x(10_f64.powi(power), range);
        drawing.line(vec![(at, TOP), (at, bottom + 5.0)], FAINT, 1.0);
        let text = label(10_f64.powi(power));
        drawing.text(Text::new(text, (at, bottom + 16.0), 11.0, INK, Anchor::Middle));
    }
    let middle = (FACTORS.0 + FACTORS.1) / 2.0;
    let words = "wall time over simulated time (below 1 is faster than real time)";
    drawing.text(Text::new(words, (middle, bottom + 34.0), 11.0, GREY, Anchor::Middle));
    for (i, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (i as f64 + 0.5);
        let name =
            Text::new(shorten(&row.workload, 14), (FACTORS.0 - 12.0, y), 12.0, INK, Anchor::End);
        drawing.text(name.bold());
        factors(&mut drawing, row, y, range);
        phases(&mut drawing, row, y);
    }
    drawing
}

fn head(drawing: &mut Drawing, rows: &[BenchRow]) {
    let title = rows.last().map_or(String::new(), |row| {
        let day = row.machine.date.get(..10).unwrap_or_default();
        let cores = count(row.machine.cores as u64, "core");
        format!("{}, {cores}, {day}, commit {}", row.device, row.commit)
    });
    drawing.text(Text::new(title, (20.0, 22.0), 14.0, INK, Anchor::Start).bold());
    let words = "real-time factor; black: from the least to the median";
    drawing.text(Text::new(words, (FACTORS.0, 54.0), 12.0, GREY, Anchor::Start));
    let mut at = FACTORS.0 + 3.0;
    for (name, ink, half) in MARKS {
        drawing.line(vec![(at, 80.0 - half), (at, 80.0 + half)], ink, 3.0);
        drawing.text(Text::new(name, (at + 7.0, 80.0), 11.0, INK, Anchor::Start));
        at += 26.0 + 6.6 * name.len() as f64;
    }
    let words = "where the threads spent their time";
    drawing.text(Text::new(words, (PHASES.0, 54.0), 12.0, GREY, Anchor::Start));
    let mut at = PHASES.0;
    for (name, ink) in PARTS {
        drawing.rectangle((at, 75.0), (10.0, 10.0), ink);
        drawing.text(Text::new(name, (at + 14.0, 80.0), 11.0, INK, Anchor::Start));
        at += 21.0 + 5.6 * name.len() as f64;
    }
}

/// The limit, the aim, the bar and the peer, as real-time factors, in the order of [`MARKS`].
fn marks(row: &BenchRow) -> [Option<f64>; 4] {
    let updates_per_simulated_s = row.neuron_updates as f64 * 1000.0 / row.measured_ms;
    let factor = |factor: Option<f64>, updates_per_s: Option<f64>| {
        factor.or(updates_per_s.map(|rate| updates_per_simulated_s / rate))
    };
    let limit = row.limit.map(|limit| limit.real_time_factor);
    [
        limit,
        factor(row.aim.real_time_factor, row.aim.updates_per_s),
        factor(row.bar.real_time_factor, row.bar.updates_per_s),
        row.peer.as_ref().and_then(|peer| factor(peer.real_time_factor, peer.updates_per_s)),
    ]
}

fn factors(drawing: &mut Drawing, row: &BenchRow, y: f64, range: (i32, i32)) {
    for (value, (_, ink, half)) in marks(row).into_iter().zip(MARKS) {
        let Some(value) = value.filter(|value| *value > 0.0) else { continue };
        let at = x(value, range);
        drawing.line(vec![(at, y - half), (at, y + half)], ink, 3.0);
    }
    let (from, to) = (x(row.real_time_factor.min, range), x(row.real_time_factor.median, range));
    drawing.rectangle((from - 2.0, y - 5.0), (to - from + 4.0, 10.0), INK);
}

fn phases(drawing: &mut Drawing, row: &BenchRow, y: f64) {
    let mut at = PHASES.0;
    for (share, (_, ink)) in shares(row).into_iter().zip(PARTS) {
        let width = share * (PHASES.1 - PHASES.0);
        drawing.rectangle((at, y - 9.0), (width, 18.0), ink);
        at += width;
    }
}

/// The phases as shares of the threads' time, in the order of [`PARTS`].
fn shares(row: &BenchRow) -> [f64; PARTS.len()] {
    let sum: f64 = row.phases.iter().map(|p| p.s_per_s).sum();
    let whole = sum.max(row.real_time_factor.min * row.threads.unwrap_or(1) as f64);
    let time = |name: &str| row.phases.iter().find(|p| p.phase == name).map_or(0.0, |p| p.s_per_s);
    let mut shares = PARTS.map(|(name, _)| time(name) / whole);
    shares[PARTS.len() - 1] = 1.0 - shares.iter().sum::<f64>();
    shares
}

/// The powers of ten that hold all figures.
fn decades(rows: &[BenchRow]) -> (i32, i32) {
    let own = rows.iter().flat_map(|r| [r.real_time_factor.min, r.real_time_factor.median]);
    let all = rows.iter().flat_map(marks).flatten().chain(own).filter(|x| *x > 0.0);
    let (low, high) =
        all.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    if low > high {
        return (-1, 1);
    }
    let (low, high) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    (low, high.max(low + 1))
}

fn x(factor: f64, (low, high): (i32, i32)) -> f64 {
    let share = (factor.log10() - f64::from(low)) / f64::from(high - low);
    FACTORS.0 + share * (FACTORS.1 - FACTORS.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_lie_on_a_logarithmic_scale() {
        let middle = (FACTORS.0 + FACTORS.1) / 2.0;
        assert_eq!(x(0.1, (-1, 1)), FACTORS.0);
        assert!((x(1.0, (-1, 1)) - middle).abs() < 1e-9);
        assert_eq!(decades(&[]), (-1, 1));
    }
}
