//! What a device does not promise, from what every device has: integers, and f32 sums and
//! products. Division and square root correct a guess by its integer remainder, so they are exact
//! for any guess within three units of the last place.

use crate::ir::build::Emit;
use crate::ir::{Op, Val};
use crate::numeric::MAGNITUDE_BITS;

const MANTISSA: u32 = 0x007f_ffff;
const HIDDEN: u32 = 0x0080_0000;
const ONE: u32 = 0x3f80_0000;
const TWO: u32 = 0x4000_0000;
const INFINITY: u32 = 0x7f80_0000;
const NAN: u32 = 0x7fc0_0000;
/// 2^23: a float in [1, 2) times this has its mantissa as an integer.
const MANTISSA_SCALE: f32 = 8_388_608.0;

/// The operation as the device promises it: itself, guarded, or a sequence.
pub fn expand<E: Emit + ?Sized>(e: &mut E, op: Op) -> Val {
    let promises = e.promises();
    match op {
        Op::FDiv(a, b) if promises.ieee_div => guarded_div(e, a, b),
        Op::FDiv(a, b) => div(e, a, b),
        Op::FSqrt(a) if promises.ieee_sqrt => guarded_sqrt(e, a),
        Op::FSqrt(a) => sqrt(e, a),
        Op::IToF(a) if !promises.int_to_float_nearest => int_to_float(e, a),
        Op::UMulHi(a, b) if !promises.mul_hi => mul_hi(e, a, b),
        _ => e.native(op),
    }
}

/// The high word of a product from four products of halves.
pub fn mul_hi<E: Emit + ?Sized>(e: &mut E, a: Val, b: Val) -> Val {
    let mask = e.op(Op::U32(0xffff));
    let (a0, a1) = (e.op(Op::UAnd(a, mask)), e.op(Op::UShr(a, 16)));
    let (b0, b1) = (e.op(Op::UAnd(b, mask)), e.op(Op::UShr(b, 16)));
    let low = e.op(Op::UMul(a0, b0));
    let cross = e.op(Op::UMul(a1, b0));
    let carry = e.op(Op::UShr(low, 16));
    let middle = e.op(Op::UAdd(cross, carry));
    let rest = e.op(Op::UAnd(middle, mask));
    let cross = e.op(Op::UMul(a0, b1));
    let rest = e.op(Op::UAdd(cross, rest));
    let high = e.op(Op::UMul(a1, b1));
    let middle = e.op(Op::UShr(middle, 16));
    let high = e.op(Op::UAdd(high, middle));
    let rest = e.op(Op::UShr(rest, 16));
    e.op(Op::UAdd(high, rest))
}

/// An I32 as the nearest float: two exact conversions of its halves, one exact product, one
/// rounded sum.
fn int_to_float<E: Emit + ?Sized>(e: &mut E, a: Val) -> Val {
    let high = e.op(Op::ISar(a, 12));
    let bits = e.op(Op::IToU(a));
    let mask = e.op(Op::U32(0xfff));
    let low = e.op(Op::UAnd(bits, mask));
    let low = e.op(Op::UToI(low));
    let high = e.exact_int_to_float(high);
    let low = e.exact_int_to_float(low);
    let scale = e.op(Op::F32(4096.0_f32.to_bits()));
    let high = e.op(Op::FMul(high, scale));
    e.op(Op::FAdd(high, low))
}

/// The device's correctly rounded quotient, and +0 where an operand or it is below 2^-126.
fn guarded_div<E: Emit + ?Sized>(e: &mut E, a: Val, b: Val) -> Val {
    let quotient = e.native(Op::FDiv(a, b));
    let bits = e.op(Op::FToBits(quotient));
    let zero = e.op(Op::U32(0));
    let mut kept = bits;
    for operand in [a, b, quotient] {
        let tiny = is_tiny(e, operand);
        kept = e.op(Op::Select(tiny, zero, kept));
    }
    e.op(Op::BitsToF(kept))
}

/// The device's correctly rounded root, and +0 below 2^-126.
fn guarded_sqrt<E: Emit + ?Sized>(e: &mut E, a: Val) -> Val {
    let root = e.native(Op::FSqrt(a));
    let bits = e.op(Op::FToBits(root));
    root_edges(e, a, bits)
}

/// |a| < 2^-126, by its bits.
fn is_tiny<E: Emit + ?Sized>(e: &mut E, a: Val) -> Val {
    let bits = e.op(Op::FToBits(a));
    let mask = e.op(Op::U32(MAGNITUDE_BITS));
    let magnitude = e.op(Op::UAnd(bits, mask));
    let least = e.op(Op::U32(HIDDEN));
    e.op(Op::ULt(magnitude, least))
}

