//! How a command can end badly, and the exit code of each way.

use crate::command::say;
use crate::progress::screen;
use crate::report::{DiagnosticsReport, to_json};
use isospike_core::base::console::note;
use isospike_core::run::backend::BackendError;
use isospike_front::diagnostic::Diagnostics;
use isospike_session::{Error, diagnostics};
use std::fmt;
use std::io::{IsTerminal, stderr};
use std::path::Path;

/// Why a command did not end with 0.
#[derive(Debug)]
pub enum Failure {
    /// The session could not do what was requested, or the command line makes no sense.
    Session(Error),
    /// Two backends computed different bits; the report has been printed.
    Differ,
    /// A test of conformance failed; the report has been printed.
    Red,
    /// Ctrl-C; what there was has been written.
    Interrupted,
}

impl Failure {
    /// Makes the failure of a file that could not be written or read.
    pub fn file(path: &Path, why: impl fmt::Display) -> Self {
        Self::Session(Error::file(path, why))
    }

    /// Makes the failure of the backend of this name.
    pub fn backend(name: &str, error: BackendError) -> Self {
        Self::Session(Error::Backend(name.to_owned(), error))
    }

    /// Makes the failure of a mistake on the command line that clap cannot see.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Session(Error::Argument(message.into()))
    }

    /// Returns the exit code, as in `docs/cli.md`.
    pub fn code(&self) -> u8 {
        match self {
            Self::Session(Error::Backend(..)) => 1,
            Self::Session(Error::Diagnostics(_) | Error::Argument(_)) => 2,
            Self::Differ | Self::Red => 3,
            Self::Session(Error::File(..)) => 4,
            Self::Interrupted => 130,
        }
    }

    /// Prints it on standard error; mistakes also on standard output as JSON where `json`.
    pub fn print(&self, json: bool) {
        screen::clear();
        match self {
            Self::Session(Error::Diagnostics(all)) => {
                let styled = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
                note(diagnostics::render(all, styled));
                if json {
                    let text = to_json(&DiagnosticsReport { diagnostics: all }).map_err(Self::from);
                    // The exit code is that of the mistakes, whether they can be printed or not.
                    if let Err(failure) = text.and_then(|text| say(&text)) {
                        note(format!("error: {failure}"));
                    }
                }
            }
            Self::Interrupted => note(self),
            _ => note(format!("error: {self}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Differ => f.write_str("the backends differ"),
            Self::Red => f.write_str("a backend does not conform"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Session(error)
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Session(Error::Diagnostics(diagnostics))
    }
}
