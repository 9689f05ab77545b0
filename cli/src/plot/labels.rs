//! The room for names at the left of a plot.

use super::canvas::{Anchor, Drawing, INK, Text};
use crate::table::{shorten, shorten_all};

/// The size of names.
const SIZE: f64 = 12.0;

/// The size of the text below a name.
pub const BELOW: f64 = 10.0;

/// The mean width of a letter of that text, over its size.
const THIN_LETTER: f64 = 0.60;

/// The mean width of a bold letter of the font, over its size.
const LETTER: f64 = 0.70;

/// Names have at most this many letters; what is longer is shortened in the middle.
const LETTERS: usize = 24;

/// Names that fit into a column of their own.
pub struct Names {
    names: Vec<String>,
    /// The width of the column.
    pub width: f64,
}

impl Names {
    /// Shortens names where that is needed; names that differ still do.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = shorten_all(&names.into_iter().collect::<Vec<_>>(), LETTERS);
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = (longest as f64 * SIZE * LETTER).max(60.0);
        Self { names, width }
    }

    /// Makes room for a text of the size [`BELOW`] below a name.
    pub fn below(self, text: &str) -> Self {
        let width = text.chars().count() as f64 * BELOW * THIN_LETTER;
        Self { width: self.width.max(width), ..self }
    }

    /// Draws a name so that it ends at this point.
    pub fn draw(&self, drawing: &mut Drawing, index: usize, at: (f64, f64)) {
        let name = self.names.get(index).cloned().unwrap_or_default();
        drawing.text(Text::new(name, at, SIZE, INK, Anchor::End).bold());
    }
}

/// Draws the title of a plot, shortened in the middle where it does not fit into this width.
pub fn title(drawing: &mut Drawing, title: &str, left: f64, width: f64) {
    const TITLE: f64 = 17.0;
    let letters = (width / (TITLE * LETTER)) as usize;
    let text = shorten(title, letters);
    drawing.text(Text::new(text, (left, 22.0), TITLE, INK, Anchor::Start).bold());
}
