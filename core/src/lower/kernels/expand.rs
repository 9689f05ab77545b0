//! Sequences that stand for what a device does not promise, and functions that kernels need.

use super::body::Body;
use crate::ir::{Op, Val};
use crate::numeric::MIN_NORMAL;
use crate::numeric::function::constant as k;

/// The high word of a product, from products of halves.
pub fn mul_hi(body: &mut Body, a: Val, b: Val) -> Val {
    let mask = body.u32(0xffff);
    let (a0, a1) = (body.op(Op::UAnd(a, mask)), body.op(Op::UShr(a, 16)));
    let (b0, b1) = (body.op(Op::UAnd(b, mask)), body.op(Op::UShr(b, 16)));
    let low = body.op(Op::UMul(a0, b0));
    let cross = body.op(Op::UMul(a1, b0));
    let carry = body.op(Op::UShr(low, 16));
    let middle = body.op(Op::UAdd(cross, carry));
    let rest = body.op(Op::UAnd(middle, mask));
    let cross = body.op(Op::UMul(a0, b1));
    let rest = body.op(Op::UAdd(cross, rest));
    let high = body.op(Op::UMul(a1, b1));
    let middle = body.op(Op::UShr(middle, 16));
    let high = body.op(Op::UAdd(high, middle));
    let rest = body.op(Op::UShr(rest, 16));
    body.op(Op::UAdd(high, rest))
}

/// i32 -> f32 rounded to nearest even whatever the rounding of the device: two conversions that are
/// exact, an exact product, one rounded sum.
pub fn int_to_float(body: &mut Body, a: Val) -> Val {
    let high = body.op(Op::ISar(a, 12));
    let bits = body.op(Op::IToU(a));
    let mask = body.u32(0xfff);
    let low = body.op(Op::UAnd(bits, mask));
    let low = body.op(Op::UToI(low));
    let high = body.exact_int_to_float(high);
    let low = body.exact_int_to_float(low);
    let unit = body.op(Op::F32(4096.0f32.to_bits()));
    let high = body.op(Op::FMul(high, unit));
    body.op(Op::FAdd(high, low))
}

/// [`crate::random::uniform`].
pub fn uniform(body: &mut Body, word: Val) -> Val {
    let high = body.op(Op::UShr(word, 8));
    let above = body.add(high, 1);
    let integer = body.op(Op::UToI(above));
    // At most 2^24.
    let float = body.exact_int_to_float(integer);
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
    let n = body.exact_int_to_float(exponent);
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
