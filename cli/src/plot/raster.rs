//! The spike raster: a band for each population, a dot for each spike, neuron 0 at the bottom.

use super::Figures;
use super::axis::{label, ticks, whole_ticks};
use super::canvas::{Anchor, Drawing, FAINT, GREY, INK, Text, color};
use super::labels::{self, BELOW, Names};
use crate::table::{things, thousands};

/// More dots than this are thinned out evenly, and the caption says so.
const MOST_DOTS: usize = 100_000;

const WIDTH: f64 = 1000.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 58.0;
const GAP: f64 = 5.0;
/// The room for numbers of neurons.
const NUMBERS: f64 = 48.0;
/// The least distance of two labels, one below the other.
const LINE: f64 = 12.0;

/// A population's band, from the top; neuron 0 is lowest.
struct Band {
    top: f64,
    height: f64,
}

/// The raster under way.
struct Raster<'a> {
    figures: &'a Figures<'a>,
    names: Names,
    bands: Vec<Band>,
    /// The beginning of the axis of time.
    left: f64,
    /// The position of the axis.
    bottom: f64,
}

/// Draws the raster.
pub fn draw(figures: &Figures<'_>) -> Drawing {
    let count = figures.train.populations.len().max(1) as f64;
    let plot_height = (44.0 * count).clamp(420.0, 1400.0);
    let populations = &figures.train.populations;
    let names = Names::new(populations.iter().map(|p| p.name.as_str()));
    let names = populations.iter().fold(names, |names, p| names.below(&things(p.size, "neuron")));
    let left = names.width + NUMBERS + 24.0;
    let bands = bands(figures, plot_height);
    let raster = Raster { figures, names, bands, left, bottom: TOP + plot_height };
    let mut drawing = Drawing::new(WIDTH, TOP + plot_height + BOTTOM);
    raster.frame(&mut drawing);
    let shown = raster.dots(&mut drawing);
    raster.caption(&mut drawing, shown);
    drawing
}

/// Heights in proportion to sizes, but every population can be seen.
fn bands(figures: &Figures<'_>, plot_height: f64) -> Vec<Band> {
    let sizes: Vec<f64> = figures.train.populations.iter().map(|p| f64::from(p.size)).collect();
    let count = sizes.len().max(1) as f64;
    let gap = GAP.min(plot_height / count / 4.0);
    let free = plot_height - gap * (count - 1.0);
    let least = (free / count).min(26.0);
    let rest = free - least * sizes.len() as f64;
    let total: f64 = sizes.iter().sum();
    let mut top = TOP;
    let band = |size: &f64| {
        let height = least + rest * size / total;
        let band = Band { top, height };
        top += height + gap;
        band
    };
    sizes.iter().map(band).collect()
}

