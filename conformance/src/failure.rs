//! Failures of tests.

use crate::difference::StateDifference;
use crate::golden::Golden;
use isospike_core::run::backend::BackendError;
use isospike_core::run::quantity::QuantityError;
use isospike_front::diagnostic::Diagnostics;
use std::fmt;
use std::path::Path;

/// Why a test failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The fault and its place.
    pub message: String,
    /// The first state word that is wrong, where a network was run.
    pub difference: Option<Box<StateDifference>>,
    /// The pair that a published network gave.
    pub golden: Option<Golden>,
    /// The network that shows it, where there is one.
    pub model: Option<Box<Model>>,
}

/// A network that shows a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The model file.
    pub text: String,
    /// The values that are replaced in it: `--set` options.
    pub overrides: Vec<(String, String)>,
    /// The same as Rust, where it was not written by people.
    pub rust: Option<String>,
}

impl Failure {
    /// A failure in words.
    pub fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), ..Self::default() }
    }

    /// The same failure, shown by this network.
    pub fn shown_by(self, model: Model) -> Self {
        Self { model: Some(Box::new(model)), ..self }
    }
}

impl Model {
    /// The command that shows the failure again, once the model is a file at `path`.
    pub fn command(&self, path: &Path, selector: &str) -> String {
        let set = |(field, value): &(String, String)| format!(" --set '{field}={value}'");
        let overrides: String = self.overrides.iter().map(set).collect();
        let path = path.display();
        format!("isospike compare '{path}'{overrides} --backends reference,{selector}")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(difference) = &self.difference {
            write!(f, "\n{difference}")?;
        }
        match self.model.as_deref() {
            Some(Model { text, rust: Some(rust), .. }) => write!(f, "\n\n{text}\n{rust}"),
            _ => Ok(()),
        }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<QuantityError> for Failure {
    fn from(error: QuantityError) -> Self {
        Self::new(error)
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        Self::new(error)
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::new(diagnostics)
    }
}
