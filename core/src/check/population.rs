//! `[model.X]` and `[population.X]`.

use super::context::{Context, Site, kind, mentions, spell};
use super::fields::Fields;
use super::settings::unfit_name;
use super::{host, spikes, suggest};
use crate::checked::{PerNeuron, Population, PopulationKind};
use crate::id::PopulationId;
use crate::language::{self, DrawSite};
use crate::mistake::Mistake;
use crate::model::{Expr, NeuronModel};
use crate::network::{Content, Item};
use crate::units::Dimension;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name that makes a population a list of spikes instead of a model's neurons.
const SPIKE_LIST: &str = "spike_list";

/// The longest refractory period in steps.
const MAX_REFRACTORY_STEPS: f64 = 1_048_576.0;

/// The neuron models of the file; `None` for one with a mistake.
pub(super) type Models<'n> = Vec<(&'n str, Option<Arc<NeuronModel>>)>;

/// A population of which size and model are read; `None` or unknown after a mistake.
pub(super) struct Draft<'n> {
    pub name: &'n str,
    pub size: Option<u32>,
    pub kind: Kind,
    values: Values,
    fields: Option<Fields<'n>>,
}

/// What follows from the `model` field.
#[derive(Clone)]
pub(super) enum Kind {
    Unknown,
    SpikeList,
    Neurons(Arc<NeuronModel>),
}

/// What the per-neuron values of a population share.
struct Values {
    locals: BTreeMap<String, (PerNeuron, Dimension)>,
    broken: Vec<String>,
    draws: DrawSite,
}

impl Draft<'_> {
    /// A value for each neuron. `None` where the size is unknown, or after a mistake.
    pub fn per_neuron(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        dimension: Dimension,
    ) -> Option<PerNeuron> {
        let (values, found) = self.any_per_neuron(cx, site, &dimension.noun_with_example())?;
        cx.same_dimension(site, found, dimension)?;
        Some(values)
    }

    fn any_per_neuron(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        what: &str,
    ) -> Option<(PerNeuron, Dimension)> {
        cx.number_like(site, what)?;
        let size = self.size?;
        if cx.uses_broken(site.value) || mentions(site.value, &self.values.broken) {
            return None;
        }
        let Values { locals, draws, .. } = &mut self.values;
        let found = language::per_neuron(site.value, &cx.constants, locals, size, draws);
        let (values, dimension) = match found {
            Ok(found) => found,
            Err(mistake) => {
                let item = site.item.to_string();
                cx.push(Mistake { item, field: site.field.clone(), ..mistake });
                return None;
            }
        };
        let bad = match &values {
            PerNeuron::All(value) => (!value.is_finite()).then_some(0),
            PerNeuron::Each(values) => values.iter().position(|value| !value.is_finite()),
        };
        let Some(neuron) = bad else { return Some((values, dimension)) };
        let message =
            format!("the value of neuron {neuron} is {}", spell(values.get(neuron as u32)));
        cx.fail(site, message, "only finite numbers have a meaning here")
    }
}

/// Reads all `[model.X]`.
pub(super) fn models<'n>(cx: &mut Context<'n>) -> Models<'n> {
    let mut models: Models<'n> = Vec::new();
    for item in &cx.network.models {
        let name = item.name.as_str();
        let about = Fields::of_item("model", item);
        if name == SPIKE_LIST || language::builtin_names().contains(&name) {
            cx.push(about.mistake("", "this is the name of a built-in model", "choose another"));
            models.push((name, None));
            continue;
        }
        if repeated(cx, &models.iter().map(|model| model.0).collect::<Vec<_>>(), "model", item) {
            continue;
        }
        let model = match language::parse_model(item, &cx.constants) {
            Ok(model) => Some(Arc::new(model)),
            Err(mistakes) => {
                for mut mistake in mistakes {
                    if mistake.item.is_empty() {
                        mistake.item = about.item().to_string();
                    }
                    let quoted = |name: &&str| mistake.message.contains(&format!("`{name}`"));
                    if !cx.broken.iter().any(|name| quoted(name)) {
                        cx.push(mistake);
                    }
                }
                None
            }
        };
        models.push((name, model));
    }
    models
}

/// Reports an item whose name an earlier one has, or no item can have.
pub(super) fn repeated(cx: &mut Context<'_>, earlier: &[&str], section: &str, item: &Item) -> bool {
    let about = Fields::of_item(section, item);
    let fits = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
    if item.name.trim().is_empty() || !item.name.chars().all(fits) {
        let help = "use letters, digits, `_`, `-`, `.` and spaces";
        cx.push(about.mistake("", "this name has characters that names cannot have", help));
    }
    let twice = earlier.contains(&item.name.as_str());
    if twice {
        cx.push(about.mistake("", "an earlier one has the same name", "choose another name"));
    }
    twice
}

