//! The values that parameters may have: what a model says against what it gets.

use super::context::{Context, Site, spell};
use super::fields::Fields;
use super::given::Definitions;
use super::host;
use crate::diagnostic::Diagnostic;
use crate::network::{Content, Item, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{Bound, Expr, ParameterDef};

/// Reports defaults outside their bounds, and bounds that leave no value. `false` after a mistake.
pub(super) fn of_model(
    cx: &mut Context<'_>,
    section: &str,
    item: &Item,
    parameters: &[ParameterDef],
) -> bool {
    let defaults: Vec<Option<PerNeuron>> =
        parameters.iter().map(|p| p.default.map(PerNeuron::All)).collect();
    let mut right = true;
    for (index, definition) in parameters.iter().enumerate() {
        let field = format!("parameters.{}", definition.name);
        let diagnostic = |message: String, help: &str| Diagnostic {
            location: declared(item, &definition.name)
                .map_or_else(|| item.location.clone(), |value| value.location.clone()),
            item: format!("{section} {}", item.name),
            field: field.clone(),
            message,
            help: help.into(),
        };
        let broken = broken(definition, index, &defaults, cx.dt_ms, 1);
        if let Some(message) = contradiction(definition, cx.dt_ms) {
            cx.push(diagnostic(message, "move one of the bounds"));
            right = false;
        } else if let Some(broken) = broken {
            let message = format!("the default is {}, not {}", broken.value, broken.wanted);
            cx.push(diagnostic(message, "change the default or the bound"));
            right = false;
        }
    }
    right
}

/// Reports values for `size` neurons outside the bounds of their model; those that are not known
/// are not judged. `false` after a mistake.
pub(super) fn of_values(
    cx: &mut Context<'_>,
    size: u32,
    fields: &Fields<'_>,
    Definitions { model, parameters }: Definitions<'_>,
    values: &[Option<PerNeuron>],
    site: Option<&Site<'_>>,
) -> bool {
    let mut right = true;
    for (index, definition) in parameters.iter().enumerate() {
        let Some(broken) = broken(definition, index, values, cx.dt_ms, size) else {
            continue;
        };
        right = false;
        let given = |name: &str| match site.map(|site| &site.value.content) {
            Some(Content::Table(entries)) => entries.iter().find(|entry| entry.name == name),
            _ => None,
        };
        let own = given(&definition.name);
        let neuron = match broken.neuron {
            Some(neuron) => format!(" of neuron {neuron}"),
            None => String::new(),
        };
        let default = if own.is_none() { " by default" } else { "" };
        let message = format!(
            "`{}`{neuron} is {}{default}, the model {} needs it {}",
            definition.name, broken.value, model, broken.wanted
        );
        let help = match definition.help.as_str() {
            "" => format!("give a value {}", broken.wanted),
            help => help.to_string(),
        };
        let mut diagnostic =
            fields.diagnostic(&format!("parameters.{}", definition.name), &message, &help);
        // The given value is to be changed: the value itself, else the parts of its bound.
        let others = parameters.iter().enumerate();
        let part = others
            .filter(|(other, _)| broken.bound.limit.uses_parameter(*other as u32))
            .find_map(|(_, other)| given(&other.name));
        if let Some(entry) = own.or(part) {
            diagnostic.location = entry.value.location.clone();
        }
        cx.push(diagnostic);
    }
    right
}

/// A bound that a value breaks.
struct Broken<'m> {
    bound: &'m Bound,
    /// The first such neuron, where values or limits differ between neurons.
    neuron: Option<u32>,
    /// Its value with its unit.
    value: String,
    /// `above 0 ms`, `below -50 mV (v_th)`.
    wanted: String,
}

/// The first bound of a parameter that its values break.
fn broken<'m>(
    definition: &'m ParameterDef,
    index: usize,
    values: &[Option<PerNeuron>],
    dt_ms: Option<f64>,
    size: u32,
) -> Option<Broken<'m>> {
    let value = values[index].as_ref()?;
    definition.bounds.iter().find_map(|bound| {
        let limit = limit(&bound.limit, values, dt_ms, size)?;
        let differs = matches!(value, PerNeuron::Each(_)) || matches!(limit, PerNeuron::Each(_));
        let count = if differs { size } else { 1 };
        let neuron = (0..count).find(|i| !bound.relation.holds(value.get(*i), limit.get(*i)))?;
        let dimension = definition.dimension;
        Some(Broken {
            bound,
            neuron: differs.then_some(neuron),
            value: amount(value.get(neuron), dimension),
            wanted: wanted(bound, limit.get(neuron), dimension),
        })
    })
}

/// The limit of a bound for each neuron; `None` where it is not known.
fn limit(
    limit: &Expr,
    values: &[Option<PerNeuron>],
    dt_ms: Option<f64>,
    size: u32,
) -> Option<PerNeuron> {
    let known = |(index, value): (usize, &Option<PerNeuron>)| {
        value.is_some() || !limit.uses_parameter(index as u32)
    };
    if !values.iter().enumerate().all(known) || (dt_ms.is_none() && limit.uses_dt()) {
        return None;
    }
    let stand_in = PerNeuron::All(f64::NAN);
    let values: Vec<PerNeuron> =
        values.iter().map(|value| value.clone().unwrap_or(stand_in.clone())).collect();
    host::per_neuron(limit, &values, dt_ms.unwrap_or(f64::NAN), size)
}

/// The words about two bounds that no value meets. Only bounds without parameters are judged:
/// others may be met by other values of these.
fn contradiction(definition: &ParameterDef, dt_ms: Option<f64>) -> Option<String> {
    let [a, b] = definition.bounds.as_slice() else { return None };
    let of = |bound: &Bound| limit(&bound.limit, &[], dt_ms, 1).map(|limit| limit.get(0));
    let (lower, upper) = if a.relation.is_lower() { (a, b) } else { (b, a) };
    let parameters = |bound: &Bound| bound.limit.uses_any_parameter();
    if parameters(lower) || parameters(upper) {
        return None;
    }
    let (lo, hi) = (of(lower)?, of(upper)?);
    let met = lo < hi || (lower.relation.holds(hi, lo) && upper.relation.holds(lo, hi));
    (!met).then(|| {
        let words = |bound, limit| wanted(bound, limit, definition.dimension);
        format!("no value is {} and {}", words(lower, lo), words(upper, hi))
    })
}

/// `above 0 ms`, `below -50 mV (v_th)`.
fn wanted(bound: &Bound, limit: f64, dimension: Dimension) -> String {
    let amount = amount(limit, dimension);
    let text = bound.text.as_ref().map_or(String::new(), |text| format!(" ({text})"));
    format!("{} {amount}{text}", bound.relation.words())
}

/// A number with its unit; rates in Hz.
fn amount(value: f64, dimension: Dimension) -> String {
    // -0 reads as 0.
    let value = value + 0.0;
    match dimension {
        Dimension::RATE => format!("{} Hz", spell(value * 1000.0)),
        dimension if dimension.is_number() => spell(value),
        dimension => format!("{} {}", spell(value), dimension.base_unit()),
    }
}

/// The value of a parameter in the section of its model.
fn declared<'n>(item: &'n Item, name: &str) -> Option<&'n Value> {
    let fields = item.fields.iter().find(|field| field.name == "parameters")?;
    let Content::Table(entries) = &fields.value.content else { return None };
    entries.iter().find(|entry| entry.name == name).map(|entry| &entry.value)
}
