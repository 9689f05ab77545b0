//! How far rounding may change weights (4.5 of `docs/semantics.md`), projection by projection and
//! stimulus by stimulus: a strong one must not hide what happens to a weak one.

use super::{Input, quantise, scale, sum_bound};
use crate::base::id::PopulationId;
use crate::connect::RealDraw;
use crate::describe::checked::Checked;
use crate::plan::lower::projection::{Tables, inputs};
use crate::plan::lower::receptor_names;
use crate::plan::{self, AfferentError};

/// The largest root mean square of the rounding errors of an input, over that of its weights.
const ERROR_MAX: f64 = 1e-3;

/// How rounding breaks the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// A weight that is not 0 becomes 0.
    Vanishes {
        /// The weight.
        weight: f64,
        /// The index of its synapse in the list of the projection, where the list gives it.
        listed: Option<usize>,
    },
    /// The weights of this root mean square are off by this part of it.
    Coarse {
        /// The root mean square of the weights.
        rms_weight: f64,
        /// The root mean square of the errors, relative.
        relative_error: f64,
    },
}

/// An input whose weights no format of its receptor can hold beside the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Whose weights are rounded too much.
    pub weak: plan::Afferent,
    /// How.
    pub fault: Fault,
    /// The source that makes the unit so large.
    pub strong: plan::Afferent,
    /// Its largest weight.
    pub strongest: f64,
    /// Whether it does so because it requests 16 bits.
    pub asks_16: bool,
    /// The unit that weights are multiples of.
    pub unit: f64,
    /// The population.
    pub population: PopulationId,
    /// The number of the receptor there.
    pub receptor: u32,
}

/// Finds every projection and Poisson stimulus that 4.5 refuses.
pub fn violations(network: &Checked) -> Vec<Violation> {
    let mut tables = Tables::default();
    let mut all = Vec::new();
    for (index, population) in network.populations.iter().enumerate() {
        let population_id = PopulationId(index as u32);
        for receptor in 0..receptor_names(population).len() as u32 {
            let inputs = inputs(network, population_id, receptor, &mut tables);
            // An input alone has nothing beside it, but its own list or its own 16 bits.
            let exponent = scale(population.size, &inputs).exponent;
            for weak in &inputs {
                let Some(fault) = weak.fault(exponent) else { continue };
                let strong = strong(population.size, &inputs, exponent);
                all.push(Violation {
                    weak: weak.id,
                    fault,
                    strong: strong.id,
                    strongest: strong.max_abs(),
                    asks_16: strong.weight_bits == Some(16),
                    unit: libm::scalbn(1.0, -exponent),
                    population: population_id,
                    receptor,
                });
            }
        }
    }
    all
}

/// The input that keeps the unit from being smaller: whose weights would no longer fit 16 bits that
/// it requests, else the one with the largest part in the bound of the sum.
fn strong(size: u32, inputs: &[Input], exponent: i32) -> &Input {
    let full = |input: &&Input| {
        input.weight_bits == Some(16) && !super::fits_16(input.max_abs(), exponent + 1)
    };
    let part = |input: &&Input| sum_bound(size, std::slice::from_ref(*input), exponent);
    let by_sum = || inputs.iter().max_by_key(part);
    inputs.iter().find(full).or_else(by_sum).expect("a receptor with a fault has inputs")
}

impl Input {
    /// How rounding to multiples of 2^-exponent breaks the rule of 4.5, if it does.
    pub(super) fn fault(&self, exponent: i32) -> Option<Fault> {
        if !self.delivers() {
            return None;
        }
        if let Some(fault) = self.vanishing(exponent) {
            return Some(fault);
        }
        let AfferentError { rms_weight, relative_error, .. } = self.error(exponent);
        (relative_error > ERROR_MAX).then_some(Fault::Coarse { rms_weight, relative_error })
    }

    /// Finds the first weight that is not 0 and becomes 0.
    fn vanishing(&self, exponent: i32) -> Option<Fault> {
        let vanishes = |weight: f64| weight != 0.0 && quantise(weight, exponent) == 0;
        let constant = match self.weights {
            RealDraw::Constant(weight) if vanishes(weight) => {
                Some(Fault::Vanishes { weight, listed: None })
            }
            _ => None,
        };
        let Some(list) = &self.list else { return constant };
        list.iter().enumerate().find_map(|(index, synapse)| match self.given(&synapse) {
            Some(weight) => {
                vanishes(weight).then_some(Fault::Vanishes { weight, listed: Some(index) })
            }
            None => constant,
        })
    }

    /// Whether it can deliver anything: without synapses or events there are no weights to round.
    fn delivers(&self) -> bool {
        self.count > 0.0 && (self.list.is_some() || self.events_max > 0)
    }

    /// The cost of rounding to multiples of 2^-exponent.
    pub(super) fn error(&self, exponent: i32) -> AfferentError {
        let squares = self.sum(RealDraw::mean_square, |weight| weight * weight);
        let (rms_weight, relative_error) = if self.delivers() && squares > 0.0 {
            let relative = libm::sqrt(self.square_error(exponent) / squares);
            (libm::sqrt(squares / self.count), relative)
        } else {
            (0.0, 0.0)
        };
        AfferentError { afferent: self.id, rms_weight, relative_error }
    }

    /// The sum of the squared rounding errors of all weights.
    pub(super) fn square_error(&self, exponent: i32) -> f64 {
        let unit = libm::scalbn(1.0, -exponent);
        let square = |weight: f64| {
            let error = weight - f64::from(quantise(weight, exponent)) * unit;
            error * error
        };
        let mean_square = |weights: &RealDraw| match weights {
            RealDraw::Constant(weight) => square(*weight),
            // All are one integer.
            RealDraw::Uniform(lo, hi) if quantise(*lo, exponent) == quantise(*hi, exponent) => {
                square((lo + hi) / 2.0) + (hi - lo) * (hi - lo) / 12.0
            }
            RealDraw::Uniform(..) => unit * unit / 12.0,
            RealDraw::Table(values) => {
                values.iter().map(|&weight| square(weight)).sum::<f64>() / values.len() as f64
            }
        };
        self.sum(mean_square, square)
    }
}