/// Reads the size and model of every population.
pub(super) fn drafts<'n>(cx: &mut Context<'n>, models: &Models<'n>, seed: u64) -> Vec<Draft<'n>> {
    let network = cx.network;
    if network.populations.is_empty() {
        let origin = network.origin.clone();
        cx.push(Mistake {
            origin,
            item: "network".into(),
            field: String::new(),
            message: "there is no population".into(),
            help: "add one: [population.NAME] with size and model".into(),
        });
    }
    let mut drafts: Vec<Draft<'n>> = Vec::new();
    for (index, item) in network.populations.iter().enumerate() {
        let names: Vec<&str> = drafts.iter().map(|draft| draft.name).collect();
        repeated(cx, &names, "population", item);
        let mut fields = Fields::of_item("population", item);
        let size = fields
            .need(cx, "size", "give the number of neurons: size = 100")
            .and_then(|site| cx.count(&site, 1, 1 << 31))
            .map(|size| size as u32);
        let kind = fields
            .need(cx, "model", "give a neuron model: model = \"lif_exp\"")
            .map_or(Kind::Unknown, |site| model_kind(cx, &site, models));
        let draws = DrawSite { seed, population: index as u32, next: 0 };
        let values = Values { locals: BTreeMap::new(), broken: Vec::new(), draws };
        drafts.push(Draft { name: &item.name, size, kind, values, fields: Some(fields) });
    }
    drafts
}

fn model_kind(cx: &mut Context<'_>, site: &Site<'_>, models: &Models<'_>) -> Kind {
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
    let help = suggest::help(name, &known, "models");
    let _: Option<()> = cx.fail(site, format!("there is no neuron model `{name}`"), help);
    Kind::Unknown
}

