//! The functions of the model language and random words, written once: on numbers of the host, and
//! as operations of programs and kernels ([`Arithmetic`]).
//!
//! Each line is one rounded operation or an integer one; a change of order changes bits. The
//! polynomials are those of Cephes (single precision, S. Moshier), but for [`exprel`]'s series.
//! Both sides of a choice are computed. Sources and measured errors are in `docs/numerics.md`.

mod random;

pub use random::{bernoulli, philox, random_word, uniform};

use super::constant as k;
use super::{Arithmetic, FLUSH_BELOW_BITS, MAGNITUDE_BITS, MIN_NORMAL};

/// -x: the sign bit flipped.
pub fn neg<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let bits = b.f_to_bits(x);
    let sign = b.u32(!MAGNITUDE_BITS);
    let flipped = b.uxor(bits, sign);
    b.bits_to_f(flipped)
}

/// |x|: the sign bit cleared.
pub fn abs<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let magnitude = magnitude_bits(b, x);
    b.bits_to_f(magnitude)
}

/// The flush of a store, on a float: gives the bits to store (U32).
pub fn flush<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Word {
    let magnitude = magnitude_bits(b, x);
    let limit = b.u32(FLUSH_BELOW_BITS);
    let small = b.ult(magnitude, limit);
    let bits = b.f_to_bits(x);
    let zero = b.u32(0);
    b.select_word(small, zero, bits)
}

/// `if x < y { x } else { y }`: y where either is NaN, and of two zeros.
pub fn min<A: Arithmetic>(b: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let less = b.flt(x, y);
    b.select_float(less, x, y)
}

/// `if x < y { y } else { x }`: x where either is NaN, and of two zeros.
pub fn max<A: Arithmetic>(b: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let less = b.flt(x, y);
    b.select_float(less, y, x)
}

/// `min(max(x, lo), hi)`: hi where x is NaN.
pub fn clamp<A: Arithmetic>(b: &mut A, x: A::Float, lo: A::Float, hi: A::Float) -> A::Float {
    let x = max(b, x, lo);
    min(b, x, hi)
}

/// exp(x), x clamped to [-87, 88]; NaN of NaN. The power of two is a factor, which is exact as an
/// addition to the exponent would be, but cannot make a number of NaN.
pub fn exp<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let x = limit(b, x, k::EXP_MIN, k::EXP_MAX);
    let (power, n_float) = nearest(b, x, k::LOG2_E, k::EXPONENT_BIAS);
    let r = subtract_product(b, x, n_float, k::LN2_HIGH);
    let r = subtract_product(b, r, n_float, k::LN2_LOW);
    let p = horner(b, &k::EXP, r);
    let square = b.fmul(r, r);
    let y = b.fmul(p, square);
    let y = b.fadd(y, r);
    let one = b.f32(1.0);
    let y = b.fadd(y, one);
    let power = b.ushl(power, 23);
    let power = b.bits_to_f(power);
    b.fmul(y, power)
}

/// ln(x); everything that is not above 2^-126 counts as 2^-126.
pub fn log<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let least = b.f32(MIN_NORMAL);
    let normal = b.flt(least, x);
    let x = b.select_float(normal, x, least);
    let bits = b.f_to_bits(x);
    let cut = b.u32(k::SQRT_HALF_BITS);
    let offset = b.usub(bits, cut);
    let offset = b.u_to_i(offset);
    let exponent = b.isar(offset, 23);
    let exponent_bits = b.i_to_u(exponent);
    let exponent_bits = b.ushl(exponent_bits, 23);
    let mantissa = b.usub(bits, exponent_bits);
    let mantissa = b.bits_to_f(mantissa);
    let n = b.small_int_to_float(exponent);
    let one = b.f32(1.0);
    let f = b.fsub(mantissa, one);
    let z = b.fmul(f, f);
    let p = horner(b, &k::LOG, f);
    let y = b.fmul(p, f);
    let y = b.fmul(y, z);
    let low = times(b, n, k::LN2_LOW);
    let y = b.fadd(y, low);
    let half = times(b, z, 0.5);
    let y = b.fsub(y, half);
    let sum = b.fadd(f, y);
    let high = times(b, n, k::LN2_HIGH);
    b.fadd(sum, high)
}

