//! Draws: what each word gives, delays, and keyed permutations.

use isospike_core::base::random::{key, philox};
use isospike_core::connect::Distribution;
use isospike_core::connect::{Draw, Permutation, RealDraw, TABLE_LEN, delay_steps};
use isospike_core::plan::lower::quantise::quantise;

fn normal(mean: f64, sd: f64, lo: f64, hi: f64, redraw: bool) -> Vec<f64> {
    match RealDraw::new(&Distribution::Normal { mean, sd, lo, hi, redraw }) {
        RealDraw::Table(values) => values.to_vec(),
        other => panic!("{other:?}"),
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt())
}

#[test]
fn quantiles_are_a_normal_distribution() {
    let values = normal(1.5, 0.75, f64::NEG_INFINITY, f64::INFINITY, false);
    assert_eq!(values.len(), TABLE_LEN);
    assert!(values.is_sorted());
    let (mean, sd) = moments(&values);
    assert!((mean - 1.5).abs() < 1e-12 && (sd - 0.75).abs() < 2e-4, "{mean}, {sd}");
    // The middle of the upper half is the third quartile.
    assert!((values[49_152] - (1.5 + 0.75 * 0.674_49)).abs() < 1e-4);
}

#[test]
fn clipping_piles_up_and_drawing_again_does_not() {
    let clipped = normal(0.0, 1.0, -1.0, 2.0, false);
    let at_lo = clipped.iter().filter(|&&v| v == -1.0).count() as f64 / TABLE_LEN as f64;
    assert!((at_lo - 0.158_655).abs() < 1e-4, "{at_lo}");
    let redrawn = normal(0.0, 1.0, -1.0, 2.0, true);
    assert!(redrawn.is_sorted() && redrawn.iter().all(|v| (-1.0..=2.0).contains(v)));
    assert!(redrawn.iter().filter(|&&v| v == -1.0).count() <= 1);
    // (pdf(-1) - pdf(2)) / (cdf(2) - cdf(-1))
    let (mean, _) = moments(&redrawn);
    assert!((mean - (0.241_970_7 - 0.053_991_0) / (0.977_249_9 - 0.158_655_3)).abs() < 1e-5);
}

#[test]
fn far_tails_keep_their_digits() {
    // Mirrored intervals give mirrored tables, although cdf(x) rounds to 1 on one side.
    let left = normal(0.0, 1.0, -12.0, -9.0, true);
    let right = normal(0.0, 1.0, 9.0, 12.0, true);
    let mirrored: Vec<f64> = right.iter().rev().map(|v| -v).collect();
    assert_eq!(left, mirrored);
    assert!(left.is_sorted());
    // The mean beyond 9 is pdf(9) / (1 - cdf(9)) = 9.1085 (Mills' ratio).
    let (mean, _) = moments(&right);
    assert!((mean - 9.1085).abs() < 1e-3, "{mean}");
}

#[test]
fn no_spread_is_a_constant() {
    let distribution = Distribution::Normal { mean: 5.0, sd: 0.0, lo: 0.0, hi: 3.0, redraw: false };
    assert_eq!(RealDraw::new(&distribution), RealDraw::Constant(3.0));
}

#[test]
fn uniform_covers_both_bounds_evenly() {
    let draw = RealDraw::Uniform(-1.5, 2.25).round(|w| quantise(w, 2));
    assert_eq!(draw, Draw::Uniform { lo: -6, span: 16 });
    assert_eq!((draw.get(0), draw.get(u32::MAX)), (-6, 9));
    assert_eq!((draw.min(), draw.max(), draw.max_abs()), (-6, 9, 9));
    let mut counts = [0; 16];
    for m in 0..1 << 16 {
        counts[(draw.get(m << 16) + 6) as usize] += 1;
    }
    assert_eq!(counts, [1 << 12; 16]);
}

#[test]
fn extremes_of_32_bits() {
    let draw = RealDraw::Uniform(-2e9, 2e9).round(|w| quantise(w, 0));
    assert_eq!((draw.get(0), draw.get(u32::MAX)), (-2_000_000_000, 2_000_000_000));
    assert_eq!(draw.max_abs(), 2_000_000_000);
}

#[test]
fn delays_round_to_the_nearest_step() {
    assert_eq!(delay_steps(1.5, 0.1), 15);
    assert_eq!(delay_steps(0.25, 0.5), 1);
    assert_eq!(delay_steps(0.75, 0.5), 2, "halves go up");
    assert_eq!(delay_steps(0.74, 0.5), 1);
    assert_eq!((delay_steps(0.0, 0.1), delay_steps(0.04, 0.1)), (1, 1), "at least one step");
    let delay = RealDraw::new(&Distribution::Normal {
        mean: 0.3,
        sd: 0.3,
        lo: 0.0,
        hi: f64::INFINITY,
        redraw: true,
    });
    assert_eq!(delay.round(|d| delay_steps(d, 0.1)).min(), 1);
}

