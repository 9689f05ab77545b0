//! The histograms of synapses: a panel for each probe, shares over time on the left, counts of the
//! last sample on the right.

use super::Figures;
use super::axis::{label, ticks};
use super::canvas::{Anchor, Color, Drawing, GREY, INK, SHADE, Text, color};
use super::labels;
use super::traces::{MOST_PANELS, count_probes, heading};
use crate::table::{things, thousands};
use isospike_session::trace::Histogram;

/// More samples than this are not drawn one by one: of several, the first.
const MOST_COLUMNS: usize = 240;

/// More intervals than this are drawn together.
const MOST_BARS: usize = 64;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 84.0;
/// The right end of the part over time.
const MIDDLE: f64 = 640.0;
/// The left end of the bars.
const BARS: f64 = 720.0;
const RIGHT: f64 = 960.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 58.0;
const PANEL: f64 = 180.0;
/// The room above a panel for its title.
const HEAD: f64 = 30.0;

/// Draws the histograms.
pub fn draw(figures: &Figures<'_>) -> Drawing {
    let histograms = &figures.samples.histograms;
    let panels = histograms.len().min(MOST_PANELS);
    let bottom = TOP + (PANEL + HEAD) * panels as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + BOTTOM);
    labels::title(&mut drawing, &figures.title, 20.0, WIDTH - 40.0);
    let words = count_probes(histograms.len());
    drawing.text(Text::new(words, (20.0, 44.0), 12.0, GREY, Anchor::Start));
    for (i, histogram) in histograms.iter().take(panels).enumerate() {
        panel(&mut drawing, figures, histogram, TOP + (PANEL + HEAD) * i as f64 + HEAD);
    }
    for ms in ticks(figures.from_ms, figures.to_ms, 6) {
        let at = (LEFT + figures.share(ms) * (MIDDLE - LEFT), bottom + 16.0);
        drawing.text(Text::new(label(ms), at, 11.0, INK, Anchor::Middle));
    }
    for (words, left, right) in
        [("time in ms", LEFT, MIDDLE), ("synapses, last sample", BARS, RIGHT)]
    {
        let at = ((left + right) / 2.0, bottom + 38.0);
        drawing.text(Text::new(words, at, 12.0, INK, Anchor::Middle));
    }
    drawing
}

fn panel(drawing: &mut Drawing, figures: &Figures<'_>, histogram: &Histogram, top: f64) {
    let bottom = top + PANEL;
    let head = &histogram.head;
    let samples: Vec<usize> = head.between(figures.from_ms, figures.to_ms).collect();
    heading(drawing, head, (LEFT, top), samples.is_empty());
    let (low, high) = ends(histogram);
    let y = |value: f64| bottom - (value - low) / (high - low) * PANEL;
    for value in ticks(low, high, 5) {
        let at = (LEFT - 8.0, y(value));
        drawing.text(Text::new(label(value), at, 10.0, INK, Anchor::End));
    }
    over_time(drawing, figures, histogram, &samples, bottom);
    drawing.line(vec![(LEFT, top), (LEFT, bottom), (MIDDLE, bottom)], GREY, 1.0);
    if let Some(last) = samples.last() {
        bars(drawing, &histogram.sample(*last), bottom);
    }
    drawing.line(vec![(BARS, top), (BARS, bottom), (RIGHT, bottom)], GREY, 1.0);
}

fn ends(histogram: &Histogram) -> (f64, f64) {
    let end = |edge: Option<&f32>| edge.map_or(0.0, |edge| f64::from(*edge));
    (end(histogram.edges.first()), end(histogram.edges.last()))
}

/// Draws a column for each sample, until the next one: the darker a rectangle, the larger its share
/// of the synapses.
fn over_time(
    drawing: &mut Drawing,
    figures: &Figures<'_>,
    histogram: &Histogram,
    samples: &[usize],
    bottom: f64,
) {
    let times = &histogram.head.times_ms;
    let x = |ms: f64| LEFT + figures.share(ms) * (MIDDLE - LEFT);
    let taken: Vec<usize> =
        samples.iter().step_by(samples.len().div_ceil(MOST_COLUMNS).max(1)).copied().collect();
    for (i, &sample) in taken.iter().enumerate() {
        let left = x(times[sample]);
        let right = taken.get(i + 1).map_or(MIDDLE, |next| x(times[*next]));
        let bars = gathered(&histogram.sample(sample));
        let most = most(&bars) as f64;
        for Bar { from, to, count } in bars.into_iter().filter(|bar| bar.count > 0) {
            let (corner, size) = ((left, bottom - PANEL * to), (right - left, PANEL * (to - from)));
            drawing.rectangle(corner, size, shade(count as f64 / most));
        }
    }
}

/// Draws the counts of a sample as bars to the right; what lies outside is said in words.
fn bars(drawing: &mut Drawing, counts: &[u64], bottom: f64) {
    let bars = gathered(counts);
    let most = most(&bars);
    for Bar { from, to, count } in bars.into_iter().filter(|bar| bar.count > 0) {
        let width = count as f64 / most as f64 * (RIGHT - BARS);
        let corner = (BARS, bottom - PANEL * to);
        drawing.rectangle(corner, (width, PANEL * (to - from) * 0.9), color(0));
    }
    let all: u64 = counts.iter().sum();
    let mut words = format!("of {}, at most {} in a bar", things(all, "synapse"), thousands(most));
    if let (Some(below), Some(above)) = (counts.first(), counts.last())
        && below + above > 0
    {
        words += &format!("; {} below, {} above", thousands(*below), thousands(*above));
    }
    let at = (BARS, bottom - PANEL - 12.0);
    drawing.text(Text::new(words, at, 10.0, GREY, Anchor::Start));
}

/// The count of neighbouring intervals, and their ends as shares of the panel.
#[derive(Debug, PartialEq)]
struct Bar {
    from: f64,
    to: f64,
    count: u64,
}

/// Returns the counts of intervals, neighbours together where there are many.
fn gathered(counts: &[u64]) -> Vec<Bar> {
    let inside = &counts[1..counts.len() - 1];
    let together = inside.len().div_ceil(MOST_BARS).max(1);
    let share = |n: usize| n.min(inside.len()) as f64 / inside.len() as f64;
    let bar = |(n, counts): (usize, &[u64])| Bar {
        from: share(n * together),
        to: share((n + 1) * together),
        count: counts.iter().sum(),
    };
    inside.chunks(together).enumerate().map(bar).collect()
}

fn most(bars: &[Bar]) -> u64 {
    bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1)
}

/// Mixes the color of a share between that of none and that of all.
fn shade(share: f64) -> Color {
    let (from, to) = (SHADE, color(0));
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_drawn_together_where_there_are_many() {
        let counts = |bars: &[Bar]| bars.iter().map(|bar| bar.count).collect::<Vec<_>>();
        assert_eq!(counts(&gathered(&[7, 1, 2, 3, 9])), [1, 2, 3]);
        // 131 intervals, three in a bar but for the last.
        let bars = gathered(&[1; 133]);
        let (first, last) = (&bars[0], &bars[bars.len() - 1]);
        assert_eq!((bars.len(), first.count, last.count), (44, 3, 2));
        assert_eq!((first.from, last.from, last.to), (0.0, 129.0 / 131.0, 1.0));
    }

    #[test]
    fn a_larger_share_is_darker() {
        assert_eq!((shade(0.0), shade(1.0)), (SHADE, color(0)));
        assert!(shade(0.9).0 < shade(0.1).0);
    }
}
