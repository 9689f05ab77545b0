//! The definition of every operation's bits, as plain Rust on words.
//!
//! [`crate::ir::Op`]s not listed here are what Rust's operators do: `+ - *` and comparisons on f32
//! (round to nearest even, never contracted), wrapping integers, bit casts. Those with a rule of
//! their own are functions of this module. [`sequence`] has the mathematical functions, written
//! once over what computes them ([`Arithmetic`]): [`function`] computes them at once,
//! [`crate::ir::math`] appends them as operations. [`crate::oracle::function`] has them written
//! directly, and the tests hold all against each other. Sources and measured errors are in
//! `docs/numerics.md`.

mod arithmetic;
pub mod constant;
pub mod decay;
pub mod function;
pub mod sequence;

pub use arithmetic::{Arithmetic, Host};

/// The smallest normal f32, 2^-126. Nothing smaller takes part in a division or a square root.
pub const MIN_NORMAL: f32 = f32::MIN_POSITIVE;

/// The bits of 2^-63: what is stored as state with a smaller magnitude becomes +0.
pub const FLUSH_BELOW_BITS: u32 = 0x2000_0000;

/// The bits of a magnitude: everything but the sign.
pub const MAGNITUDE_BITS: u32 = 0x7fff_ffff;

/// The bits of infinity: magnitudes from here on are not finite.
pub const INFINITY_BITS: u32 = 0x7f80_0000;

/// [`crate::ir::Op::FDiv`]: a / b correctly rounded; +0 where |a|, |b| or the rounded |a / b| is
/// below 2^-126.
///
/// One quotient makes a difference between the rounded and the exact one: the largest mantissa over
/// a power of two, just below 2^-126, is half-way between the last subnormal and 2^-126 and gives
/// 2^-126.
pub fn div(a: f32, b: f32) -> f32 {
    let quotient = a / b;
    let tiny = abs(a) < MIN_NORMAL || abs(b) < MIN_NORMAL || abs(quotient) < MIN_NORMAL;
    if tiny { 0.0 } else { quotient }
}

/// [`crate::ir::Op::FSqrt`]: sqrt(a) correctly rounded; +0 where a < 2^-126.
pub fn sqrt(a: f32) -> f32 {
    if a < MIN_NORMAL { 0.0 } else { a.sqrt() }
}

/// [`crate::ir::Op::IToF`]: nearest, ties to even.
pub fn int_to_float(a: i32) -> f32 {
    a as f32
}

/// [`crate::ir::Op::FToI`]: toward zero, for |a| < 2^31. Elsewhere a device may give anything and
/// no lowered code reads; here it saturates and NaN gives 0.
pub fn float_to_int(a: f32) -> i32 {
    a as i32
}

/// [`crate::ir::Op::UMulHi`]: the high word of the product.
pub fn mul_hi(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

/// -a: the sign bit flipped.
pub fn neg(a: f32) -> f32 {
    sequence::neg(&mut Host, a)
}

/// |a|: the sign bit cleared.
#[inline]
pub fn abs(a: f32) -> f32 {
    sequence::abs(&mut Host, a)
}

/// Flushes as storing state does: |a| < 2^-63 (so -0 too) becomes +0.
#[inline]
pub fn flush(a: f32) -> f32 {
    f32::from_bits(sequence::flush(&mut Host, a))
}

/// [`flush`] on bits.
pub fn flush_bits(bits: u32) -> u32 {
    if bits & MAGNITUDE_BITS < FLUSH_BELOW_BITS { 0 } else { bits }
}

/// A host value where it meets a device value: rounded to nearest even, and +0 where the result
/// is below 2^-126, because some devices read such a literal as 0.
pub fn round_host(x: f64) -> f32 {
    let rounded = x as f32;
    if abs(rounded) < MIN_NORMAL { 0.0 } else { rounded }
}
