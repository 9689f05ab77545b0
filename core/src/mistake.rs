//! Mistakes: what the writer of a network got wrong, found before anything runs, all at once.

use std::fmt;
use std::sync::Arc;

/// Where a value was written: a place in a model file, or the name of a builder call.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Origin {
    /// The model file, if the value came from one.
    pub file: Option<Arc<str>>,
    /// The 1-based line, 0 where there is none.
    pub line: u32,
    /// The 1-based column of the first character, 0 where there is none.
    pub column: u32,
    /// How many characters the value spans, for the caret under a snippet.
    pub length: u32,
}

impl Origin {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where the offending value was written.
    pub origin: Origin,
    /// The item: `population exc`, `projection exc_inh`, `network`, `model my_lif`.
    pub item: String,
    /// The field of the item, empty where the item as a whole is wrong.
    pub field: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.origin.file {
            write!(f, "{file}:")?;
        }
        if self.origin.line > 0 {
            write!(f, "{}:{}: ", self.origin.line, self.origin.column)?;
        } else if self.origin.file.is_some() {
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
