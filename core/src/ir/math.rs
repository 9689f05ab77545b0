//! The functions of the model language as sequences of operations: the same lines as
//! [`crate::numeric::function`], value by value, and the expansions of what a device lacks.

mod expand;

pub use expand::{div_from_guess, expand, mul_hi, sqrt_from_guess};

use super::build::Emit;
use super::{Op, Val};
use crate::numeric::function::constant as k;
use crate::numeric::{MAGNITUDE_BITS, MIN_NORMAL};

/// `-a`: the sign bit flipped.
pub fn neg(e: &mut impl Emit, a: Val) -> Val {
    let bits = e.op(Op::FToBits(a));
    let sign = e.u32(!MAGNITUDE_BITS);
    let flipped = e.op(Op::UXor(bits, sign));
    e.op(Op::BitsToF(flipped))
}

/// |a|
pub fn abs(e: &mut impl Emit, a: Val) -> Val {
    let bits = e.op(Op::FToBits(a));
    let mask = e.u32(MAGNITUDE_BITS);
    let magnitude = e.op(Op::UAnd(bits, mask));
    e.op(Op::BitsToF(magnitude))
}

/// `if a < b { a } else { b }`
pub fn min(e: &mut impl Emit, a: Val, b: Val) -> Val {
    let less = e.op(Op::FLt(a, b));
    e.select(less, a, b)
}

/// `if a < b { b } else { a }`
pub fn max(e: &mut impl Emit, a: Val, b: Val) -> Val {
    let less = e.op(Op::FLt(a, b));
    e.select(less, b, a)
}

/// `min(max(x, lo), hi)`
pub fn clamp(e: &mut impl Emit, x: Val, lo: Val, hi: Val) -> Val {
    let x = max(e, x, lo);
    min(e, x, hi)
}

/// exp(x), x clamped to [-87, 88].
pub fn exp(e: &mut impl Emit, x: Val) -> Val {
    let x = bounded(e, x, k::EXP_MIN, k::EXP_MAX);
    let scale = e.f32(k::LOG2_E);
    let (n, n_float) = rounded(e, x, scale);
    let high = e.f32(k::LN2_HIGH);
    let low = e.f32(k::LN2_LOW);
    let r = minus_product(e, x, n_float, high);
    let r = minus_product(e, r, n_float, low);
    let p = horner(e, &k::EXP, r);
    let square = e.fmul(r, r);
    let y = e.fmul(p, square);
    let y = e.fadd(y, r);
    let one = e.f32(1.0);
    let y = e.fadd(y, one);
    let bits = e.op(Op::FToBits(y));
    let shift = e.op(Op::UShl(n, 23));
    let bits = e.op(Op::UAdd(bits, shift));
    e.op(Op::BitsToF(bits))
}

/// ln(x); everything that is not above 2^-126 counts as 2^-126.
pub fn log(e: &mut impl Emit, x: Val) -> Val {
    let least = e.f32(MIN_NORMAL);
    let normal = e.op(Op::FLt(least, x));
    let x = e.select(normal, x, least);
    let bits = e.op(Op::FToBits(x));
    let half = e.u32(k::SQRT_HALF_BITS);
    let above = e.op(Op::USub(bits, half));
    let above = e.op(Op::UToI(above));
    let exponent = e.op(Op::ISar(above, 23));
    let unsigned = e.op(Op::IToU(exponent));
    let shifted = e.op(Op::UShl(unsigned, 23));
    let mantissa = e.op(Op::USub(bits, shifted));
    let mantissa = e.op(Op::BitsToF(mantissa));
    let n = e.exact_int_to_float(exponent);
    let one = e.f32(1.0);
    let f = e.fsub(mantissa, one);
    let z = e.fmul(f, f);
    let p = horner(e, &k::LOG, f);
    let y = e.fmul(p, f);
    let y = e.fmul(y, z);
    let low = e.f32(k::LN2_LOW);
    let low = e.fmul(n, low);
    let y = e.fadd(y, low);
    let half = e.f32(0.5);
    let half = e.fmul(z, half);
    let y = e.fsub(y, half);
    let sum = e.fadd(f, y);
    let high = e.f32(k::LN2_HIGH);
    let high = e.fmul(n, high);
    e.fadd(sum, high)
}

/// tanh(x).
pub fn tanh(e: &mut impl Emit, x: Val) -> Val {
    let a = abs(e, x);
    let z = e.fmul(x, x);
    let p = horner(e, &k::TANH, z);
    let small = e.fmul(p, z);
    let small = e.fmul(small, x);
    let small = e.fadd(small, x);
    let limit = e.f32(k::TANH_MAX);
    let over = e.op(Op::FLt(limit, a));
    let bounded = e.select(over, limit, a);
    let twice = e.fadd(bounded, bounded);
    let power = exp(e, twice);
    let one = e.f32(1.0);
    let two = e.f32(2.0);
    let divisor = e.fadd(power, one);
    let quotient = e.op(Op::FDiv(two, divisor));
    let y = e.fsub(one, quotient);
    let y = abs(e, y);
    let y = e.op(Op::FToBits(y));
    let sign = e.op(Op::FToBits(x));
    let mask = e.u32(!MAGNITUDE_BITS);
    let sign = e.op(Op::UAnd(sign, mask));
    let large = e.op(Op::UOr(y, sign));
    let large = e.op(Op::BitsToF(large));
    let cut = e.f32(k::TANH_SMALL);
    let is_small = e.op(Op::FLt(a, cut));
    e.select(is_small, small, large)
}

