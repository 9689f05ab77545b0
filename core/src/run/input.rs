//! Holds what comes into a run from outside, and checks it against the plan.

use crate::base::numeric;
use crate::base::words::{count, known_names};
use crate::describe::checked::Rows;
use crate::plan::{CurrentPlan, Plan, PopulationPlanKind, SeriesPlan};
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
    /// Currents of stimuli of the kind `external`, each stimulus at most once. A current is 0
    /// where none is given.
    pub currents: &'a [Current<'a>],
}

/// Holds the current of one stimulus of the kind `external` in some steps, for each copy of the
/// batch and each neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Current<'a> {
    /// The name of the stimulus.
    pub stimulus: &'a str,
    /// The first step of each row, ascending. A row holds until the next one begins, the last one
    /// until the call ends; before the first one the current is 0.
    pub steps: &'a [u32],
    /// Row by row, copy by copy, neuron by neuron, in the base unit of the model's `i_ext`.
    pub values: &'a [f32],
}

/// Holds input that fits a plan, in the form in which a backend reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// The spikes that the lists of the plan do not have, in order.
    pub spikes: Vec<Spike>,
    /// For each of [`Plan::currents`] its words in time. A row has one for each copy and neuron;
    /// none is held where no current is given.
    pub currents: Vec<SeriesPlan>,
}

impl<'a> Input<'a> {
    /// Returns input that is spikes alone.
    pub fn spikes(spikes: &'a [Spike]) -> Self {
        Self { spikes, currents: &[] }
    }

    /// Returns input that is currents alone.
    pub fn currents(currents: &'a [Current<'a>]) -> Self {
        Self { spikes: &[], currents }
    }

    /// Returns what a backend adds to the plan in these steps.
    ///
    /// Errors: spikes out of order or twice, outside of the steps that are run, or of a neuron that
    /// is not one of a spike list; currents of no stimulus that takes them, given twice, with
    /// steps out of order or outside of those that are run, of another number of values, or not
    /// finite.
    pub fn accept(&self, plan: &Plan, steps: Range<u32>) -> Result<Accepted, InputError> {
        let spikes = self.accept_spikes(plan, steps.clone())?;
        let none = |current: &CurrentPlan| SeriesPlan {
            rows: Rows::From([].into()),
            width: current.words(plan) as u32,
            words: [].into(),
        };
        let mut currents: Vec<SeriesPlan> = plan.currents.iter().map(none).collect();
        for (at, current) in self.currents.iter().enumerate() {
            let index = current.index(plan)?;
            if self.currents[..at].iter().any(|other| other.stimulus == current.stimulus) {
                return Err(InputError::Twice { stimulus: current.stimulus.into() });
            }
            currents[index] = current.accept(plan, &plan.currents[index], &steps)?;
        }
        Ok(Accepted { spikes, currents })
    }

    fn accept_spikes(&self, plan: &Plan, steps: Range<u32>) -> Result<Vec<Spike>, InputError> {
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

impl Current<'_> {
    fn index(&self, plan: &Plan) -> Result<usize, InputError> {
        let mut names = plan.currents.iter().map(|current| &*current.name);
        names.clone().position(|name| name == self.stimulus).ok_or_else(|| InputError::Stimulus {
            stimulus: self.stimulus.into(),
            known: names.by_ref().map(String::from).collect(),
        })
    }

    fn accept(
        &self,
        plan: &Plan,
        place: &CurrentPlan,
        steps: &Range<u32>,
    ) -> Result<SeriesPlan, InputError> {
        let stimulus = || self.stimulus.to_owned();
        if let Some(pair) = self.steps.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(InputError::RowOrder { stimulus: stimulus(), step: pair[1] });
        }
        if let Some(&step) = self.steps.iter().find(|step| !steps.contains(step)) {
            return Err(InputError::RowStep { stimulus: stimulus(), step, steps: steps.clone() });
        }
        let width = place.words(plan);
        let (expected, found) = (width * self.steps.len() as u64, self.values.len() as u64);
        if expected != found {
            let rows = self.steps.len() as u64;
            return Err(InputError::Values { stimulus: stimulus(), found, rows, width });
        }
        if let Some(at) = self.values.iter().position(|value| !value.is_finite()) {
            let (step, in_row) = (self.steps[at / width as usize], at as u64 % width);
            let size = u64::from(plan.populations[place.population.index()].size);
            return Err(InputError::Value {
                stimulus: stimulus(),
                value: self.values[at].to_string(),
                step,
                copy: (in_row / size) as u32,
                neuron: (in_row % size) as u32,
            });
        }
        let word = |value: &f32| numeric::round_host((*value).into()).to_bits();
        let words = self.values.iter().map(word).collect();
        Ok(SeriesPlan { rows: Rows::From(self.steps.into()), width: width as u32, words })
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
    /// No stimulus of that name takes currents from outside.
    #[error(
        "stimulus {stimulus} takes no current from outside; there {} of the kind `external`",
        known_names(known)
    )]
    Stimulus {
        /// The name.
        stimulus: String,
        /// The names of the stimuli that do.
        known: Vec<String>,
    },
    /// A stimulus has two currents.
    #[error("the current of stimulus {stimulus} is given twice; give all of its rows together")]
    Twice {
        /// The name of the stimulus.
        stimulus: String,
    },
    /// A row does not come after the one before it.
    #[error(
        "stimulus {stimulus}: the row of step {step} is not after the one before it; give the \
         steps of rows in order, each once"
    )]
    RowOrder {
        /// The name of the stimulus.
        stimulus: String,
        /// The first step of the row.
        step: u32,
    },
    /// A row is of a step that is not run.
    #[error(
        "stimulus {stimulus}: a row begins in step {step}, this call runs steps {} to {}",
        steps.start, i64::from(steps.end) - 1
    )]
    RowStep {
        /// The name of the stimulus.
        stimulus: String,
        /// The first step of the row.
        step: u32,
        /// The steps that are run.
        steps: Range<u32>,
    },
    /// There are too few or too many values.
    #[error(
        "stimulus {stimulus}: {} for {}; give {width} for each row, one for each neuron of each \
         copy",
        count(*found, "value"), count(*rows, "row")
    )]
    Values {
        /// The name of the stimulus.
        stimulus: String,
        /// How many values were given.
        found: u64,
        /// How many rows they are for.
        rows: u64,
        /// How many values a row has.
        width: u64,
    },
    /// A value is infinite or not a number.
    #[error(
        "stimulus {stimulus}: {value} for neuron {neuron} of copy {copy} from step {step} on; give \
         a finite number"
    )]
    Value {
        /// The name of the stimulus.
        stimulus: String,
        /// The value.
        value: String,
        /// The first step of the row.
        step: u32,
        /// The copy of the batch.
        copy: u32,
        /// The neuron in the population.
        neuron: u32,
    },
}
