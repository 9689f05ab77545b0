//! The tables of coefficients of functions, highest power first, and the constants of the
//! reductions.

/// log2(e).
pub const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// The high part of ln 2, 355/512: times any |n| < 2^15 it is exact.
pub const LN2_HIGH: f32 = 0.693_359_4;
/// ln 2 - [`LN2_HIGH`].
pub const LN2_LOW: f32 = -2.121_944_4e-4;
/// 1.5 * 2^23: adding it to |x| < 2^22 rounds x to an integer, held in the low bits.
pub const ROUNDER: f32 = 12_582_912.0;
/// The bits of [`ROUNDER`].
pub const ROUNDER_BITS: u32 = 0x4b40_0000;
/// The exponent field of 1.
pub const EXPONENT_BIAS: u32 = 127;
/// The bits of sqrt(1/2), where `log` cuts the binades.
pub const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
/// Arguments of `exp` are clamped to this from below: the result stays normal.
pub const EXP_MIN: f32 = -87.0;
/// Arguments of `exp` are clamped to this from above: the result stays finite.
pub const EXP_MAX: f32 = 88.0;
/// (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2.
pub const EXP: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5];
/// (ln(1 + f) - f + f^2 / 2) / f^3 on sqrt(1/2) <= 1 + f <= sqrt(2).
pub const LOG: [f32; 9] = [
    7.037_683_6e-2,
    -1.151_461e-1,
    1.167_699_84e-1,
    -1.242_014_1e-1,
    1.424_932_3e-1,
    -1.666_805_7e-1,
    2.000_071_4e-1,
    -2.499_999_4e-1,
    3.333_333e-1,
];
/// Below this magnitude `tanh` is a polynomial.
pub const TANH_SMALL: f32 = 0.625;
/// From this magnitude on `tanh` is that of this.
pub const TANH_MAX: f32 = 10.0;
/// (tanh(x) - x) / x^3 in x^2, |x| < 0.625.
pub const TANH: [f32; 5] =
    [-5.704_988_7e-3, 2.063_908_8e-2, -5.373_971_5e-2, 1.333_144_2e-1, -3.333_328e-1];
/// Arguments of `sin` and `cos` are clamped to this magnitude.
pub const TRIG_MAX: f32 = 8192.0;
/// 2 / pi.
pub const TWO_OVER_PI: f32 = std::f32::consts::FRAC_2_PI;
/// pi / 2 in three parts; the first two times any |n| < 2^13 are exact.
pub const HALF_PI: [f32; 3] = [1.570_312_5, 4.837_513e-4, 7.549_79e-8];
/// (sin(r) - r) / r^3 in r^2, |r| <= pi / 4.
pub const SIN: [f32; 3] = [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1];
/// (cos(r) - 1 + r^2 / 2) / r^4 in r^2, |r| <= pi / 4.
pub const COS: [f32; 3] = [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2];
/// pi / 2 / 2^24.
pub const ANGLE_UNIT: f32 = 9.362_676e-8;
/// Below this magnitude `exprel` is a polynomial.
pub const EXPREL_SMALL: f32 = 0.5;
/// 1 / (k + 1)! for k = 8 down to 0: the series of (exp(x) - 1) / x, cut where the next term
/// is below 2^-31 of the sum.
pub const EXPREL: [f32; 9] = [
    2.755_731_9e-6,
    2.480_158_7e-5,
    1.984_127e-4,
    1.388_888_9e-3,
    8.333_334e-3,
    4.166_666_8e-2,
    1.666_666_7e-1,
    0.5,
    1.0,
];
/// From this magnitude on every f32 is an integer.
pub const ALL_INTEGERS: f32 = 8_388_608.0;
