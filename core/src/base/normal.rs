//! The normal distribution on the host, in f64 with `libm`: the same bits on every machine.

use libm::{erfc, exp, fma, log, sqrt};

/// The probability that a standard normal number is at most `x`. Relative error below 1e-15
/// down to the subnormal tail.
pub fn cdf(x: f64) -> f64 {
    // erfc(-x / sqrt 2) / 2. Rounding x / sqrt 2 alone would cost x^2 ulp in the tail, so the
    // rounding error of the product enters as a first-order correction.
    const HIGH: f64 = std::f64::consts::FRAC_1_SQRT_2;
    const LOW: f64 = -4.833646656726457e-17;
    const FRAC_1_SQRT_PI: f64 = 0.564_189_583_547_756_3;
    let z = x * HIGH;
    if x.is_nan() || z.abs() > 28.0 {
        return 0.5 * erfc(-z);
    }
    let error = fma(x, HIGH, -z) + x * LOW;
    0.5 * erfc(-z) + error * FRAC_1_SQRT_PI * exp(-z * z)
}

/// The number that a standard normal number is below with probability `p`: the inverse of
/// [`cdf`]. Minus infinity at 0, infinity at 1, NaN outside [0, 1].
///
/// Algorithm AS 241 (PPND16), Wichura 1988: rational approximations in three ranges, with a
/// relative error of about 1e-16 before rounding.
pub fn quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * (polynomial(&CENTRE_OVER, r) / polynomial(&CENTRE_UNDER, r));
    }
    // 1 - p is exact here, because p > 0.5.
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = sqrt(-log(tail));
    let x = if r <= 5.0 {
        polynomial(&TAIL_OVER, r - 1.6) / polynomial(&TAIL_UNDER, r - 1.6)
    } else {
        polynomial(&FAR_OVER, r - 5.0) / polynomial(&FAR_UNDER, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}

/// The polynomial with these coefficients, constant first, by Horner's rule.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

// The coefficients as published, some with more digits than an f64 holds.
const CENTRE_OVER: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRE_UNDER: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_545e3,
];
const TAIL_OVER: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const TAIL_UNDER: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_OVER: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_UNDER: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        let error = (found - expected).abs() / expected.abs();
        assert!(error < 1.2e-15, "{found:e} is not {expected:e}: relative error {error:e}");
    }

    #[test]
    fn quantiles_agree_with_mpmath() {
        for (p, x) in [
            (f64::from_bits(1), -38.467405617144344),
            (1e-300, -37.0470962993612),
            (1.0 / (1u64 << 54) as f64, -8.292361075813595),
            (1e-12, -7.034483825301132),
            (0.001, -3.0902323061678136),
            (0.02425, -1.972961051311885),
            (0.075, -1.439531470938456),
            (0.1, -1.2815515655446004),
            (0.3, -0.5244005127080408),
            (0.499999, -2.5066282745665593e-06),
            (0.5000001, 2.506628273311648e-07),
            (0.92, 1.4050715603096329),
            (0.925, 1.4395314709384561),
            (0.999, 3.090232306167813),
            (0.99999999999, 6.706023143414748),
        ] {
            close(quantile(p), x);
        }
        assert_eq!(quantile(0.5), 0.0);
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
        assert!(quantile(-0.1).is_nan() && quantile(1.1).is_nan() && quantile(f64::NAN).is_nan());
    }

    #[test]
    fn distribution_agrees_with_mpmath() {
        for (x, p) in [
            (-37.5, 4.605353009581955e-308),
            (-20.0, 2.7536241186062337e-89),
            (-8.3, 5.205569744890254e-17),
            (-3.0, 0.0013498980316300946),
            (-1e-5, 0.49999601057719606),
            (0.7, 0.758036347776927),
            (5.0, 0.9999997133484281),
        ] {
            close(cdf(x), p);
        }
        assert_eq!(cdf(0.0), 0.5);
        assert_eq!((cdf(f64::NEG_INFINITY), cdf(f64::INFINITY)), (0.0, 1.0));
        assert!(cdf(f64::NAN).is_nan());
    }

    #[test]
    fn one_is_the_inverse_of_the_other() {
        for i in 1..2000 {
            let x = -7.0 + f64::from(i) * 0.0035;
            // Only the lower half: near 1, p cannot hold the precision of x.
            let found = quantile(cdf(x));
            assert!((found - x).abs() < 1e-15 * (1.0 + x.abs()), "{found} is not {x}");
        }
    }
}