/// The bits of a root where `a` is normal; +0 below 2^-126, which is all that has a sign; infinity
/// and NaN stay what they are.
fn root_edges<E: Emit + ?Sized>(e: &mut E, a: Val, root: Val) -> Val {
    let bits = e.op(Op::FToBits(a));
    let signed = e.op(Op::UToI(bits));
    let below = e.op(Op::I32(MANTISSA as i32));
    let normal = e.op(Op::ILt(below, signed));
    let zero = e.op(Op::U32(0));
    let root = e.op(Op::Select(normal, root, zero));
    let mask = e.op(Op::U32(MAGNITUDE_BITS));
    let magnitude = e.op(Op::UAnd(bits, mask));
    let infinity = e.op(Op::U32(INFINITY));
    let nan = e.op(Op::ULt(infinity, magnitude));
    let infinite = e.op(Op::UEq(bits, infinity));
    let special = e.op(Op::Or(nan, infinite));
    let root = e.op(Op::Select(special, bits, root));
    e.op(Op::BitsToF(root))
}

/// Sign, exponent and mantissa of a float as integers.
struct Parts {
    bits: Val,
    exponent: Val,
    fraction: Val,
    mantissa: Val,
}

fn parts<E: Emit + ?Sized>(e: &mut E, a: Val) -> Parts {
    let bits = e.op(Op::FToBits(a));
    let shifted = e.op(Op::UShr(bits, 23));
    let byte = e.op(Op::U32(0xff));
    let exponent = e.op(Op::UAnd(shifted, byte));
    let mask = e.op(Op::U32(MANTISSA));
    let fraction = e.op(Op::UAnd(bits, mask));
    let hidden = e.op(Op::U32(HIDDEN));
    let mantissa = e.op(Op::UOr(fraction, hidden));
    Parts { bits, exponent, fraction, mantissa }
}

/// a / b correctly rounded, +0 where |a|, |b| or the quotient is below 2^-126.
fn div<E: Emit + ?Sized>(e: &mut E, a: Val, b: Val) -> Val {
    div_from_guess(e, a, b, quotient_guess)
}

/// Division from a guess: `guess(x, y)` gets the bits of two floats, their quotient in [1, 2), and
/// gives the quotient times 2^23 as U32, at most three off.
pub fn div_from_guess<E: Emit + ?Sized>(
    e: &mut E,
    a: Val,
    b: Val,
    guess: impl FnOnce(&mut E, Val, Val) -> Val,
) -> Val {
    let (x, y) = (parts(e, a), parts(e, b));
    let less = e.op(Op::ULt(x.mantissa, y.mantissa));
    let (one, two) = (e.op(Op::U32(ONE)), e.op(Op::U32(TWO)));
    let scale = e.op(Op::Select(less, two, one));
    let numerator = e.op(Op::UOr(x.fraction, scale));
    let denominator = e.op(Op::UOr(y.fraction, one));
    let guess = guess(e, numerator, denominator);
    let long = e.op(Op::UShl(x.mantissa, 24));
    let short = e.op(Op::UShl(x.mantissa, 23));
    let dividend = e.op(Op::Select(less, long, short));
    let product = e.op(Op::UMul(guess, y.mantissa));
    let remainder = e.op(Op::USub(dividend, product));
    let remainder = e.op(Op::UToI(remainder));
    let divisor = e.op(Op::UToI(y.mantissa));
    let q = corrected_quotient(e, guess, remainder, divisor);

    let exponent = e.op(Op::USub(x.exponent, y.exponent));
    let (bias, bias_less) = (e.op(Op::U32(127)), e.op(Op::U32(126)));
    let bias = e.op(Op::Select(less, bias_less, bias));
    let exponent = e.op(Op::UAdd(exponent, bias));
    let field = e.op(Op::UShl(exponent, 23));
    let hidden = e.op(Op::U32(HIDDEN));
    let fraction = e.op(Op::USub(q, hidden));
    let bits = e.op(Op::UAdd(field, fraction));
    let exponent = e.op(Op::UToI(exponent));
    let (bits, exponent) = largest_subnormal(e, bits, exponent, [&x, &y]);
    quotient_edges(e, bits, exponent, [&x, &y])
}

/// The one quotient below 2^-126 that rounds up to it where subnormals have fewer bits: the
/// largest mantissa over a power of two, half-way between 2^-126 - 2^-149 and 2^-126.
fn largest_subnormal<E: Emit + ?Sized>(
    e: &mut E,
    bits: Val,
    exponent: Val,
    of: [&Parts; 2],
) -> (Val, Val) {
    let (full, none) = (e.op(Op::U32(MANTISSA)), e.op(Op::U32(0)));
    let (zero, one) = (e.op(Op::I32(0)), e.op(Op::I32(1)));
    let full = e.op(Op::UEq(of[0].fraction, full));
    let none = e.op(Op::UEq(of[1].fraction, none));
    let below = e.op(Op::IEq(exponent, zero));
    let tie = e.op(Op::And(full, none));
    let tie = e.op(Op::And(tie, below));
    let least = e.op(Op::U32(HIDDEN));
    (e.op(Op::Select(tie, least, bits)), e.op(Op::Select(tie, one, exponent)))
}

