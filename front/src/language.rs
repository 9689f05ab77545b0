//! The language of quantities, neuron models and synapse models, described in `docs/models.md` and
//! `docs/synapses.md`.
//!
//! A text goes through three passes: `guard` (limits, brackets), `parse` (text to tree; the grammar
//! is `grammar.pest`), then either `evaluate` (quantities: f64 with dimensions) or `program`
//! (models: names resolved, types and units checked). Both share the rules of units in `dimension`.
//! Every mistake has its line and column.

// A mistake ends the reading of its text: moving 128 bytes once costs nothing.
#![allow(clippy::result_large_err)]

mod builtin;
mod dimension;
mod evaluate;
mod function;
mod guard;
pub(crate) mod hint;
pub(crate) mod host;
mod model;
mod parse;
mod place;
mod program;
mod section;
mod sources;
mod suggest;
mod synapse;
mod syntax;

pub use builtin::{
    STATIC, builtin, builtin_item, builtin_names, builtin_synapse, builtin_synapse_item,
    builtin_synapse_names, builtin_synapse_text, builtin_text,
};
pub use evaluate::{per_neuron, quantity};
pub use function::{is_name, is_reserved};
pub use model::{parse_model, sources};
pub(crate) use section::WEIGHT;
pub use sources::{Sources, count};
pub(crate) use suggest::CANDIDATES_MAX;
pub use suggest::closest;
pub use synapse::{
    SynapseText, parse_synapse, parse_synapse_onto, synapse_condition, synapse_sources,
};

use isospike_core::base::units::Dimension;
use std::collections::BTreeMap;

/// A number in base units with its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// In base units (ms, mV, pA and what follows from them).
    pub value: f64,
    /// The dimension of the quantity.
    pub dimension: Dimension,
}

/// Names that a quantity expression may use.
pub type Constants = BTreeMap<String, Quantity>;

/// The place from which random calls of a per-neuron value draw (`docs/semantics.md` 2.7).
#[derive(Clone, Copy, Debug)]
pub struct DrawSite {
    /// The network's seed.
    pub seed: u64,
    /// The population's index.
    pub population: u32,
    /// The number of the next random call; advanced by the evaluation.
    pub next: u32,
}
