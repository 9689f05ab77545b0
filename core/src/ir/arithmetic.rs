//! Operations instead of numbers: what a function of [`crate::base::numeric::sequence`] computes on
//! the host, a builder appends.

use super::Val;
use super::build::Builder;
use crate::base::numeric::Arithmetic;

/// Functions of the trait that are methods of the builder.
macro_rules! appended {
    ($($name:ident($($x:ident: $ty:ty),*);)*) => {
        $(fn $name(&mut self, $($x: $ty),*) -> Val {
            Builder::$name(self, $($x),*)
        })*
    };
}

impl Arithmetic for Builder {
    type Float = Val;
    type Int = Val;
    type Word = Val;
    type Truth = Val;

    appended! {
        f32(value: f32);
        u32(value: u32);
        fadd(a: Val, b: Val);
        fsub(a: Val, b: Val);
        fmul(a: Val, b: Val);
        fdiv(a: Val, b: Val);
        fsqrt(a: Val);
        flt(a: Val, b: Val);
        fle(a: Val, b: Val);
        f_to_bits(a: Val);
        bits_to_f(a: Val);
        f_to_i(a: Val);
        small_int_to_float(a: Val);
        u_to_i(a: Val);
        i_to_u(a: Val);
        isar(a: Val, n: u32);
        uadd(a: Val, b: Val);
        usub(a: Val, b: Val);
        umul(a: Val, b: Val);
        umulhi(a: Val, b: Val);
        udiv(a: Val, n: u32);
        urem(a: Val, n: u32);
        uand(a: Val, b: Val);
        uor(a: Val, b: Val);
        uxor(a: Val, b: Val);
        ushl(a: Val, n: u32);
        ushr(a: Val, n: u32);
        ult(a: Val, b: Val);
        ueq(a: Val, b: Val);
        or(a: Val, b: Val);
    }

    fn select_float(&mut self, c: Val, a: Val, b: Val) -> Val {
        self.select(c, a, b)
    }

    fn select_word(&mut self, c: Val, a: Val, b: Val) -> Val {
        self.select(c, a, b)
    }
}
