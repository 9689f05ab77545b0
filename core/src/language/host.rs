//! Host arithmetic: f64, with `libm` for functions. What every expression of host values means.

use crate::model::{BinaryOp, Function, UnaryOp};

/// The value of an operator on one host value. Conditions are 1 (true) and 0.
pub fn unary(op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Neg => -x,
        UnaryOp::Not => f64::from(u8::from(x == 0.0)),
    }
}

/// The value of an operator on two host values. Conditions are 1 (true) and 0.
pub fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    let condition = match op {
        BinaryOp::Add => return a + b,
        BinaryOp::Sub => return a - b,
        BinaryOp::Mul => return a * b,
        BinaryOp::Div => return a / b,
        BinaryOp::Pow => return libm::pow(a, b),
        BinaryOp::Lt => a < b,
        BinaryOp::Le => a <= b,
        BinaryOp::Gt => a > b,
        BinaryOp::Ge => a >= b,
        BinaryOp::Eq => a == b,
        BinaryOp::Ne => a != b,
        BinaryOp::And => a != 0.0 && b != 0.0,
        BinaryOp::Or => a != 0.0 || b != 0.0,
    };
    f64::from(u8::from(condition))
}

/// The value of a function of host values. Missing arguments count as NaN.
pub fn call(function: Function, arguments: &[f64]) -> f64 {
    let argument = |n: usize| arguments.get(n).copied().unwrap_or(f64::NAN);
    let (x, y) = (argument(0), argument(1));
    match function {
        Function::Exp => libm::exp(x),
        Function::Log => libm::log(x),
        Function::Sqrt => libm::sqrt(x),
        Function::Tanh => libm::tanh(x),
        Function::Sin => libm::sin(x),
        Function::Cos => libm::cos(x),
        Function::Abs => x.abs(),
        Function::Floor => libm::floor(x),
        Function::Ceil => libm::ceil(x),
        Function::Exprel => {
            if x == 0.0 {
                1.0
            } else {
                libm::expm1(x) / x
            }
        }
        Function::Min => min(x, y),
        Function::Max => max(x, y),
        Function::Clamp => min(max(x, y), argument(2)),
        Function::Pow => libm::pow(x, y),
    }
}

/// As on the device: the comparison decides, so a NaN gives the second.
fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn max(a: f64, b: f64) -> f64 {
    if a < b { b } else { a }
}