/// tanh(x).
pub fn tanh<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let a = abs(b, x);
    let z = b.fmul(x, x);
    let p = horner(b, &k::TANH, z);
    let y = b.fmul(p, z);
    let y = b.fmul(y, x);
    let small = b.fadd(y, x);

    let max = b.f32(k::TANH_MAX);
    let beyond = b.flt(max, a);
    let capped = b.select_float(beyond, max, a);
    let twice = b.fadd(capped, capped);
    let e = exp(b, twice);
    let (one, two) = (b.f32(1.0), b.f32(2.0));
    let divisor = b.fadd(e, one);
    let quotient = b.fdiv(two, divisor);
    let y = b.fsub(one, quotient);
    let magnitude = magnitude_bits(b, y);
    let bits = b.f_to_bits(x);
    let sign_bit = b.u32(!MAGNITUDE_BITS);
    let sign = b.uand(bits, sign_bit);
    let large = b.uor(magnitude, sign);
    let large = b.bits_to_f(large);

    let border = b.f32(k::TANH_SMALL);
    let is_small = b.flt(a, border);
    b.select_float(is_small, small, large)
}

/// sin(x), |x| clamped to 8192.
pub fn sin<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    sin_quarter(b, x, 0)
}

/// cos(x), |x| clamped to 8192.
pub fn cos<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    sin_quarter(b, x, 1)
}

/// cos(2 pi turn / 2^32) of a U32.
pub fn cos2pi<A: Arithmetic>(b: &mut A, turn: A::Word) -> A::Float {
    let eighth = b.u32(0x2000_0000);
    let quadrant = b.uadd(turn, eighth);
    let quadrant = b.ushr(quadrant, 30);
    let whole = b.ushl(quadrant, 30);
    let angle = b.usub(turn, whole);
    let angle = b.u_to_i(angle);
    let angle = b.isar(angle, 6);
    let angle = b.small_int_to_float(angle);
    let r = times(b, angle, k::ANGLE_UNIT);
    let one = b.u32(1);
    let quarters = b.uadd(quadrant, one);
    turned(b, r, quarters)
}

/// (exp(x) - 1) / x, 1 at 0, with `exp`'s clamp.
pub fn exprel<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let series = horner(b, &k::EXPREL, x);
    let e = exp(b, x);
    let one = b.f32(1.0);
    let e = b.fsub(e, one);
    let quotient = b.fdiv(e, x);
    let a = abs(b, x);
    let border = b.f32(k::EXPREL_SMALL);
    let is_small = b.flt(a, border);
    b.select_float(is_small, series, quotient)
}

/// The largest integer not above x.
pub fn floor<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let (fraction, t) = truncated(b, x);
    let one = b.f32(1.0);
    let below = b.fsub(t, one);
    let above = b.flt(x, t);
    let integer = b.select_float(above, below, t);
    b.select_float(fraction, integer, x)
}

/// The smallest integer not below x.
pub fn ceil<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Float {
    let (fraction, t) = truncated(b, x);
    let one = b.f32(1.0);
    let above = b.fadd(t, one);
    let below = b.flt(t, x);
    let integer = b.select_float(below, above, t);
    b.select_float(fraction, integer, x)
}

/// x^y as `exp(y * ln(x))`.
pub fn pow<A: Arithmetic>(b: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let log = log(b, x);
    let product = b.fmul(y, log);
    exp(b, product)
}

/// x^n as the product ((x * x) * x) * ...; 1 for n = 0.
pub fn pow_integer<A: Arithmetic>(b: &mut A, x: A::Float, n: u32) -> A::Float {
    if n == 0 {
        return b.f32(1.0);
    }
    let mut product = x;
    for _ in 1..n {
        product = b.fmul(product, x);
    }
    product
}

/// A standard normal number from two U32 words: `sqrt(-2 * ln(uniform(r))) * cos2pi(q)`.
pub fn normal<A: Arithmetic>(b: &mut A, r: A::Word, q: A::Word) -> A::Float {
    let u = uniform(b, r);
    let log = log(b, u);
    let minus_two = b.f32(-2.0);
    let square = b.fmul(minus_two, log);
    let radius = b.fsqrt(square);
    let cosine = cos2pi(b, q);
    b.fmul(radius, cosine)
}

fn magnitude_bits<A: Arithmetic>(b: &mut A, x: A::Float) -> A::Word {
    let bits = b.f_to_bits(x);
    let mask = b.u32(MAGNITUDE_BITS);
    b.uand(bits, mask)
}

