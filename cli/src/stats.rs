//! Rates and regularity of a spike train.

use crate::train::Train;

/// What one population did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Activity {
    /// Spikes of all copies, the transient included.
    pub spikes: u64,
    /// Spikes per neuron and second after the transient; `None` where no step counts.
    pub rate_hz: Option<f64>,
    /// The coefficient of variation of the inter-spike intervals after the transient: the mean
    /// over all neurons with at least three spikes; `None` where there is no such neuron.
    pub cv_isi: Option<f64>,
}

/// The intervals of one neuron so far.
#[derive(Clone, Copy, Default)]
struct Intervals {
    last: Option<u32>,
    count: u32,
    sum: f64,
    square: f64,
}

/// The activity of each population.
pub fn activity(train: &Train) -> Vec<Activity> {
    let mut first = Vec::new();
    let mut total = 0_usize;
    for population in &train.populations {
        first.push(total);
        total += population.size as usize * train.batch.max(1) as usize;
    }
    let mut intervals = vec![Intervals::default(); total];
    let mut spikes = vec![0_u64; train.populations.len()];
    let mut counted = spikes.clone();
    for i in 0..train.len() {
        let p = train.population[i] as usize;
        spikes[p] += 1;
        if train.step[i] < train.transient_steps {
            continue;
        }
        counted[p] += 1;
        let row = train.copy[i] as usize * train.populations[p].size as usize;
        let neuron = &mut intervals[first[p] + row + train.neuron[i] as usize];
        if let Some(last) = neuron.last {
            let interval = f64::from(train.step[i] - last);
            neuron.count += 1;
            neuron.sum += interval;
            neuron.square += interval * interval;
        }
        neuron.last = Some(train.step[i]);
    }
    let seconds =
        f64::from(train.steps.saturating_sub(train.transient_steps)) * train.dt_ms / 1000.0;
    let copies = f64::from(train.batch.max(1));
    let activity = train.populations.iter().enumerate().map(|(p, population)| {
        let neurons = f64::from(population.size) * copies;
        let end = first.get(p + 1).copied().unwrap_or(total);
        Activity {
            spikes: spikes[p],
            rate_hz: (seconds > 0.0).then(|| counted[p] as f64 / neurons / seconds),
            cv_isi: mean_cv(&intervals[first[p]..end]),
        }
    });
    activity.collect()
}

fn mean_cv(neurons: &[Intervals]) -> Option<f64> {
    let mut sum = 0.0;
    let mut count = 0_u32;
    for neuron in neurons.iter().filter(|neuron| neuron.count >= 2) {
        let n = f64::from(neuron.count);
        let mean = neuron.sum / n;
        let variance = (neuron.square / n - mean * mean).max(0.0);
        sum += variance.sqrt() / mean;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
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
        let activity = activity(&train(&[(1, 1, 0), (2, 1, 1), (3, 0, 1)]));
        assert!((activity[0].rate_hz.unwrap() - 5.0).abs() < 1e-9);
        assert!((activity[1].rate_hz.unwrap() - 5.0).abs() < 1e-9);
        assert_eq!(activity[1].spikes, 2);
        assert_eq!(activity[0].cv_isi, None);
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
        assert_eq!(activity(&train)[1].rate_hz, None);
    }

    #[test]
    fn regular_spikes_have_no_variation() {
        // Neuron a:0 fires every 10 steps; a:1 after 10 and 30: mean 20, deviation 10.
        let activity = activity(&train(&[
            (0, 0, 0),
            (0, 0, 1),
            (10, 0, 0),
            (10, 0, 1),
            (20, 0, 0),
            (40, 0, 1),
        ]));
        assert_eq!(activity[0].cv_isi, Some(0.25));
    }
}
