//! The language of quantities and neuron models.

use crate::checked::PerNeuron;
use crate::mistake::Mistake;
use crate::model::NeuronModel;
use crate::network::{Item, Value};
use crate::units::Dimension;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A number in base units with its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// In base units (ms, mV, pA and what follows from them).
    pub value: f64,
    /// What it measures.
    pub dimension: Dimension,
}

/// Names that a quantity expression may use.
pub type Constants = BTreeMap<String, Quantity>;

/// Evaluates a value that is one quantity for the whole network: `"20 ms"`, `0.02`,
/// `"87.8 pA / sqrt(scale)"`. The mistakes lack only `item` and `field`.
pub fn quantity(value: &Value, constants: &Constants) -> Result<Quantity, Mistake> {
    let _ = (value, constants);
    todo!()
}

/// Where the random calls of a per-neuron value draw from (`docs/semantics.md` 2.7).
#[derive(Clone, Copy, Debug)]
pub struct DrawSite {
    /// The network's seed.
    pub seed: u64,
    /// The population's index.
    pub population: u32,
    /// The number of the next random call; advanced by the evaluation.
    pub next: u32,
}

/// Evaluates a value that may differ between neurons: besides constants it may use `i` (the
/// neuron's number), `n` (the population's size), `uniform(lo, hi)`, `normal(mean, sd)`, and the
/// names in `locals` (the population's `random` table).
pub fn per_neuron(
    value: &Value,
    constants: &Constants,
    locals: &BTreeMap<String, (PerNeuron, Dimension)>,
    size: u32,
    site: &mut DrawSite,
) -> Result<(PerNeuron, Dimension), Mistake> {
    let _ = (value, constants, locals, size, site);
    todo!()
}

/// Reads a `[model.NAME]` item. All its mistakes at once.
pub fn parse_model(item: &Item, constants: &Constants) -> Result<NeuronModel, Vec<Mistake>> {
    let _ = (item, constants);
    todo!()
}

/// The built-in model of this name.
pub fn builtin(name: &str) -> Option<Arc<NeuronModel>> {
    let _ = name;
    todo!()
}

/// The names of all built-in models.
pub fn builtin_names() -> &'static [&'static str] {
    todo!()
}
