//! `[model.X]`, and what the `model` field of a population means.

use super::context::{Context, Site};
use super::fields::Fields;
use super::{range, suggest};
use crate::diagnostic::Diagnostic;
use crate::language;
use crate::network::Item;
use isospike_core::describe::model::NeuronModel;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The name that makes a population a list of spikes instead of a model's neurons.
const SPIKE_LIST: &str = "spike_list";

/// The neuron models of the file; `None` for one with a mistake.
pub(super) type Models<'n> = Vec<(&'n str, Option<Arc<NeuronModel>>)>;

/// The meaning of the `model` field.
#[derive(Clone)]
pub(super) enum Kind {
    Unknown,
    SpikeList,
    Neurons(Arc<NeuronModel>),
}

/// Reads all `[model.X]`.
pub(super) fn read<'n>(cx: &mut Context<'n>) -> Models<'n> {
    let mut models: Models<'n> = Vec::new();
    let mut names = BTreeSet::new();
    for item in &cx.network.models {
        let name = item.name.as_str();
        let about = Fields::of_item("model", item);
        if name == SPIKE_LIST || language::builtin_names().contains(&name) {
            cx.push(about.diagnostic("", "this is the name of a built-in model", "choose another"));
            models.push((name, None));
            continue;
        }
        if repeated(cx, &mut names, "model", item) {
            continue;
        }
        let model = match language::parse_model(item, &cx.constants) {
            Ok(model) => {
                range::of_model(cx, "model", item, &model.parameters).then(|| Arc::new(model))
            }
            Err(diagnostics) => {
                push_all(cx, diagnostics);
                None
            }
        };
        models.push((name, model));
    }
    models
}

/// Reports mistakes of a model, but for those about constants that have one of their own.
pub(super) fn push_all(cx: &mut Context<'_>, diagnostics: Vec<Diagnostic>) {
    for diagnostic in diagnostics {
        let mut quoted = diagnostic.message.split('`').skip(1).step_by(2);
        if !quoted.any(|name| cx.broken.contains(name)) {
            cx.push(diagnostic);
        }
    }
}

/// Reports an item whose name an earlier one has, or no item can have.
pub(super) fn repeated<'n>(
    cx: &mut Context<'_>,
    earlier: &mut BTreeSet<&'n str>,
    section: &str,
    item: &'n Item,
) -> bool {
    let about = Fields::of_item(section, item);
    let fits = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
    if item.name.trim().is_empty() || !item.name.chars().all(fits) {
        let help = "use letters, digits, `_`, `-`, `.` and spaces";
        cx.push(about.diagnostic("", "this name has characters that names cannot have", help));
    }
    let twice = !earlier.insert(&item.name);
    if twice {
        cx.push(about.diagnostic("", "an earlier one has the same name", "choose another name"));
    }
    twice
}

/// Reads the `model` field of a population.
pub(super) fn model_kind(cx: &mut Context<'_>, site: &Site<'_>, models: &Models<'_>) -> Kind {
    let Some(name) = cx.text(site, "the name of a neuron model") else { return Kind::Unknown };
    if name == SPIKE_LIST {
        return Kind::SpikeList;
    }
    if let Some((_, model)) = models.iter().find(|model| model.0 == name) {
        return model.clone().map_or(Kind::Unknown, Kind::Neurons);
    }
    if let Some(model) = language::builtin(name) {
        return Kind::Neurons(model);
    }
    let own = models.iter().map(|model| model.0);
    let known: Vec<&str> =
        own.chain(language::builtin_names().iter().copied()).chain([SPIKE_LIST]).collect();
    let help = match language::hint::model(name) {
        Some(hint) => hint.into(),
        None => suggest::help(name, &known, "models"),
    };
    let _: Option<()> = cx.fail(site, format!("there is no neuron model `{name}`"), help);
    Kind::Unknown
}
