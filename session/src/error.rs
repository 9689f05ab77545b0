//! The errors of a session.

use crate::diagnostics;
use isospike_core::run::backend::BackendError;
use isospike_front::diagnostic::Diagnostics;
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A reason why something was not done.
#[derive(Clone, Debug, Error)]
pub enum Error {
    /// The backend of this name failed, or is not here.
    #[error("{0}: {1}")]
    Backend(String, BackendError),
    /// The model, or a file of energies, has mistakes.
    #[error("{}", diagnostics::render(.0, false))]
    Diagnostics(Diagnostics),
    /// An argument has no meaning here.
    #[error("{0}")]
    Argument(String),
    /// A file could not be read or written.
    #[error("{path}: {1}", path = .0.display())]
    File(PathBuf, String),
}

impl Error {
    /// Makes the error of a file.
    pub fn file(path: &Path, why: impl fmt::Display) -> Self {
        Self::File(path.to_owned(), why.to_string())
    }
}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(diagnostics)
    }
}
