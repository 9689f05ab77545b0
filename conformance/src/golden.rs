//! The example networks, scaled to run in seconds, against committed (spikes, digest) pairs.
//!
//! `ISOSPIKE_BLESS=1 cargo test --release -p isospike-conformance --test oracles` writes the
//! pairs anew from the naive oracle. Do that only for a change that is meant to alter spikes, and
//! say why in CHANGELOG.md.

use crate::failure::{Failure, Model};
use isospike_core::base::environment::switch;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use isospike_front::file::{self, Override};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Returns whether `ISOSPIKE_BLESS` is on: committed pairs are written anew. Panics where it is
/// neither on nor off.
pub fn bless() -> bool {
    switch("ISOSPIKE_BLESS").unwrap_or_else(|why| panic!("{why}")) == Some(true)
}

/// An example and how it is scaled here.
#[derive(Clone, Debug)]
pub struct Example {
    /// The file's stem in `examples/`.
    pub name: &'static str,
    /// The model file.
    pub text: &'static str,
    /// `--set` overrides.
    pub overrides: &'static [(&'static str, &'static str)],
    /// How long it runs.
    pub steps: u32,
}

impl Example {
    /// The model file as it runs here, with steps of `dt_ms`.
    pub fn model(&self, dt_ms: f64) -> Model {
        let own = |(path, value): &(&str, &str)| ((*path).into(), (*value).into());
        let duration = format!("{} ms", f64::from(self.steps) * dt_ms);
        let mut overrides: Vec<(String, String)> = self.overrides.iter().map(own).collect();
        overrides.push(("network.duration".into(), duration));
        Model { text: self.text.into(), overrides, rust: None }
    }
}

/// The golden pair of an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Golden {
    /// How many spikes: the number alone localises a failure.
    pub spikes: usize,
    /// The digest of `docs/semantics.md` 7.1.
    pub digest: String,
}

const SMALL: &[(&str, &str)] = &[("population.exc.size", "800"), ("population.inh.size", "200")];

/// A model file of `examples/`, part of the program: a suite that is installed has no sources.
macro_rules! example {
    ($name:literal, $overrides:expr, $steps:literal) => {
        Example {
            name: $name,
            text: include_str!(concat!("../../examples/", $name, ".toml")),
            overrides: $overrides,
            steps: $steps,
        }
    };
}

/// All examples, scaled.
pub fn cases() -> Vec<Example> {
    let tenth: &[_] = &[("scale", "0.04")];
    vec![
        example!("cuba", &[], 500),
        example!("coba", &[], 300),
        example!("cobahh", SMALL, 300),
        example!("izhikevich_2003", &[], 150),
        example!("izhikevich_2007", &[], 40),
        example!("brunel_sr", tenth, 400),
        example!("brunel_ai_fast", tenth, 400),
        example!("brunel_ai", tenth, 400),
        example!("brunel_si_slow", tenth, 600),
        example!("brunel_stdp", tenth, 400),
        example!("song_2000", &[], 1000),
        example!("tsodyks_1998", &[], 4200),
        example!("vogels_2011", &[("neurons", "500")], 400),
        example!("microcircuit", &[("scale", "0.05")], 300),
    ]
}

/// The plan of a scaled example.
pub fn plan(example: &Example) -> Result<Plan, Failure> {
    let overrides: Vec<Override> = example
        .overrides
        .iter()
        .map(|(path, value)| Override { path: (*path).into(), value: (*value).into() })
        .collect();
    let name = format!("examples/{}.toml", example.name);
    let network = file::parse(example.text, &name, Path::new("."), &overrides)?;
    Ok(lower(Arc::new(network.check(Limits::default())?)))
}

/// The committed pairs by example.
pub fn read() -> BTreeMap<String, Golden> {
    toml::from_str(include_str!("../golden.toml")).expect("conformance/golden.toml is TOML")
}

/// Writes the pairs, for a change that is meant to alter spikes. Programs built before do not see
/// them.
pub fn write(pairs: &BTreeMap<String, Golden>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden.toml");
    let text = toml::to_string(pairs).expect("pairs are TOML");
    std::fs::write(path, text).expect("conformance/golden.toml can be written");
}
