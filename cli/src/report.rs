//! Reports of commands that only the command line has, beside those of a session.

mod bench;

pub use bench::*;
pub use isospike_session::report::*;

use isospike_conformance::certificate::Certificate;
use serde::Serialize;

/// `conformance`.
#[derive(Clone, Debug, Serialize)]
pub struct ConformanceReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// One for each backend that could be opened.
    pub certificates: Vec<Certificate>,
    /// The missing backends.
    pub missing: Vec<Missing>,
    /// Files written.
    pub files: Vec<String>,
}

/// `conformance --list`.
#[derive(Clone, Debug, Serialize)]
pub struct LadderReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// Every test, level by level.
    pub tests: Vec<String>,
}
