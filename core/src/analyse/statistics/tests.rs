use super::*;
use crate::analyse::train::TrainPopulation;

fn train(spikes: &[(u32, u32, u32)]) -> SpikeTrain {
    let population =
        |name: &str, size| TrainPopulation { name: name.into(), size, reference_rate_hz: None };
    let mut train = SpikeTrain {
        dt_ms: 0.1,
        steps: 1000,
        batch: 1,
        populations: vec![population("a", 2), population("b", 4)],
        ..SpikeTrain::default()
    };
    for &(step, p, neuron) in spikes {
        train.push(step, 0, p, neuron);
    }
    train
}

#[test]
fn a_rate_is_spikes_per_neuron_and_second() {
    // 1000 steps of 0.1 ms are 0.1 s.
    let train = train(&[(1, 1, 0), (2, 1, 1), (3, 0, 1)]);
    let activity = activity(&train);
    assert!((activity[0].rate_hz.unwrap() - 5.0).abs() < 1e-9);
    assert!((activity[1].rate_hz.unwrap() - 5.0).abs() < 1e-9);
    assert_eq!(activity[1].spikes, 2);
    assert_eq!(activity[0].cv_isi, None);
    assert_eq!(Spikes::of(&train)[1].rates_hz(), [10.0, 10.0, 0.0, 0.0]);
}

#[test]
fn the_transient_does_not_count() {
    let mut train = train(&[(2, 1, 0), (500, 1, 0), (900, 1, 1)]);
    train.transient_steps = 500;
    let found = activity(&train)[1];
    assert_eq!(found.spikes, 3);
    // Two spikes of four neurons in 0.05 s.
    assert!((found.rate_hz.unwrap() - 10.0).abs() < 1e-9);
    train.transient_steps = 1000;
    assert_eq!(activity(&train)[1], Activity { spikes: 3, ..Activity::default() });
}

#[test]
fn regular_spikes_have_no_variation() {
    // Neuron a:0 fires every 10 steps; a:1 after 10 and 30: mean 20, deviation 10.
    let spikes = [(0, 0, 0), (0, 0, 1), (10, 0, 0), (10, 0, 1), (20, 0, 0), (40, 0, 1)];
    assert_eq!(activity(&train(&spikes))[0].cv_isi, Some(0.25));
}

#[test]
fn correlations_are_those_of_the_definition() {
    // 50 bins of 20 steps. Counts of b: 0 has bins 0 and 3, 1 has 0 (twice) and 7, 2 is silent,
    // 3 has 3 alone.
    let spikes =
        [(0, 1, 0), (1, 1, 1), (19, 1, 1), (60, 1, 0), (79, 1, 3), (140, 1, 1), (999, 0, 0)];
    let found = Spikes::of(&train(&spikes));
    let dense = |counts: &[(usize, f64)]| {
        let mut bins = [0.0; 50];
        counts.iter().for_each(|&(bin, count)| bins[bin] = count);
        bins
    };
    let rows = [dense(&[(0, 1.0), (3, 1.0)]), dense(&[(0, 2.0), (7, 1.0)]), dense(&[(3, 1.0)])];
    let covariance = |a: &[f64], b: &[f64]| {
        let (ma, mb) = (mean(a).unwrap(), mean(b).unwrap());
        a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum::<f64>()
    };
    let expected = [(0, 1), (0, 2), (1, 2)].map(|(i, j)| {
        let scale = covariance(&rows[i], &rows[i]) * covariance(&rows[j], &rows[j]);
        covariance(&rows[i], &rows[j]) / scale.sqrt()
    });
    let pairs = found[1].correlations();
    assert_eq!(pairs.len(), 3);
    for (pair, expected) in pairs.iter().zip(expected) {
        assert!((pair - expected).abs() < 1e-12, "{pair}, not {expected}");
    }
    let by_square = found[1].correlation().unwrap();
    assert!((by_square - mean(&pairs).unwrap()).abs() < 1e-12);
    // A neuron alone has no pair.
    assert_eq!((found[0].correlations().len(), found[0].correlation()), (0, None));
}

#[test]
fn copies_are_not_correlated_with_each_other() {
    let mut train = train(&[(0, 0, 0), (0, 0, 1), (200, 0, 1)]);
    train.batch = 2;
    train.push(0, 1, 0, 0);
    train.push(600, 1, 0, 1);
    let pairs = Spikes::of(&train)[0].correlations();
    assert_eq!(pairs.len(), 2);
    assert!(pairs[0] > 0.6 && pairs[1] < 0.0, "{pairs:?}");
}