/// sin(x), |x| clamped to 8192.
pub fn sin(e: &mut impl Emit, x: Val) -> Val {
    sin_quarter(e, x, 0)
}

/// cos(x), |x| clamped to 8192.
pub fn cos(e: &mut impl Emit, x: Val) -> Val {
    sin_quarter(e, x, 1)
}

/// cos(2 pi turn / 2^32) of a U32.
pub fn cos2pi(e: &mut impl Emit, turn: Val) -> Val {
    let eighth = e.u32(0x2000_0000);
    let quadrant = e.op(Op::UAdd(turn, eighth));
    let quadrant = e.op(Op::UShr(quadrant, 30));
    let whole = e.op(Op::UShl(quadrant, 30));
    let rest = e.op(Op::USub(turn, whole));
    let rest = e.op(Op::UToI(rest));
    let angle = e.op(Op::ISar(rest, 6));
    let angle = e.exact_int_to_float(angle);
    let unit = e.f32(k::ANGLE_UNIT);
    let r = e.fmul(angle, unit);
    let one = e.u32(1);
    let quarters = e.op(Op::UAdd(quadrant, one));
    turned(e, r, quarters)
}

/// (exp(x) - 1) / x, 1 at 0, with `exp`'s clamp.
pub fn exprel(e: &mut impl Emit, x: Val) -> Val {
    let small = horner(e, &k::EXPREL, x);
    let power = exp(e, x);
    let one = e.f32(1.0);
    let above = e.fsub(power, one);
    let large = e.op(Op::FDiv(above, x));
    let a = abs(e, x);
    let cut = e.f32(k::EXPREL_SMALL);
    let is_small = e.op(Op::FLt(a, cut));
    e.select(is_small, small, large)
}

/// The largest integer not above x.
pub fn floor(e: &mut impl Emit, x: Val) -> Val {
    round_to(e, x, |e, x, t| {
        let one = e.f32(1.0);
        let down = e.fsub(t, one);
        let above = e.op(Op::FLt(x, t));
        e.select(above, down, t)
    })
}

/// The smallest integer not below x.
pub fn ceil(e: &mut impl Emit, x: Val) -> Val {
    round_to(e, x, |e, x, t| {
        let one = e.f32(1.0);
        let up = e.fadd(t, one);
        let below = e.op(Op::FLt(t, x));
        e.select(below, up, t)
    })
}

/// x^y as `exp(y * ln(x))`.
pub fn pow(e: &mut impl Emit, x: Val, y: Val) -> Val {
    let log = log(e, x);
    let product = e.fmul(y, log);
    exp(e, product)
}

/// x^n as the product ((x * x) * x) * ...; 1 for n = 0.
pub fn pow_integer(e: &mut impl Emit, x: Val, n: u32) -> Val {
    if n == 0 {
        return e.f32(1.0);
    }
    (1..n).fold(x, |product, _| e.fmul(product, x))
}

/// The uniform number of a random word, in (0, 1].
pub fn uniform(e: &mut impl Emit, word: Val) -> Val {
    let high = e.op(Op::UShr(word, 8));
    let one = e.u32(1);
    let sum = e.op(Op::UAdd(high, one));
    let signed = e.op(Op::UToI(sum));
    let float = e.exact_int_to_float(signed);
    let unit = e.f32(1.0 / 16_777_216.0);
    e.fmul(float, unit)
}

/// A standard normal number from two words: `sqrt(-2 * ln(uniform(r))) * cos2pi(q)`.
pub fn normal(e: &mut impl Emit, r: Val, q: Val) -> Val {
    let u = uniform(e, r);
    let log = log(e, u);
    let minus_two = e.f32(-2.0);
    let square = e.fmul(minus_two, log);
    let radius = e.op(Op::FSqrt(square));
    let cosine = cos2pi(e, q);
    e.fmul(radius, cosine)
}

/// The bits of a float to store: +0 where |a| < 2^-63.
pub fn flushed_bits(e: &mut impl Emit, a: Val) -> Val {
    let bits = e.op(Op::FToBits(a));
    let mask = e.u32(MAGNITUDE_BITS);
    let magnitude = e.op(Op::UAnd(bits, mask));
    let limit = e.u32(crate::numeric::FLUSH_BELOW_BITS);
    let small = e.op(Op::ULt(magnitude, limit));
    let zero = e.u32(0);
    e.select(small, zero, bits)
}

