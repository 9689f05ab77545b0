//! Operations a device does not promise, from ones that every device has exactly.
//!
//! Division and square root take a float guess of the mantissa of the result and correct it with
//! the integer remainder, so the bits do not depend on how the guess was rounded.

use crate::ir::{Op, Val, build::Builder};

/// The magic word whose difference to the bits of x is about those of 1 / x.
const RECIPROCAL_MAGIC: u32 = 0x7ef3_11c7;
/// The magic word whose difference to half the bits of x is about those of 1 / sqrt(x).
const RECIPROCAL_ROOT_MAGIC: u32 = 0x5f37_59df;
/// Newton steps of a guess: three bring 12 % (4 % for the root) below 2^-22.
const NEWTON_STEPS: u32 = 3;
/// How many units in the last place a guess may be off, either way.
const CORRECTIONS: u32 = 3;

const SIGN: u32 = 0x8000_0000;
const MAGNITUDE: u32 = 0x7fff_ffff;
const FRACTION: u32 = 0x007f_ffff;
const HIDDEN: u32 = 0x0080_0000;
const ONE: u32 = 0x3f80_0000;
const TWO: u32 = 0x4000_0000;
const INFINITY: u32 = 0x7f80_0000;
const NAN: u32 = 0x7fc0_0000;

/// [`crate::ir::Op::FDiv`] around the device's correctly rounded division: its rules for what is
/// tiny, by integers, so that it does not matter what the device does with subnormals.
pub(in crate::ir) fn guarded_div(b: &mut Builder, quotient: Val, operands: [Val; 2]) -> Val {
    let (mask, least, zero) = (b.u32(MAGNITUDE), b.u32(HIDDEN), b.u32(0));
    let mut kept = b.f_to_bits(quotient);
    for value in [operands[0], operands[1], quotient] {
        let bits = b.f_to_bits(value);
        let magnitude = b.uand(bits, mask);
        let tiny = b.ult(magnitude, least);
        kept = b.select(tiny, zero, kept);
    }
    b.bits_to_f(kept)
}

/// [`crate::ir::Op::FSqrt`] around the device's correctly rounded root.
pub(in crate::ir) fn guarded_sqrt(b: &mut Builder, root: Val, x: Val) -> Val {
    let root = b.f_to_bits(root);
    root_edges(b, root, x)
}

/// A comparison of floats (`<`, `<=`, `==`) by their bits, for compilers that may take it for
/// granted that nothing is NaN: they make minima of comparisons and turn them round.
pub fn compare_by_bits(b: &mut Builder, comparison: Op) -> Val {
    let operands: Vec<Val> = comparison.operands().collect();
    let (x, y) = (ordered(b, operands[0]), ordered(b, operands[1]));
    let holds = if matches!(comparison, Op::FLt(..)) {
        b.ilt(x, y)
    } else if matches!(comparison, Op::FLe(..)) {
        let above = b.ilt(y, x);
        b.not(above)
    } else {
        b.ieq(x, y)
    };
    operands.into_iter().fold(holds, |holds, operand| {
        if b.literal(operand).is_some_and(|bits| bits & MAGNITUDE <= INFINITY) {
            return holds;
        }
        let (bits, mask, infinity) = (b.f_to_bits(operand), b.u32(MAGNITUDE), b.u32(INFINITY));
        let magnitude = b.uand(bits, mask);
        let nan = b.ult(infinity, magnitude);
        let number = b.not(nan);
        b.and(number, holds)
    })
}

/// An I32 for each float, in the order of the floats; both zeros have 0.
fn ordered(b: &mut Builder, x: Val) -> Val {
    if let Some(bits) = b.literal(x) {
        let magnitude = (bits & MAGNITUDE) as i32;
        return b.i32(if bits & SIGN == 0 { magnitude } else { -magnitude });
    }
    let (bits, mask) = (b.f_to_bits(x), b.u32(MAGNITUDE));
    let magnitude = b.uand(bits, mask);
    let signed = b.u_to_i(bits);
    let sign = b.isar(signed, 31);
    let sign_bits = b.i_to_u(sign);
    let turned = b.uxor(magnitude, sign_bits);
    let turned = b.u_to_i(turned);
    b.isub(turned, sign)
}

/// [`crate::ir::Op::FDiv`] without a division.
pub fn div_rn_emulated(b: &mut Builder, dividend: Val, divisor: Val) -> Val {
    div_rn_from_guess(b, dividend, divisor, |b, x, y| {
        let magic = b.u32(RECIPROCAL_MAGIC);
        let bits = b.f_to_bits(y);
        let bits = b.usub(magic, bits);
        let mut reciprocal = b.bits_to_f(bits);
        let two = b.f32(2.0);
        for _ in 0..NEWTON_STEPS {
            let product = b.fmul(y, reciprocal);
            let rest = b.fsub(two, product);
            reciprocal = b.fmul(reciprocal, rest);
        }
        b.fmul(x, reciprocal)
    })
}

