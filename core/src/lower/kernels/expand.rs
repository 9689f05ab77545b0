//! Functions that drawing rows needs.

use super::body::Body;
use crate::ir::{Op, Val};
use crate::numeric::MIN_NORMAL;
use crate::numeric::function::constant as k;

/// [`crate::random::uniform`].
pub fn uniform(body: &mut Body, word: Val) -> Val {
    let high = body.op(Op::UShr(word, 8));
    let above = body.add(high, 1);
    let integer = body.op(Op::UToI(above));
    // At most 2^24.
    let float = body.builder().small_int_to_float(integer);
    let unit = body.op(Op::F32(0x3380_0000));
    body.op(Op::FMul(float, unit))
}

/// [`crate::numeric::function::log`].
pub fn log(body: &mut Body, x: Val) -> Val {
    let least = body.op(Op::F32(MIN_NORMAL.to_bits()));
    let above = body.op(Op::FLt(least, x));
    let x = body.op(Op::Select(above, x, least));
    let bits = body.op(Op::FToBits(x));
    let cut = body.u32(k::SQRT_HALF_BITS);
    let relative = body.op(Op::USub(bits, cut));
    let relative = body.op(Op::UToI(relative));
    let exponent = body.op(Op::ISar(relative, 23));
    let raised = body.op(Op::IToU(exponent));
    let raised = body.op(Op::UShl(raised, 23));
    let mantissa = body.op(Op::USub(bits, raised));
    let mantissa = body.op(Op::BitsToF(mantissa));
    let n = body.builder().small_int_to_float(exponent);
    let literal = |body: &mut Body, x: f32| body.op(Op::F32(x.to_bits()));
    let one = literal(body, 1.0);
    let f = body.op(Op::FSub(mantissa, one));
    let z = body.op(Op::FMul(f, f));
    let mut y = literal(body, k::LOG[0]);
    for coefficient in &k::LOG[1..] {
        let product = body.op(Op::FMul(y, f));
        let coefficient = literal(body, *coefficient);
        y = body.op(Op::FAdd(product, coefficient));
    }
    let y = body.op(Op::FMul(y, f));
    let y = body.op(Op::FMul(y, z));
    let low = literal(body, k::LN2_LOW);
    let low = body.op(Op::FMul(n, low));
    let y = body.op(Op::FAdd(y, low));
    let half = literal(body, 0.5);
    let half = body.op(Op::FMul(z, half));
    let y = body.op(Op::FSub(y, half));
    let sum = body.op(Op::FAdd(f, y));
    let high = literal(body, k::LN2_HIGH);
    let high = body.op(Op::FMul(n, high));
    body.op(Op::FAdd(sum, high))
}
