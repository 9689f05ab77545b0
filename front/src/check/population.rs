//! `[population.X]`.

use super::context::{Context, Site, beyond_f32, mentions, spell};
use super::fields::Fields;
use super::given::{Definitions, Entry, Given};
use super::model::{Kind, Models, model_kind, repeated};
use super::settings::unfit_name;
use super::{host, spikes, suggest};
use crate::diagnostic::Diagnostic;
use crate::language::{self, DrawSite};
use crate::network::Content;
use isospike_core::base::id::PopulationId;
use isospike_core::base::steps;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::{PerNeuron, Population, PopulationKind};
use isospike_core::describe::model::{Expr, NeuronModel};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The longest refractory period in steps.
const MAX_REFRACTORY_STEPS: f64 = 1_048_576.0;

/// A population of which size and model are read; `None` or unknown after a mistake.
pub(super) struct Draft<'n> {
    pub name: &'n str,
    pub size: Option<u32>,
    pub kind: Kind,
    values: Values,
    fields: Option<Fields<'n>>,
}

/// State that the per-neuron values of a population share.
struct Values {
    locals: BTreeMap<String, (PerNeuron, Dimension)>,
    broken: BTreeSet<String>,
    draws: DrawSite,
}

impl Draft<'_> {
    /// The model of its neurons; a spike list has none, nor has one with a mistake.
    pub fn model(&self) -> Option<&NeuronModel> {
        match &self.kind {
            Kind::Neurons(model) => Some(model),
            Kind::SpikeList | Kind::Unknown => None,
        }
    }

    /// How many values are kept for each neuron: draws, and what is given and may differ.
    pub fn values_per_neuron(&self) -> u64 {
        let Some(fields) = &self.fields else { return 0 };
        let random = fields.entries("random");
        let mut names = BTreeSet::from(["i", "uniform", "normal"]);
        names.extend(random.iter().map(|field| field.name.as_str()));
        let differs = |word: &str| names.contains(word);
        let given = fields.entries("parameters").iter().chain(fields.entries("initial"));
        (random.len() + given.filter(|field| mentions(&field.value, differs)).count()) as u64
    }

    /// A value for each neuron. `None` where the size is unknown, or after a mistake.
    pub fn per_neuron(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        dimension: Dimension,
    ) -> Option<PerNeuron> {
        let (values, found) = self.any_per_neuron(cx, site, &dimension.noun_with_example())?;
        cx.same_dimension(site, found, dimension)?;
        cx.fits_f32(site, &values)?;
        self.size.map(|_| values)
    }

    fn any_per_neuron(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        what: &str,
    ) -> Option<(PerNeuron, Dimension)> {
        cx.number_like(site, what)?;
        let broken = &self.values.broken;
        if cx.uses_broken(site.value) || mentions(site.value, |word| broken.contains(word)) {
            return None;
        }
        // Without a size, dimensions and names can still be judged, on one neuron.
        if self.size.is_none() && mentions(site.value, |word| ["i", "n"].contains(&word)) {
            return None;
        }
        let Values { locals, draws, .. } = &mut self.values;
        let size = self.size.unwrap_or(1);
        let found = language::per_neuron(site.value, &cx.constants, locals, size, draws);
        match found {
            Ok(found) => Some(found),
            Err(diagnostic) => {
                let item = site.item.to_string();
                cx.push(Diagnostic { item, field: site.field.clone(), ..diagnostic });
                None
            }
        }
    }
}