/// Division with any guess of x / y, both in [1, 4) and the quotient in [1, 2), that is within 3
/// units in the last place (2^-23) after truncation.
pub fn div_rn_from_guess(
    b: &mut Builder,
    dividend: Val,
    divisor: Val,
    guess: impl FnOnce(&mut Builder, Val, Val) -> Val,
) -> Val {
    let (bits_a, bits_b) = (b.f_to_bits(dividend), b.f_to_bits(divisor));
    let (fraction_a, fraction_b) = (fraction(b, bits_a), fraction(b, bits_b));
    let hidden = b.u32(HIDDEN);
    let mantissa_a = b.uor(fraction_a, hidden);
    let mantissa_b = b.uor(fraction_b, hidden);
    let less = b.ult(mantissa_a, mantissa_b);

    // The quotient in [1, 2): the dividend is doubled where its mantissa is the smaller.
    let (one, two) = (b.u32(ONE), b.u32(TWO));
    let scale = b.select(less, two, one);
    let x = b.uor(fraction_a, scale);
    let y = b.uor(fraction_b, one);
    let (x, y) = (b.bits_to_f(x), b.bits_to_f(y));
    let guess = guess(b, x, y);
    let quotient = fixed_point(b, guess);

    let doubled = b.ushl(mantissa_a, 24);
    let single = b.ushl(mantissa_a, 23);
    let numerator = b.select(less, doubled, single);
    let quotient = correct_quotient(b, quotient, numerator, mantissa_b);

    // Exponent of the result, still biased; the mantissa's leading bit adds the last one.
    let (exponent_a, exponent_b) = (exponent(b, bits_a), exponent(b, bits_b));
    let difference = b.isub(exponent_a, exponent_b);
    let (bias, bias_less) = (b.i32(127), b.i32(126));
    let bias = b.select(less, bias_less, bias);
    let e = b.iadd(difference, bias);
    let high = b.i_to_u(e);
    let high = b.ushl(high, 23);
    let low = b.usub(quotient, hidden);
    let bits = b.uadd(high, low);
    let (bits, e) = last_subnormal(b, bits, e, [fraction_a, fraction_b]);
    quotient_edges(b, bits, e, [bits_a, bits_b])
}

/// The one quotient below 2^-126 that rounds up to it where subnormals have fewer bits: the
/// largest mantissa over a power of two, half-way between 2^-126 - 2^-149 and 2^-126.
fn last_subnormal(b: &mut Builder, bits: Val, e: Val, fractions: [Val; 2]) -> (Val, Val) {
    let (full, none) = (b.u32(FRACTION), b.u32(0));
    let (zero, one) = (b.i32(0), b.i32(1));
    let full = b.ueq(fractions[0], full);
    let none = b.ueq(fractions[1], none);
    let below = b.ieq(e, zero);
    let tie = b.and(full, none);
    let tie = b.and(tie, below);
    let least = b.u32(HIDDEN);
    (b.select(tie, least, bits), b.select(tie, one, e))
}

/// The rules around the normal case: overflow, +0 for what is tiny, infinite and NaN operands.
fn quotient_edges(b: &mut Builder, bits: Val, e: Val, operands: [Val; 2]) -> Val {
    let (infinity, nan, zero) = (b.u32(INFINITY), b.u32(NAN), b.u32(0));
    let largest = b.i32(254);
    let overflow = b.ilt(largest, e);
    let bits = b.select(overflow, infinity, bits);

    let (mask, hidden) = (b.u32(MAGNITUDE), b.u32(HIDDEN));
    let magnitude_a = b.uand(operands[0], mask);
    let magnitude_b = b.uand(operands[1], mask);
    let infinite_a = b.ueq(magnitude_a, infinity);
    let bits = b.select(infinite_a, infinity, bits);
    let sign = b.uxor(operands[0], operands[1]);
    let sign_bit = b.u32(SIGN);
    let sign = b.uand(sign, sign_bit);
    let bits = b.uor(bits, sign);

    let least = b.i32(1);
    let underflow = b.ilt(e, least);
    let finite_a = b.not(infinite_a);
    let underflow = b.and(underflow, finite_a);
    let tiny_a = b.ult(magnitude_a, hidden);
    let tiny_b = b.ult(magnitude_b, hidden);
    let infinite_b = b.ueq(magnitude_b, infinity);
    let is_zero = b.or(underflow, tiny_a);
    let is_zero = b.or(is_zero, tiny_b);
    let is_zero = b.or(is_zero, infinite_b);
    let bits = b.select(is_zero, zero, bits);

    let nan_a = b.ult(infinity, magnitude_a);
    let nan_b = b.ult(infinity, magnitude_b);
    let both = b.and(infinite_a, infinite_b);
    let is_nan = b.or(nan_a, nan_b);
    let is_nan = b.or(is_nan, both);
    // The rule for tiny operands goes before NaN: it is a test on magnitudes.
    let tiny = b.or(tiny_a, tiny_b);
    let not_tiny = b.not(tiny);
    let is_nan = b.and(is_nan, not_tiny);
    let bits = b.select(is_nan, nan, bits);
    b.bits_to_f(bits)
}

