//! What quantising weights cost.

use serde::Serialize;

/// What quantising the weights of a receptor cost.
#[derive(Clone, Debug, Serialize)]
pub struct ReceptorReport {
    /// `population.receptor`.
    pub name: String,
    /// 16 or 32.
    pub weight_bits: u8,
    /// Weights are multiples of 2^-scale_exponent.
    pub scale_exponent: i32,
    /// That multiple in base units.
    pub unit: f64,
    /// Root mean square of all weights together, in base units.
    pub rms_weight: f64,
    /// Root mean square of their rounding error over `rms_weight`.
    pub relative_error: f64,
    /// The same for each projection and Poisson stimulus, relative to its own weights.
    pub inputs: Vec<InputReport>,
    /// A bound on one step's sum of |weight| in units; below 2^31.
    pub bound: u64,
}

/// What quantising the weights of a projection or a Poisson stimulus cost.
#[derive(Clone, Debug, Serialize)]
pub struct InputReport {
    /// `projection` or `stimulus`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Root mean square of its weights in base units.
    pub rms_weight: f64,
    /// Root mean square of their rounding error over `rms_weight`.
    pub relative_error: f64,
}