/// The rules around the normal case: overflow, underflow, and operands that are tiny, infinite or
/// NaN. `exponent` is that of the quotient, biased.
fn quotient_edges<E: Emit + ?Sized>(e: &mut E, bits: Val, exponent: Val, of: [&Parts; 2]) -> Val {
    let (mask, infinity) = (e.op(Op::U32(MAGNITUDE_BITS)), e.op(Op::U32(INFINITY)));
    let magnitudes = of.map(|parts| e.op(Op::UAnd(parts.bits, mask)));
    let infinite = magnitudes.map(|magnitude| e.op(Op::UEq(magnitude, infinity)));
    let nan = magnitudes.map(|magnitude| e.op(Op::ULt(infinity, magnitude)));

    let largest = e.op(Op::I32(254));
    let over = e.op(Op::ILt(largest, exponent));
    let over = e.op(Op::Or(over, infinite[0]));
    let bits = e.op(Op::Select(over, infinity, bits));
    let signs = e.op(Op::UXor(of[0].bits, of[1].bits));
    let sign_bit = e.op(Op::U32(!MAGNITUDE_BITS));
    let sign = e.op(Op::UAnd(signs, sign_bit));
    let bits = e.op(Op::UOr(bits, sign));

    let least = e.op(Op::I32(1));
    let under = e.op(Op::ILt(exponent, least));
    let under = e.op(Op::Or(under, infinite[1]));
    let zero = e.op(Op::U32(0));
    let bits = e.op(Op::Select(under, zero, bits));
    let both = e.op(Op::And(infinite[0], infinite[1]));
    let either = e.op(Op::Or(nan[0], nan[1]));
    let undefined = e.op(Op::Or(both, either));
    let not_a_number = e.op(Op::U32(NAN));
    let mut bits = e.op(Op::Select(undefined, not_a_number, bits));
    // Last, because tiny operands count as zero whatever the other is.
    for parts in of {
        let tiny = e.op(Op::UEq(parts.exponent, zero));
        bits = e.op(Op::Select(tiny, zero, bits));
    }
    e.op(Op::BitsToF(bits))
}

/// numerator / denominator * 2^23 as an integer, by three Newton steps from a magic constant.
fn quotient_guess<E: Emit + ?Sized>(e: &mut E, numerator_bits: Val, denominator_bits: Val) -> Val {
    let numerator = e.op(Op::BitsToF(numerator_bits));
    let magic = e.op(Op::U32(0x7ef3_11c7));
    let reciprocal = e.op(Op::USub(magic, denominator_bits));
    let mut reciprocal = e.op(Op::BitsToF(reciprocal));
    let denominator = e.op(Op::BitsToF(denominator_bits));
    let two = e.op(Op::F32(2.0_f32.to_bits()));
    for _ in 0..3 {
        let product = e.op(Op::FMul(denominator, reciprocal));
        let error = e.op(Op::FSub(two, product));
        reciprocal = e.op(Op::FMul(reciprocal, error));
    }
    let guess = e.op(Op::FMul(numerator, reciprocal));
    scaled_to_integer(e, guess)
}

fn scaled_to_integer<E: Emit + ?Sized>(e: &mut E, guess: Val) -> Val {
    let scale = e.op(Op::F32(MANTISSA_SCALE.to_bits()));
    let guess = e.op(Op::FMul(guess, scale));
    let guess = e.op(Op::FToI(guess));
    e.op(Op::IToU(guess))
}

/// The rounded quotient from a guess and its remainder.
fn corrected_quotient<E: Emit + ?Sized>(e: &mut E, guess: Val, rem: Val, divisor: Val) -> Val {
    let (mut q, mut remainder) = (guess, rem);
    let (zero, one) = (e.op(Op::I32(0)), e.op(Op::U32(1)));
    for _ in 0..3 {
        let negative = e.op(Op::ILt(remainder, zero));
        let less = e.op(Op::USub(q, one));
        let more = e.op(Op::IAdd(remainder, divisor));
        q = e.op(Op::Select(negative, less, q));
        remainder = e.op(Op::Select(negative, more, remainder));
    }
    for _ in 0..3 {
        let small = e.op(Op::ILt(remainder, divisor));
        let more = e.op(Op::UAdd(q, one));
        let less = e.op(Op::ISub(remainder, divisor));
        q = e.op(Op::Select(small, q, more));
        remainder = e.op(Op::Select(small, remainder, less));
    }
    // A quotient of two 24-bit numbers is never half-way between two, so ties need no care.
    let twice = e.op(Op::IAdd(remainder, remainder));
    let up = e.op(Op::ILt(divisor, twice));
    let more = e.op(Op::UAdd(q, one));
    e.op(Op::Select(up, more, q))
}

