//! The example networks, scaled to run in seconds, against committed (spikes, digest) pairs.
//!
//! `ISOSPIKE_BLESS=1 cargo test --release -p isospike-conformance --test oracles` writes the
//! pairs anew from the naive oracle. Do that only for a change that is meant to alter spikes, and
//! say why in CHANGELOG.md.

use crate::Subject;
use crate::verdict::{self, failed};
use isospike_core::check::Limits;
use isospike_core::counters::derive;
use isospike_core::file::{self, Override};
use isospike_core::lower::lower;
use isospike_core::plan::Plan;
use libtest_mimic::Failed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An example and how it is scaled here.
#[derive(Clone, Debug)]
pub struct Example {
    /// The file's stem in `examples/`.
    pub name: &'static str,
    /// `--set` overrides.
    pub overrides: &'static [(&'static str, &'static str)],
    /// How long it runs.
    pub steps: u32,
}

/// What an example must give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Golden {
    /// How many spikes: the number alone localises a failure.
    pub spikes: usize,
    /// The digest of `docs/semantics.md` 7.1.
    pub digest: String,
}

const SMALL: &[(&str, &str)] = &[("population.exc.size", "800"), ("population.inh.size", "200")];

/// All examples, scaled.
pub fn cases() -> Vec<Example> {
    let example = |name, overrides, steps| Example { name, overrides, steps };
    let tenth: &[_] = &[("scale", "0.04")];
    vec![
        example("cuba", &[], 500),
        example("coba", &[], 300),
        example("cobahh", SMALL, 300),
        example("izhikevich_2003", &[], 150),
        example("brunel_sr", tenth, 400),
        example("brunel_ai_fast", tenth, 400),
        example("brunel_ai", tenth, 400),
        example("brunel_si_slow", tenth, 600),
        example("microcircuit", &[("scale", "0.05")], 300),
    ]
}

/// Runs an example on the subject and compares with the committed pair, and its counts with those
/// that its spikes imply.
pub fn check(subject: Subject, example: &Example) -> Result<(), Failed> {
    let plan = plan(example)?;
    let backend = (subject.open)().map_err(failed)?;
    let outcome = verdict::run(backend.as_ref(), &plan, &[example.steps]).map_err(failed)?;
    let got = Golden { spikes: outcome.record.spikes.len(), digest: outcome.digest() };
    match read().get(example.name) {
        Some(golden) if *golden == got => {
            verdict::counts(&plan, &derive(&plan, &outcome.record), &outcome.counters)
        }
        Some(golden) => Err(format!("expected {golden:?}, got {got:?}").into()),
        None => Err(format!("no golden pair for {}: {got:?}", example.name).into()),
    }
}

/// The plan of a scaled example.
pub fn plan(example: &Example) -> Result<Plan, Failed> {
    let path = root().join("examples").join(format!("{}.toml", example.name));
    let overrides: Vec<Override> = example
        .overrides
        .iter()
        .map(|(path, value)| Override { path: (*path).into(), value: (*value).into() })
        .collect();
    let network = file::read(&path, &overrides).map_err(failed)?;
    Ok(lower(Arc::new(network.check(Limits::default()).map_err(failed)?)))
}

/// The committed pairs by example.
pub fn read() -> BTreeMap<String, Golden> {
    let text = std::fs::read_to_string(file_path()).unwrap_or_default();
    toml::from_str(&text).expect("conformance/golden.toml is TOML")
}

/// Writes the pairs.
pub fn write(pairs: &BTreeMap<String, Golden>) {
    let text = toml::to_string(pairs).expect("pairs are TOML");
    std::fs::write(file_path(), text).expect("conformance/golden.toml can be written");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn file_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden.toml")
}
