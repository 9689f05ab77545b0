//! Operations on single words: the meaning of [`Op`]s as plain Rust, for the block interpreter
//! (which applies them to arrays) and for scalars. All are `inline(always)` and free of branches.

#![deny(clippy::wildcard_enum_match_arm)]

use isospike_core::base::numeric::{FLUSH_BELOW_BITS, MAGNITUDE_BITS, MIN_NORMAL};
use isospike_core::ir::{Op, Val};
use isospike_core::ops;

#[inline(always)]
pub(crate) fn f(word: u32) -> f32 {
    f32::from_bits(word)
}

/// A condition as a word.
#[inline(always)]
pub(crate) fn mask(condition: bool) -> u32 {
    0_u32.wrapping_sub(u32::from(condition))
}

/// a / b; +0 where |a|, |b| or |a / b| is below 2^-126.
#[inline(always)]
pub(crate) fn divide(a: u32, b: u32) -> u32 {
    let quotient = f(a) / f(b);
    let tiny = (f(a).abs() < MIN_NORMAL) | (f(b).abs() < MIN_NORMAL);
    quotient.to_bits() & !mask(tiny | (quotient.abs() < MIN_NORMAL))
}

/// sqrt(a); +0 where a < 2^-126.
#[inline(always)]
pub(crate) fn square_root(a: u32) -> u32 {
    // The operand is replaced, not only the result: the root of a negative number is slow.
    let tiny = mask(f(a) < MIN_NORMAL);
    f(a & !tiny).sqrt().to_bits() & !tiny
}

/// |a| < 2^-63 as +0.
#[inline(always)]
pub(crate) fn flush(a: u32) -> u32 {
    a & !mask((a & MAGNITUDE_BITS) < FLUSH_BELOW_BITS)
}

/// c selects a (all ones) or b (all zeros).
#[inline(always)]
pub(crate) fn select(c: u32, a: u32, b: u32) -> u32 {
    (a & c) | (b & !c)
}

/// The word of an op whose operands are known. Leaves give 0: they are not operations.
pub(crate) fn evaluate(op: &Op, get: impl Fn(Val) -> u32) -> u32 {
    let words: Vec<u32> = op.operands().map(get).collect();
    match *words.as_slice() {
        [a] => unary(op, a),
        [a, b] => binary(op, a, b),
        [c, a, b] => select(c, a, b),
        _ => 0,
    }
}

/// An op of one operand.
#[inline(always)]
pub(crate) fn unary(op: &Op, a: u32) -> u32 {
    match *op {
        Op::FSqrt(_) => square_root(a),
        Op::ISar(_, n) => ((a as i32) >> n) as u32,
        Op::UDiv(_, n) => a / n,
        Op::URem(_, n) => a % n,
        Op::UShl(_, n) => a << n,
        Op::UShr(_, n) => a >> n,
        Op::Not(_) => !a,
        Op::IToF(_) => (a as i32 as f32).to_bits(),
        Op::FToI(_) => f(a) as i32 as u32,
        Op::FToBits(_) | Op::BitsToF(_) | Op::IToU(_) | Op::UToI(_) => a,
        Op::FAdd(..)
        | Op::FSub(..)
        | Op::FMul(..)
        | Op::FDiv(..)
        | Op::FLt(..)
        | Op::FLe(..)
        | Op::FEq(..)
        | Op::UAdd(..)
        | Op::USub(..)
        | Op::UMul(..)
        | Op::ILt(..)
        | Op::IEq(..)
        | Op::UEq(..)
        | Op::UMulHi(..)
        | Op::UAnd(..)
        | Op::And(..)
        | Op::UOr(..)
        | Op::Or(..)
        | Op::UXor(..)
        | Op::UShrBy(..)
        | Op::UShlBy(..)
        | Op::ULt(..)
        | Op::Select(..)
        | ops!(signed)
        | ops!(literal)
        | ops!(input)
        | ops!(memory)
        | ops!(thread) => a,
    }
}

/// An op of two operands.
#[inline(always)]
pub(crate) fn binary(op: &Op, a: u32, b: u32) -> u32 {
    match *op {
        Op::FAdd(..) => (f(a) + f(b)).to_bits(),
        Op::FSub(..) => (f(a) - f(b)).to_bits(),
        Op::FMul(..) => (f(a) * f(b)).to_bits(),
        Op::FDiv(..) => divide(a, b),
        Op::FLt(..) => mask(f(a) < f(b)),
        Op::FLe(..) => mask(f(a) <= f(b)),
        Op::FEq(..) => mask(f(a) == f(b)),
        Op::IAdd(..) | Op::UAdd(..) => a.wrapping_add(b),
        Op::ISub(..) | Op::USub(..) => a.wrapping_sub(b),
        Op::IMul(..) | Op::UMul(..) => a.wrapping_mul(b),
        Op::ILt(..) => mask((a as i32) < b as i32),
        Op::IEq(..) | Op::UEq(..) => mask(a == b),
        Op::UMulHi(..) => ((u64::from(a) * u64::from(b)) >> 32) as u32,
        Op::UAnd(..) | Op::And(..) => a & b,
        Op::UOr(..) | Op::Or(..) => a | b,
        Op::UXor(..) => a ^ b,
        Op::UShrBy(..) => a >> (b & 31),
        Op::UShlBy(..) => a << (b & 31),
        Op::ULt(..) => mask(a < b),
        Op::FSqrt(_)
        | Op::ISar(..)
        | Op::UDiv(..)
        | Op::URem(..)
        | Op::UShl(..)
        | Op::UShr(..)
        | Op::Not(_)
        | Op::IToF(_)
        | Op::FToI(_)
        | Op::Select(..)
        | ops!(reinterpret)
        | ops!(literal)
        | ops!(input)
        | ops!(memory)
        | ops!(thread) => 0,
    }
}
