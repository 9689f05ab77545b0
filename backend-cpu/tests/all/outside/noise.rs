//! Noise has the moments that theory gives it. The potential under Poisson input is shot noise:
//! its cumulants are the rate times the sums of the powers of one response (Campbell's theorem;
//! sums, as events fall on the grid).

use super::closed::response;
use super::row::Row;
use isospike_core::analyse::statistics::{Spikes, mean};
use isospike_core::analyse::train::{SpikeTrain, TrainPopulation};
use isospike_front::network::Stimulus;

const DT_MS: f64 = 0.1;
const STEPS: u32 = 1500;
/// So many that 1 % in a weight shows in the variance.
const NEURONS: u32 = 1 << 18;
/// Standard errors that chance may be off; of a normal variable 1 in 16,000 is.
const STANDARD_ERRORS: f64 = 4.0;

/// Mean, variance and excess kurtosis of a number.
#[derive(Clone, Copy, Debug)]
struct Moments {
    mean: f64,
    variance: f64,
    kurtosis: f64,
}

impl Moments {
    /// Shot noise: `events` a step, each with the same response at 0, 1, ... steps.
    fn shot(rest: f64, events: f64, response: impl Fn(f64) -> f64) -> Self {
        let power = |n| (0..STEPS).map(|k| response(f64::from(k) * DT_MS).powi(n)).sum::<f64>();
        let variance = events * power(2);
        Self {
            mean: rest + events * power(1),
            variance,
            kurtosis: events * power(4) / (variance * variance),
        }
    }

    /// How many standard errors the mean and the variance of a sample are off.
    fn off_by(&self, sample: &[f64]) -> [f64; 2] {
        let n = sample.len() as f64;
        let mean = mean(sample).expect("a sample");
        let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        let of_variance = self.variance * ((2.0 + self.kurtosis) / n).sqrt();
        [(mean - self.mean) / (self.variance / n).sqrt(), (variance - self.variance) / of_variance]
    }
}

/// The potentials of all neurons in the last step.
fn potentials(mut row: Row) -> Vec<f64> {
    row.every_steps = row.steps - 1;
    let outcome = row.record("v").run();
    assert!(outcome.spikes.iter().all(Vec::is_empty), "a spike would reset the potential");
    outcome.traces[0].iter().map(|samples| samples[1]).collect()
}

/// The moments of a sample are those of theory, and not those of a weight that is 1 % off.
fn check(what: &str, sample: &[f64], theory: impl Fn(f64) -> Moments) {
    let off = theory(1.0).off_by(sample);
    println!("{what}: mean {:.2} and variance {:.2} standard errors off", off[0], off[1]);
    assert!(off.iter().all(|z| z.abs() < STANDARD_ERRORS), "{what}: {off:?}");
    for factor in [0.99, 1.01] {
        let wrong = theory(factor).off_by(sample);
        assert!(wrong.iter().all(|z| z.abs() > STANDARD_ERRORS), "{what}, {factor}: {wrong:?}");
    }
}

#[test]
fn the_potential_under_poisson_input_is_shot_noise() {
    let (tau_m, c_m, tau_syn, weight) = (10.0, 250.0, 0.5, 80.0);
    // 8 kHz are 0.8 events a step; 120 kHz are 12, which takes two tables.
    for rate_khz in [8.0, 120.0] {
        let mut row = Row::new("lif_exp", NEURONS, DT_MS, STEPS).parameters(&[
            ("tau_m", tau_m, "ms"),
            ("c_m", c_m, "pF"),
            ("tau_syn", tau_syn, "ms"),
        ]);
        row.parameters.extend([("e_l", 0.0, "mV"), ("v_th", 1e4, "mV")]);
        let stimulus = Stimulus::poisson("noise", "row", format!("{rate_khz} kHz"), "80 pA");
        let sample = potentials(row.stimulus(stimulus));
        check(&format!("lif_exp at {rate_khz} kHz"), &sample, |factor| {
            let one = |s| factor * weight * response(s, tau_syn, tau_m, c_m);
            Moments::shot(0.0, rate_khz * DT_MS, one)
        });
    }
    for model in ["lif_delta", "leaky_integrator"] {
        let mut row = Row::new(model, NEURONS, DT_MS, STEPS).parameters(&[("tau_m", tau_m, "ms")]);
        if model == "lif_delta" {
            row.parameters.push(("v_th", 1e4, "mV"));
        }
        let sample = potentials(row.stimulus(Stimulus::poisson("noise", "row", "8 kHz", "0.2 mV")));
        check(&format!("{model} at 8 kHz"), &sample, |factor| {
            Moments::shot(0.0, 8.0 * DT_MS, |s| factor * 0.2 * (-s / tau_m).exp())
        });
    }
}