/// sqrt(a) correctly rounded, +0 where a < 2^-126.
fn sqrt<E: Emit + ?Sized>(e: &mut E, a: Val) -> Val {
    sqrt_from_guess(e, a, root_guess)
}

/// Square root from a guess: `guess(x)` gets the bits of a float in [1, 4) and gives its root times
/// 2^23 as U32, at most three off.
pub fn sqrt_from_guess<E: Emit + ?Sized>(
    e: &mut E,
    a: Val,
    guess: impl FnOnce(&mut E, Val) -> Val,
) -> Val {
    let x = parts(e, a);
    let bit = e.op(Op::U32(1));
    let odd = e.op(Op::UAnd(x.exponent, bit));
    let odd = e.op(Op::UEq(odd, bit));
    // An odd exponent field means an even power of two: the mantissa is in [1, 2), else [2, 4).
    let (one, two) = (e.op(Op::U32(ONE)), e.op(Op::U32(TWO)));
    let scale = e.op(Op::Select(odd, one, two));
    let radicand = e.op(Op::UOr(x.fraction, scale));
    let guess = guess(e, radicand);
    let short = e.op(Op::UShl(x.mantissa, 23));
    let long = e.op(Op::UShl(x.mantissa, 24));
    let radicand = e.op(Op::Select(odd, short, long));
    let square = e.op(Op::UMul(guess, guess));
    let remainder = e.op(Op::USub(radicand, square));
    let remainder = e.op(Op::UToI(remainder));
    let q = corrected_root(e, guess, remainder);

    let (bias_odd, bias_even) = (e.op(Op::U32(127)), e.op(Op::U32(126)));
    let bias = e.op(Op::Select(odd, bias_odd, bias_even));
    let exponent = e.op(Op::UAdd(x.exponent, bias));
    let exponent = e.op(Op::UShr(exponent, 1));
    let field = e.op(Op::UShl(exponent, 23));
    let hidden = e.op(Op::U32(HIDDEN));
    let fraction = e.op(Op::USub(q, hidden));
    let bits = e.op(Op::UAdd(field, fraction));
    root_edges(e, a, bits)
}

/// The root of a float in [1, 4), times 2^23, as an integer: three Newton steps of 1 / sqrt.
fn root_guess<E: Emit + ?Sized>(e: &mut E, radicand_bits: Val) -> Val {
    let radicand = e.op(Op::BitsToF(radicand_bits));
    let half = e.op(Op::F32(0.5_f32.to_bits()));
    let half = e.op(Op::FMul(radicand, half));
    let shifted = e.op(Op::UShr(radicand_bits, 1));
    let magic = e.op(Op::U32(0x5f37_59df));
    let start = e.op(Op::USub(magic, shifted));
    let mut inverse = e.op(Op::BitsToF(start));
    let three_halves = e.op(Op::F32(1.5_f32.to_bits()));
    for _ in 0..3 {
        let square = e.op(Op::FMul(inverse, inverse));
        let product = e.op(Op::FMul(half, square));
        let error = e.op(Op::FSub(three_halves, product));
        inverse = e.op(Op::FMul(inverse, error));
    }
    let guess = e.op(Op::FMul(radicand, inverse));
    scaled_to_integer(e, guess)
}

/// The rounded root from a guess and its remainder.
fn corrected_root<E: Emit + ?Sized>(e: &mut E, guess: Val, rem: Val) -> Val {
    let mut q = e.op(Op::UToI(guess));
    let mut remainder = rem;
    let (zero, one) = (e.op(Op::I32(0)), e.op(Op::I32(1)));
    for _ in 0..3 {
        let negative = e.op(Op::ILt(remainder, zero));
        let less = e.op(Op::ISub(q, one));
        let twice = e.op(Op::IAdd(less, less));
        let step = e.op(Op::IAdd(twice, one));
        let more = e.op(Op::IAdd(remainder, step));
        q = e.op(Op::Select(negative, less, q));
        remainder = e.op(Op::Select(negative, more, remainder));
    }
    for _ in 0..3 {
        let twice = e.op(Op::IAdd(q, q));
        let over = e.op(Op::ILt(twice, remainder));
        let step = e.op(Op::IAdd(twice, one));
        let less = e.op(Op::ISub(remainder, step));
        let more = e.op(Op::IAdd(q, one));
        q = e.op(Op::Select(over, more, q));
        remainder = e.op(Op::Select(over, less, remainder));
    }
    let up = e.op(Op::ILt(q, remainder));
    let more = e.op(Op::IAdd(q, one));
    let q = e.op(Op::Select(up, more, q));
    e.op(Op::IToU(q))
}
