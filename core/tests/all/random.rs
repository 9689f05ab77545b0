//! Philox against the published vectors; the Poisson tables against the law, by enumeration.

use isospike_core::base::random::{self, PoissonTable, Tag, philox};

#[test]
fn philox_gives_the_published_vectors() {
    let ones = u32::MAX;
    let cases = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([ones; 4], [ones; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, expected) in cases {
        assert_eq!(philox(counter, key), expected);
    }
}

#[test]
fn words_of_different_places_share_a_counter_as_stated() {
    let seed = 0x0123_4567_89ab_cdef;
    let counter = |i: u32, d: u32| [(i / 64) * 16 + i % 16, 7, 3, 1 + 256 * d + 65536 * 2];
    for i in [0, 15, 16, 63, 64, 129, 100_000] {
        let expected = philox(counter(i, 5), [0x89ab_cdef, 0x0123_4567])[(i as usize / 16) % 4];
        assert_eq!(random::word(seed, i, 7, 3, 5, 2), expected);
    }
    assert_eq!(random::counter3(Tag::Initial, 255, 65535), 0xffff_ff08);
}

#[test]
fn no_two_neurons_share_a_word() {
    let mut words: Vec<u32> = (0..1024).map(|i| random::word(1, i, 0, 0, 0, 0)).collect();
    words.sort_unstable();
    words.dedup();
    // 1024 words of 2^32 collide with probability 1e-4; with this seed they do not.
    assert_eq!(words.len(), 1024);
}

#[test]
fn picks_and_uniforms_are_in_range() {
    assert_eq!(random::pick(0, 10), 0);
    assert_eq!(random::pick(u32::MAX, 10), 9);
    assert_eq!(random::pick(1 << 31, 10), 5);
    assert_eq!(random::pick(123, 0), 0);
    assert_eq!(random::uniform(0), 1.0 / 16_777_216.0);
    assert_eq!(random::uniform(u32::MAX), 1.0);
    assert_eq!(random::uniform(0x1234_5678), (0x123456 + 1) as f32 / 16_777_216.0);
    let words = philox([4, 2, 1, 8], [9, 0]);
    let (high, low) = (f64::from(words[0] >> 6), f64::from(words[1] >> 5));
    let expected = high / libm::exp2(26.0) + low / libm::exp2(53.0);
    assert_eq!(random::initial_uniform(9, 4, 2, 1), expected);
}

/// The law truncated at 31 events, by another way than the table's: logarithms.
fn law(mean: f64) -> [f64; 32] {
    let mut p = [0.0; 32];
    for (n, p) in p.iter_mut().enumerate() {
        let n = n as f64;
        *p = if mean == 0.0 {
            f64::from(u8::from(n == 0.0))
        } else {
            libm::exp(n * libm::log(mean) - mean - libm::lgamma(n + 1.0))
        };
    }
    let sum: f64 = p.iter().sum();
    p.map(|p| p / sum)
}

#[test]
fn poisson_tables_follow_the_law() {
    for mean in [0.0, 1e-9, 1e-4, 0.08, 0.5, 1.0, 1.76, 2.5, 5.0, 7.999, 8.0] {
        let table = PoissonTable::new(mean);
        // All 2^16 halves; where a half is a tie, all 2^16 more bits.
        let mut hits = [0_u64; 32];
        for half in 0..=u16::MAX {
            let column = usize::from(half & 31);
            if half >> 5 == table.threshold[column] {
                for tie in 0..=u16::MAX {
                    hits[table.count(half, || tie) as usize] += 1;
                }
            } else {
                hits[table.count(half, || unreachable!("not a tie")) as usize] += 1 << 16;
            }
        }
        for (n, (&hits, law)) in hits.iter().zip(law(mean)).enumerate() {
            let p = hits as f64 / 4_294_967_296.0;
            assert!((p - law).abs() < 2.4e-10, "mean {mean}, {n} events: {p} against {law}");
        }
    }
}

#[test]
fn a_mean_of_zero_never_gives_an_event() {
    let table = PoissonTable::new(0.0);
    for neuron in 0..100_000 {
        assert_eq!(random::poisson(&table, 3, neuron, 1, 0, 0), 0);
    }
}

#[test]
fn large_means_are_split_into_equal_tables() {
    assert_eq!(random::poisson_tables(0.0).len(), 1);
    assert_eq!(random::poisson_tables(8.0).len(), 1);
    assert_eq!(random::poisson_tables(8.1), vec![PoissonTable::new(4.05); 2]);
    assert_eq!(random::poisson_tables(80.0).len(), 10);
}

#[test]
fn poisson_counts_use_the_stated_bits() {
    let table = PoissonTable::new(1.5);
    let (seed, step, stream, copy) = (77, 12, 5, 3);
    let mut sum = 0;
    for neuron in 0..20_000 {
        let counter = [(neuron / 128) * 16 + neuron % 16, step, stream, 2 + 65536 * copy];
        let word = philox(counter, [seed as u32, 0])[(neuron / 32) as usize % 4];
        let half = if neuron / 16 % 2 == 0 { word & 0xffff } else { word >> 16 };
        let tie = philox([neuron, step, stream, 3 + 65536 * copy], [seed as u32, 0])[0] >> 16;
        let count = random::poisson(&table, seed, neuron, step, stream, copy);
        assert_eq!(count, table.count(half as u16, || tie as u16));
        sum += count;
    }
    // 20,000 draws of mean and variance 1.5: five standard deviations are 866.
    assert!((29_134..=30_866).contains(&sum), "{sum}");
}

/// The mean over bins of (found - expected)^2 / expected, which is about 1 for the right law.
fn chi_square_per_bin(found: &[u32], expected: &[f64]) -> f64 {
    let terms = found.iter().zip(expected).map(|(n, e)| (f64::from(*n) - e).powi(2) / e);
    terms.sum::<f64>() / (found.len() - 1) as f64
}

#[test]
fn uniform_and_normal_numbers_follow_their_laws() {
    const NUMBERS: u32 = 200_000;
    const BINS: usize = 100;
    let (mut uniform, mut normal) = ([0; BINS], [0; BINS]);
    for i in 0..NUMBERS {
        let word = |draw| random::word(11, i, 5, 2, draw, 0);
        // Bins of equal probability: a uniform number in (0, 1] is that of its own bin.
        let bin = |p: f64| ((p * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        uniform[bin(random::uniform(word(0)).into())] += 1;
        let number = isospike_core::base::numeric::function::normal(word(1), word(2));
        normal[bin(isospike_core::base::normal::cdf(number.into()))] += 1;
    }
    let expected = [f64::from(NUMBERS) / BINS as f64; BINS];
    // With 99 degrees of freedom: 1 with a standard deviation of sqrt(2 / 99) = 0.14; this is one
    // seed.
    for (name, found) in [("uniform", uniform), ("normal", normal)] {
        let chi_square = chi_square_per_bin(&found, &expected);
        assert!((0.6..1.5).contains(&chi_square), "{name}: {chi_square}");
    }
}

#[test]
fn a_probability_becomes_words_to_the_nearest() {
    let words = random::bernoulli_threshold;
    for (p, expected) in [
        (0.0, 0),
        (1.0, 1 << 32),
        (0.5, 1 << 31),
        (libm::exp2(-32.0), 1),
        (libm::exp2(-33.0), 1),
        (libm::exp2(-33.0) * 0.999, 0),
        (1.0 - libm::exp2(-32.0), (1 << 32) - 1),
        (1.0 - libm::exp2(-34.0), 1 << 32),
        // 0.001 Hz and 0.0001 Hz at 0.1 ms.
        (1e-7, 429),
        (1e-8, 43),
        (-0.1, 0),
        (1.5, 1 << 32),
        (f64::NAN, 0),
        (f64::INFINITY, 1 << 32),
        (f64::NEG_INFINITY, 0),
    ] {
        assert_eq!(words(p), expected, "{p}");
    }
}
