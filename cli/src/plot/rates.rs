//! The rates: a row for each population, with its mean rate as a bar, the literature's as a mark,
//! and its rate over time.

use super::Figures;
use super::axis::{label, round_step, round_up, ticks};
use super::canvas::{Anchor, Drawing, FAINT, GREY, INK, SHADE, Text, color};
use super::labels::{self, Names};
use crate::table::thousands;
use isospike_core::analyse::statistics::activity;

/// The rate over time has about so many bins, each of whole steps.
const BINS: f64 = 150.0;

/// More populations than this have no row.
const MOST_ROWS: usize = 200;

const WIDTH: f64 = 1000.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 88.0;
const BOTTOM: f64 = 58.0;

/// The plot under way.
struct Rates<'a> {
    figures: &'a Figures<'a>,
    names: Names,
    /// The populations that have a row.
    rows: usize,
    row: f64,
    bottom: f64,
    /// Bars stand between these.
    bars: (f64, f64),
    /// Rates over time stand between these.
    times: (f64, f64),
}

/// Draws the rates.
pub fn draw(figures: &Figures<'_>) -> Drawing {
    let rows = figures.train.populations.len().min(MOST_ROWS);
    let count = rows.max(1) as f64;
    let row = (420.0 / count).clamp(44.0, 120.0).min((5000.0 / count).max(24.0));
    let bottom = TOP + row * count;
    let names = Names::new(figures.train.populations.iter().take(rows).map(|p| p.name.as_str()));
    let bars = (names.width + 20.0, names.width + 240.0);
    let rates =
        Rates { figures, names, rows, row, bottom, bars, times: (bars.1 + 110.0, WIDTH - RIGHT) };
    let mut drawing = Drawing::new(WIDTH, bottom + BOTTOM);
    rates.head(&mut drawing);
    rates.bars(&mut drawing);
    rates.over_time(&mut drawing);
    drawing
}

impl Rates<'_> {
    fn head(&self, drawing: &mut Drawing) {
        labels::title(drawing, &self.figures.title, 20.0, WIDTH - RIGHT - 20.0);
        let train = self.figures.train;
        let transient = match train.transient_steps {
            0 => String::new(),
            steps => format!(" after {} ms", label(train.clock().after_ms(steps.into()))),
        };
        let mut words = format!("mean rate{transient} in Hz");
        if self.rows < train.populations.len() {
            let all = thousands(train.populations.len() as u64);
            words += &format!(", the first {} of {all} populations", self.rows);
        }
        drawing.text(Text::new(words, (self.bars.0, 56.0), 12.0, GREY, Anchor::Start));
        if train.populations.iter().any(|p| p.reference_rate_hz.is_some()) {
            let left = self.bars.0;
            drawing.line(vec![(left + 1.0, 68.0), (left + 1.0, 80.0)], INK, 2.0);
            let words = "rate of the literature";
            drawing.text(Text::new(words, (left + 8.0, 74.0), 11.0, GREY, Anchor::Start));
        }
        let width = train.clock().after_ms(bin_steps(self.figures).into());
        let words = format!("rate in Hz over time, bins of {} ms", label(width));
        drawing.text(Text::new(words, (self.times.0, 56.0), 12.0, GREY, Anchor::Start));
    }

    fn bars(&self, drawing: &mut Drawing) {
        let (train, bottom) = (self.figures.train, self.bottom);
        let activity = activity(train);
        let rates: Vec<f64> =
            activity.iter().take(self.rows).map(|a| a.rate_hz.unwrap_or(0.0)).collect();
        let references = train.populations.iter().filter_map(|p| p.reference_rate_hz);
        let largest = rates.iter().copied().chain(references).fold(0.0, f64::max);
        let positions = ticks(0.0, if largest > 0.0 { largest * 1.08 } else { 1.0 }, 4);
        let end = (largest * 1.08).max(positions.last().copied().unwrap_or(1.0)).max(1e-9);
        let x = |rate: f64| self.bars.0 + rate / end * (self.bars.1 - self.bars.0);
        for tick in positions {
            drawing.line(vec![(x(tick), TOP), (x(tick), bottom + 5.0)], FAINT, 1.0);
            let at = (x(tick), bottom + 16.0);
            drawing.text(Text::new(label(tick), at, 11.0, INK, Anchor::Middle));
        }
        for (i, (population, rate)) in train.populations.iter().zip(&rates).enumerate() {
            let middle = TOP + self.row * (i as f64 + 0.5);
            let height = (self.row * 0.42).min(34.0);
            self.names.draw(drawing, i, (self.bars.0 - 10.0, middle));
            let size = (x(*rate) - self.bars.0, height);
            drawing.rectangle((self.bars.0, middle - height / 2.0), size, color(i));
            let mut right = x(*rate);
            if let Some(reference) = population.reference_rate_hz {
                let half = height / 2.0 + 4.0;
                let at = x(reference);
                drawing.line(vec![(at, middle - half), (at, middle + half)], INK, 2.0);
                right = right.max(at);
            }
            let value = format!("{rate:.2}");
            drawing.text(Text::new(value, (right + 8.0, middle), 11.0, INK, Anchor::Start));
        }
        drawing.line(vec![(self.bars.0, TOP), (self.bars.0, bottom)], GREY, 1.0);
    }

    fn over_time(&self, drawing: &mut Drawing) {
        let (figures, train, bottom) = (self.figures, self.figures.train, self.bottom);
        let (left, right) = self.times;
        let x = |ms: f64| left + figures.share(ms).min(1.0) * (right - left);
        let transient = train.clock().after_ms(train.transient_steps.into()).min(figures.to_ms);
        if transient > figures.from_ms {
            drawing.rectangle((left, TOP), (x(transient) - left, bottom - TOP), SHADE);
            let at = (left + 6.0, TOP - 9.0);
            drawing.text(Text::new("transient", at, 10.0, GREY, Anchor::Start));
        }
        for ms in ticks(figures.from_ms, figures.to_ms, 5) {
            drawing.line(vec![(x(ms), TOP), (x(ms), bottom + 5.0)], FAINT, 1.0);
            drawing.text(Text::new(label(ms), (x(ms), bottom + 16.0), 11.0, INK, Anchor::Middle));
        }
        let middle = (left + right) / 2.0;
        drawing.text(Text::new("time in ms", (middle, bottom + 38.0), 12.0, INK, Anchor::Middle));
        let width_ms = train.clock().after_ms(bin_steps(figures).into());
        for (i, rates) in binned(figures).into_iter().take(self.rows).enumerate() {
            let base = TOP + self.row * (i as f64 + 1.0) - 3.0;
            let height = self.row - 14.0;
            let top = round_up(rates.iter().copied().fold(0.0, f64::max));
            let mut outline = vec![(left, base)];
            for (bin, rate) in rates.iter().enumerate() {
                let from = figures.from_ms + bin as f64 * width_ms;
                let y = base - rate / top * height;
                outline.push((x(from), y));
                outline.push((x((from + width_ms).min(figures.to_ms)), y));
            }
            outline.push((outline.last().map_or(left, |point| point.0), base));
            drawing.fill(outline.clone(), color(i), 0.22);
            drawing.line(outline, color(i), 1.0);
            drawing.line(vec![(left - 4.0, base - height), (left, base - height)], GREY, 1.0);
            let at = (left - 8.0, base - height);
            drawing.text(Text::new(label(top), at, 10.0, GREY, Anchor::End));
            drawing.text(Text::new("0", (left - 8.0, base), 10.0, GREY, Anchor::End));
        }
    }
}

