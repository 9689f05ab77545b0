//! Reports as values: each derives `Serialize`, and its keys are documented in `docs/cli.md` and do
//! not change. Tables, plots and other texts are made from them elsewhere.

mod compare;
mod counters;
mod devices;
mod energy;
mod inspect;
mod network;
mod run;
mod series;
mod traffic;

pub use compare::*;
pub use counters::*;
pub use devices::*;
pub use energy::*;
pub use inspect::*;
pub use network::*;
pub use run::*;
pub use series::*;
pub use traffic::*;

pub use crate::backends::search::{Device, Missing};

pub(crate) use counters::Counted;
pub(crate) use run::{backend_report, populations, refused_report};

use crate::error::Error;
use isospike_front::diagnostic::Diagnostic;
use serde::Serialize;
use std::path::Path;

/// The version in every report.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes a report as indented JSON with a newline at its end. Numbers that are not finite become
/// `null`: JSON has no other word for them.
///
/// # Errors
/// A report that JSON has no form for.
pub fn to_json(report: &impl Serialize) -> Result<String, Error> {
    let failure = |error| Error::file(Path::new("the report as JSON"), error);
    serde_json::to_string_pretty(report).map(|json| json + "\n").map_err(failure)
}

/// Diagnostics, with `--json`.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnosticsReport {
    /// All of them, in the order of the file.
    pub diagnostics: Vec<DiagnosticReport>,
}

/// A mistake.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnosticReport {
    /// The model file.
    pub file: Option<String>,
    /// Its line, from 1; 0 where there is none.
    pub line: u32,
    /// Its column in characters, from 1; 0 where there is none.
    pub column: u32,
    /// The item.
    pub item: String,
    /// The field, or empty.
    pub field: String,
    /// The mistake.
    pub message: String,
    /// The remedy.
    pub help: String,
}

impl DiagnosticReport {
    /// The report of a mistake.
    pub fn new(diagnostic: &Diagnostic) -> Self {
        Self {
            file: diagnostic.location.file.as_deref().map(str::to_owned),
            line: diagnostic.location.line,
            column: diagnostic.location.column,
            item: diagnostic.item.clone(),
            field: diagnostic.field.clone(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
        }
    }
}
