use super::*;
use crate::train::TrainPopulation;

fn train(spikes: &[(u32, u32, u32)]) -> Train {
    let population =
        |name: &str, size| TrainPopulation { name: name.into(), size, reference_rate_hz: None };
    let mut train = Train {
        dt_ms: 0.1,
        steps: 1000,
        batch: 1,
        populations: vec![population("a", 2), population("b", 4)],
        ..Train::default()
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
