//! Operators on host values with conditions as 1 (true) and 0, so that numbers and conditions of
//! all neurons go through the same lists. The arithmetic is
//! [`isospike_core::describe::arithmetic`].

use isospike_core::describe::arithmetic;
use isospike_core::describe::model::{BinaryOp, UnaryOp};

/// The value of an operator on one host value.
pub fn unary(op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Neg => -x,
        UnaryOp::Not => truth(x == 0.0),
    }
}

/// The value of an operator on two host values.
pub fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    if let Some(number) = arithmetic::arithmetic(op, a, b) {
        return number;
    }
    truth(match op {
        BinaryOp::And => a != 0.0 && b != 0.0,
        BinaryOp::Or => a != 0.0 || b != 0.0,
        comparison => arithmetic::comparison(comparison, a, b).unwrap_or(false),
    })
}

fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}
