//! The rates: a row for each population, with its mean rate as a bar, the literature's as a mark,
//! and its rate over time.

use super::Figures;
use super::axis::{label, round_up, ticks};
use super::canvas::{Anchor, Drawing, FAINT, GREY, INK, SHADE, Text, color};
use isospike_core::statistics::activity;

/// The bins of the rate over time.
const BIN_MS: f64 = 5.0;

const WIDTH: f64 = 1000.0;
const TOP: f64 = 88.0;
const BOTTOM: f64 = 58.0;
/// Bars stand between these.
const BARS: (f64, f64) = (120.0, 360.0);
/// Rates over time stand between these.
const TIMES: (f64, f64) = (470.0, 976.0);

/// Draws the rates.
pub fn draw(figures: &Figures<'_>) -> Drawing {
    let count = figures.train.populations.len().max(1) as f64;
    let row = (420.0 / count).clamp(44.0, 120.0);
    let bottom = TOP + row * count;
    let mut drawing = Drawing::new(WIDTH, bottom + BOTTOM);
    head(&mut drawing, figures);
    bars(&mut drawing, figures, row, bottom);
    over_time(&mut drawing, figures, row, bottom);
    drawing
}

fn head(drawing: &mut Drawing, figures: &Figures<'_>) {
    let title = Text::new(figures.title.clone(), (20.0, 22.0), 17.0, INK, Anchor::Start);
    drawing.text(title.bold());
    let train = figures.train;
    let transient = match train.transient_steps {
        0 => String::new(),
        steps => format!(" after {} ms", label(f64::from(steps) * train.dt_ms)),
    };
    let words = format!("mean rate{transient} in Hz");
    drawing.text(Text::new(words, (BARS.0, 56.0), 12.0, GREY, Anchor::Start));
    if train.populations.iter().any(|p| p.reference_rate_hz.is_some()) {
        drawing.line(vec![(BARS.0 + 1.0, 68.0), (BARS.0 + 1.0, 80.0)], INK, 2.0);
        let words = "rate of the literature";
        drawing.text(Text::new(words, (BARS.0 + 8.0, 74.0), 11.0, GREY, Anchor::Start));
    }
    let words = format!("rate in Hz over time, bins of {} ms", label(BIN_MS));
    drawing.text(Text::new(words, (TIMES.0, 56.0), 12.0, GREY, Anchor::Start));
}