/// Reads the size and model of every population.
pub(super) fn drafts<'n>(cx: &mut Context<'n>, models: &Models<'n>, seed: u64) -> Vec<Draft<'n>> {
    let network = cx.network;
    if network.populations.is_empty() {
        let location = network.location.clone();
        cx.push(Diagnostic {
            location,
            item: "network".into(),
            field: String::new(),
            message: "there is no population".into(),
            help: "add one: [population.NAME] with size and model".into(),
        });
    }
    let mut drafts: Vec<Draft<'n>> = Vec::new();
    let mut names = BTreeSet::new();
    for (index, item) in network.populations.iter().enumerate() {
        repeated(cx, &mut names, "population", item);
        cx.populations.entry(&item.name).or_insert(PopulationId(index as u32));
        let mut fields = Fields::of_item("population", item);
        let size = fields
            .need(cx, "size", "give the number of neurons: size = 100")
            .and_then(|site| cx.count(&site, 1, 1 << 31))
            .map(|size| size as u32);
        let kind = fields
            .need(cx, "model", "give a neuron model: model = \"lif_exp\"")
            .map_or(Kind::Unknown, |site| model_kind(cx, &site, models));
        let draws = DrawSite { seed, population: index as u32, next: 0 };
        let values = Values { locals: BTreeMap::new(), broken: BTreeSet::new(), draws };
        drafts.push(Draft { name: &item.name, size, kind, values, fields: Some(fields) });
    }
    drafts
}

/// The population that a field names.
pub(super) fn find(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    drafts: &[Draft<'_>],
) -> Option<PopulationId> {
    let name = cx.text(site, "the name of a population")?;
    if let Some(id) = cx.populations.get(name) {
        return Some(*id);
    }
    let known: Vec<&str> =
        drafts.iter().take(language::CANDIDATES_MAX).map(|draft| draft.name).collect();
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
            // The names in these depend on the model; only their form can be judged.
            for name in ["random", "parameters", "initial", "writable", "spikes"] {
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
    for name in ["parameters", "initial", "random", "writable"] {
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
        for name in ["random", "parameters", "initial", "writable"] {
            fields.get(name);
        }
        return None;
    }
    if let Some(site) = fields.get("random") {
        random(cx, draft, &site);
    }
    let site = fields.get("parameters");
    let definitions = Definitions { model: &model.name, parameters: &model.parameters };
    let size = draft.size.unwrap_or(1);
    let hint = language::hint::parameter;
    let each =
        |cx: &mut Context<'_>, site: &Site<'_>, dimension| draft.per_neuron(cx, site, dimension);
    let parameters = definitions.values(cx, fields, site.as_ref(), size, hint, each);
    let initial_site = fields.get("initial");
    let initial = states(cx, draft, fields, &model, parameters.as_deref(), initial_site.as_ref());
    let writable = fields.get("writable");
    let writable = writable.map_or(Some(Vec::new()), |site| writable_of(cx, &site, &model));
    let mut parameters = parameters?;
    let refractory_steps = refractory(cx, draft, fields, &model, &parameters, site.as_ref());
    for index in writable? {
        if let PerNeuron::All(value) = parameters[index] {
            parameters[index] = PerNeuron::Slot(value);
        }
    }
    Some(PopulationKind::Neurons {
        model,
        parameters,
        initial: initial?,
        refractory_steps: refractory_steps?,
    })
}

/// The indices of the parameters that are written while the network runs.
fn writable_of(cx: &mut Context<'_>, site: &Site<'_>, model: &NeuronModel) -> Option<Vec<usize>> {
    let values = cx.list(site, "a list of names of parameters: [\"tau_m\"]")?;
    let names: Vec<&str> = model.parameters.iter().map(|p| p.name.as_str()).collect();
    let before = cx.count_diagnostics();
    let mut found = Vec::new();
    for (entry, value) in values.iter().enumerate() {
        let entry = site.entry(entry, value);
        let Some(name) = cx.text(&entry, "the name of a parameter") else { continue };
        let Some(index) = names.iter().position(|known| *known == name) else {
            let message = format!("the model {} has no parameter `{name}`", model.name);
            cx.push(entry.diagnostic(message, suggest::help(name, &names, "parameters")));
            continue;
        };
        if model.refractory.as_ref().is_some_and(|period| {
            period.any(&|part| matches!(part, Expr::Parameter(n) if *n as usize == index))
        }) {
            let message = format!("`{name}` decides the refractory period, which stays");
            cx.push(entry.diagnostic(message, "remove it here"));
        }
        found.push(index);
    }
    (cx.count_diagnostics() == before).then_some(found)
}

/// An initial value for each state variable; defaults follow from the parameters.
fn states(
    cx: &mut Context<'_>,
    draft: &mut Draft<'_>,
    fields: &Fields<'_>,
    model: &NeuronModel,
    parameters: Option<&[PerNeuron]>,
    site: Option<&Site<'_>>,
) -> Option<Vec<PerNeuron>> {
    let declared = model.state.iter().map(|s| (s.name.as_str(), s.dimension)).collect();
    let given = Given { what: "state variable", model: &model.name, declared, hint: |_| None };
    let found = given.read(cx, site, |cx, site, dimension| draft.per_neuron(cx, site, dimension));
    let mut values = Vec::new();
    for (definition, entry) in model.state.iter().zip(found) {
        let field = format!("initial.{}", definition.name);
        values.push(match (entry, parameters, cx.dt_ms, draft.size) {
            (Entry::Value(value), ..) => Some(value),
            (Entry::Missing, Some(parameters), Some(dt_ms), Some(size)) => {
                let value = host::per_neuron(&definition.initial, parameters, dt_ms, size);
                storable(cx, fields, &field, value)
            }
            _ => None,
        });
    }
    values.into_iter().collect()
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
            let location = entry.location.clone();
            cx.push(Diagnostic { location, ..inner.diagnostic(message, help) });
            draft.values.broken.insert(entry.name.clone());
        } else if let Some(values) = draft.any_per_neuron(cx, &inner, "a draw for each neuron") {
            draft.values.locals.insert(entry.name.clone(), values);
        } else {
            draft.values.broken.insert(entry.name.clone());
        }
    }
}

