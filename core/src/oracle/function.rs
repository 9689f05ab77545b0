//! The functions of the model language written directly, in plain f32: the definitions that oracle
//! 1 computes with and that the tests hold [`crate::base::numeric::sequence`] against, on the host
//! and as operations.
//!
//! Each line is one rounded operation or an integer one; a change of order changes bits.

use crate::base::numeric::constant as k;
use crate::base::numeric::{MAGNITUDE_BITS, MIN_NORMAL, div, sqrt};
use crate::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS};

/// -a: the sign bit flipped.
pub fn neg(a: f32) -> f32 {
    f32::from_bits(a.to_bits() ^ !MAGNITUDE_BITS)
}

/// |a|: the sign bit cleared.
pub fn abs(a: f32) -> f32 {
    f32::from_bits(a.to_bits() & MAGNITUDE_BITS)
}

/// Philox4x32-10 (Salmon et al. 2011): four words from a counter and a key.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut x0, mut x1, mut x2, mut x3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let a = u64::from(MULTIPLIERS[0]) * u64::from(x0);
        let b = u64::from(MULTIPLIERS[1]) * u64::from(x2);
        x0 = (b >> 32) as u32 ^ x1 ^ k0;
        x1 = b as u32;
        x2 = (a >> 32) as u32 ^ x3 ^ k1;
        x3 = a as u32;
        k0 = k0.wrapping_add(KEY_INCREMENTS[0]);
        k1 = k1.wrapping_add(KEY_INCREMENTS[1]);
    }
    [x0, x1, x2, x3]
}

/// A uniform number in (0, 1], a multiple of 2^-24: `((word >> 8) + 1) * 2^-24`, exactly.
pub fn uniform(word: u32) -> f32 {
    ((word >> 8) + 1) as f32 * f32::from_bits(0x3380_0000)
}

/// exp(x), x clamped to [-87, 88].
pub fn exp(x: f32) -> f32 {
    let x = if x < k::EXP_MIN { k::EXP_MIN } else { x };
    let x = if k::EXP_MAX < x { k::EXP_MAX } else { x };
    let t = x * k::LOG2_E + k::ROUNDER;
    let power = t.to_bits().wrapping_sub(k::ROUNDER_BITS - k::EXPONENT_BIAS) << 23;
    let n_float = t - k::ROUNDER;
    let r = x - n_float * k::LN2_HIGH;
    let r = r - n_float * k::LN2_LOW;
    let y = horner(&k::EXP, r) * (r * r) + r;
    (y + 1.0) * f32::from_bits(power)
}

/// ln(x); everything that is not above 2^-126 counts as 2^-126.
pub fn log(x: f32) -> f32 {
    let x = if MIN_NORMAL < x { x } else { MIN_NORMAL };
    let exponent = (x.to_bits().wrapping_sub(k::SQRT_HALF_BITS) as i32) >> 23;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub((exponent as u32) << 23));
    let n = exponent as f32;
    let f = mantissa - 1.0;
    let z = f * f;
    let y = horner(&k::LOG, f) * f * z;
    let y = y + n * k::LN2_LOW;
    let y = y - z * 0.5;
    f + y + n * k::LN2_HIGH
}

/// tanh(x).
pub fn tanh(x: f32) -> f32 {
    let a = abs(x);
    if a < k::TANH_SMALL {
        let z = x * x;
        return horner(&k::TANH, z) * z * x + x;
    }
    let a = if k::TANH_MAX < a { k::TANH_MAX } else { a };
    let e = exp(a + a);
    let y = 1.0 - div(2.0, e + 1.0);
    f32::from_bits(abs(y).to_bits() | (x.to_bits() & !MAGNITUDE_BITS))
}

/// sin(x), |x| clamped to 8192.
pub fn sin(x: f32) -> f32 {
    sin_quarter(x, 0)
}

/// cos(x), |x| clamped to 8192.
pub fn cos(x: f32) -> f32 {
    sin_quarter(x, 1)
}

/// cos(2 pi turn / 2^32), of the top 26 bits of the turn.
pub fn cos2pi(turn: u32) -> f32 {
    let quadrant = turn.wrapping_add(0x2000_0000) >> 30;
    let angle = (turn.wrapping_sub(quadrant << 30) as i32) >> 6;
    let r = angle as f32 * k::ANGLE_UNIT;
    turned(r, quadrant + 1)
}

/// (exp(x) - 1) / x, 1 at 0, with `exp`'s clamp.
pub fn exprel(x: f32) -> f32 {
    if abs(x) < k::EXPREL_SMALL { horner(&k::EXPREL, x) } else { div(exp(x) - 1.0, x) }
}

/// The largest integer not above x; never -0 below 2^23.
pub fn floor(x: f32) -> f32 {
    if x.is_nan() || abs(x) >= k::ALL_INTEGERS {
        return x;
    }
    let t = (x as i32) as f32;
    if x < t { t - 1.0 } else { t }
}

/// The smallest integer not below x; never -0 below 2^23.
pub fn ceil(x: f32) -> f32 {
    if x.is_nan() || abs(x) >= k::ALL_INTEGERS {
        return x;
    }
    let t = (x as i32) as f32;
    if t < x { t + 1.0 } else { t }
}

/// `if a < b { a } else { b }`.
pub fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// `if a < b { b } else { a }`.
pub fn max(a: f32, b: f32) -> f32 {
    if a < b { b } else { a }
}

/// `min(max(x, lo), hi)`.
pub fn clamp(x: f32, lo: f32, hi: f32) -> f32 {
    min(max(x, lo), hi)
}

/// x^y as `exp(y * ln(x))`.
pub fn pow(x: f32, y: f32) -> f32 {
    exp(y * log(x))
}

/// x^n as the product ((x * x) * x) * ...; 1 for n = 0.
pub fn pow_integer(x: f32, n: u32) -> f32 {
    if n == 0 {
        return 1.0;
    }
    (1..n).fold(x, |product, _| product * x)
}

/// A standard normal number from two words: `sqrt(-2 * ln(uniform(r))) * cos2pi(q)`.
pub fn normal(r: u32, q: u32) -> f32 {
    sqrt(-2.0 * log(uniform(r))) * cos2pi(q)
}

/// The polynomial with these coefficients, highest power first.
fn horner(coefficients: &[f32], x: f32) -> f32 {
    let mut sum = coefficients[0];
    for c in &coefficients[1..] {
        sum = sum * x + c;
    }
    sum
}

/// sin(x + quarters * pi / 2).
fn sin_quarter(x: f32, quarters: u32) -> f32 {
    let x = if x < -k::TRIG_MAX { -k::TRIG_MAX } else { x };
    let x = if k::TRIG_MAX < x { k::TRIG_MAX } else { x };
    let t = x * k::TWO_OVER_PI + k::ROUNDER;
    let n = t.to_bits().wrapping_sub(k::ROUNDER_BITS);
    let n_float = t - k::ROUNDER;
    let r = x - n_float * k::HALF_PI[0];
    let r = r - n_float * k::HALF_PI[1];
    let r = r - n_float * k::HALF_PI[2];
    turned(r, n.wrapping_add(quarters))
}

/// sin(r + quarters * pi / 2) for |r| <= pi / 4.
fn turned(r: f32, quarters: u32) -> f32 {
    let z = r * r;
    let value = if quarters & 1 == 0 {
        horner(&k::SIN, z) * z * r + r
    } else {
        let y = horner(&k::COS, z) * z * z;
        y - z * 0.5 + 1.0
    };
    if quarters & 2 == 0 { value } else { neg(value) }
}
