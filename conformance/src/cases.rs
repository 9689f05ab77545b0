//! Small networks, one feature each. The files in `cases/` are ordinary model files: each can be
//! run by hand with `isospike compare conformance/cases/NAME.toml --backends reference,...`.

use crate::failure::{Failure, Model};
use crate::suite::Done;
use crate::verdict;
use isospike_core::run::backend::Backend;

/// A network that shows one feature.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's stem, or the seed of a random network.
    pub name: String,
    /// The model file.
    pub text: String,
    /// How long it runs, from the file's duration.
    pub steps: u32,
    /// Whether it must spike: a silent network would hide differences.
    pub spikes: bool,
}

impl Case {
    /// A case from the text of a model file.
    pub fn new(name: &str, text: &str, spikes: bool) -> Result<Self, Failure> {
        let steps = verdict::plan(text)?.network.duration_steps;
        Ok(Self { name: name.into(), text: text.into(), steps, spikes })
    }

    /// Runs it on the backend, against the naive oracle.
    pub fn run(&self, backend: &dyn Backend) -> Result<Done, Failure> {
        verdict::against_oracle(backend, self).map_err(|failure| failure.shown_by(self.model()))
    }

    /// As a network that shows a failure.
    pub fn model(&self) -> Model {
        Model { text: self.text.clone(), ..Model::default() }
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../cases/", $name, ".toml")))),*]
    };
}

/// All cases of `cases/`: (name, text).
const FILES: &[(&str, &str)] = &files![
    "batch",
    "bound",
    "crossing",
    "currents",
    "custom_model",
    "delays",
    "events",
    "external",
    "giant_row",
    "learning",
    "learning_clocked",
    "learning_condition",
    "learning_custom",
    "learning_signals",
    "learning_decay",
    "learning_delays",
    "learning_graded",
    "learning_receptors",
    "learning_rewire",
    "learning_silent",
    "learning_target",
    "learning_ties",
    "locals",
    "models_conductance",
    "models_current",
    "multapses",
    "poisson",
    "procedural",
    "rules",
    "splitting",
    "series",
    "synapse_probes",
    "weights",
    "written_weights",
];

/// All cases.
pub fn all() -> Vec<Case> {
    let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    named(&names)
}

/// The names of the cases of synapses that learn.
pub const LEARNING: [&str; 13] = [
    "learning",
    "learning_custom",
    "learning_ties",
    "learning_silent",
    "learning_clocked",
    "learning_target",
    "learning_signals",
    "learning_decay",
    "learning_receptors",
    "learning_delays",
    "learning_rewire",
    "learning_condition",
    "learning_graded",
];

/// The cases with these names.
pub fn named(names: &[&str]) -> Vec<Case> {
    let case = |name: &&str| {
        let (name, text) = FILES.iter().find(|(n, _)| n == name).expect("there is such a case");
        Case::new(name, text, true).unwrap_or_else(|failure| panic!("{name}: {failure}"))
    };
    names.iter().map(case).collect()
}
