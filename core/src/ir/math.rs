//! Functions as sequences of operations: [`crate::base::numeric::sequence`] on a
//! [`super::build::Builder`], and the sequences that stand in for operations a device does not
//! promise ([`emulate`]).

mod emulate;

pub use crate::base::numeric::sequence::{
    abs, bernoulli, ceil, clamp, cos, cos2pi, exp, exprel, floor, flush, log, max, min, neg,
    normal, philox, pow, pow_integer, random_word, sin, tanh, uniform,
};
pub use emulate::{
    compare_by_bits, div_rn_emulated, div_rn_from_guess, int_to_float_split, mul_hi_split,
    sqrt_rn_emulated, sqrt_rn_from_guess,
};
pub(super) use emulate::{guarded_div, guarded_sqrt};