/// A current that is drawn anew in each step makes the potential a sum of decaying steps, each the
/// response to a pulse of one time step.
#[test]
fn the_potential_under_a_noise_current_is_its_filter() {
    let (tau_m, c_m, mean, sd) = (10.0, 250.0, 300.0, 2000.0);
    let mut row = Row::new("lif_delta", NEURONS, DT_MS, STEPS).parameters(&[
        ("tau_m", tau_m, "ms"),
        ("c_m", c_m, "pF"),
        ("v_th", 1e4, "mV"),
    ]);
    row.stimuli.push(Stimulus::noise("noise", "row", "300 pA", "2000 pA"));
    let sample = potentials(row);
    check("lif_delta under a noise current", &sample, |factor| {
        let pulse = tau_m / c_m * (1.0 - (-DT_MS / tau_m).exp());
        let one = |k: u32| factor * pulse * (-f64::from(k) * DT_MS / tau_m).exp();
        let variance = (0..STEPS).map(|k| (one(k) * sd).powi(2)).sum();
        Moments { mean: (0..STEPS).map(|k| one(k) * mean).sum(), variance, kurtosis: 0.0 }
    });
}

/// `poisson` spikes in each step with the same probability, whatever happened before and beside.
#[test]
fn the_poisson_model_is_a_bernoulli_process() {
    let (neurons, steps, rate_hz) = (4096, 50_000, 40.0);
    let row = Row::new("poisson", neurons, DT_MS, steps).parameters(&[("rate", rate_hz, "Hz")]);
    let outcome = row.run();
    let p = rate_hz * 1e-3 * DT_MS;
    let n = f64::from(steps);
    let counts: Vec<f64> = outcome.spikes.iter().map(|spikes| spikes.len() as f64).collect();
    let variance = n * p * (1.0 - p);
    let binomial = Moments { mean: n * p, variance, kurtosis: (1.0 - 6.0 * p) / variance };
    let off = binomial.off_by(&counts);
    println!("poisson: mean {:.2} and variance {:.2} standard errors off", off[0], off[1]);
    assert!(off.iter().all(|z| z.abs() < STANDARD_ERRORS), "{off:?}");

    // After a spike the next steps spike as often as any.
    let (lags, mut followed, mut after) = (100, 0.0, 0.0);
    for spikes in &outcome.spikes {
        let whole = spikes.iter().take_while(|step| **step < steps - lags);
        followed += whole.count() as f64;
        for (k, first) in spikes.iter().enumerate().take_while(|(_, step)| **step < steps - lags) {
            let near = spikes[k + 1..].iter().take_while(|step| **step - first <= lags);
            after += near.count() as f64;
        }
    }
    let expected = followed * f64::from(lags) * p;
    let off = (after - expected) / expected.sqrt();
    println!("poisson: {off:.2} standard errors off in the 10 ms after a spike");
    assert!(off.abs() < STANDARD_ERRORS, "{off}");

    let mut train = SpikeTrain {
        dt_ms: DT_MS,
        steps,
        batch: 1,
        populations: vec![TrainPopulation {
            name: "row".into(),
            size: neurons,
            reference_rate_hz: None,
        }],
        ..SpikeTrain::default()
    };
    let mut spikes: Vec<(u32, u32)> = Vec::new();
    for (neuron, steps) in outcome.spikes.iter().enumerate() {
        spikes.extend(steps.iter().map(|step| (*step, neuron as u32)));
    }
    spikes.sort_unstable();
    spikes.iter().for_each(|&(step, neuron)| train.push(step, 0, 0, neuron));
    let pairs = Spikes::of(&train)[0].correlations();
    let bins = n * DT_MS / 2.0;
    let off = mean(&pairs).expect("pairs") * (bins * pairs.len() as f64).sqrt();
    println!("poisson: mean correlation {off:.2} standard errors from 0");
    assert!(off.abs() < STANDARD_ERRORS, "{off}");
}
