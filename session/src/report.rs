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
pub use isospike_core::analyse::statistics::Activity;
pub use isospike_core::run::cost::{Cost, Launches, Phase, PhaseTime};
pub use isospike_core::run::counters::{Difference, SynapticOperations};
pub use isospike_energy::estimate::{Counts, Estimate, Evidence, Operation, Row, Scope, Term};
pub use isospike_energy::meter::{MeterInfo, Part};

pub(crate) use counters::Counted;
pub(crate) use run::{backend_report, populations, refused_report};

use crate::error::Error;
use isospike_front::diagnostic::Diagnostics;
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
pub struct DiagnosticsReport<'a> {
    /// All of them, in the order of the file.
    pub diagnostics: &'a Diagnostics,
}
