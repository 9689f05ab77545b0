//! Places of texts in the model file.

use crate::diagnostic::{Diagnostic, Location};

/// A range of bytes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// From the start of `self` to the end of `other`.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// A text and the place of its first character.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The text.
    pub text: &'a str,
    /// The place of its first character. Without a line (builder API), places count from
    /// line 1, column 1 of the text itself.
    pub location: &'a Location,
}

impl Place<'_> {
    /// The place of a span. Its length ends with its first line.
    pub fn of(&self, span: Span) -> Location {
        let before = &self.text[..span.start];
        let lines = before.bytes().filter(|byte| *byte == b'\n').count() as u32;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() as u32;
        let spanned = self.text[span.start..span.end].lines().next().unwrap_or("");
        let (first_line, first_column) = match self.location.line {
            0 => (1, 1),
            line => (line, self.location.column),
        };
        Location {
            file: self.location.file.clone(),
            line: first_line + lines,
            column: column + if lines == 0 { first_column } else { 1 },
            length: (spanned.chars().count() as u32).max(1),
        }
    }

    /// The text of a span in backticks, on one line and shortened.
    pub fn quote(&self, span: Span) -> String {
        const LONGEST: usize = 40;
        let words = self.text[span.start..span.end].split_whitespace().take(LONGEST + 1);
        let text = words.collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("`{}...`", &text[..end]),
            None => format!("`{text}`"),
        }
    }

    /// A mistake at a span; item and field are the caller's to fill in.
    pub fn diagnostic(
        &self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            location: self.of(span),
            item: String::new(),
            field: String::new(),
            message: message.into(),
            help: help.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_the_location() {
        let text = "ä = bb\n cc\n";
        let location = Location { file: None, line: 7, column: 20, length: 9 };
        let place = Place { text, location: &location };
        let at = |start, end| {
            let found = place.of(Span { start, end });
            (found.line, found.column, found.length)
        };
        assert_eq!(at(0, 2), (7, 20, 1));
        assert_eq!(at(5, 7), (7, 24, 2));
        assert_eq!(at(9, 11), (8, 2, 2));
        assert_eq!(at(5, 11), (7, 24, 2));
        assert_eq!(at(12, 12), (9, 1, 1));
        let builder = Location::builder();
        let found = Place { text, location: &builder }.of(Span { start: 9, end: 11 });
        assert_eq!((found.line, found.column), (2, 2));
    }
}
