//! The operations that functions are written with, on whatever computes them.

use super::{div, float_to_int, int_to_float, mul_hi, sqrt};

/// Something that computes: the host at once ([`Host`]), a builder later
/// ([`crate::ir::build::Builder`]). The bits of each operation are those of [`crate::ir::Op`].
pub trait Arithmetic {
    /// An f32.
    type Float: Copy;
    /// An i32.
    type Int: Copy;
    /// A u32.
    type Word: Copy;
    /// A condition.
    type Truth: Copy;

    /// A constant.
    fn f32(&mut self, value: f32) -> Self::Float;
    /// A constant.
    fn u32(&mut self, value: u32) -> Self::Word;

    /// a + b.
    fn fadd(&mut self, a: Self::Float, b: Self::Float) -> Self::Float;
    /// a - b.
    fn fsub(&mut self, a: Self::Float, b: Self::Float) -> Self::Float;
    /// a * b.
    fn fmul(&mut self, a: Self::Float, b: Self::Float) -> Self::Float;
    /// a / b, as [`div`].
    fn fdiv(&mut self, a: Self::Float, b: Self::Float) -> Self::Float;
    /// The square root, as [`sqrt`].
    fn fsqrt(&mut self, a: Self::Float) -> Self::Float;
    /// a < b.
    fn flt(&mut self, a: Self::Float, b: Self::Float) -> Self::Truth;
    /// a <= b.
    fn fle(&mut self, a: Self::Float, b: Self::Float) -> Self::Truth;

    /// The bits of a float.
    fn f_to_bits(&mut self, a: Self::Float) -> Self::Word;
    /// The float of these bits.
    fn bits_to_f(&mut self, a: Self::Word) -> Self::Float;
    /// Toward zero, for |a| < 2^31.
    fn f_to_i(&mut self, a: Self::Float) -> Self::Int;
    /// The float of an integer of at most 24 bits: exact.
    fn small_int_to_float(&mut self, a: Self::Int) -> Self::Float;
    /// The same bits, signed.
    fn u_to_i(&mut self, a: Self::Word) -> Self::Int;
    /// The same bits, unsigned.
    fn i_to_u(&mut self, a: Self::Int) -> Self::Word;
    /// a >> n, the sign moving in.
    fn isar(&mut self, a: Self::Int, n: u32) -> Self::Int;

    /// a + b, wrapping.
    fn uadd(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a - b, wrapping.
    fn usub(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a * b, wrapping.
    fn umul(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// The high word of a * b.
    fn umulhi(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a / n.
    fn udiv(&mut self, a: Self::Word, n: u32) -> Self::Word;
    /// a % n.
    fn urem(&mut self, a: Self::Word, n: u32) -> Self::Word;
    /// a & b.
    fn uand(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a | b.
    fn uor(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a ^ b.
    fn uxor(&mut self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a << n.
    fn ushl(&mut self, a: Self::Word, n: u32) -> Self::Word;
    /// a >> n.
    fn ushr(&mut self, a: Self::Word, n: u32) -> Self::Word;
    /// a < b.
    fn ult(&mut self, a: Self::Word, b: Self::Word) -> Self::Truth;
    /// a == b.
    fn ueq(&mut self, a: Self::Word, b: Self::Word) -> Self::Truth;

    /// a or b.
    fn or(&mut self, a: Self::Truth, b: Self::Truth) -> Self::Truth;
    /// `if condition { a } else { b }`.
    fn select_float(&mut self, c: Self::Truth, a: Self::Float, b: Self::Float) -> Self::Float;
    /// `if condition { a } else { b }`.
    fn select_word(&mut self, c: Self::Truth, a: Self::Word, b: Self::Word) -> Self::Word;
}

/// The host, which computes at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

/// Operations of the host, each one expression. Inlined always, so that loops over functions become
/// vectors.
macro_rules! host {
    ($($name:ident($($x:ident: $ty:ty),*) -> $result:ty = $value:expr;)*) => {
        $(#[inline(always)]
        fn $name(&mut self, $($x: $ty),*) -> $result {
            $value
        })*
    };
}

impl Arithmetic for Host {
    type Float = f32;
    type Int = i32;
    type Word = u32;
    type Truth = bool;

    host! {
        f32(value: f32) -> f32 = value;
        u32(value: u32) -> u32 = value;
        fadd(a: f32, b: f32) -> f32 = a + b;
        fsub(a: f32, b: f32) -> f32 = a - b;
        fmul(a: f32, b: f32) -> f32 = a * b;
        fdiv(a: f32, b: f32) -> f32 = div(a, b);
        fsqrt(a: f32) -> f32 = sqrt(a);
        flt(a: f32, b: f32) -> bool = a < b;
        fle(a: f32, b: f32) -> bool = a <= b;
        f_to_bits(a: f32) -> u32 = a.to_bits();
        bits_to_f(a: u32) -> f32 = f32::from_bits(a);
        f_to_i(a: f32) -> i32 = float_to_int(a);
        small_int_to_float(a: i32) -> f32 = int_to_float(a);
        u_to_i(a: u32) -> i32 = a.cast_signed();
        i_to_u(a: i32) -> u32 = a.cast_unsigned();
        isar(a: i32, n: u32) -> i32 = a >> n;
        uadd(a: u32, b: u32) -> u32 = a.wrapping_add(b);
        usub(a: u32, b: u32) -> u32 = a.wrapping_sub(b);
        umul(a: u32, b: u32) -> u32 = a.wrapping_mul(b);
        umulhi(a: u32, b: u32) -> u32 = mul_hi(a, b);
        udiv(a: u32, n: u32) -> u32 = a / n;
        urem(a: u32, n: u32) -> u32 = a % n;
        uand(a: u32, b: u32) -> u32 = a & b;
        uor(a: u32, b: u32) -> u32 = a | b;
        uxor(a: u32, b: u32) -> u32 = a ^ b;
        ushl(a: u32, n: u32) -> u32 = a << n;
        ushr(a: u32, n: u32) -> u32 = a >> n;
        ult(a: u32, b: u32) -> bool = a < b;
        ueq(a: u32, b: u32) -> bool = a == b;
        or(a: bool, b: bool) -> bool = a | b;
        select_float(c: bool, a: f32, b: f32) -> f32 = if c { a } else { b };
        select_word(c: bool, a: u32, b: u32) -> u32 = if c { a } else { b };
    }
}
