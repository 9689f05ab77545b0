//! The spike raster: a band for each population, a dot for each spike.

use super::Figures;
use super::axis::{label, ticks};
use super::canvas::{Anchor, Drawing, FAINT, GREY, INK, Text, color};
use crate::table::thousands;

/// More dots than this are thinned out evenly, and the caption says so.
const MOST_DOTS: usize = 100_000;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 120.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 58.0;
const GAP: f64 = 5.0;

/// A population's band, from the top: neuron 0 is uppermost.
struct Band {
    top: f64,
    height: f64,
}

/// Draws the raster.
pub fn draw(figures: &Figures<'_>) -> Drawing {
    let count = figures.train.populations.len().max(1) as f64;
    let plot_height = (44.0 * count).clamp(420.0, 1400.0);
    let mut drawing = Drawing::new(WIDTH, TOP + plot_height + BOTTOM);
    let bands = bands(figures, plot_height);
    frame(&mut drawing, figures, &bands, TOP + plot_height);
    let shown = dots(&mut drawing, figures, &bands);
    caption(&mut drawing, figures, shown);
    drawing
}

/// Heights in proportion to sizes, but every population can be seen.
fn bands(figures: &Figures<'_>, plot_height: f64) -> Vec<Band> {
    let sizes: Vec<f64> = figures.train.populations.iter().map(|p| f64::from(p.size)).collect();
    let free = plot_height - GAP * (sizes.len().max(1) - 1) as f64;
    let least = (free / sizes.len().max(1) as f64).min(26.0);
    let rest = free - least * sizes.len() as f64;
    let total: f64 = sizes.iter().sum();
    let mut top = TOP;
    let band = |size: &f64| {
        let height = least + rest * size / total;
        let band = Band { top, height };
        top += height + GAP;
        band
    };
    sizes.iter().map(band).collect()
}

fn x_of(figures: &Figures<'_>, ms: f64) -> f64 {
    let span = (figures.to_ms - figures.from_ms).max(f64::MIN_POSITIVE);
    LEFT + (ms - figures.from_ms) / span * (WIDTH - LEFT - RIGHT)
}

fn frame(drawing: &mut Drawing, figures: &Figures<'_>, bands: &[Band], bottom: f64) {
    for ms in ticks(figures.from_ms, figures.to_ms, 10) {
        let x = x_of(figures, ms);
        drawing.line(vec![(x, TOP - 4.0), (x, bottom + 5.0)], FAINT, 1.0);
        drawing.text(Text::new(label(ms), (x, bottom + 16.0), 11.0, INK, Anchor::Middle));
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    drawing.text(Text::new("time in ms", (middle, bottom + 38.0), 12.0, INK, Anchor::Middle));
    for (i, (band, population)) in bands.iter().zip(&figures.train.populations).enumerate() {
        let middle = band.top + band.height / 2.0;
        drawing.rectangle((LEFT - 7.0, band.top), (3.0, band.height), color(i));
        let size = thousands(u64::from(population.size));
        let (up, down) = if band.height >= 24.0 { (7.0, 8.0) } else { (0.0, 0.0) };
        let name =
            Text::new(population.name.clone(), (LEFT - 14.0, middle - up), 12.0, INK, Anchor::End);
        drawing.text(name.bold());
        if down > 0.0 {
            drawing.text(Text::new(size, (LEFT - 14.0, middle + down), 10.0, GREY, Anchor::End));
        }
        if i > 0 {
            let y = band.top - GAP / 2.0;
            drawing.line(vec![(LEFT - 7.0, y), (WIDTH - RIGHT, y)], FAINT, 1.0);
        }
    }
}

/// Draws the spikes; how many were drawn and how many there are.
fn dots(drawing: &mut Drawing, figures: &Figures<'_>, bands: &[Band]) -> (usize, usize) {
    let train = figures.train;
    let spikes = figures.spikes();
    let total = spikes.len();
    let most = MOST_DOTS.min(total);
    let mut at = vec![Vec::new(); bands.len()];
    for (i, spike) in spikes.enumerate() {
        // Keeps `most` of `total`, spread evenly.
        if (i + 1) * most / total == i * most / total {
            continue;
        }
        let p = train.population[spike] as usize;
        let rows = f64::from(train.populations[p].size) * f64::from(train.batch);
        let row = f64::from(train.copy[spike]) * f64::from(train.populations[p].size)
            + f64::from(train.neuron[spike]);
        let y = bands[p].top + (row + 0.5) / rows * bands[p].height;
        at[p].push((x_of(figures, f64::from(train.step[spike]) * train.dt_ms), y));
    }
    for (i, at) in at.into_iter().enumerate() {
        // A row of its own for each neuron, where there is room, makes ticks of the dots.
        let rows = f64::from(train.populations[i].size) * f64::from(train.batch);
        let tall = (bands[i].height / rows * 0.8).clamp(1.0, 9.0);
        let wide = match most {
            60_000.. => 1.0,
            5_000.. => 1.5,
            _ => 2.0,
        };
        drawing.dots(at, (wide, tall.max(wide)), color(i));
    }
    (most, total)
}

fn caption(drawing: &mut Drawing, figures: &Figures<'_>, (shown, total): (usize, usize)) {
    let title = Text::new(figures.title.clone(), (LEFT - 7.0, 22.0), 17.0, INK, Anchor::Start);
    drawing.text(title.bold());
    let all = thousands(total as u64);
    let words = if shown < total {
        let part = thousands(shown as u64);
        format!("{part} of {all} spikes are drawn, evenly thinned out")
    } else {
        format!("{all} spikes")
    };
    let words = match figures.train.batch {
        1 => words,
        copies => format!("{words}, {copies} copies one below the other in each band"),
    };
    drawing.text(Text::new(words, (LEFT - 7.0, 44.0), 12.0, GREY, Anchor::Start));
}
