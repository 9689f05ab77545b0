//! One experiment, done by us and by the equations, and how far we are apart.

use super::bound::largest;
use super::equations::Model;
use super::integrate::{Kick, solve};
use super::row::{Input, Parameter, Row};

/// Neurons of one model, each with its own current, all with the same spikes.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Neuron `i` gets `first_current + i * current_step`.
    pub neurons: u32,
    pub first_current: f64,
    pub current_step: f64,
    /// The effect of a spike of each train, one train for each receptor or none at all.
    pub weights: Vec<f64>,
    pub duration_ms: f64,
    /// Parameters that differ from those of the model's list.
    pub changed: Vec<(&'static str, f64)>,
}

/// The neurons' results.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// The times of the spikes of each neuron in ms.
    pub spikes_ms: Vec<Vec<f64>>,
    /// The membrane potential of each neuron at every multiple of [`GRID_MS`], in mV.
    pub potential_mv: Vec<Vec<f64>>,
}

/// Spikes arrive at multiples of this, and the potential is compared there.
pub const GRID_MS: f64 = 0.1;
/// Period and offset of the trains.
const TRAINS_MS: [(f64, f64); 2] = [(7.3, 3.1), (11.9, 5.2)];
const DELAY_MS: f64 = 1.0;

impl Experiment {
    /// A neuron that never spikes: the potential is what is compared.
    pub fn quiet(current: f64, weights: &[f64], duration_ms: f64) -> Self {
        Self {
            neurons: 1,
            first_current: current,
            current_step: 0.0,
            weights: weights.to_vec(),
            duration_ms,
            changed: Vec::new(),
        }
    }

    /// Neurons that spike: the times are what is compared.
    pub fn spiking(first: f64, step: f64, weights: &[f64], duration_ms: f64) -> Self {
        let quiet = Self::quiet(first, weights, duration_ms);
        Self { neurons: 32, current_step: step, ..quiet }
    }

    /// The same with another value of a parameter.
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.changed.push((name, value));
        self
    }

    /// Our neurons at a time step, a fraction of [`GRID_MS`].
    pub fn ours<M: Model<N>, const N: usize>(&self, dt_ms: f64) -> Behaviour {
        let stride = (GRID_MS / dt_ms).round() as u32;
        let unit = M::CURRENT;
        let row = Row::new(M::NAME, self.neurons, dt_ms, self.intervals() * stride)
            .parameters(&self.parameters::<M, N>())
            .current(format!("{} {unit} + i * {} {unit}", self.first_current, self.current_step))
            .record(M::STATE[0]);
        let delay_steps = (DELAY_MS / dt_ms).round() as u32;
        let trains = self.weights.iter().zip(TRAINS_MS).zip(M::RECEPTORS);
        let row = trains.fold(row, |row, ((weight, train), (receptor, unit, _))| {
            // A spike that arrives at T does so in the step that ends there.
            let steps = self.arrivals(train).map(|grid| (grid + 1) * stride - 1 - delay_steps);
            let (weight, steps) = (format!("{weight} {unit}"), steps.collect());
            row.input(Input { receptor, weight, steps, delay_steps })
        });
        let outcome = row.run();
        let time = |step: &u32| f64::from(step + 1) * dt_ms;
        let stride = stride as usize;
        let grid =
            |trace: &Vec<f64>| trace.iter().skip(stride - 1).step_by(stride).copied().collect();
        Behaviour {
            spikes_ms: outcome.spikes.iter().map(|s| s.iter().map(time).collect()).collect(),
            potential_mv: outcome.traces[0].iter().map(grid).collect(),
        }
    }

    /// The solution of the equations.
    pub fn truth<M: Model<N>, const N: usize>(&self) -> Behaviour {
        self.truth_if::<M, N>("", 1.0)
    }

    /// Their solution if one parameter were `factor` times what it is with us.
    pub fn truth_if<M: Model<N>, const N: usize>(&self, wrong: &str, factor: f64) -> Behaviour {
        let trains = self.weights.iter().zip(TRAINS_MS).zip(M::RECEPTORS);
        let kicks: Vec<Kick> = trains
            .flat_map(|((&amount, train), &(_, _, variable))| {
                self.arrivals(train).map(move |interval| Kick { interval, variable, amount })
            })
            .collect();
        let parameters = self.parameters::<M, N>();
        let value =
            |&(name, value, _): &Parameter| if name == wrong { value * factor } else { value };
        let p: Vec<f64> = parameters.iter().map(value).collect();
        let mut behaviour = Behaviour { spikes_ms: Vec::new(), potential_mv: Vec::new() };
        for i in 0..self.neurons {
            let current = self.first_current + f64::from(i) * self.current_step;
            let model = M::new(p.clone(), current);
            let solution = solve(&model, &kicks, GRID_MS, self.intervals());
            behaviour.spikes_ms.push(solution.spikes_ms);
            behaviour.potential_mv.push(solution.samples.iter().map(|state| state[0]).collect());
        }
        behaviour
    }

    /// The values of the parameters in the order of the model's list.
    fn parameters<M: Model<N>, const N: usize>(&self) -> Vec<Parameter> {
        let changed = |name| self.changed.iter().find(|(other, _)| *other == name);
        let value = |&(name, value, unit): &Parameter| {
            (name, changed(name).map_or(value, |(_, value)| *value), unit)
        };
        M::PARAMETERS.iter().map(value).collect()
    }

    fn intervals(&self) -> u32 {
        (self.duration_ms / GRID_MS).round() as u32
    }

    /// The intervals of the grid at whose end the spikes of a train arrive.
    fn arrivals(&self, (period, offset): (f64, f64)) -> impl Iterator<Item = u32> + use<> {
        let count = ((self.duration_ms - offset) / period).floor() as u32;
        (0..=count).map(move |k| ((offset + f64::from(k) * period) / GRID_MS).round() as u32 - 1)
    }
}

impl Behaviour {
    /// Extrapolates two time steps, one half of the other, to the step 0: the error of first order
    /// cancels.
    pub fn extrapolate(coarse: &Self, fine: &Self) -> Self {
        let line = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| 2.0 * b - a).collect();
        let lines =
            |a: &[Vec<f64>], b: &[Vec<f64>]| a.iter().zip(b).map(|(a, b)| line(a, b)).collect();
        Self {
            spikes_ms: lines(&coarse.spikes_ms, &fine.spikes_ms),
            potential_mv: lines(&coarse.potential_mv, &fine.potential_mv),
        }
    }

    /// The largest error of the potential in mV.
    pub fn potential_error(&self, truth: &Self) -> f64 {
        let pairs = self.potential_mv.iter().zip(&truth.potential_mv);
        pairs.map(|(ours, truth)| largest(ours, truth)).fold(0.0, f64::max)
    }

    /// How late the spikes are on average, in ms, over the first `COMPARED` of each neuron.
    pub fn lateness(&self, truth: &Self) -> f64 {
        /// So many spikes every neuron must have.
        const COMPARED: usize = 4;
        let pairs = self.spikes_ms.iter().zip(&truth.spikes_ms);
        let late = pairs.flat_map(|(ours, truth)| {
            let enough = ours.len() >= COMPARED && truth.len() >= COMPARED;
            assert!(enough, "{} spikes of {}", ours.len(), truth.len());
            ours.iter().zip(truth).take(COMPARED).map(|(ours, truth)| ours - truth)
        });
        late.sum::<f64>() / (COMPARED * self.spikes_ms.len()) as f64
    }

    /// Whether nobody spikes.
    pub fn is_silent(&self) -> bool {
        self.spikes_ms.iter().all(Vec::is_empty)
    }
}
