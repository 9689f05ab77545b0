//! The samples of a probe with all that a plot of them needs: what `traces.npz` holds.

use isospike_core::base::clock::Clock;
use isospike_core::describe::checked::PopulationKind;
use isospike_core::plan::{Plan, PopulationPlanKind, ProbePlan};
use isospike_core::run::record::Recording;
use std::ops::Range;

/// The samples of one probe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The name of the probe.
    pub name: String,
    /// The population.
    pub population: String,
    /// The state variable.
    pub variable: String,
    /// The base unit of the variable, empty for a number.
    pub unit: String,
    /// Copies side by side.
    pub copies: usize,
    /// The neurons.
    pub neurons: Vec<u32>,
    /// The step of each sample; -1 is the state before step 0.
    pub steps: Vec<i64>,
    /// The time of each sample.
    pub times_ms: Vec<f64>,
    /// Sample by sample, copy by copy, neuron by neuron.
    pub values: Vec<f32>,
}

impl Trace {
    /// Returns the traces of a recording. A run that failed may end in half a sample, which is left
    /// out.
    pub fn all(plan: &Plan, recording: &Recording) -> Vec<Self> {
        let clock = Clock::new(plan.network.dt_ms);
        let trace = |(probe, words): (&ProbePlan, &Vec<u32>)| {
            let population = probe.population.index();
            let kind = plan.network.populations.get(population).map(|p| &p.kind);
            let variable = match kind {
                Some(PopulationKind::Neurons { model, .. }) => {
                    model.state.get(probe.variable as usize)
                }
                _ => None,
            };
            let width = probe.neurons.len() * plan.batch as usize;
            let samples = words.len().checked_div(width).unwrap_or(0);
            let steps: Vec<i64> = probe.sample_steps().take(samples).collect();
            let time = |step: &i64| clock.after_ms((step + 1).cast_unsigned());
            Self {
                name: probe.name.clone(),
                population: plan.populations[population].name.clone(),
                variable: match &plan.populations[population].kind {
                    PopulationPlanKind::Neurons(neurons) => {
                        neurons.state[probe.variable as usize].name.clone()
                    }
                    PopulationPlanKind::SpikeList(_) => String::new(),
                },
                unit: variable.map_or_else(String::new, |v| v.dimension.base_unit()),
                copies: plan.batch as usize,
                neurons: probe.neurons.clone(),
                times_ms: steps.iter().map(time).collect(),
                steps,
                values: words[..samples * width].iter().map(|w| f32::from_bits(*w)).collect(),
            }
        };
        plan.probes.iter().zip(&recording.traces).map(trace).collect()
    }

    /// Returns how many lines it has: neurons of all copies.
    pub fn lines(&self) -> usize {
        self.copies * self.neurons.len()
    }

    /// Returns the value of a line in a sample.
    pub fn value(&self, sample: usize, line: usize) -> f32 {
        self.values[sample * self.lines() + line]
    }

    /// Returns the name of a line.
    pub fn line_name(&self, line: usize) -> String {
        let width = self.neurons.len().max(1);
        let neuron = self.neurons[line % width];
        if self.copies > 1 {
            format!("neuron {neuron}, copy {}", line / width)
        } else {
            format!("neuron {neuron}")
        }
    }

    /// Returns the samples whose times are in [from, to].
    pub fn between(&self, from_ms: f64, to_ms: f64) -> Range<usize> {
        let first = self.times_ms.partition_point(|&ms| ms < from_ms);
        first..self.times_ms.partition_point(|&ms| ms <= to_ms)
    }
}