/// Reports a default initial value that is not known before the run, or that parameters made
/// infinite.
fn storable(
    cx: &mut Context<'_>,
    fields: &Fields<'_>,
    field: &str,
    value: Option<PerNeuron>,
) -> Option<PerNeuron> {
    let message = match &value {
        None => "its default is not known before the run".into(),
        Some(values) => match beyond_f32(values) {
            None => return value,
            Some(neuron) => {
                format!("its default for neuron {neuron} is {}", spell(values.get(neuron)))
            }
        },
    };
    cx.push(fields.diagnostic(field, &message, "give an initial value"));
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
        Some(PerNeuron::All(time) | PerNeuron::Slot(time)) => (*time, true),
        Some(PerNeuron::Each(times)) => (times[0], times.iter().all(|time| *time == times[0])),
        None => (f64::NAN, true),
    };
    let steps = steps::nearest(time_ms, dt_ms);
    let mut help = "give one time from 0 ms to 2^20 steps for all neurons".to_string();
    let message = if !same {
        "the refractory period differs between neurons of this population".to_string()
    } else if !time_ms.is_finite() || time_ms < 0.0 {
        format!("the refractory period is {} ms", spell(time_ms))
    } else if steps > MAX_REFRACTORY_STEPS {
        format!("the refractory period is {} steps", spell(steps))
    } else if time_ms > 0.0 && steps == 0.0 {
        let (half, dt) = (spell(0.5 * dt_ms), spell(dt_ms));
        help = format!("give 0 ms for none, at least {half} ms, or a smaller dt");
        format!("a refractory period of {} ms is no step of dt = {dt} ms", spell(time_ms))
    } else {
        return Some(steps as u32);
    };
    let name = parameter_of(expression).map(|index| model.parameters[index].name.as_str());
    let given = site.and_then(|site| match &site.value.content {
        Content::Table(fields) => fields.iter().find(|field| Some(field.name.as_str()) == name),
        _ => None,
    });
    let field = name.map_or(String::new(), |name| format!("parameters.{name}"));
    let mut diagnostic = fields.diagnostic(&field, &message, &help);
    if let Some(given) = given {
        diagnostic.location = given.value.location.clone();
    }
    cx.push(diagnostic);
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