/// The population that a field names.
pub(super) fn find(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    drafts: &[Draft<'_>],
) -> Option<PopulationId> {
    let name = cx.text(site, "the name of a population")?;
    if let Some(index) = drafts.iter().position(|draft| draft.name == name) {
        return Some(PopulationId(index as u32));
    }
    let known: Vec<&str> = drafts.iter().map(|draft| draft.name).collect();
    let help = suggest::help(name, &known, "populations");
    cx.fail(site, format!("there is no population `{name}`"), help)
}

/// Reads the rest of every population. `fits` is false where the sizes are too large to go on.
pub(super) fn read(
    cx: &mut Context<'_>,
    drafts: &mut [Draft<'_>],
    fits: bool,
) -> Vec<Option<Population>> {
    drafts.iter_mut().map(|draft| population(cx, draft, fits)).collect()
}

fn population(cx: &mut Context<'_>, draft: &mut Draft<'_>, fits: bool) -> Option<Population> {
    let mut fields = draft.fields.take()?;
    let rate = match fields.get("reference_rate") {
        None => Some(None),
        Some(site) => reference_rate(cx, &site).map(Some),
    };
    let kind = match draft.kind.clone() {
        Kind::Unknown => {
            // What these hold depends on the model; only their names can be judged.
            for name in ["random", "parameters", "initial", "spikes"] {
                fields.get(name);
            }
            None
        }
        Kind::SpikeList => spike_list(cx, draft, &mut fields),
        Kind::Neurons(model) => neurons(cx, draft, &mut fields, model, fits),
    };
    fields.finish(cx);
    Some(Population {
        name: draft.name.into(),
        size: draft.size?,
        kind: kind?,
        reference_rate_hz: rate?,
    })
}

fn reference_rate(cx: &mut Context<'_>, site: &Site<'_>) -> Option<f64> {
    let rate = cx.quantity(site, Dimension::RATE)?;
    if rate < 0.0 {
        return cx.fail(site, "a rate cannot be negative", "give a rate such as \"8 Hz\"");
    }
    Some(rate * 1000.0)
}

fn spike_list(
    cx: &mut Context<'_>,
    draft: &Draft<'_>,
    fields: &mut Fields<'_>,
) -> Option<PopulationKind> {
    for name in ["parameters", "initial", "random"] {
        let help = "remove it, or choose a neuron model";
        fields.refuse(cx, name, "a spike_list has no neuron model, so this has no meaning", help);
    }
    let help = "give the spikes: spikes = [[\"1 ms\", 0], [\"2.5 ms\", 3]]";
    let site = fields.need(cx, "spikes", help)?;
    spikes::read(cx, &site, draft.size).map(PopulationKind::SpikeList)
}

fn neurons(
    cx: &mut Context<'_>,
    draft: &mut Draft<'_>,
    fields: &mut Fields<'_>,
    model: Arc<NeuronModel>,
    fits: bool,
) -> Option<PopulationKind> {
    let help = "remove it, or write model = \"spike_list\"";
    fields.refuse(cx, "spikes", "only a spike_list has given spikes", help);
    if !fits {
        // Too many neurons to hold their values; that mistake is reported already.
        for name in ["random", "parameters", "initial"] {
            fields.get(name);
        }
        return None;
    }
    if let Some(site) = fields.get("random") {
        random(cx, draft, &site);
    }
    let declared = model.parameters.iter().map(|p| (p.name.as_str(), p.dimension)).collect();
    let given = Given { what: "parameter", model: &model.name, declared };
    let parameter_site = fields.get("parameters");
    let values = given.read(cx, draft, parameter_site.as_ref());
    let mut parameters: Vec<Option<PerNeuron>> = Vec::new();
    for (definition, value) in model.parameters.iter().zip(values) {
        parameters.push(match (value, definition.default) {
            (Entry::Value(value), _) => Some(value),
            (Entry::Wrong, _) => None,
            (Entry::Missing, Some(default)) => Some(PerNeuron::All(default)),
            (Entry::Missing, None) => {
                let field = format!("parameters.{}", definition.name);
                let message = format!("the model {} needs this parameter", model.name);
                let help = format!("give {}", definition.dimension.noun_with_example());
                cx.push(fields.mistake(&field, &message, &help));
                None
            }
        });
    }
    let declared = model.state.iter().map(|s| (s.name.as_str(), s.dimension)).collect();
    let given = Given { what: "state variable", model: &model.name, declared };
    let site = fields.get("initial");
    let initial = given.read(cx, draft, site.as_ref());
    let parameters = parameters.into_iter().collect::<Option<Vec<_>>>()?;
    let mut states = Vec::new();
    for (definition, value) in model.state.iter().zip(initial) {
        let value = match value {
            Entry::Value(value) => Some(value),
            Entry::Wrong => None,
            Entry::Missing => {
                let (dt_ms, size) = (cx.dt_ms?, draft.size?);
                let value = host::per_neuron(&definition.initial, &parameters, dt_ms, size);
                value.or_else(|| {
                    let message = "its default needs a value that is known before the run";
                    let field = format!("initial.{}", definition.name);
                    cx.push(fields.mistake(&field, message, "give an initial value here"));
                    None
                })
            }
        };
        let field = format!("initial.{}", definition.name);
        states.push(value.and_then(|value| storable(cx, fields, &field, site.as_ref(), value)));
    }
    let refractory_steps =
        refractory(cx, draft, fields, &model, &parameters, parameter_site.as_ref());
    let initial = states.into_iter().collect::<Option<Vec<_>>>()?;
    Some(PopulationKind::Neurons {
        model,
        parameters,
        initial,
        refractory_steps: refractory_steps?,
    })
}

/// The named draws of a population.
fn random(cx: &mut Context<'_>, draft: &mut Draft<'_>, site: &Site<'_>) {
    let what = "a table of named draws: { r = \"uniform(0, 1)\" }";
    let Some(entries) = cx.table(site, what) else { return };
    for entry in entries {
        let inner = site.inner(entry);
        let known = cx.constants.contains_key(&entry.name);
        if unfit_name(&entry.name) || known || draft.values.locals.contains_key(&entry.name) {
            let message = format!("`{}` cannot be the name of a draw", entry.name);
            let help = "use letters, digits and `_`, and no name that has a meaning already";
            let origin = entry.origin.clone();
            cx.push(Mistake { origin, ..inner.mistake(message, help) });
            draft.values.broken.push(entry.name.clone());
        } else if let Some(values) = draft.any_per_neuron(cx, &inner, "a draw for each neuron") {
            draft.values.locals.insert(entry.name.clone(), values);
        } else {
            draft.values.broken.push(entry.name.clone());
        }
    }
}

/// What a model declares under one heading, to be given in a table.
struct Given<'m> {
    what: &'static str,
    model: &'m str,
    declared: Vec<(&'m str, Dimension)>,
}

/// What a table has for a declared name.
enum Entry {
    Value(PerNeuron),
    Wrong,
    Missing,
}

impl Given<'_> {
    /// An entry for each declared name, in their order. Evaluated in the order of the table.
    fn read(
        &self,
        cx: &mut Context<'_>,
        draft: &mut Draft<'_>,
        site: Option<&Site<'_>>,
    ) -> Vec<Entry> {
        let mut found: Vec<Entry> = self.declared.iter().map(|_| Entry::Missing).collect();
        let Some(site) = site else { return found };
        let Content::Table(entries) = &site.value.content else {
            let message = format!("{} cannot stand here", kind(&site.value.content));
            cx.push(site.mistake(message, format!("give a table: {{ {} = ... }}", self.example())));
            return self.declared.iter().map(|_| Entry::Wrong).collect();
        };
        for entry in entries {
            let inner = site.inner(entry);
            let at = self.declared.iter().position(|declared| declared.0 == entry.name);
            let Some(at) = at else {
                let known: Vec<&str> = self.declared.iter().map(|declared| declared.0).collect();
                let message =
                    format!("the model {} has no {} `{}`", self.model, self.what, entry.name);
                let help = suggest::help(&entry.name, &known, &format!("{}s", self.what));
                cx.push(Mistake { origin: entry.origin.clone(), ..inner.mistake(message, help) });
                continue;
            };
            if !matches!(found[at], Entry::Missing) {
                cx.push(inner.mistake("this is given twice", "keep one of them"));
                continue;
            }
            let value = draft.per_neuron(cx, &inner, self.declared[at].1);
            found[at] = value.map_or(Entry::Wrong, Entry::Value);
        }
        found
    }

    fn example(&self) -> &str {
        self.declared.first().map_or("name", |declared| declared.0)
    }
}

/// Reports initial values that an f32 cannot hold, or that parameters made infinite.
fn storable(
    cx: &mut Context<'_>,
    fields: &Fields<'_>,
    field: &str,
    site: Option<&Site<'_>>,
    value: PerNeuron,
) -> Option<PerNeuron> {
    let fits = |x: &f64| libm::fabs(*x) <= f64::from(f32::MAX);
    let bad = match &value {
        PerNeuron::All(x) => (!fits(x)).then_some(0),
        PerNeuron::Each(xs) => xs.iter().position(|x| !fits(x)),
    };
    let Some(neuron) = bad else { return Some(value) };
    let message =
        format!("the initial value of neuron {neuron} is {}", spell(value.get(neuron as u32)));
    let mut mistake = fields.mistake(field, &message, "state must fit a 32-bit float");
    if let Some(site) = site {
        mistake.origin = site.value.origin.clone();
    }
    cx.push(mistake);
    None
}

/// The refractory period of a population in steps.
fn refractory(
    cx: &mut Context<'_>,
    draft: &Draft<'_>,
    fields: &Fields<'_>,
    model: &NeuronModel,
    parameters: &[PerNeuron],
    site: Option<&Site<'_>>,
) -> Option<u32> {
    let Some(expression) = &model.refractory else { return Some(0) };
    let (dt_ms, size) = (cx.dt_ms?, draft.size?);
    let period = host::per_neuron(expression, parameters, dt_ms, size);
    let (time_ms, same) = match &period {
        Some(PerNeuron::All(time)) => (*time, true),
        Some(PerNeuron::Each(times)) => (times[0], times.iter().all(|time| *time == times[0])),
        None => (f64::NAN, true),
    };
    let steps = libm::floor(time_ms / dt_ms + 0.5);
    let message = if !same {
        "the refractory period differs between neurons of this population".to_string()
    } else if !time_ms.is_finite() || time_ms < 0.0 {
        format!("the refractory period is {} ms", spell(time_ms))
    } else if steps > MAX_REFRACTORY_STEPS {
        format!("the refractory period is {} steps", spell(steps))
    } else {
        return Some(steps as u32);
    };
    let help = "give one time from 0 ms to 2^20 steps for all neurons";
    let name = parameter_of(expression).map(|index| model.parameters[index].name.as_str());
    let given = site.and_then(|site| match &site.value.content {
        Content::Table(fields) => fields.iter().find(|field| Some(field.name.as_str()) == name),
        _ => None,
    });
    let field = name.map_or(String::new(), |name| format!("parameters.{name}"));
    let mut mistake = fields.mistake(&field, &message, help);
    if let Some(given) = given {
        mistake.origin = given.value.origin.clone();
    }
    cx.push(mistake);
    None
}

/// The first parameter that an expression uses.
fn parameter_of(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Parameter(index) => Some(*index as usize),
        Expr::Unary(_, a) => parameter_of(a),
        Expr::Binary(_, a, b) => parameter_of(a).or_else(|| parameter_of(b)),
        Expr::If(c, a, b) => [c, a, b].into_iter().find_map(|part| parameter_of(part)),
        Expr::Call(_, arguments) => arguments.iter().find_map(parameter_of),
        _ => None,
    }
}
