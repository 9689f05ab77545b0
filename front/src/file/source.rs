//! TOML text to fields with places.

use crate::diagnostic::{Diagnostic, Diagnostics, Location, SourceFile};
use crate::network::{Content, Field, Value};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Tables and lists nest at most this deep: more has no meaning in a model file, and every reader
/// of the result may recurse.
const MAX_DEPTH: u32 = 16;

/// The longest name in bytes: a name is repeated in every mistake below it.
const MAX_NAME: usize = 256;

/// The fields of a TOML document, in the order of the text.
pub(super) fn fields(text: &str, file: &SourceFile) -> Result<Vec<Field>, Diagnostics> {
    let places = Places::new(text, file);
    let mut diagnostics = Vec::new();
    if let Some(range) = overlong_key(text) {
        let location = places.location(range);
        let help = format!("tables nest at most {MAX_DEPTH} deep");
        return Err(Diagnostics(vec![syntax(location, "a key of too many parts".into(), help)]));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let location = places.location(error.span().unwrap_or(0..0));
        let message = error.message().trim().replace('\n', ", ");
        diagnostics.push(syntax(location, message, String::new()));
    }
    if diagnostics.is_empty() {
        let fields = places.fields(table.get_ref(), 0, &mut diagnostics);
        if diagnostics.is_empty() {
            return Ok(fields);
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.location.line, diagnostic.location.column));
    Err(Diagnostics(diagnostics))
}

/// A single TOML value, or `None` where the text is not one.
pub(super) fn value(text: &str, location: &Location) -> Option<Value> {
    if overlong_key(text).is_some() {
        return None;
    }
    let parsed = DeValue::parse(text).ok()?;
    let file = SourceFile::from("");
    let places = Places::new(text, &file);
    let mut diagnostics = Vec::new();
    let content = places.content(&parsed, 0, &mut diagnostics);
    let mut value = Value { content, location: Location::default() };
    value.set_location(location);
    diagnostics.is_empty().then_some(value)
}

fn syntax(location: Location, message: String, help: String) -> Diagnostic {
    Diagnostic { location, item: "syntax".into(), field: String::new(), message, help }
}

/// A stretch of more dots than any sensible key has, letters between: the parser would nest one
/// table per dot and then overflow the stack when it drops them.
fn overlong_key(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    let mut dots = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'.' => dots += 1,
            b'\n' | b'=' | b'[' | b',' | b'{' | b'#' => (start, dots) = (at + 1, 0),
            _ => {}
        }
        if dots > 200 {
            let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
            return Some(start..line_end);
        }
    }
    None
}

/// How many bytes lie between two places whose characters are counted beforehand.
const COUNTED: usize = 256;

/// Byte offsets to lines and columns.
struct Places<'t> {
    text: &'t str,
    file: &'t SourceFile,
    line_starts: Vec<usize>,
    /// How many characters begin before each [`COUNTED`] bytes of the text: a list of a million
    /// values may be one line.
    characters: Vec<u32>,
}

impl<'t> Places<'t> {
    fn new(text: &'t str, file: &'t SourceFile) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        let mut characters = vec![0];
        for bytes in text.as_bytes().chunks(COUNTED) {
            characters.push(characters[characters.len() - 1] + first_bytes(bytes));
        }
        Self { text, file, line_starts, characters }
    }

    /// How many characters lie before a character boundary.
    fn characters_before(&self, offset: usize) -> u32 {
        let chunk = offset / COUNTED;
        self.characters[chunk] + first_bytes(&self.text.as_bytes()[chunk * COUNTED..offset])
    }

    /// The origin of a range of bytes; its length stops at the end of the first line.
    fn location(&self, range: Range<usize>) -> Location {
        let start = self.boundary(range.start);
        let end = self.boundary(range.end).max(start);
        let line = self.line_starts.partition_point(|at| *at <= start) - 1;
        let first = self.characters_before(start);
        let first_line = self.text[start..end].lines().next().unwrap_or("");
        Location {
            file: Some(self.file.clone()),
            line: line as u32 + 1,
            column: first - self.characters_before(self.line_starts[line]) + 1,
            length: self.characters_before(start + first_line.len()) - first,
        }
    }

    /// The nearest character boundary at or before a byte offset.
    fn boundary(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The origin of a value; for a string that of its first content character.
    fn value_location(&self, value: &Spanned<DeValue<'_>>) -> Location {
        let mut range = value.span();
        if matches!(value.get_ref(), DeValue::String(_)) {
            let raw = &self.text[self.boundary(range.start)..self.boundary(range.end)];
            let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
            let newline = match raw.as_bytes().get(quotes..) {
                Some([b'\r', b'\n', ..]) if quotes == 3 => 2,
                Some([b'\n', ..]) if quotes == 3 => 1,
                _ => 0,
            };
            if raw.len() >= 2 * quotes + newline {
                range = range.start + quotes + newline..range.end - quotes;
            }
        }
        self.location(range)
    }

    fn fields(
        &self,
        table: &DeTable<'_>,
        depth: u32,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Field> {
        let mut entries: Vec<(&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)> =
            table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, _) in entries.iter().filter(|(key, _)| key.get_ref().len() > MAX_NAME) {
            let help = format!("a name has at most {MAX_NAME} bytes");
            diagnostics.push(syntax(
                self.location(key.span()),
                "a name that is too long".into(),
                help,
            ));
        }
        entries
            .into_iter()
            .map(|(key, value)| Field {
                name: key.get_ref().to_string(),
                location: self.location(key.span()),
                value: Value {
                    location: self.value_location(value),
                    content: self.content(value, depth + 1, diagnostics),
                },
            })
            .collect()
    }

    fn content(
        &self,
        value: &Spanned<DeValue<'_>>,
        depth: u32,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Content {
        let mut wrong = |message: &str, help: &str| {
            let location = self.location(value.span());
            diagnostics.push(syntax(location, message.into(), help.into()));
            Content::Bool(false)
        };
        if depth > MAX_DEPTH {
            return wrong("too many tables in tables", "tables nest at most 16 deep");
        }
        match value.get_ref() {
            DeValue::String(text) => Content::Text(text.to_string()),
            DeValue::Boolean(b) => Content::Bool(*b),
            DeValue::Integer(digits) => match integer(digits.as_str(), digits.radix()) {
                Some(content) => content,
                None => wrong("an integer of too many digits", "write it as a float: 1e40"),
            },
            DeValue::Float(digits) => match digits.as_str().parse() {
                Ok(number) => Content::Number(number),
                Err(_) => wrong("not a number", ""),
            },
            DeValue::Datetime(_) => {
                wrong("a date has no meaning in a model file", "put it in quotes")
            }
            DeValue::Array(values) => {
                let list = |value| Value {
                    location: self.value_location(value),
                    content: self.content(value, depth + 1, diagnostics),
                };
                Content::List(values.iter().map(list).collect())
            }
            DeValue::Table(table) => Content::Table(self.fields(table, depth, diagnostics)),
        }
    }
}

/// How many characters begin in these bytes of a text.
fn first_bytes(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| !(0x80..0xc0).contains(*byte)).count() as u32
}

/// An integer; one that only fits in more than 63 bits is kept as its decimal digits (a seed may
/// be as large as 2^64 - 1).
fn integer(digits: &str, radix: u32) -> Option<Content> {
    let wide = i128::from_str_radix(digits, radix).ok()?;
    Some(match i64::try_from(wide) {
        Ok(small) => Content::Integer(small),
        Err(_) => Content::Text(wide.to_string()),
    })
}
