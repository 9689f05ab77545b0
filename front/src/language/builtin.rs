//! The built-in models: files in the model language, read by the same reader as any other.

use super::{Constants, SynapseText, parse_model, parse_synapse};
use crate::diagnostic::Diagnostics;
use crate::file;
use crate::network::Item;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::NeuronModel;
use std::path::Path;
use std::sync::{Arc, LazyLock};

macro_rules! models {
    ($names:ident, $texts:ident, [$($name:literal),* $(,)?]) => {
        const $names: &[&str] = &[$($name),*];
        const $texts: &[&str] = &[$(include_str!(concat!("../models/", $name, ".toml"))),*];
    };
}

models!(
    NAMES,
    TEXTS,
    [
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
    ]
);

models!(
    SYNAPSES,
    SYNAPSE_TEXTS,
    [
        "stdp",
        "stdp_multiplicative",
        "stdp_triplet",
        "vogels_sprekeler",
        "tsodyks_markram",
        "nmda",
        "oja",
        "bcm",
        "homeostatic",
        "eprop",
        "stdp_dopamine",
        "clopath",
        "gap_junction",
    ]
);

/// The name of a synapse model that is nothing but a weight, and has no text.
pub const STATIC: &str = "static";

static SYNAPSE_ITEMS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    SYNAPSES.iter().zip(SYNAPSE_TEXTS).map(|(name, text)| item(name, text)).collect()
});

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

/// The built-in synapse model of this name, for weights of this dimension.
pub fn builtin_synapse(name: &str, weight: Dimension) -> Option<SynapseText> {
    let item = builtin_synapse_item(name)?;
    match parse_synapse(item, &Constants::new(), Some(weight)) {
        Ok(text) => Some(text),
        Err(all) => unreachable!("built-in synapse model:\n{}", Diagnostics(all)),
    }
}

/// The file of the built-in synapse model of this name: a `[synapse.NAME]` section to copy and
/// change. `static` has none.
pub fn builtin_synapse_text(name: &str) -> Option<&'static str> {
    let n = SYNAPSES.iter().position(|known| *known == name)?;
    Some(SYNAPSE_TEXTS[n])
}

/// The section of the built-in synapse model of this name, as its file has it.
pub fn builtin_synapse_item(name: &str) -> Option<&'static Item> {
    let n = SYNAPSES.iter().position(|known| *known == name)?;
    Some(&SYNAPSE_ITEMS[n])
}

/// The names of all built-in synapse models with a text.
pub fn builtin_synapse_names() -> &'static [&'static str] {
    SYNAPSES
}

fn model(name: &str, text: &str) -> Arc<NeuronModel> {
    match parse_model(&item(name, text), &Constants::new()) {
        Ok(model) => Arc::new(model),
        Err(all) => unreachable!("built-in model:\n{}", Diagnostics(all)),
    }
}

/// The files are part of the program: a mistake in one is a bug that the tests find.
fn item(name: &str, text: &str) -> Item {
    let network = match file::parse(text, name, Path::new(""), &[]) {
        Ok(network) => network,
        Err(diagnostics) => unreachable!("built-in model `{name}`:\n{diagnostics}"),
    };
    let first = network.models.into_iter().chain(network.synapses).next();
    first.unwrap_or_else(|| unreachable!("`{name}` has no model"))
}
