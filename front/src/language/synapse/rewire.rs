//! A condition over the state of synapses: which of them a rewiring removes.

use crate::diagnostic::Diagnostic;
use crate::language::place::Place;
use crate::language::program::{Names, Resolver, Subject};
use crate::language::{Constants, parse};
use crate::network::{Content, Value};
use isospike_core::describe::model::{Expr, StateDef};
use isospike_core::describe::synapse::{SynapseModel, SynapseStateDef};

/// Reads a condition over state variables and parameters of a synapse model that was read for the
/// weights of its projection.
///
/// # Errors
/// All mistakes of the text: what cannot be read, other names, other units, a number.
pub fn synapse_condition(
    value: &Value,
    model: &SynapseModel,
    constants: &Constants,
) -> Result<Expr, Vec<Diagnostic>> {
    let text = match &value.content {
        Content::Text(text) => text.as_str(),
        Content::Bool(condition) => return Ok(Expr::Bool(*condition)),
        Content::Number(_) | Content::Integer(_) | Content::List(_) | Content::Table(_) => "",
    };
    let place = Place { text, location: &value.location };
    let node = parse::expression(place)?;
    let state: Vec<StateDef> = model.state.iter().map(variable).collect();
    let parameters = model.parameters.iter().map(|parameter| parameter.dimension);
    let mut dimensions = parameters.chain(state.iter().map(|state| state.dimension));
    let traces = [&model.pre, &model.post].into_iter().flat_map(|side| &side.traces);
    let signals = model.signals.iter().map(|name| (name.as_str(), "a signal"));
    let others: Vec<(&str, &str)> =
        traces.map(|trace| (trace.name.as_str(), "a trace")).chain(signals).collect();
    let names = Names {
        parameters: &model.parameters,
        state: &state,
        others: &others,
        units: dimensions.any(|dimension| !dimension.is_number()),
        ..Names::new(Subject::Rewire, constants)
    };
    let mut resolver = Resolver::new(names, place, false);
    let condition = resolver.condition(&node);
    condition.filter(|_| resolver.diagnostics.is_empty()).ok_or(resolver.diagnostics)
}

fn variable(variable: &SynapseStateDef) -> StateDef {
    let SynapseStateDef { name, dimension, .. } = variable;
    StateDef { name: name.clone(), initial: Expr::Number(0.0), dimension: *dimension }
}