/// x * constant.
fn times<A: Arithmetic>(b: &mut A, x: A::Float, constant: f32) -> A::Float {
    let constant = b.f32(constant);
    b.fmul(x, constant)
}

/// x - n * constant.
fn subtract_product<A: Arithmetic>(b: &mut A, x: A::Float, n: A::Float, constant: f32) -> A::Float {
    let product = times(b, n, constant);
    b.fsub(x, product)
}

/// x not below `lo` and not above `hi`; NaN stays.
fn limit<A: Arithmetic>(b: &mut A, x: A::Float, lo: f32, hi: f32) -> A::Float {
    let (lo, hi) = (b.f32(lo), b.f32(hi));
    let below = b.flt(x, lo);
    let x = b.select_float(below, lo, x);
    let above = b.flt(hi, x);
    b.select_float(above, hi, x)
}

/// x * scale rounded to the nearest integer: as U32 bits, with an offset added, and as a float.
/// |x * scale| < 2^22.
fn nearest<A: Arithmetic>(b: &mut A, x: A::Float, scale: f32, offset: u32) -> (A::Word, A::Float) {
    let scaled = times(b, x, scale);
    let rounder = b.f32(k::ROUNDER);
    let t = b.fadd(scaled, rounder);
    let bits = b.f_to_bits(t);
    let rounder_bits = b.u32(k::ROUNDER_BITS - offset);
    let n = b.usub(bits, rounder_bits);
    (n, b.fsub(t, rounder))
}

/// The polynomial with these coefficients, highest power first.
fn horner<A: Arithmetic>(b: &mut A, coefficients: &[f32], x: A::Float) -> A::Float {
    let mut sum = b.f32(coefficients[0]);
    for &c in &coefficients[1..] {
        let product = b.fmul(sum, x);
        let c = b.f32(c);
        sum = b.fadd(product, c);
    }
    sum
}

/// sin(x + quarters * pi / 2).
fn sin_quarter<A: Arithmetic>(b: &mut A, x: A::Float, quarters: u32) -> A::Float {
    let x = limit(b, x, -k::TRIG_MAX, k::TRIG_MAX);
    let (n, n_float) = nearest(b, x, k::TWO_OVER_PI, 0);
    let mut r = x;
    for part in k::HALF_PI {
        r = subtract_product(b, r, n_float, part);
    }
    let quarters = b.u32(quarters);
    let n = b.uadd(n, quarters);
    turned(b, r, n)
}

/// sin(r + quarters * pi / 2) for |r| <= pi / 4.
fn turned<A: Arithmetic>(b: &mut A, r: A::Float, quarters: A::Word) -> A::Float {
    let z = b.fmul(r, r);
    let p = horner(b, &k::SIN, z);
    let y = b.fmul(p, z);
    let y = b.fmul(y, r);
    let sine = b.fadd(y, r);

    let p = horner(b, &k::COS, z);
    let y = b.fmul(p, z);
    let y = b.fmul(y, z);
    let half = times(b, z, 0.5);
    let y = b.fsub(y, half);
    let one = b.f32(1.0);
    let cosine = b.fadd(y, one);

    let low = b.u32(1);
    let odd = b.uand(quarters, low);
    let odd = b.ueq(odd, low);
    let value = b.select_float(odd, cosine, sine);
    // Bit 1 of the quadrant is the sign.
    let high = b.u32(2);
    let sign = b.uand(quarters, high);
    let sign = b.ushl(sign, 30);
    let bits = b.f_to_bits(value);
    let bits = b.uxor(bits, sign);
    b.bits_to_f(bits)
}

/// Whether x is small enough to have a fraction, and then x toward zero.
fn truncated<A: Arithmetic>(b: &mut A, x: A::Float) -> (A::Truth, A::Float) {
    let a = abs(b, x);
    let border = b.f32(k::ALL_INTEGERS);
    let fraction = b.flt(a, border);
    let zero = b.f32(0.0);
    let inside = b.select_float(fraction, x, zero);
    let integer = b.f_to_i(inside);
    let t = b.small_int_to_float(integer);
    // Mesa takes the two conversions for a truncation, which would keep the sign of a zero.
    let magnitude = magnitude_bits(b, t);
    let none = b.u32(0);
    let is_zero = b.ueq(magnitude, none);
    (fraction, b.select_float(is_zero, zero, t))
}
