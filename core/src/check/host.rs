//! Host values of a model: what parameters and the time step alone determine, in f64.

use crate::checked::PerNeuron;
use crate::model::{Expr, UnaryOp};
use crate::numeric::host;
use std::sync::Arc;

/// What a host expression gives.
#[derive(Clone, Copy)]
enum Host {
    Number(f64),
    Bool(bool),
}

/// The value of a host expression for each neuron; one for all where no parameter that it uses
/// differs. `None` where the expression is not a host value.
pub(super) fn per_neuron(
    expression: &Expr,
    parameters: &[PerNeuron],
    dt_ms: f64,
    size: u32,
) -> Option<PerNeuron> {
    let value = |neuron: u32| match evaluate(expression, parameters, dt_ms, neuron)? {
        Host::Number(value) => Some(value),
        Host::Bool(_) => None,
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

fn evaluate(expression: &Expr, parameters: &[PerNeuron], dt_ms: f64, neuron: u32) -> Option<Host> {
    let inner = |expression: &Expr| evaluate(expression, parameters, dt_ms, neuron);
    let number = |expression: &Expr| match inner(expression)? {
        Host::Number(value) => Some(value),
        Host::Bool(_) => None,
    };
    Some(match expression {
        Expr::Number(value) => Host::Number(*value),
        Expr::Bool(value) => Host::Bool(*value),
        Expr::Parameter(index) => Host::Number(parameters.get(*index as usize)?.get(neuron)),
        Expr::TimeStep => Host::Number(dt_ms),
        Expr::Unary(UnaryOp::Neg, a) => Host::Number(-number(a)?),
        Expr::Unary(UnaryOp::Not, a) => match inner(a)? {
            Host::Bool(value) => Host::Bool(!value),
            Host::Number(_) => return None,
        },
        Expr::Binary(op, a, b) => binary(*op, inner(a)?, inner(b)?)?,
        Expr::If(condition, a, b) => match inner(condition)? {
            Host::Bool(true) => inner(a)?,
            Host::Bool(false) => inner(b)?,
            Host::Number(_) => return None,
        },
        Expr::Call(function, arguments) => {
            let values: Option<Vec<f64>> = arguments.iter().map(number).collect();
            Host::Number(host::function(*function, &values?))
        }
        _ => return None,
    })
}

fn binary(op: crate::model::BinaryOp, a: Host, b: Host) -> Option<Host> {
    use crate::model::BinaryOp;
    Some(match (op, a, b) {
        (BinaryOp::And, Host::Bool(a), Host::Bool(b)) => Host::Bool(a && b),
        (BinaryOp::Or, Host::Bool(a), Host::Bool(b)) => Host::Bool(a || b),
        (_, Host::Number(a), Host::Number(b)) => match host::arithmetic(op, a, b) {
            Some(value) => Host::Number(value),
            None => Host::Bool(host::comparison(op, a, b)?),
        },
        _ => return None,
    })
}
