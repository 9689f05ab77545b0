//! Holds what comes into a run from outside, and checks it against the plan.

use crate::plan::{Plan, PopulationPlanKind};
use crate::run::record::Spike;
use std::ops::Range;

/// Holds what comes into some steps from outside: other steps get other input without compiling
/// again, and each copy of the batch its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// Spikes of populations that are spike lists, beside those of their lists, in order of step
    /// and number. One that the list has too is one spike. They count, deliver and are recorded as
    /// those of the list.
    pub spikes: &'a [Spike],
}

impl<'a> Input<'a> {
    /// Returns input that is spikes alone.
    pub fn spikes(spikes: &'a [Spike]) -> Self {
        Self { spikes }
    }

    /// Returns the spikes that the lists of the plan do not have, in the same order.
    ///
    /// Errors: spikes out of order or twice, outside of the steps that are run, or of a neuron that
    /// is not one of a spike list.
    pub fn accept(&self, plan: &Plan, steps: Range<u32>) -> Result<Vec<Spike>, InputError> {
        let wrong = |pair: &&[Spike]| pair[0] >= pair[1];
        if let Some(pair) = self.spikes.windows(2).find(wrong) {
            return Err(InputError::Order { spike: pair[1] });
        }
        let mut new = Vec::with_capacity(self.spikes.len());
        for &spike in self.spikes {
            if !steps.contains(&spike.step) {
                return Err(InputError::Step { spike, steps });
            }
            if !has(plan, spike)? {
                new.push(spike);
            }
        }
        Ok(new)
    }
}

/// Whether the list of the spike's population has it.
fn has(plan: &Plan, spike: Spike) -> Result<bool, InputError> {
    let neurons = plan.neurons();
    if u64::from(spike.neuron) >= u64::from(neurons) * u64::from(plan.batch) {
        return Err(InputError::Neuron { spike, neurons, copies: plan.batch });
    }
    let (population, neuron) = plan.locate(spike.neuron % neurons);
    let population = &plan.populations[population.index()];
    match &population.kind {
        PopulationPlanKind::SpikeList(list) => {
            Ok(list.binary_search(&(spike.step, neuron)).is_ok())
        }
        PopulationPlanKind::Neurons(_) => {
            let population = population.name.clone();
            Err(InputError::Population { spike, population, neuron })
        }
    }
}

/// Says why input does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// A spike does not come after the one before it.
    #[error(
        "the spike of neuron {} in step {} is not after the one before it; give spikes in order of \
         step and number, each once",
        spike.neuron, spike.step
    )]
    Order {
        /// The spike.
        spike: Spike,
    },
    /// A spike is of a step that is not run.
    #[error(
        "the spike of neuron {} is in step {}, this call runs steps {} to {}",
        spike.neuron, spike.step, steps.start, i64::from(steps.end) - 1
    )]
    Step {
        /// The spike.
        spike: Spike,
        /// The steps that are run.
        steps: Range<u32>,
    },
    /// A spike is of no neuron.
    #[error(
        "there is no neuron {}: {copies} times {neurons} are numbered, copy after copy",
        spike.neuron
    )]
    Neuron {
        /// The spike.
        spike: Spike,
        /// Neurons of a copy.
        neurons: u32,
        /// Copies of the batch.
        copies: u32,
    },
    /// A spike is of a neuron that follows a model.
    #[error(
        "neuron {neuron} of population {population} follows a model; only neurons of a spike_list \
         spike from outside"
    )]
    Population {
        /// The spike.
        spike: Spike,
        /// The name of the population.
        population: String,
        /// The neuron in the population.
        neuron: u32,
    },
}
