//! Faults of arithmetic and of compilers: levels 1 and 2.

use crate::Mutant;
use crate::wrong::{Site, arithmetic, constant, kernels};
use isospike_conformance::suite::Level::{Functions, Ops};
use isospike_core::base::numeric::constant as k;
use isospike_core::base::numeric::{FLUSH_BELOW_BITS, MIN_NORMAL};
use isospike_core::ir::{Op, Val};

/// Faults of a compiler, a driver or a processor in operations.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "fma", expected: Ops, backend: || arithmetic(fma),
        what: "A product that feeds a sum or difference is not rounded." },
    Mutant { name: "wide_temporaries", expected: Ops, backend: || arithmetic(wide_temporaries),
        what: "Values between two operations have the precision of f64." },
    Mutant { name: "reassociation", expected: Ops, backend: || arithmetic(reassociation),
        what: "(a + b) + c is computed as a + (b + c)." },
    Mutant { name: "reciprocal_division", expected: Ops, backend: || arithmetic(reciprocal_division),
        what: "a / b is a * (1 / b)." },
    Mutant { name: "tiny_quotients_kept",
        expected: Ops,
        backend: || arithmetic(tiny_quotients_kept),
        what: "Quotients and divisors below 2^-126 are not taken for 0." },
    Mutant { name: "approximate_sqrt", expected: Ops, backend: || arithmetic(approximate_sqrt),
        what: "sqrt(a) is a * (1 / sqrt(a))." },
    Mutant { name: "int_to_float_toward_zero", expected: Ops, backend: || arithmetic(int_to_float_toward_zero),
        what: "An i32 becomes the f32 toward zero, not the nearest." },
    Mutant { name: "float_to_int_nearest", expected: Ops, backend: || arithmetic(float_to_int_nearest),
        what: "An f32 becomes the nearest i32, not the one toward zero." },
    Mutant { name: "at_most_is_below", expected: Ops, backend: || arithmetic(at_most_is_below),
        what: "a <= b is taken for a < b." },
    Mutant { name: "saturating_add", expected: Ops, backend: || arithmetic(saturating_add),
        what: "Sums of i32 saturate instead of wrapping." },
    Mutant { name: "shift_keeps_sign", expected: Ops, backend: || arithmetic(shift_keeps_sign),
        what: "An unsigned shift to the right copies the highest bit." },
    Mutant { name: "shift_loses_sign", expected: Ops, backend: || arithmetic(shift_loses_sign),
        what: "A signed shift to the right fills with zeros." },
    Mutant { name: "signed_below", expected: Ops, backend: || arithmetic(signed_below),
        what: "Unsigned words are compared as signed ones." },
    Mutant { name: "mul_hi_without_carry", expected: Ops, backend: || arithmetic(mul_hi_without_carry),
        what: "The high word of a product lacks the carry of its middle." },
    Mutant { name: "native_exp", expected: Functions, backend: || arithmetic(native_exp),
        what: "exp has 22 good bits, as a GPU's own." },
    Mutant { name: "native_ln", expected: Functions, backend: || arithmetic(native_ln),
        what: "The last bit of ln is lost." },
    Mutant { name: "native_tanh", expected: Functions, backend: || kernels(|kernel| constant(kernel, k::TANH_SMALL.to_bits(), 0)),
        what: "tanh is made of exp near 0 too." },
    Mutant { name: "native_sin", expected: Functions, backend: || kernels(|kernel| constant(kernel, k::HALF_PI[2].to_bits(), 0)),
        what: "sin and cos take pi / 2 for the sum of two floats instead of three." },
    Mutant { name: "other_exp", expected: Functions, backend: || kernels(|kernel| constant(kernel, k::EXP[4].to_bits(), k::EXP[4].to_bits() + 1)),
        what: "A coefficient of exp differs in its last bit." },
    Mutant { name: "select_is_min", expected: Functions, backend: || arithmetic(select_is_min),
        what: "`if a < b { a } else { b }` is a minimum for which -0 is below +0." },
    Mutant { name: "subnormals_kept", expected: Functions, backend: || kernels(|kernel| constant(kernel, FLUSH_BELOW_BITS, 0)),
        what: "State below 2^-63 is stored as it is." },
    Mutant { name: "flushed_early", expected: Functions, backend: || kernels(|kernel| constant(kernel, FLUSH_BELOW_BITS, FLUSH_BELOW_BITS + 1)),
        what: "State of 2^-63 is stored as 0 too." },
];

