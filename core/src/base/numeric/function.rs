//! The functions of the model language on the host, in plain f32: those of [`super::sequence`],
//! computed at once.

use super::{Host, sequence};

/// Functions of numbers, each the sequence of its name.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($x:ident: $ty:ty),*);)*) => {
        $($(#[$doc])*
        #[inline]
        pub fn $name($($x: $ty),*) -> f32 {
            sequence::$name(&mut Host, $($x),*)
        })*
    };
}

functions! {
    /// exp(x), x clamped to [-87, 88].
    exp(x: f32);
    /// ln(x); everything that is not above 2^-126 counts as 2^-126.
    log(x: f32);
    /// tanh(x).
    tanh(x: f32);
    /// sin(x), |x| clamped to 8192.
    sin(x: f32);
    /// cos(x), |x| clamped to 8192.
    cos(x: f32);
    /// cos(2 pi turn / 2^32), of the top 26 bits of the turn.
    cos2pi(turn: u32);
    /// (exp(x) - 1) / x, 1 at 0, with `exp`'s clamp.
    exprel(x: f32);
    /// The largest integer not above x; never -0 below 2^23.
    floor(x: f32);
    /// The smallest integer not below x; never -0 below 2^23.
    ceil(x: f32);
    /// `if a < b { a } else { b }`.
    min(a: f32, b: f32);
    /// `if a < b { b } else { a }`.
    max(a: f32, b: f32);
    /// `min(max(x, lo), hi)`.
    clamp(x: f32, lo: f32, hi: f32);
    /// x^y as `exp(y * ln(x))`.
    pow(x: f32, y: f32);
    /// x^n as the product ((x * x) * x) * ...; 1 for n = 0.
    pow_integer(x: f32, n: u32);
    /// A standard normal number from two words: `sqrt(-2 * ln(uniform(r))) * cos2pi(q)`.
    normal(r: u32, q: u32);
}
