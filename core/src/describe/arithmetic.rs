//! The meaning of operators and functions on host values: f64, with `libm` and never the system's.

use crate::describe::model::{BinaryOp, Function};

/// An arithmetic operator on host values. `None` for comparisons and logic, which give no number.
pub fn arithmetic(op: BinaryOp, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Pow => libm::pow(a, b),
        _ => return None,
    })
}

/// A comparison of host values. `None` for the other operators.
pub fn comparison(op: BinaryOp, a: f64, b: f64) -> Option<bool> {
    Some(match op {
        BinaryOp::Lt => a < b,
        BinaryOp::Le => a <= b,
        BinaryOp::Gt => a > b,
        BinaryOp::Ge => a >= b,
        BinaryOp::Eq => a == b,
        BinaryOp::Ne => a != b,
        _ => return None,
    })
}

/// A function of host values. `arguments` has as many as the function takes.
pub fn function(function: Function, arguments: &[f64]) -> f64 {
    let x = arguments[0];
    match function {
        Function::Exp => libm::exp(x),
        Function::Log => libm::log(x),
        Function::Sqrt => libm::sqrt(x),
        Function::Tanh => libm::tanh(x),
        Function::Sin => libm::sin(x),
        Function::Cos => libm::cos(x),
        Function::Abs => libm::fabs(x),
        Function::Floor => libm::floor(x),
        Function::Ceil => libm::ceil(x),
        Function::Exprel if x == 0.0 => 1.0,
        Function::Exprel => libm::expm1(x) / x,
        Function::Min => min(x, arguments[1]),
        Function::Max => max(x, arguments[1]),
        Function::Clamp => min(max(x, arguments[1]), arguments[2]),
        Function::Pow => libm::pow(x, arguments[1]),
    }
}

fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn max(a: f64, b: f64) -> f64 {
    if a < b { b } else { a }
}
