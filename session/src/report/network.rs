//! The network of a report, and what quantising its weights costs.

use crate::load::Loaded;
use isospike_core::base::clock::Clock;
use isospike_core::plan::{Afferent, AfferentError, ReceptorPlan};
use isospike_core::run::counters::{Counters, Figures};
use serde::Serialize;

/// The network of a report.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkReport {
    /// Its name.
    pub name: String,
    /// The model file, or what stands for it.
    pub model: String,
    /// The seed.
    pub seed: u64,
    /// The time step.
    pub dt_ms: f64,
    /// Steps to run.
    pub steps: u32,
    /// Simulated time.
    pub duration_ms: f64,
    /// Simulated time at the start that does not count for rates.
    pub transient_ms: f64,
    /// Copies side by side.
    pub batch: u32,
    /// Neurons in one copy.
    pub neurons: u64,
    /// Synapses in one copy.
    pub synapses: u64,
    /// False where some are the number expected: rows that are drawn at each spike are not counted.
    pub synapses_exact: bool,
    /// The part of all pairs of neurons, over all projections, without a synapse; null where there
    /// is no pair, or more synapses than pairs.
    pub connection_sparsity: Option<f64>,
}

/// The cost of quantising the weights of a receptor.
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

/// The cost of quantising the weights of a projection or a Poisson stimulus.
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

impl NetworkReport {
    /// Reports the network that was loaded from the file `model`.
    pub fn new(model: &str, loaded: &Loaded) -> Self {
        let (network, plan) = (&loaded.network, &loaded.plan);
        let figures = Figures::new(plan, &Counters::new(plan));
        let synapses = plan.synapses();
        let clock = Clock::new(network.dt_ms);
        Self {
            name: network.name.clone(),
            model: model.to_owned(),
            seed: network.seed,
            dt_ms: network.dt_ms,
            steps: network.duration_steps,
            duration_ms: clock.after_ms(network.duration_steps.into()),
            transient_ms: clock.after_ms(network.transient_steps.into()),
            batch: network.batch,
            neurons: u64::from(plan.neurons()),
            synapses: synapses.synapses,
            synapses_exact: synapses.is_exact,
            connection_sparsity: figures.total_connection_sparsity,
        }
    }
}

/// Reports each receptor that has synapses or stimuli.
pub(super) fn receptors(loaded: &Loaded) -> Vec<ReceptorReport> {
    let report = |receptor: &ReceptorPlan| {
        let q = receptor.quantisation;
        let population = &loaded.plan.populations[receptor.population.index()].name;
        ReceptorReport {
            name: format!("{population}.{}", receptor.name),
            weight_bits: q.weight_bits,
            scale_exponent: receptor.scale_exponent,
            unit: q.unit,
            rms_weight: q.rms_weight,
            relative_error: q.relative_error,
            inputs: receptor.afferents.iter().map(|error| input_report(loaded, error)).collect(),
            bound: q.bound,
        }
    };
    // A receptor that nothing reaches has no weights to quantise.
    let used = loaded.plan.receptors.iter().filter(|r| r.quantisation.bound > 0);
    used.map(report).collect()
}

fn input_report(loaded: &Loaded, error: &AfferentError) -> InputReport {
    let (kind, name) = match error.afferent {
        Afferent::Projection(index) => ("projection", &loaded.network.projections[index].name),
        Afferent::Stimulus(index) => ("stimulus", &loaded.network.stimuli[index].name),
    };
    let AfferentError { rms_weight, relative_error, .. } = *error;
    InputReport { kind, name: name.clone(), rms_weight, relative_error }
}
