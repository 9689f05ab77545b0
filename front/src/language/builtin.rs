//! The built-in models: files in the model language, read by the same reader as any other.

use super::{Constants, parse_model};
use crate::file;
use crate::network::Item;
use isospike_core::describe::model::NeuronModel;
use std::path::Path;
use std::sync::{Arc, LazyLock};

macro_rules! models {
    ($($name:literal),* $(,)?) => {
        const NAMES: &[&str] = &[$($name),*];
        const TEXTS: &[&str] = &[$(include_str!(concat!("../models/", $name, ".toml"))),*];
    };
}

models![
    "lif_delta",
    "lif_exp",
    "lif_exp_2",
    "lif_cond_exp",
    "lif_adaptive",
    "leaky_integrator",
    "izhikevich",
    "adex",
    "hh_traub_miles",
    "poisson",
];

static MODELS: LazyLock<Vec<Arc<NeuronModel>>> =
    LazyLock::new(|| NAMES.iter().zip(TEXTS).map(|(name, text)| model(name, text)).collect());

/// The built-in model of this name.
pub fn builtin(name: &str) -> Option<Arc<NeuronModel>> {
    let n = NAMES.iter().position(|known| *known == name)?;
    Some(Arc::clone(&MODELS[n]))
}

/// The file of the built-in model of this name: a `[model.NAME]` section to copy and change.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    let n = NAMES.iter().position(|known| *known == name)?;
    Some(TEXTS[n])
}

/// Returns the section of the built-in model of this name, as its file has it.
pub fn builtin_item(name: &str) -> Option<Item> {
    builtin_text(name).map(|text| item(name, text))
}

/// The names of all built-in models.
pub fn builtin_names() -> &'static [&'static str] {
    NAMES
}

fn model(name: &str, text: &str) -> Arc<NeuronModel> {
    match parse_model(&item(name, text), &Constants::new()) {
        Ok(model) => Arc::new(model),
        Err(all) => unreachable!("built-in model:\n{}", crate::diagnostic::Diagnostics(all)),
    }
}

/// The files are part of the program: a mistake in one is a bug that the tests find.
fn item(name: &str, text: &str) -> Item {
    let network = match file::parse(text, name, Path::new(""), &[]) {
        Ok(network) => network,
        Err(diagnostics) => unreachable!("built-in model `{name}`:\n{diagnostics}"),
    };
    let first = network.models.into_iter().next();
    first.unwrap_or_else(|| unreachable!("`{name}` has no model"))
}
