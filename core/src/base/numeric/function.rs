//! The functions of the model language on device values, in plain f32.
//!
//! Each line is one rounded operation or an integer one; a change of order changes bits. The
//! polynomials are those of Cephes (single precision, S. Moshier), but for [`exprel`]'s series.

use super::{MIN_NORMAL, abs, div, neg, sqrt};
use crate::base::random::uniform;

/// The tables of coefficients, highest power first, and the constants of the reductions.
pub mod constant {
    /// log2(e).
    pub const LOG2_E: f32 = std::f32::consts::LOG2_E;
    /// The high part of ln 2, 355/512: times any |n| < 2^15 it is exact.
    pub const LN2_HIGH: f32 = 0.693_359_4;
    /// ln 2 - [`LN2_HIGH`].
    pub const LN2_LOW: f32 = -2.121_944_4e-4;
    /// 1.5 * 2^23: adding it to |x| < 2^22 rounds x to an integer, held in the low bits.
    pub const ROUNDER: f32 = 12_582_912.0;
    /// The bits of [`ROUNDER`].
    pub const ROUNDER_BITS: u32 = 0x4b40_0000;
    /// The exponent field of 1.
    pub const EXPONENT_BIAS: u32 = 127;
    /// The bits of sqrt(1/2), where `log` cuts the binades.
    pub const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
    /// Arguments of `exp` are clamped to this from below: the result stays normal.
    pub const EXP_MIN: f32 = -87.0;
    /// Arguments of `exp` are clamped to this from above: the result stays finite.
    pub const EXP_MAX: f32 = 88.0;
    /// (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2.
    pub const EXP: [f32; 6] =
        [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5];
    /// (ln(1 + f) - f + f^2 / 2) / f^3 on sqrt(1/2) <= 1 + f <= sqrt(2).
    pub const LOG: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_84e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_7e-1,
        2.000_071_4e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    /// Below this magnitude `tanh` is a polynomial.
    pub const TANH_SMALL: f32 = 0.625;
    /// From this magnitude on `tanh` is that of this.
    pub const TANH_MAX: f32 = 10.0;
    /// (tanh(x) - x) / x^3 in x^2, |x| < 0.625.
    pub const TANH: [f32; 5] =
        [-5.704_988_7e-3, 2.063_908_8e-2, -5.373_971_5e-2, 1.333_144_2e-1, -3.333_328e-1];
    /// Arguments of `sin` and `cos` are clamped to this magnitude.
    pub const TRIG_MAX: f32 = 8192.0;
    /// 2 / pi.
    pub const TWO_OVER_PI: f32 = std::f32::consts::FRAC_2_PI;
    /// pi / 2 in three parts; the first two times any |n| < 2^13 are exact.
    pub const HALF_PI: [f32; 3] = [1.570_312_5, 4.837_513e-4, 7.549_79e-8];
    /// (sin(r) - r) / r^3 in r^2, |r| <= pi / 4.
    pub const SIN: [f32; 3] = [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1];
    /// (cos(r) - 1 + r^2 / 2) / r^4 in r^2, |r| <= pi / 4.
    pub const COS: [f32; 3] = [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2];
    /// pi / 2 / 2^24.
    pub const ANGLE_UNIT: f32 = 9.362_676e-8;
    /// Below this magnitude `exprel` is a polynomial.
    pub const EXPREL_SMALL: f32 = 0.5;
    /// 1 / (k + 1)! for k = 8 down to 0: the series of (exp(x) - 1) / x, cut where the next term
    /// is below 2^-31 of the sum.
    pub const EXPREL: [f32; 9] = [
        2.755_731_9e-6,
        2.480_158_7e-5,
        1.984_127e-4,
        1.388_888_9e-3,
        8.333_334e-3,
        4.166_666_8e-2,
        1.666_666_7e-1,
        0.5,
        1.0,
    ];
    /// From this magnitude on every f32 is an integer.
    pub const ALL_INTEGERS: f32 = 8_388_608.0;
}

use constant as k;

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
    f32::from_bits(abs(y).to_bits() | (x.to_bits() & !super::MAGNITUDE_BITS))
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
