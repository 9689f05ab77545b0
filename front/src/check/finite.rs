//! Host values of models are finite (`docs/semantics.md` 1.2): what parameters make of the texts of
//! a model is computed before anything runs, for every neuron, and what is not a number or
//! infinite is found there, with its place. Later operators could hide it.

mod walk;

use super::context::{Context, Site, spell};
use super::given::Definitions;
use crate::diagnostic::{Diagnostic, Location};
use crate::language::{self, Constants, Sources};
use isospike_core::base::id::PopulationId;
use isospike_core::describe::checked::{
    PerNeuron, Population, PopulationKind, Stimulus, StimulusKind,
};
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::SynapseModel;
use std::collections::BTreeSet;
use walk::{Fault, Found, Value, Walk};

/// The longest piece of a text that a message quotes, in characters.
const QUOTED_MAX: usize = 60;

/// The most parameters whose values a message names.
const PARAMETERS_MAX: usize = 4;

/// Reports the host values of each population's model that are not finite.
pub(super) fn read(
    cx: &mut Context<'_>,
    populations: &[Option<Population>],
    stimuli: &[Option<Stimulus>],
) {
    let Some(dt_ms) = cx.dt_ms else { return };
    for (index, population) in populations.iter().enumerate() {
        let Some(Population { name, kind, .. }) = population else { continue };
        let PopulationKind::Neurons { model, parameters, .. } = kind else { continue };
        let current = constant_current(PopulationId(index as u32), stimuli);
        let location = cx.network.populations[index].location.clone();
        let mut walk = Walk::new(parameters, dt_ms, current);
        walk.locals(model.locals);
        walk.statements(&model.update);
        if let Some(threshold) = &model.threshold {
            walk.value(threshold);
        }
        walk.statements(&model.reset);
        let definitions = Definitions { model: &model.name, parameters: &model.parameters };
        for found in walk.found {
            let sources = sources(cx, &model.name);
            let about = About {
                item: format!("population {name}"),
                location: &location,
                model: format!("model {}", model.name),
                definitions,
                values: parameters,
                neuron: format!(" for neuron {}", found.neuron),
            };
            cx.push(about.diagnostic(&found, sources.as_ref()));
        }
    }
}

/// Reports the host values of the synapse model that `site` names which are not finite. `false`
/// after a mistake.
pub(super) fn synapse(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    model: &SynapseModel,
    parameters: &[PerNeuron],
) -> bool {
    let Some(dt_ms) = cx.dt_ms else { return true };
    let mut walk = Walk::new(parameters, dt_ms, Value::Device);
    let events = [&model.pre.spike, &model.post.spike, &model.on_pre, &model.on_post];
    events.into_iter().for_each(|program| walk.program(program));
    if let Some(condition) = &model.on_post_if {
        walk.value(condition);
    }
    model.every.iter().for_each(|block| walk.program(&block.program));
    let definitions = Definitions { model: &model.name, parameters: &model.parameters };
    for found in &walk.found {
        let sources = synapse_sources(cx, &model.name);
        let about = About {
            item: site.item.to_string(),
            location: &site.value.location,
            model: format!("synapse {}", model.name),
            definitions,
            values: parameters,
            neuron: String::new(),
        };
        cx.push(about.diagnostic(found, sources.as_ref()));
    }
    walk.found.is_empty()
}

/// Reports the host values of a condition over synapses that are not finite. `false` after a
/// mistake.
pub(super) fn condition(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    condition: &Expr,
    parameters: &[PerNeuron],
) -> bool {
    let Some(dt_ms) = cx.dt_ms else { return true };
    let mut walk = Walk::new(parameters, dt_ms, Value::Device);
    walk.value(condition);
    for found in &walk.found {
        let message = format!("a value in this is {}", spell(found.value));
        cx.push(site.diagnostic(message, found.fault.help()));
    }
    walk.found.is_empty()
}

