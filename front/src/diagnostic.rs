//! Diagnostics: what the writer of a network got wrong, found before anything runs, all at once.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A file that values came from: its name, and the text that was read, for messages to quote.
/// Copies share both; two are equal where their names are.
#[derive(Clone)]
pub struct SourceFile(Arc<Content>);

struct Content {
    name: Box<str>,
    text: Box<str>,
    first_line: u32,
    /// The offset at which each line of the text starts.
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// Keeps a whole text.
    pub fn new(name: &str, text: &str) -> Self {
        Self::excerpt(name, 1, text)
    }

    /// Keeps a part of a text that starts at line `first_line`.
    pub fn excerpt(name: &str, first_line: u32, text: &str) -> Self {
        let newlines = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(_, next)| next)).collect();
        Self(Arc::new(Content { name: name.into(), text: text.into(), first_line, line_starts }))
    }

    /// Gives a line by its number, without its end, where the text has it.
    pub fn line(&self, number: u32) -> Option<&str> {
        let Content { text, first_line, line_starts, .. } = &*self.0;
        let index = number.checked_sub(*first_line)? as usize;
        let start = *line_starts.get(index)? as usize;
        let end = line_starts.get(index + 1).map_or(text.len(), |next| *next as usize);
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        (start < text.len()).then_some(line)
    }
}

impl From<&str> for SourceFile {
    /// Keeps a name without a text.
    fn from(name: &str) -> Self {
        Self::new(name, "")
    }
}

impl Deref for SourceFile {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.name
    }
}

impl fmt::Display for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Serialize for SourceFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl PartialEq for SourceFile {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SourceFile {}

impl PartialOrd for SourceFile {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SourceFile {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        str::cmp(self, other)
    }
}

/// The source of a value: a place in a model file, or the name of a builder call.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Location {
    /// The model file, if the value came from one.
    pub file: Option<SourceFile>,
    /// The 1-based line, 0 where there is none.
    pub line: u32,
    /// The 1-based column of the first character, 0 where there is none.
    pub column: u32,
    /// How many characters the value spans, for the caret under a snippet.
    pub length: u32,
}

impl Location {
    /// The origin of a value given through the builder API: no file, no line.
    pub fn builder() -> Self {
        Self::default()
    }

    /// The same line, `columns` characters further right: a place inside a one-line string value.
    pub fn shifted(&self, columns: u32, length: u32) -> Self {
        Self { column: self.column + columns, length, ..self.clone() }
    }
}

/// One mistake in a network: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The place of the offending value.
    #[serde(flatten)]
    pub location: Location,
    /// The item: `population exc`, `projection exc_inh`, `network`, `model my_lif`.
    pub item: String,
    /// The field of the item, empty where the item as a whole is wrong.
    pub field: String,
    /// The mistake, in one sentence without a full stop.
    pub message: String,
    /// The remedy.
    pub help: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.location.file {
            write!(f, "{file}:")?;
        }
        if self.location.line > 0 {
            write!(f, "{}:{}: ", self.location.line, self.location.column)?;
        } else if self.location.file.is_some() {
            write!(f, " ")?;
        }
        write!(f, "{}", self.item)?;
        if !self.field.is_empty() {
            write!(f, ", field `{}`", self.field)?;
        }
        write!(f, ": {}", self.message)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

/// All mistakes of a network, in the order of the file. Never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