/// The quotient of integers rounded to nearest, from one within [`CORRECTIONS`] of it. The
/// numerator is known modulo 2^32, which is enough: the remainder of such a guess fits an i32. A
/// tie cannot happen, as a 25-bit quotient times a 24-bit divisor would need more zeros below.
fn correct_quotient(b: &mut Builder, quotient: Val, numerator: Val, divisor: Val) -> Val {
    let product = b.umul(quotient, divisor);
    let rest = b.usub(numerator, product);
    let mut rest = b.u_to_i(rest);
    let mut quotient = quotient;
    let divisor = b.u_to_i(divisor);
    let (one, zero) = (b.u32(1), b.i32(0));
    for _ in 0..CORRECTIONS {
        let negative = b.ilt(rest, zero);
        let lower = b.usub(quotient, one);
        let larger = b.iadd(rest, divisor);
        quotient = b.select(negative, lower, quotient);
        rest = b.select(negative, larger, rest);
    }
    for _ in 0..CORRECTIONS {
        let fits = b.ilt(rest, divisor);
        let upper = b.uadd(quotient, one);
        let smaller = b.isub(rest, divisor);
        quotient = b.select(fits, quotient, upper);
        rest = b.select(fits, rest, smaller);
    }
    let twice = b.iadd(rest, rest);
    let up = b.ilt(divisor, twice);
    let upper = b.uadd(quotient, one);
    b.select(up, upper, quotient)
}

/// [`crate::ir::Op::FSqrt`] without a square root.
pub fn sqrt_rn_emulated(b: &mut Builder, x: Val) -> Val {
    sqrt_rn_from_guess(b, x, |b, x| {
        let half = b.f32(0.5);
        let half_x = b.fmul(x, half);
        let magic = b.u32(RECIPROCAL_ROOT_MAGIC);
        let bits = b.f_to_bits(x);
        let bits = b.ushr(bits, 1);
        let bits = b.usub(magic, bits);
        let mut root = b.bits_to_f(bits);
        let three_halves = b.f32(1.5);
        for _ in 0..NEWTON_STEPS {
            let square = b.fmul(root, root);
            let product = b.fmul(half_x, square);
            let rest = b.fsub(three_halves, product);
            root = b.fmul(root, rest);
        }
        b.fmul(x, root)
    })
}

/// Square root with any guess of sqrt(x), x in [1, 4), that is within 3 units in the last place
/// (2^-23) after truncation.
pub fn sqrt_rn_from_guess(
    b: &mut Builder,
    x: Val,
    guess: impl FnOnce(&mut Builder, Val) -> Val,
) -> Val {
    let bits = b.f_to_bits(x);
    let fraction = fraction(b, bits);
    let hidden = b.u32(HIDDEN);
    let mantissa = b.uor(fraction, hidden);
    let exponent = b.ushr(bits, 23);
    let low = b.u32(1);
    let parity = b.uand(exponent, low);
    let odd = b.ueq(parity, low);

    // An odd biased exponent is an even power of two.
    let (one, two) = (b.u32(ONE), b.u32(TWO));
    let scale = b.select(odd, one, two);
    let reduced = b.uor(fraction, scale);
    let reduced = b.bits_to_f(reduced);
    let guess = guess(b, reduced);
    let root = fixed_point(b, guess);
    let (single, doubled) = (b.ushl(mantissa, 23), b.ushl(mantissa, 24));
    let radicand = b.select(odd, single, doubled);
    let root = correct_root(b, root, radicand);

    let (bias_odd, bias_even) = (b.u32(127), b.u32(126));
    let bias = b.select(odd, bias_odd, bias_even);
    let high = b.uadd(exponent, bias);
    let high = b.ushr(high, 1);
    let high = b.ushl(high, 23);
    let low = b.usub(root, hidden);
    let result = b.uadd(high, low);

    root_edges(b, result, x)
}

