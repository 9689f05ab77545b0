//! `[synapse.X]`, and what the fields `synapse` and `parameters` of a projection mean.

mod delays;
mod initial;
mod interval;
mod reads;
mod rewire;
mod times;
mod values;

pub(super) use delays::leave_a_step;
pub(super) use values::{Ends, kept_words, values};

use super::context::{Context, Site};
use super::fields::Fields;
use super::given::Definitions;
use super::model::{push_all, repeated};
use super::{range, signal, suggest};
use crate::diagnostic::Diagnostic;
use crate::language::{self, STATIC, SynapseText};
use crate::network::Item;
use delays::Delays;
use initial::Begin;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{NeuronModel, ReceptorDef};
use isospike_core::describe::synapse::SynapseModel;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The neurons that a projection ends on.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub model: &'a NeuronModel,
    /// The receptor of the projection.
    pub receptor: &'a ReceptorDef,
}

/// The synapse models of the file.
pub(super) struct Synapses<'n> {
    /// Those of the file; `None` for one with a mistake.
    own: Vec<(&'n str, Option<&'n Item>)>,
    /// Models as they have been read for weights of a dimension and receptors of the target; `None`
    /// after a mistake.
    read: Vec<(&'n str, Units, Option<Arc<SynapseText>>)>,
    /// The mistakes of units so far.
    reported: BTreeSet<Key>,
}

/// The dimensions of weights, and of each receptor of the target by name.
type Units = (Dimension, Vec<(String, Dimension)>);

/// The parts in which two mistakes differ.
type Key = (String, u32, u32, String);

fn key(diagnostic: &Diagnostic) -> Key {
    let Diagnostic { item, location, message, .. } = diagnostic;
    (item.clone(), location.line, location.column, message.clone())
}

/// A dimension that no weight has.
const OTHER_UNIT: Dimension = Dimension::new(5, 3, 2);

/// The synapse model of a projection.
pub(super) enum Chosen<'n> {
    /// Synapses that are nothing but a weight.
    Static,
    /// Not known, after a mistake.
    Unknown,
    /// Synapses with a model.
    Model(Box<Draft<'n>>),
}

impl Chosen<'_> {
    /// Gives the model, where there is one.
    pub fn model(&self) -> Option<&Arc<SynapseModel>> {
        match self {
            Self::Static | Self::Unknown => None,
            Self::Model(draft) => Some(&draft.text.model),
        }
    }
}

/// A synapse model with the values that a projection gives.
pub(super) struct Draft<'n> {
    pub text: Arc<SynapseText>,
    /// The section of the model in the file; `None` for a built-in one.
    item: Option<&'n Item>,
    /// The field that names it.
    site: Site<'n>,
    /// A value for each parameter; `None` after a mistake.
    parameters: Option<Vec<PerNeuron>>,
    /// The values with which state variables begin that the projection gives; `None` after a
    /// mistake.
    initial: Option<Vec<Begin<'n>>>,
    /// The number of each receptor that the model sends to among those of the target.
    receptors: Vec<u32>,
    delays: Delays<'n>,
}

/// Reads all `[synapse.X]`.
pub(super) fn read<'n>(cx: &mut Context<'n>) -> Synapses<'n> {
    let mut own = Vec::new();
    let mut names = BTreeSet::new();
    for item in &cx.network.synapses {
        let name = item.name.as_str();
        if name == STATIC || language::builtin_synapse_names().contains(&name) {
            let about = Fields::of_item("synapse", item);
            cx.push(about.diagnostic("", "this is the name of a built-in model", "choose another"));
            own.push((name, None));
            continue;
        }
        if repeated(cx, &mut names, "synapse", item) {
            continue;
        }
        // Units depend on the receptors of the projections that use it.
        let right = match language::parse_synapse(item, &cx.constants, None) {
            Ok(text) => {
                let right = range::of_model(cx, "synapse", item, &text.model.parameters);
                signal::of_model(cx, item, &text.model) && right
            }
            Err(diagnostics) => {
                push_all(cx, diagnostics);
                false
            }
        };
        own.push((name, right.then_some(item)));
    }
    Synapses { own, read: Vec::new(), reported: BTreeSet::new() }
}

/// Reads the fields of a projection that choose its synapse model and the parameters of that.
pub(super) fn choose<'n>(
    cx: &mut Context<'n>,
    synapses: &mut Synapses<'n>,
    fields: &mut Fields<'n>,
    target: Option<Target<'_>>,
) -> Chosen<'n> {
    let delays = Delays::fields(fields);
    let site = fields.get("synapse");
    let parameters = fields.get("parameters");
    let initial = fields.get("initial");
    let given = [(&parameters, "parameters"), (&initial, "state")];
    let given = given.into_iter().filter_map(|(site, what)| Some((site.as_ref()?, what)));
    let Some(site) = site else {
        Delays::refuse(cx, delays);
        for (site, what) in given {
            let help = "name a synapse model: synapse = \"stdp\"";
            cx.push(site.diagnostic(format!("only a synapse model has {what}"), help));
        }
        return Chosen::Static;
    };
    let Some(name) = cx.text(&site, "the name of a synapse model") else { return Chosen::Unknown };
    if name == STATIC {
        Delays::refuse(cx, delays);
        for (site, what) in given {
            let message = format!("the model {STATIC} has no {what}");
            cx.push(site.diagnostic(message, "remove it"));
        }
        return Chosen::Static;
    }
    let delays = Delays::read(cx, delays);
    let Some(item) = synapses.find(cx, &site, name) else { return Chosen::Unknown };
    let Some(delays) = delays else { return Chosen::Unknown };
    let Some(target) = target else { return Chosen::Unknown };
    let Some(text) = synapses.text(cx, &site, (name, item), target) else {
        return Chosen::Unknown;
    };
    let Some(receptors) = sent_to(cx, &site, &text.model, target) else { return Chosen::Unknown };
    if !delays.fit(cx, &site, &text.model) {
        return Chosen::Unknown;
    }
    let model = &text.model;
    let definitions = Definitions { model: &model.name, parameters: &model.parameters };
    let one = |cx: &mut Context<'_>, site: &Site<'_>, dimension| {
        cx.quantity(site, dimension).map(PerNeuron::All)
    };
    let parameters = definitions.values(cx, fields, parameters.as_ref(), 1, |_| None, one);
    let initial = match &initial {
        Some(site) => initial::read(cx, site, model),
        None => Some(Vec::new()),
    };
    let draft = Draft { text, item, site, parameters, initial, receptors, delays };
    Chosen::Model(Box::new(draft))
}