/// Philox4x32-10 of four U32 counter words.
pub fn philox(e: &mut impl Emit, counter: [Val; 4], key: [u32; 2]) -> [Val; 4] {
    let (m0, m1) = (e.u32(crate::random::MULTIPLIERS[0]), e.u32(crate::random::MULTIPLIERS[1]));
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..crate::random::ROUNDS {
        let high_0 = e.op(Op::UMulHi(m0, c0));
        let low_0 = e.op(Op::UMul(m0, c0));
        let high_1 = e.op(Op::UMulHi(m1, c2));
        let low_1 = e.op(Op::UMul(m1, c2));
        let key_0 = e.u32(k0);
        let key_1 = e.u32(k1);
        let x = e.op(Op::UXor(high_1, c1));
        let y = e.op(Op::UXor(high_0, c3));
        [c0, c1] = [e.op(Op::UXor(x, key_0)), low_1];
        [c2, c3] = [e.op(Op::UXor(y, key_1)), low_0];
        k0 = k0.wrapping_add(crate::random::KEY_INCREMENTS[0]);
        k1 = k1.wrapping_add(crate::random::KEY_INCREMENTS[1]);
    }
    [c0, c1, c2, c3]
}

/// The polynomial with these coefficients, highest power first.
fn horner(e: &mut impl Emit, coefficients: &[f32], x: Val) -> Val {
    let mut sum = e.f32(coefficients[0]);
    for c in &coefficients[1..] {
        let product = e.fmul(sum, x);
        let c = e.f32(*c);
        sum = e.fadd(product, c);
    }
    sum
}

/// `a - b * c`, two roundings.
fn minus_product(e: &mut impl Emit, a: Val, b: Val, c: Val) -> Val {
    let product = e.fmul(b, c);
    e.fsub(a, product)
}

/// x clamped to [lo, hi] by comparisons with constants.
fn bounded(e: &mut impl Emit, x: Val, lo: f32, hi: f32) -> Val {
    let lo = e.f32(lo);
    let under = e.op(Op::FLt(x, lo));
    let x = e.select(under, lo, x);
    let hi = e.f32(hi);
    let over = e.op(Op::FLt(hi, x));
    e.select(over, hi, x)
}

/// `x * scale` rounded to an integer: as U32 (two's complement) and as float.
fn rounded(e: &mut impl Emit, x: Val, scale: Val) -> (Val, Val) {
    let rounder = e.f32(k::ROUNDER);
    let product = e.fmul(x, scale);
    let t = e.fadd(product, rounder);
    let bits = e.op(Op::FToBits(t));
    let rounder_bits = e.u32(k::ROUNDER_BITS);
    let n = e.op(Op::USub(bits, rounder_bits));
    (n, e.fsub(t, rounder))
}

/// Rounds to an integer below 2^23 in magnitude; larger numbers are integers already.
fn round_to<E: Emit>(e: &mut E, x: Val, step: impl FnOnce(&mut E, Val, Val) -> Val) -> Val {
    let a = abs(e, x);
    let limit = e.f32(k::ALL_INTEGERS);
    let small = e.op(Op::FLt(a, limit));
    let zero = e.f32(0.0);
    let bounded = e.select(small, x, zero);
    let truncated = e.op(Op::FToI(bounded));
    let t = e.exact_int_to_float(truncated);
    let result = step(e, x, t);
    e.select(small, result, x)
}

/// sin(x + quarters * pi / 2).
fn sin_quarter(e: &mut impl Emit, x: Val, quarters: u32) -> Val {
    let x = bounded(e, x, -k::TRIG_MAX, k::TRIG_MAX);
    let scale = e.f32(k::TWO_OVER_PI);
    let (n, n_float) = rounded(e, x, scale);
    let mut r = x;
    for part in k::HALF_PI {
        let part = e.f32(part);
        r = minus_product(e, r, n_float, part);
    }
    let quarters = e.u32(quarters);
    let quarters = e.op(Op::UAdd(n, quarters));
    turned(e, r, quarters)
}

/// sin(r + quarters * pi / 2) for |r| <= pi / 4.
fn turned(e: &mut impl Emit, r: Val, quarters: Val) -> Val {
    let z = e.fmul(r, r);
    let p = horner(e, &k::SIN, z);
    let sine = e.fmul(p, z);
    let sine = e.fmul(sine, r);
    let sine = e.fadd(sine, r);
    let p = horner(e, &k::COS, z);
    let cosine = e.fmul(p, z);
    let cosine = e.fmul(cosine, z);
    let half = e.f32(0.5);
    let half = e.fmul(z, half);
    let cosine = e.fsub(cosine, half);
    let one = e.f32(1.0);
    let cosine = e.fadd(cosine, one);
    let bit = e.u32(1);
    let odd = e.op(Op::UAnd(quarters, bit));
    let is_odd = e.op(Op::UEq(odd, bit));
    let value = e.select(is_odd, cosine, sine);
    let bits = e.op(Op::FToBits(value));
    let two = e.u32(2);
    let half_turn = e.op(Op::UAnd(quarters, two));
    let sign = e.op(Op::UShl(half_turn, 30));
    let bits = e.op(Op::UXor(bits, sign));
    e.op(Op::BitsToF(bits))
}