fn bars(drawing: &mut Drawing, figures: &Figures<'_>, row: f64, bottom: f64) {
    let train = figures.train;
    let rates: Vec<f64> = activity(train).iter().map(|a| a.rate_hz.unwrap_or(0.0)).collect();
    let references = train.populations.iter().filter_map(|p| p.reference_rate_hz);
    let largest = rates.iter().copied().chain(references).fold(0.0, f64::max);
    let positions = ticks(0.0, if largest > 0.0 { largest * 1.08 } else { 1.0 }, 5);
    let end = (largest * 1.08).max(positions.last().copied().unwrap_or(1.0)).max(1e-9);
    let x = |rate: f64| BARS.0 + rate / end * (BARS.1 - BARS.0);
    for tick in positions {
        drawing.line(vec![(x(tick), TOP), (x(tick), bottom + 5.0)], FAINT, 1.0);
        drawing.text(Text::new(label(tick), (x(tick), bottom + 16.0), 11.0, INK, Anchor::Middle));
    }
    for (i, (population, rate)) in train.populations.iter().zip(&rates).enumerate() {
        let middle = TOP + row * (i as f64 + 0.5);
        let height = (row * 0.42).min(34.0);
        let name =
            Text::new(population.name.clone(), (BARS.0 - 10.0, middle), 12.0, INK, Anchor::End);
        drawing.text(name.bold());
        drawing.rectangle((BARS.0, middle - height / 2.0), (x(*rate) - BARS.0, height), color(i));
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
    drawing.line(vec![(BARS.0, TOP), (BARS.0, bottom)], GREY, 1.0);
}

fn over_time(drawing: &mut Drawing, figures: &Figures<'_>, row: f64, bottom: f64) {
    let span = (figures.to_ms - figures.from_ms).max(f64::MIN_POSITIVE);
    let x = |ms: f64| TIMES.0 + (ms - figures.from_ms) / span * (TIMES.1 - TIMES.0);
    let train = figures.train;
    let transient = (f64::from(train.transient_steps) * train.dt_ms).min(figures.to_ms);
    if transient > figures.from_ms {
        drawing.rectangle((TIMES.0, TOP), (x(transient) - TIMES.0, bottom - TOP), SHADE);
        let at = (TIMES.0 + 6.0, TOP - 9.0);
        drawing.text(Text::new("transient", at, 10.0, GREY, Anchor::Start));
    }
    for ms in ticks(figures.from_ms, figures.to_ms, 6) {
        drawing.line(vec![(x(ms), TOP), (x(ms), bottom + 5.0)], FAINT, 1.0);
        drawing.text(Text::new(label(ms), (x(ms), bottom + 16.0), 11.0, INK, Anchor::Middle));
    }
    let middle = (TIMES.0 + TIMES.1) / 2.0;
    drawing.text(Text::new("time in ms", (middle, bottom + 38.0), 12.0, INK, Anchor::Middle));
    for (i, rates) in binned(figures).into_iter().enumerate() {
        let base = TOP + row * (i as f64 + 1.0) - 3.0;
        let height = row - 14.0;
        let top = round_up(rates.iter().copied().fold(0.0, f64::max));
        let mut outline = vec![(TIMES.0, base)];
        for (bin, rate) in rates.iter().enumerate() {
            let from = figures.from_ms + bin as f64 * BIN_MS;
            let y = base - rate / top * height;
            outline.push((x(from), y));
            outline.push((x((from + BIN_MS).min(figures.to_ms)), y));
        }
        outline.push((outline.last().map_or(TIMES.0, |point| point.0), base));
        drawing.fill(outline.clone(), color(i), 0.22);
        drawing.line(outline, color(i), 1.0);
        drawing.line(vec![(TIMES.0 - 4.0, base - height), (TIMES.0, base - height)], GREY, 1.0);
        let at = (TIMES.0 - 8.0, base - height);
        drawing.text(Text::new(label(top), at, 10.0, GREY, Anchor::End));
        drawing.text(Text::new("0", (TIMES.0 - 8.0, base), 10.0, GREY, Anchor::End));
    }
}

/// The rate of each population in each bin; the last bin may be shorter.
fn binned(figures: &Figures<'_>) -> Vec<Vec<f64>> {
    let train = figures.train;
    let span = figures.to_ms - figures.from_ms;
    let bins = ((span / BIN_MS - 1e-9).ceil() as usize).max(1);
    let mut counts = vec![vec![0.0; bins]; train.populations.len()];
    for spike in figures.spikes() {
        let ms = f64::from(train.step[spike]) * train.dt_ms - figures.from_ms;
        let bin = ((ms / BIN_MS + 1e-9) as usize).min(bins - 1);
        counts[train.population[spike] as usize][bin] += 1.0;
    }
    for (counts, population) in counts.iter_mut().zip(&train.populations) {
        let neurons = f64::from(population.size) * f64::from(train.batch);
        for (bin, count) in counts.iter_mut().enumerate() {
            let width = BIN_MS.min(span - bin as f64 * BIN_MS).max(train.dt_ms);
            *count /= neurons * width / 1000.0;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_core::train::{Train, TrainPopulation};

    #[test]
    fn bins_hold_rates_and_the_last_may_be_short() {
        let population = TrainPopulation { name: "a".into(), size: 2, reference_rate_hz: None };
        let mut train = Train {
            dt_ms: 0.1,
            steps: 70,
            batch: 1,
            populations: vec![population],
            ..Train::default()
        };
        // 7 ms: a bin of 5 ms with two spikes, one of 2 ms with one; step 50 is in the second.
        for step in [0, 49, 50] {
            train.push(step, 0, 0, 0);
        }
        let rates = binned(&Figures::new(&train, ""));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        near(rates[0][0], 200.0);
        near(rates[0][1], 250.0);
        assert_eq!(rates[0].len(), 2);
    }
}
