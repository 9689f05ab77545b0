//! Host values of a model: what parameters and the time step alone determine, in f64.

use crate::language::host;
use isospike_core::describe::arithmetic;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{BinaryOp, Expr};
use std::sync::Arc;

/// The value of a host expression for each neuron; one for all where no parameter that it uses
/// differs. `None` where the expression is not a host value.
pub(super) fn per_neuron(
    expression: &Expr,
    parameters: &[PerNeuron],
    dt_ms: f64,
    size: u32,
) -> Option<PerNeuron> {
    let value = |neuron: u32| match evaluate(expression, parameters, dt_ms, neuron) {
        Ok(value) | Err(Some(value)) => Some(value),
        Err(None) => None,
    };
    if !differs(expression, parameters) {
        return value(0).map(PerNeuron::All);
    }
    let values: Option<Vec<f64>> = (0..size).map(value).collect();
    values.map(|values| PerNeuron::Each(Arc::from(values)))
}

/// Whether the expression uses a parameter that differs between neurons.
fn differs(expression: &Expr, parameters: &[PerNeuron]) -> bool {
    let any = |parts: &[&Expr]| parts.iter().any(|part| differs(part, parameters));
    match expression {
        Expr::Parameter(index) => {
            matches!(parameters.get(*index as usize), Some(PerNeuron::Each(_)))
        }
        Expr::Unary(_, a) => any(&[a]),
        Expr::Binary(_, a, b) => any(&[a, b]),
        Expr::If(c, a, b) => any(&[c, a, b]),
        Expr::Call(_, arguments) => arguments.iter().any(|part| differs(part, parameters)),
        _ => false,
    }
}

/// The value for one neuron. Conditions are 1 (true) and 0, as in [`host`]. An error is the first
/// value on the way that is not finite, which later operators could hide; or that there is none.
fn evaluate(
    expression: &Expr,
    parameters: &[PerNeuron],
    dt_ms: f64,
    neuron: u32,
) -> Result<f64, Option<f64>> {
    let inner = |expression: &Expr| evaluate(expression, parameters, dt_ms, neuron);
    let value = match expression {
        Expr::Number(value) => *value,
        Expr::Bool(value) => f64::from(u8::from(*value)),
        Expr::Parameter(index) => parameters.get(*index as usize).ok_or(None)?.get(neuron),
        Expr::TimeStep => dt_ms,
        Expr::Unary(op, a) => host::unary(*op, inner(a)?),
        Expr::Binary(op, a, b) => match (op, inner(a)?) {
            (BinaryOp::And, 0.0) => 0.0,
            (BinaryOp::Or, a) if a != 0.0 => a,
            (op, a) => host::binary(*op, a, inner(b)?),
        },
        Expr::If(condition, a, b) => {
            if inner(condition)? != 0.0 {
                inner(a)?
            } else {
                inner(b)?
            }
        }
        Expr::Call(function, arguments) => {
            let values: Result<Vec<f64>, _> = arguments.iter().map(inner).collect();
            arithmetic::function(*function, &values?)
        }
        _ => return Err(None),
    };
    if value.is_finite() { Ok(value) } else { Err(Some(value)) }
}