/// One population whose neurons have intervals of this kind for so many steps of 0.1 ms.
fn renewal(neurons: u32, steps: u32, mut interval_steps: impl FnMut() -> f64) -> SpikeTrain {
    let population = TrainPopulation { name: "a".into(), size: neurons, reference_rate_hz: None };
    let mut train = SpikeTrain {
        dt_ms: 0.1,
        steps,
        batch: 1,
        populations: vec![population],
        ..SpikeTrain::default()
    };
    let mut spikes = Vec::new();
    for neuron in 0..neurons {
        let mut at = interval_steps();
        while at < f64::from(steps) {
            spikes.push((at as u32, neuron));
            at += interval_steps();
        }
    }
    spikes.sort_unstable();
    spikes.dedup();
    spikes.iter().for_each(|&(step, neuron)| train.push(step, 0, 0, neuron));
    train
}

/// Intervals of a gamma distribution of an integer shape: sums of exponential ones.
fn gamma(shape: u32, mean_steps: f64) -> impl FnMut() -> f64 {
    let mut index = 0;
    move || {
        let mut sum = 0.0;
        for _ in 0..shape {
            let word = crate::base::random::philox([index, 0, 0, 0], [11, shape])[0];
            index += 1;
            sum -= libm::log((f64::from(word) + 0.5) / 4_294_967_296.0);
        }
        sum * mean_steps / f64::from(shape)
    }
}

#[test]
fn irregularity_of_gamma_processes_is_that_of_their_closed_forms() {
    // A shape k and a rate r: CV = 1 / sqrt k; LvR = 3 / (2k + 1) * (1 + 4 R k r / (2k - 1)), as
    // the share of the first of two intervals is Beta(k, k) and independent of their sum. Shape 1
    // is the Poisson process.
    for shape in [1, 2, 4] {
        let found = activity(&renewal(40, 2_000_000, gamma(shape, 1000.0)))[0];
        let k = f64::from(shape);
        let lvr = 3.0 / (2.0 * k + 1.0) * (1.0 + 4.0 * 5.0 * k * 0.01 / (2.0 * k - 1.0));
        let near = |found: Option<f64>, expected: f64| {
            let found = found.unwrap();
            assert!((found / expected - 1.0).abs() < 0.01, "shape {k}: {found}, not {expected}");
        };
        near(found.cv_isi, 1.0 / k.sqrt());
        near(found.lvr, lvr);
        near(found.isi_mean_ms, 100.0);
        // 40 neurons, 200 s, 10 Hz.
        assert!((78_000..82_000).contains(&found.isi_count), "{}", found.isi_count);
        assert!(!found.isi_short);
    }
}

#[test]
fn regular_spikes_have_no_local_variation_either() {
    let found = activity(&renewal(3, 1000, || 50.0))[0];
    assert_eq!((found.cv_isi, found.lvr), (Some(0.0), Some(0.0)));
    assert_eq!((found.isi_count, found.isi_short), (3 * 18, false));
}

#[test]
fn the_local_variation_of_two_intervals_is_that_of_the_formula() {
    // Intervals of 10 and 30 steps of 0.1 ms: 3 (1 - 4 * 3 / 16) (1 + 20 / 4).
    let spikes = [(0, 0, 1), (10, 0, 1), (40, 0, 1)];
    let found = activity(&train(&spikes))[0];
    assert!((found.lvr.unwrap() - 3.0 * 0.25 * 6.0).abs() < 1e-12, "{:?}", found.lvr);
    assert_eq!(found.isi_count, 2);
}

#[test]
fn a_run_of_few_mean_intervals_is_marked() {
    // Poisson at 10 Hz, for 0.5 s and for 2 s: 5 and 20 mean intervals. The short run has no long
    // intervals, so that its variation is too small.
    let short = activity(&renewal(400, 5_000, gamma(1, 1000.0)))[0];
    assert!(short.isi_short && short.cv_isi.unwrap() < 0.8, "{short:?}");
    let long = activity(&renewal(400, 20_000, gamma(1, 1000.0)))[0];
    assert!(!long.isi_short && long.cv_isi.unwrap() > 0.85, "{long:?}");
    // Exactly ten are enough, and neurons that never spike do not count.
    let ten: Vec<_> = (0..10).map(|i| (100 * i, 1, 0)).collect();
    let found = activity(&train(&ten))[1];
    assert_eq!((found.isi_mean_ms, found.isi_short), (Some(10.0), false));
    let nine = activity(&train(&ten[1..]))[1];
    assert!(nine.isi_short);
    assert_eq!(activity(&train(&[]))[0], Activity { rate_hz: Some(0.0), ..Activity::default() });
}