impl Raster<'_> {
    fn x(&self, ms: f64) -> f64 {
        self.left + self.figures.share(ms) * (WIDTH - self.left - RIGHT)
    }

    /// The height of a neuron of a copy: copy 0 and neuron 0 are lowest.
    fn y(&self, population: usize, copy: u32, neuron: u32) -> f64 {
        let (train, band) = (self.figures.train, &self.bands[population]);
        let size = f64::from(train.populations[population].size);
        let row = f64::from(copy) * size + f64::from(neuron);
        band.top + band.height * (1.0 - (row + 0.5) / (size * f64::from(train.batch.max(1))))
    }

    fn frame(&self, drawing: &mut Drawing) {
        let (figures, bottom) = (self.figures, self.bottom);
        for ms in ticks(figures.from_ms, figures.to_ms, 10) {
            let x = self.x(ms);
            drawing.line(vec![(x, TOP - 4.0), (x, bottom + 5.0)], FAINT, 1.0);
            drawing.text(Text::new(label(ms), (x, bottom + 16.0), 11.0, INK, Anchor::Middle));
        }
        let middle = (self.left + WIDTH - RIGHT) / 2.0;
        let words = "time in ms";
        drawing.text(Text::new(words, (middle, bottom + 38.0), 12.0, INK, Anchor::Middle));
        // If bands are narrower than letters, not all have a name.
        let mut free = f64::NEG_INFINITY;
        for (i, band) in self.bands.iter().enumerate() {
            let middle = band.top + band.height / 2.0;
            drawing.rectangle((self.left - 7.0, band.top), (3.0, band.height), color(i));
            if middle - free >= LINE {
                self.name(drawing, i, middle);
                free = middle;
            }
            self.numbers(drawing, i);
            if i > 0 {
                let y = band.top - GAP / 2.0;
                drawing.line(vec![(self.left - 7.0, y), (WIDTH - RIGHT, y)], FAINT, 1.0);
            }
        }
    }

    fn name(&self, drawing: &mut Drawing, population: usize, middle: f64) {
        let right = self.left - NUMBERS - 10.0;
        if self.bands[population].height < 24.0 {
            return self.names.draw(drawing, population, (right, middle));
        }
        self.names.draw(drawing, population, (right, middle - 7.0));
        let size = things(self.figures.train.populations[population].size, "neuron");
        drawing.text(Text::new(size, (right, middle + 8.0), BELOW, GREY, Anchor::End));
    }

    /// Numbers of neurons beside the axis, or of copies where there are several.
    fn numbers(&self, drawing: &mut Drawing, population: usize) {
        let (train, height) = (self.figures.train, self.bands[population].height);
        let room = (height / LINE) as u32;
        let size = train.populations[population].size;
        let mut write = |text: String, y: f64| {
            drawing.line(vec![(self.left - 10.0, y), (self.left - 7.0, y)], GREY, 1.0);
            drawing.text(Text::new(text, (self.left - 13.0, y), 9.0, GREY, Anchor::End));
        };
        if train.batch > 1 {
            if room >= train.batch {
                (0..train.batch)
                    .for_each(|copy| write(format!("copy {copy}"), self.y(population, copy, 0)));
            }
        } else if room > 0 {
            for neuron in whole_ticks(size.saturating_sub(1), room.min(5)) {
                write(thousands(u64::from(neuron)), self.y(population, 0, neuron));
            }
        }
    }

    /// Draws the spikes; how many were drawn and how many there are.
    fn dots(&self, drawing: &mut Drawing) -> (usize, usize) {
        let (train, clock) = (self.figures.train, self.figures.train.clock());
        let spikes = self.figures.spikes();
        let total = spikes.len();
        let most = MOST_DOTS.min(total);
        let mut at = vec![Vec::new(); self.bands.len()];
        for (i, spike) in spikes.enumerate() {
            // Keeps `most` of `total`, spread evenly.
            if (i + 1) * most / total == i * most / total {
                continue;
            }
            let p = train.population[spike] as usize;
            let y = self.y(p, train.copy[spike], train.neuron[spike]);
            at[p].push((self.x(clock.of_step_ms(train.step[spike])), y));
        }
        for (i, at) in at.into_iter().enumerate() {
            // A row of its own for each neuron, where there is room, makes ticks of the dots.
            let rows = f64::from(train.populations[i].size) * f64::from(train.batch);
            let tall = (self.bands[i].height / rows * 0.8).clamp(1.0, 9.0);
            let wide = match most {
                60_000.. => 1.0,
                5_000.. => 1.5,
                _ => 2.0,
            };
            drawing.dots(at, (wide, tall.max(wide)), color(i));
        }
        (most, total)
    }

    fn caption(&self, drawing: &mut Drawing, (shown, total): (usize, usize)) {
        const LEFT: f64 = 20.0;
        labels::title(drawing, &self.figures.title, LEFT, WIDTH - RIGHT - LEFT);
        let all = thousands(total as u64);
        let words = match total {
            _ if shown < total => {
                let part = thousands(shown as u64);
                format!("{part} of {all} spikes are drawn, evenly thinned out")
            }
            0 => "no spike".into(),
            _ => things(total as u64, "spike"),
        };
        let words = match self.figures.train.batch {
            0 | 1 => format!("{words}; numbers of neurons beside the axis"),
            copies => format!("{words}, {copies} copies one above the other in each band"),
        };
        drawing.text(Text::new(words, (LEFT, 44.0), 12.0, GREY, Anchor::Start));
    }
}