/// The steps of a bin: a round time, so that there are about [`BINS`] of them.
fn bin_steps(figures: &Figures<'_>) -> u32 {
    let width_ms = round_step((figures.to_ms - figures.from_ms).max(f64::MIN_POSITIVE) / BINS);
    ((width_ms / figures.train.dt_ms).round() as u32).max(1)
}

/// The rate of each population in each bin; the last bin may be shorter.
fn binned(figures: &Figures<'_>) -> Vec<Vec<f64>> {
    let train = figures.train;
    let (from, to) = figures.steps();
    let (steps, width) = (to.saturating_sub(from), bin_steps(figures));
    let bins = steps.div_ceil(width).max(1);
    let mut counts = vec![vec![0.0; bins as usize]; train.populations.len()];
    for spike in figures.spikes() {
        let bin = (train.step[spike] - from) / width;
        counts[train.population[spike] as usize][bin as usize] += 1.0;
    }
    for (counts, population) in counts.iter_mut().zip(&train.populations) {
        let neurons = f64::from(population.size) * f64::from(train.batch);
        for (bin, count) in (0..).zip(counts) {
            let in_bin = width.min(steps - (width * bin).min(steps)).max(1);
            *count /= neurons * train.clock().after_ms(in_bin.into()) / 1000.0;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_core::analyse::train::{SpikeTrain, TrainPopulation};
    use isospike_session::trace::Samples;

    fn train(steps: u32) -> SpikeTrain {
        let population = TrainPopulation { name: "a".into(), size: 2, reference_rate_hz: None };
        let populations = vec![population];
        SpikeTrain { dt_ms: 0.1, steps, batch: 1, populations, ..SpikeTrain::default() }
    }

    #[test]
    fn bins_follow_the_length_of_the_run() {
        let width = |steps| bin_steps(&Figures::new(&train(steps), "", &Samples::default()));
        // 1 ms, 30 ms, 1 s, 30 s, 1 h: 0.1, 0.2, 10 ms, 200 ms, 50 s.
        let widths = [10, 300, 10_000, 300_000, 36_000_000].map(width);
        assert_eq!(widths, [1, 2, 100, 2_000, 500_000]);
    }

    #[test]
    fn bins_hold_rates_and_the_last_may_be_short() {
        // 7.01 s: bins of 50 ms, the last of 10 ms.
        let mut train = train(70_100);
        for step in [0, 499, 500, 70_099] {
            train.push(step, 0, 0, 0);
        }
        let rates = binned(&Figures::new(&train, "", &Samples::default()));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        assert_eq!(rates[0].len(), 141);
        near(rates[0][0], 20.0);
        near(rates[0][1], 10.0);
        near(rates[0][140], 50.0);
    }
}