/// The host part of `i_ext`: the sum of the currents that are constant and always on, where all
/// are (5.2).
fn constant_current(population: PopulationId, stimuli: &[Option<Stimulus>]) -> Value {
    let mut sum = PerNeuron::All(0.0);
    for stimulus in stimuli {
        let Some(stimulus) = stimulus else { return Value::Unknown };
        let always = stimulus.start_step == 0 && stimulus.stop_step == u32::MAX;
        match &stimulus.kind {
            _ if stimulus.population != population => {}
            StimulusKind::Poisson { .. } => {}
            StimulusKind::Direct(amplitude) if always => {
                sum = PerNeuron::map(&[&sum, amplitude], |x| x[0] + x[1]);
            }
            _ => return Value::Device,
        }
    }
    Value::Host(sum)
}

/// The item whose model has a value that is not finite.
struct About<'a> {
    item: String,
    location: &'a Location,
    /// `model lif_exp`
    model: String,
    definitions: Definitions<'a>,
    values: &'a [PerNeuron],
    /// ` for neuron 3`, where neurons may differ.
    neuron: String,
}

impl About<'_> {
    fn diagnostic(&self, found: &Found<'_>, sources: Option<&Sources>) -> Diagnostic {
        let mut names = BTreeSet::new();
        used(found.expression, &mut names);
        let spelled = |i: &u32| {
            let parameter = &self.definitions.parameters[*i as usize];
            let value = spell(self.values[*i as usize].get(found.neuron));
            match parameter.dimension.is_number() {
                true => format!("{} = {value}", parameter.name),
                false => {
                    format!("{} = {value} {}", parameter.name, parameter.dimension.base_unit())
                }
            }
        };
        let values: Vec<String> = names.iter().take(PARAMETERS_MAX).map(spelled).collect();
        let values = match values.is_empty() {
            true => String::new(),
            false => format!(", where {}", values.join(", ")),
        };
        let Self { item, model, neuron, .. } = self;
        let what = match found.fault {
            Fault::NotFinite if found.value.is_finite() => {
                format!("{}, more than a 32-bit float holds,", spell(found.value))
            }
            Fault::NotFinite => spell(found.value),
            Fault::Probability => format!("{}, which is no probability,", spell(found.value)),
        };
        let what = if neuron.is_empty() { what.trim_end_matches(',') } else { &what };
        let source = sources.and_then(|sources| sources.find(found.number));
        let quoted = source.as_ref().map_or("a value".into(), |(_, _, text)| quote(text));
        let field = source.as_ref().map_or("text", |(field, ..)| *field);
        // A built-in model has its places in a text that the user did not write.
        let own = source.as_ref().is_some_and(|(_, place, _)| place.file == self.location.file);
        let location = match source {
            Some((_, place, _)) if own => place,
            _ => self.location.clone(),
        };
        Diagnostic {
            location,
            item: item.clone(),
            field: String::new(),
            message: format!("{quoted} in the {field} of {model} is {what}{neuron}{values}"),
            help: found.fault.help().into(),
        }
    }
}

/// Returns the places of a model's expressions: read again, since a place is looked up for a
/// mistake only.
fn sources(cx: &Context<'_>, model: &str) -> Option<Sources> {
    match cx.network.models.iter().find(|item| item.name == model) {
        Some(item) => language::sources(item, &cx.constants),
        None => language::sources(&language::builtin_item(model)?, &Constants::new()),
    }
}

/// The same of a synapse model, which has the same expressions whatever its weights are.
fn synapse_sources(cx: &Context<'_>, model: &str) -> Option<Sources> {
    match cx.network.synapses.iter().find(|item| item.name == model) {
        Some(item) => language::synapse_sources(item, &cx.constants, None),
        None => {
            let item = language::builtin_synapse_item(model)?;
            language::synapse_sources(item, &Constants::new(), None)
        }
    }
}

/// The parameters that an expression uses.
fn used(e: &Expr, names: &mut BTreeSet<u32>) {
    match e {
        Expr::Parameter(i) => {
            names.insert(*i);
        }
        Expr::Unary(_, a) | Expr::RandBernoulli(_, a) => used(a, names),
        Expr::Binary(_, a, b) => [a, b].into_iter().for_each(|part| used(part, names)),
        Expr::If(c, a, b) => [c, a, b].into_iter().for_each(|part| used(part, names)),
        Expr::Call(_, arguments) => arguments.iter().for_each(|part| used(part, names)),
        _ => {}
    }
}

/// A piece of a text on one line, cut where it is long.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTED_MAX {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(QUOTED_MAX - 3).collect();
    format!("`{start}...`")
}
