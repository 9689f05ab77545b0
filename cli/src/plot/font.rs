//! Letters as paths. The font is part of the program.

use super::canvas::{Anchor, Text};
use std::fmt::Write as _;
use ttf_parser::{Face, FaceParsingError, GlyphId, OutlineBuilder};

/// A font.
pub struct Font {
    face: Face<'static>,
}

/// The path of letters under way, in points.
struct Letters {
    path: String,
    /// The position of the next letter.
    at: (f64, f64),
    /// Points of a unit of the font.
    unit: f64,
}

impl Font {
    /// Reads the letters of texts and of bold ones.
    pub fn both() -> Result<[Self; 2], FaceParsingError> {
        let font = |bytes| Face::parse(bytes, 0).map(|face| Self { face });
        Ok([font(dejavu::sans::regular())?, font(dejavu::sans::bold())?])
    }

    /// The outlines of the letters of a text, in points.
    pub fn path(&self, text: &Text) -> String {
        // Glyph 0 stands for every letter that a font does not have.
        let glyph = |letter| self.face.glyph_index(letter).unwrap_or(GlyphId(0));
        let glyphs: Vec<GlyphId> = text.text.chars().map(glyph).collect();
        let advance = |glyph| f64::from(self.face.glyph_hor_advance(glyph).unwrap_or(0));
        let unit = text.size / f64::from(self.face.units_per_em());
        let width = unit * glyphs.iter().map(|&glyph| advance(glyph)).sum::<f64>();
        let (x, y) = text.base();
        let left = match text.anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let mut letters = Letters { path: String::new(), at: (left, y), unit };
        for glyph in glyphs {
            // A space has no outline.
            let _ = self.face.outline_glyph(glyph, &mut letters);
            letters.at.0 += unit * advance(glyph);
        }
        letters.path
    }
}

impl Letters {
    /// Adds a command and its points. The font's y grows upwards.
    fn add<const N: usize>(&mut self, command: char, points: [(f32, f32); N]) {
        self.path.push(command);
        for (x, y) in points {
            let x = self.at.0 + self.unit * f64::from(x);
            let y = self.at.1 - self.unit * f64::from(y);
            let _ = write!(self.path, "{x:.3} {y:.3} ");
        }
    }
}

impl OutlineBuilder for Letters {
    fn move_to(&mut self, x: f32, y: f32) {
        self.add('M', [(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.add('L', [(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.add('Q', [(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.add('C', [(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.add('Z', []);
    }
}