/// The bits of a root where x is normal. Everything below 2^-126, so also what has a sign, gives
/// +0; infinity and NaN stay.
fn root_edges(b: &mut Builder, root: Val, x: Val) -> Val {
    let bits = b.f_to_bits(x);
    let signed = b.u_to_i(bits);
    let least = b.i32(HIDDEN as i32);
    let tiny = b.ilt(signed, least);
    let zero = b.u32(0);
    let root = b.select(tiny, zero, root);
    let mask = b.u32(MAGNITUDE);
    let magnitude = b.uand(bits, mask);
    let infinity = b.u32(INFINITY);
    let nan = b.ult(infinity, magnitude);
    let infinite = b.ueq(bits, infinity);
    let special = b.or(nan, infinite);
    let root = b.select(special, bits, root);
    b.bits_to_f(root)
}

/// The root of an integer (known modulo 2^32) rounded to nearest, from one within
/// [`CORRECTIONS`] of it.
fn correct_root(b: &mut Builder, root: Val, radicand: Val) -> Val {
    let square = b.umul(root, root);
    let rest = b.usub(radicand, square);
    let mut rest = b.u_to_i(rest);
    let mut root = b.u_to_i(root);
    let (zero, one) = (b.i32(0), b.i32(1));
    for _ in 0..CORRECTIONS {
        // (q - 1)^2 = q^2 - (2 q - 1)
        let negative = b.ilt(rest, zero);
        let twice = b.iadd(root, root);
        let step = b.isub(twice, one);
        let larger = b.iadd(rest, step);
        let lower = b.isub(root, one);
        rest = b.select(negative, larger, rest);
        root = b.select(negative, lower, root);
    }
    for _ in 0..CORRECTIONS {
        // (q + 1)^2 = q^2 + (2 q + 1)
        let twice = b.iadd(root, root);
        let fits = b.ilt(twice, rest);
        let step = b.iadd(twice, one);
        let smaller = b.isub(rest, step);
        let upper = b.iadd(root, one);
        rest = b.select(fits, smaller, rest);
        root = b.select(fits, upper, root);
    }
    // sqrt > q + 1/2 where the rest is above q + 1/4.
    let up = b.ilt(root, rest);
    let upper = b.iadd(root, one);
    let root = b.select(up, upper, root);
    b.i_to_u(root)
}

/// I32 -> F32 to nearest even: two exact conversions, an exact product, one rounded addition.
pub fn int_to_float_split(b: &mut Builder, x: Val) -> Val {
    let high = b.isar(x, 12);
    let high = b.small_int_to_float(high);
    let unit = b.f32(4096.0);
    let high = b.fmul(high, unit);
    let bits = b.i_to_u(x);
    let mask = b.u32(0xfff);
    let low = b.uand(bits, mask);
    let low = b.u_to_i(low);
    let low = b.small_int_to_float(low);
    b.fadd(high, low)
}

/// The high word of a product from four products of half words.
pub fn mul_hi_split(b: &mut Builder, x: Val, y: Val) -> Val {
    let mask = b.u32(0xffff);
    let (x_low, y_low) = (b.uand(x, mask), b.uand(y, mask));
    let (x_high, y_high) = (b.ushr(x, 16), b.ushr(y, 16));
    let low = b.umul(x_low, y_low);
    let left = b.umul(x_high, y_low);
    let right = b.umul(x_low, y_high);
    let high = b.umul(x_high, y_high);

    let middle = b.ushr(low, 16);
    let left_low = b.uand(left, mask);
    let middle = b.uadd(middle, left_low);
    let right_low = b.uand(right, mask);
    let middle = b.uadd(middle, right_low);
    let carry = b.ushr(middle, 16);

    let left_high = b.ushr(left, 16);
    let right_high = b.ushr(right, 16);
    let sum = b.uadd(high, left_high);
    let sum = b.uadd(sum, right_high);
    b.uadd(sum, carry)
}

fn fraction(b: &mut Builder, bits: Val) -> Val {
    let mask = b.u32(FRACTION);
    b.uand(bits, mask)
}

/// The biased exponent as I32.
fn exponent(b: &mut Builder, bits: Val) -> Val {
    let shifted = b.ushr(bits, 23);
    let mask = b.u32(0xff);
    let exponent = b.uand(shifted, mask);
    b.u_to_i(exponent)
}

/// A float in [1, 2) as a multiple of 2^-23 (U32), toward zero.
fn fixed_point(b: &mut Builder, x: Val) -> Val {
    let unit = b.f32(8_388_608.0);
    let scaled = b.fmul(x, unit);
    let integer = b.f_to_i(scaled);
    b.i_to_u(integer)
}