/// Finds the receptors that a model sends to among those of the target. `None` after a mistake.
fn sent_to(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    model: &SynapseModel,
    target: Target<'_>,
) -> Option<Vec<u32>> {
    let names: Vec<&str> =
        target.model.receptors.iter().map(|receptor| receptor.name.as_str()).collect();
    let own = target.receptor.name.as_str();
    let mut all = Vec::new();
    for receptor in &model.receptors {
        let name = receptor.as_deref().unwrap_or(own);
        let Some(number) = names.iter().position(|known| *known == name) else {
            let message = format!(
                "{} sends to `{name}`, a receptor that the target does not have",
                model.name
            );
            return cx.fail(site, message, suggest::help(name, &names, "receptors"));
        };
        if all.contains(&(number as u32)) {
            let message = format!(
                "{} sends to `{name}` by name and to the receptor of the projection, which is the \
                 same",
                model.name
            );
            let help = "choose another receptor for the projection, or add the values in the model";
            return cx.fail(site, message, help);
        }
        all.push(number as u32);
    }
    Some(all)
}

impl<'n> Synapses<'n> {
    /// Finds a model by its name: its section, `None` for a built-in one. No result after a
    /// mistake.
    fn find(&self, cx: &mut Context<'_>, site: &Site<'_>, name: &str) -> Option<Option<&'n Item>> {
        if let Some((_, item)) = self.own.iter().find(|own| own.0 == name) {
            return item.map(Some);
        }
        let built_in = language::builtin_synapse_names();
        if built_in.contains(&name) {
            return Some(None);
        }
        let own = self.own.iter().map(|own| own.0);
        let known: Vec<&str> = own.chain([STATIC]).chain(built_in.iter().copied()).collect();
        let help = match language::hint::synapse(name) {
            Some(hint) => hint.into(),
            None => suggest::help(name, &known, "synapse models"),
        };
        cx.fail(site, format!("there is no synapse model `{name}`"), help)
    }

    /// Reads a model for weights of the dimension of a receptor, once for each target.
    fn text(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        (name, item): (&'n str, Option<&'n Item>),
        target: Target<'_>,
    ) -> Option<Arc<SynapseText>> {
        let weight = target.receptor.dimension;
        let of_target = target.model.receptors.iter().map(|own| (own.name.clone(), own.dimension));
        let units: Units = (weight, of_target.collect());
        let known = self.read.iter().find(|read| (read.0, &read.1) == (name, &units));
        if let Some((.., text)) = known {
            return text.clone();
        }
        let text = match item {
            None => language::builtin_synapse(name, weight),
            Some(item) => {
                match language::parse_synapse_onto(
                    item,
                    &cx.constants,
                    weight,
                    &target.model.receptors,
                ) {
                    Ok(text) => Some(text),
                    Err(diagnostics) => {
                        self.mistakes(cx, site, item, target, diagnostics);
                        None
                    }
                }
            }
        };
        let text = text.map(Arc::new);
        self.read.push((name, units, text.clone()));
        text
    }
    /// Reports the mistakes of a model for weights of this dimension. All are of units, since
    /// [`read`] has found the others.
    fn mistakes(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        item: &Item,
        target: Target<'_>,
        diagnostics: Vec<Diagnostic>,
    ) {
        // Those about weights of any dimension say nothing of the projection.
        let other = |own: &ReceptorDef| ReceptorDef { dimension: OTHER_UNIT, ..own.clone() };
        let others: Vec<ReceptorDef> = target.model.receptors.iter().map(other).collect();
        let always = language::parse_synapse_onto(item, &cx.constants, OTHER_UNIT, &others);
        let always: BTreeSet<Key> = always.err().iter().flatten().map(key).collect();
        let unit = target.receptor.dimension.base_unit();
        let mut found = Vec::new();
        for diagnostic in diagnostics {
            let message = match always.contains(&key(&diagnostic)) {
                true => diagnostic.message,
                false => {
                    format!("{} (weights of {} are in {unit})", diagnostic.message, site.item)
                }
            };
            let diagnostic = Diagnostic { message, ..diagnostic };
            if self.reported.insert(key(&diagnostic)) {
                found.push(diagnostic);
            }
        }
        push_all(cx, found);
    }
}