#[test]
fn weights_round_to_the_nearest_unit() {
    assert_eq!((quantise(0.375, 2), quantise(-0.375, 2)), (2, -2), "halves away from zero");
    assert_eq!((quantise(5.0, -1), quantise(-0.1, 3)), (3, -1));
}

/// Sentence 3.4 of the semantics, one number at a time.
fn naive_permutation(seed: u64, owner: u32, projection: u32, n: u32, j: u32) -> u32 {
    let mix = |h: u32| {
        let h = h.wrapping_mul(0x7feb_352d);
        let h = (h ^ h >> 15).wrapping_mul(0x846c_a68b);
        h ^ h >> 16
    };
    let bits = (0..32).find(|&b| u64::from(n - 1) < 1 << b).unwrap();
    let half = 1 << ((bits + 1) / 2);
    let (mut low, mut high) = (j % half, j / half);
    for r in 0..if n <= 64 { 24 } else { 12 } {
        let words = philox([r / 4, owner, projection, 7], key(seed));
        let word = words[(r % 4) as usize];
        if r % 2 == 0 {
            low ^= mix(high.wrapping_add(word)) % half;
        } else {
            high ^= mix(low.wrapping_add(word)) % (1 << (bits / 2));
        }
    }
    let x = high * half + low;
    if x < n { x } else { naive_permutation(seed, owner, projection, n, x) }
}

#[test]
fn permutations_are_what_the_semantics_say() {
    for n in [1, 2, 3, 50, 64, 65, 1_000, 20_683] {
        let permutation = Permutation::new(0x1234_5678_9abc, 6, 2, n);
        for j in (0..n).take(300) {
            let expected = naive_permutation(0x1234_5678_9abc, 6, 2, n, j);
            assert_eq!(permutation.apply(j), expected, "n = {n}, j = {j}");
        }
    }
}

#[test]
fn permutations_are_bijections() {
    for n in (1..200).chain([255, 256, 257, 1_000, 4_097, 20_683, 65_536, 100_000]) {
        for owner in 0..3 {
            let permutation = Permutation::new(9, owner, 1, n);
            let mut seen = vec![false; n as usize];
            for j in 0..n {
                let x = permutation.apply(j) as usize;
                assert!(!seen[x], "n = {n}: {x} twice");
                seen[x] = true;
            }
        }
    }
    // The largest n: only look that it stays inside and takes different places.
    let permutation = Permutation::new(9, 0, 1, u32::MAX);
    let mut places: Vec<u32> = (0..10_000).map(|j| permutation.apply(j)).collect();
    places.sort_unstable();
    places.dedup();
    assert!(places.len() == 10_000 && *places.last().unwrap() < u32::MAX);
}

/// Over many keys each image, and each pair of images of neighbours, is equally likely.
#[test]
fn permutations_are_uniform() {
    for n in [2_u32, 3, 5, 8, 13, 20, 65] {
        let keys = 100_000;
        let mut single = vec![0.0; (n * n) as usize];
        let mut pair = vec![0.0; (n * n) as usize];
        for owner in 0..keys {
            let permutation = Permutation::new(4, owner, 0, n);
            let images: Vec<u32> = (0..n).map(|j| permutation.apply(j)).collect();
            for (j, &x) in images.iter().enumerate() {
                single[j * n as usize + x as usize] += 1.0;
            }
            pair[(images[0] * n + images[1]) as usize] += 1.0;
        }
        let chi_square = |counts: &[f64], mean: f64| -> f64 {
            counts.iter().map(|c| (c - mean) * (c - mean) / mean).sum()
        };
        let n = f64::from(n);
        let freedom = (n - 1.0) * (n - 1.0);
        let single = chi_square(&single, f64::from(keys) / n);
        // Rows and columns are both fixed, so the cells vary a little more than independent ones.
        let single = (single * (n - 1.0) / n - freedom) / (2.0 * freedom).sqrt();
        assert!(single < 5.0, "n = {n}: images {single} sd");
        let pair: Vec<f64> = pair.into_iter().filter(|&c| c > 0.0).collect();
        assert_eq!(pair.len() as f64, n * (n - 1.0), "every pair of images occurs");
        let freedom = n * (n - 1.0) - 1.0;
        let pair = chi_square(&pair, f64::from(keys) / (n * (n - 1.0)));
        assert!((pair - freedom) / (2.0 * freedom).sqrt() < 5.0, "n = {n}: pairs {pair}");
    }
}