fn fma(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let fused = match s.op(at) {
        Op::FAdd(a, b) => match (s.op(a), s.op(b)) {
            (Op::FMul(x, y), _) => s.f(x).mul_add(s.f(y), s.f(b)),
            (_, Op::FMul(x, y)) => s.f(x).mul_add(s.f(y), s.f(a)),
            _ => return None,
        },
        Op::FSub(a, b) => match (s.op(a), s.op(b)) {
            (Op::FMul(x, y), _) => s.f(x).mul_add(s.f(y), -s.f(b)),
            (_, Op::FMul(x, y)) => (-s.f(x)).mul_add(s.f(y), s.f(a)),
            _ => return None,
        },
        _ => return None,
    };
    Some(fused.to_bits())
}

fn wide_temporaries(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let f = |val| f64::from(s.f(val));
    let wide = |val| match s.op(val) {
        Op::FAdd(a, b) => f(a) + f(b),
        Op::FSub(a, b) => f(a) - f(b),
        Op::FMul(a, b) => f(a) * f(b),
        _ => f(val),
    };
    let result = match s.op(at) {
        Op::FAdd(a, b) => wide(a) + wide(b),
        Op::FSub(a, b) => wide(a) - wide(b),
        Op::FMul(a, b) => wide(a) * wide(b),
        _ => return None,
    };
    Some((result as f32).to_bits())
}

fn reassociation(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FAdd(sum, c) = s.op(at) else { return None };
    let Op::FAdd(a, b) = s.op(sum) else { return None };
    Some((s.f(a) + (s.f(b) + s.f(c))).to_bits())
}

fn reciprocal_division(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FDiv(a, b) = s.op(at) else { return None };
    Some((s.f(a) * (1.0 / s.f(b))).to_bits())
}

fn tiny_quotients_kept(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    match s.op(at) {
        Op::FDiv(a, b) => Some((s.f(a) / s.f(b)).to_bits()),
        // The rules that kernels write around a division.
        Op::ULt(_, least) if s.op(least) == Op::U32(MIN_NORMAL.to_bits()) => Some(0),
        _ => None,
    }
}

fn approximate_sqrt(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FSqrt(a) = s.op(at) else { return None };
    Some((s.f(a) * (1.0 / s.f(a).sqrt())).to_bits())
}

fn int_to_float_toward_zero(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::IToF(a) = s.op(at) else { return None };
    let nearest = s.i(a) as f32;
    let beyond = f64::from(nearest).abs() > f64::from(s.i(a)).abs();
    Some(nearest.to_bits() - u32::from(beyond))
}

fn float_to_int_nearest(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FToI(a) = s.op(at) else { return None };
    Some(s.f(a).round_ties_even() as i32 as u32)
}

fn at_most_is_below(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FLe(a, b) = s.op(at) else { return None };
    Some(u32::from(s.f(a) < s.f(b)))
}

fn saturating_add(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::IAdd(a, b) = s.op(at) else { return None };
    Some(s.i(a).saturating_add(s.i(b)) as u32)
}

fn shift_keeps_sign(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UShr(a, n) = s.op(at) else { return None };
    Some((s.i(a) >> n) as u32)
}

fn shift_loses_sign(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::ISar(a, n) = s.op(at) else { return None };
    Some(s.u(a) >> n)
}

fn signed_below(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::ULt(a, b) = s.op(at) else { return None };
    Some(u32::from(s.i(a) < s.i(b)))
}

fn mul_hi_without_carry(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UMulHi(a, b) = s.op(at) else { return None };
    let ([a_high, a_low], [b_high, b_low]) = (halves(s.u(a)), halves(s.u(b)));
    // Without the bits that the low halves and the two middle products carry into the high word.
    Some(a_high * b_high + ((a_high * b_low) >> 16) + ((a_low * b_high) >> 16))
}

fn halves(word: u32) -> [u32; 2] {
    [word >> 16, word & 0xffff]
}

fn native_exp(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FMul(mantissa, power) = s.op(at) else { return None };
    let Op::BitsToF(power_bits) = s.op(power) else { return None };
    let is_exp = matches!(s.op(power_bits), Op::UShl(_, 23));
    is_exp.then(|| (s.f(mantissa) * s.f(power)).to_bits() & !3)
}

fn native_ln(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::FAdd(low, high) = s.op(at) else { return None };
    let Op::FMul(_, factor) = s.op(high) else { return None };
    let is_ln = s.op(factor) == Op::F32(k::LN2_HIGH.to_bits());
    is_ln.then_some((s.f(low) + s.f(high)).to_bits() & !1)
}

/// `if a < b { a } else { b }` is a minimum for which -0 is below +0.
fn select_is_min(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::Select(c, a, b) = s.op(at) else { return None };
    let zeros = s.op(c) == Op::FLt(a, b) && s.f(a) == 0.0 && s.f(b) == 0.0;
    zeros.then_some(s.u(a) | s.u(b))
}
