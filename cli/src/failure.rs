//! How a command can end badly, and the exit code of each way.

use crate::command::say;
use crate::mistakes;
use crate::progress::screen;
use crate::report::{MistakeReport, MistakesReport, to_json};
use isospike_core::base::console::note;
use isospike_core::run::backend::BackendError;
use isospike_front::mistake::Mistakes;
use std::fmt;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};

/// Why a command did not end with 0.
#[derive(Debug)]
pub enum Failure {
    /// A backend: which, and what it said.
    Backend(String, BackendError),
    /// Mistakes in the model.
    Mistakes(Mistakes),
    /// A mistake on the command line that clap cannot see.
    Usage(String),
    /// Two backends computed different bits; the report has been printed.
    Differ,
    /// A test of conformance failed; the report has been printed.
    Red,
    /// A file could not be written or read.
    File(PathBuf, String),
    /// Ctrl-C; what there was has been written.
    Interrupted,
}

impl Failure {
    /// A file that could not be written or read.
    pub fn file(path: &Path, why: impl fmt::Display) -> Self {
        Self::File(path.to_owned(), why.to_string())
    }

    /// The exit code, as in `docs/cli.md`.
    pub fn code(&self) -> u8 {
        match self {
            Self::Backend(..) => 1,
            Self::Mistakes(_) | Self::Usage(_) => 2,
            Self::Differ | Self::Red => 3,
            Self::File(..) => 4,
            Self::Interrupted => 130,
        }
    }

    /// Says it on standard error; mistakes also on standard output as JSON where `json`.
    pub fn print(&self, json: bool) {
        screen::clear();
        match self {
            Self::Mistakes(all) => {
                let styled = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
                note(mistakes::render(all, styled));
                if json {
                    let mistakes = all.0.iter().map(MistakeReport::new).collect();
                    let text = to_json(&MistakesReport { mistakes });
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
            Self::Backend(name, error) => write!(f, "{name}: {error}"),
            Self::Mistakes(all) => write!(f, "{}", mistakes::render(all, false)),
            Self::Usage(message) => f.write_str(message),
            Self::Differ => f.write_str("the backends differ"),
            Self::Red => f.write_str("a backend does not conform"),
            Self::File(path, why) => write!(f, "{}: {why}", path.display()),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl From<Mistakes> for Failure {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistakes(mistakes)
    }
}
