//! A chart of the pages: points that were measured, and lines.

use super::super::axis::{label, ticks};
use super::super::canvas::{Anchor, Color, Drawing, FAINT, GREY, INK, Text};

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 350.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 586.0;
const TOP: f64 = 88.0;
const BOTTOM: f64 = 298.0;
/// The side of a measured point.
const DOT: f64 = 5.0;

/// A picture of one curve or several.
pub struct Chart {
    /// The title.
    pub title: String,
    /// The conditions, below the title.
    pub note: String,
    /// The quantity along the horizontal axis, with its unit.
    pub x: &'static str,
    /// The quantity along the vertical axis, with its unit.
    pub y: &'static str,
    /// The curves; later ones lie over earlier ones.
    pub series: Vec<Series>,
}

/// The look of a curve.
#[derive(Clone, Copy)]
pub enum Mark {
    /// Its points alone.
    Dots,
    /// A line through its points.
    Line,
}

/// One curve.
pub struct Series {
    /// Its name in the legend; empty for one that the name of another stands for.
    pub name: String,
    /// Its colour.
    pub color: Color,
    /// Its look.
    pub mark: Mark,
    /// Its points in order of x.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// Makes a curve.
    pub fn new(
        name: impl Into<String>,
        color: Color,
        mark: Mark,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        Self { name: name.into(), color, mark, points: points.into_iter().collect() }
    }
}

impl Chart {
    /// Draws the chart.
    pub fn draw(&self) -> Drawing {
        let mut drawing = Drawing::new(WIDTH, HEIGHT);
        let head = Text::new(&self.title, (20.0, 22.0), 16.0, INK, Anchor::Start);
        drawing.text(head.bold());
        drawing.text(Text::new(&self.note, (20.0, 44.0), 11.0, GREY, Anchor::Start));
        let (across, up) = (self.range(|point| point.0, 0.02), self.range(|point| point.1, 0.06));
        let x = |value: f64| LEFT + (value - across.0) / (across.1 - across.0) * (RIGHT - LEFT);
        let y = |value: f64| BOTTOM - (value - up.0) / (up.1 - up.0) * (BOTTOM - TOP);
        for value in ticks(across.0, across.1, 8) {
            let color = if value == 0.0 { GREY } else { FAINT };
            drawing.line(vec![(x(value), TOP), (x(value), BOTTOM)], color, 1.0);
            let at = (x(value), BOTTOM + 15.0);
            drawing.text(Text::new(label(value), at, 11.0, INK, Anchor::Middle));
        }
        for value in ticks(up.0, up.1, 6) {
            let color = if value == 0.0 { GREY } else { FAINT };
            drawing.line(vec![(LEFT, y(value)), (RIGHT, y(value))], color, 1.0);
            let at = (LEFT - 8.0, y(value));
            drawing.text(Text::new(label(value), at, 11.0, INK, Anchor::End));
        }
        let middle = ((LEFT + RIGHT) / 2.0, BOTTOM + 36.0);
        drawing.text(Text::new(self.x, middle, 12.0, INK, Anchor::Middle));
        drawing.text(Text::new(self.y, (LEFT, TOP - 14.0), 12.0, INK, Anchor::Start));
        for series in &self.series {
            let points = series.points.iter().map(|point| (x(point.0), y(point.1))).collect();
            series.draw(&mut drawing, points);
        }
        self.legend(&mut drawing);
        drawing
    }

    /// Returns the ends of an axis: those of all values, and a margin.
    fn range(&self, of: impl Fn(&(f64, f64)) -> f64, margin: f64) -> (f64, f64) {
        let values = self.series.iter().flat_map(|series| &series.points).map(of);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            assert!(value.is_finite(), "{}: {value} has no place", self.title);
            (low.min(value), high.max(value))
        });
        assert!(low < high, "{}: {low} to {high} is no axis", self.title);
        (low - margin * (high - low), high + margin * (high - low))
    }

    fn legend(&self, drawing: &mut Drawing) {
        let named = self.series.iter().filter(|series| !series.name.is_empty());
        for (i, series) in named.enumerate() {
            let (left, y) = (RIGHT + 18.0, TOP + 6.0 + 20.0 * i as f64);
            series.draw(
                drawing,
                match series.mark {
                    Mark::Dots => vec![(left + 9.0, y)],
                    Mark::Line => vec![(left, y), (left + 18.0, y)],
                },
            );
            let at = (left + 26.0, y);
            drawing.text(Text::new(&series.name, at, 11.0, INK, Anchor::Start));
        }
    }
}

impl Series {
    fn draw(&self, drawing: &mut Drawing, points: Vec<(f64, f64)>) {
        match self.mark {
            Mark::Dots => drawing.dots(points, (DOT, DOT), self.color),
            Mark::Line => drawing.line(points, self.color, 1.5),
        }
    }
}
