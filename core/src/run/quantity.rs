//! Names what a simulation holds, so that it can be read and written between two steps.

mod decay;
mod signal;
mod synapse;

pub use signal::SignalPlace;
pub use synapse::{SynapsePlace, locate};

use crate::base::id::PopulationId;
use crate::base::numeric;
use crate::base::words::{count, known_names};
use crate::describe::checked::{Population, PopulationKind};
use crate::describe::model::HELD;
use crate::ir::Type;
use crate::plan::Plan;
use crate::run::backend::is_finite;
use std::fmt;
use std::ops::Range;

/// Names something that a simulation holds a word of for each of its elements.
///
/// Backends match it without a wildcard: one that lacks a kind of quantity does not compile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// A state variable of a population, in the base unit of its model. The bits of an f32 for each
    /// copy and neuron, neuron after neuron in copy after copy; those of an i32 for the counter of
    /// the steps left of the refractory period, which is called `refractory`.
    State {
        /// The name of the population.
        population: String,
        /// The name of the variable.
        variable: String,
    },
    /// A parameter of the model of a population, in its base unit. The bits of an f32 for each
    /// neuron, or one for all where the population declares it writable; all copies share them. A
    /// reset keeps it; a checkpoint has what was written, and a restore goes to that.
    ///
    /// It can be written where the network has a value for each neuron or declares it writable. Any
    /// other is a literal of the program. Host values that follow from it are computed
    /// again; the refractory period and values before step 0 stay.
    Parameter {
        /// The name of the population.
        population: String,
        /// The name of the parameter.
        parameter: String,
    },
    /// The weights of a projection, in multiples of the unit of its receptor
    /// ([`crate::plan::ReceptorPlan::scale_exponent`]). The bits of an i32 for each synapse, in
    /// order of its source neuron, then of its place in the row (`docs/semantics.md` 3); all copies
    /// share them. Neither a reset nor a restore changes them.
    ///
    /// They can be read where rows are stored, and written where the projection declares
    /// `weight_bounds`. Spikes on their way arrive with the weights that are written.
    Weights {
        /// The name of the projection.
        projection: String,
    },
    /// A state variable of the synapses of a projection that learns, in its base unit. The bits of
    /// an f32 for each copy and synapse: in order of copy, then source neuron, then place in the
    /// row (`docs/semantics.md` 3 and 8.10). A reset and a restore change it as all state.
    ///
    /// It can be written within the bounds of the variable. Spikes on their way arrive at the
    /// synapse as it is then. A variable that decays between events is read as it has decayed until
    /// now, and a write of it is an event of its synapses (8.18).
    Synapse {
        /// The name of the projection.
        projection: String,
        /// The name of the variable.
        variable: String,
    },
    /// A signal of the whole network. The bits of an f32 for each copy. A reset and a restore
    /// change it as all state. Spikes on their way are added to what is written.
    Signal {
        /// The name of the signal.
        name: String,
    },
}

/// Holds what the name of a quantity stands for in a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A state variable.
    State(StatePlace),
    /// A parameter.
    Parameter(ParameterPlace),
    /// The weights of the projection with this index.
    Weights(usize),
    /// A state variable of synapses.
    Synapse(SynapsePlace),
    /// A signal.
    Signal(SignalPlace),
}

/// Holds which parameter of which population it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterPlace {
    /// The population.
    pub population: PopulationId,
    /// The index of the parameter in the model of the population.
    pub parameter: usize,
}

impl ParameterPlace {
    /// Returns the name of the parameter; `None` where the plan has no such parameter.
    pub fn quantity(self, plan: &Plan) -> Option<Quantity> {
        let population = plan.network.populations.get(self.population.index())?;
        let name = *parameter_names(population).get(self.parameter)?;
        Some(Quantity::parameter(&population.name, name))
    }
}

/// Holds where the words of a state variable are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePlace {
    /// The population.
    pub population: PopulationId,
    /// The index of the variable among those of the population.
    pub variable: u32,
    /// The place of its words among those of [`crate::run::backend::Simulation::state`].
    pub words: Range<u64>,
    /// F32, or I32 for one that counts.
    pub ty: Type,
    /// Whether it says that the condition of a threshold holds.
    held: bool,
}

impl Quantity {
    /// Names a state variable of a population.
    pub fn state(population: impl Into<String>, variable: impl Into<String>) -> Self {
        Self::State { population: population.into(), variable: variable.into() }
    }

    /// Names a parameter of a population.
    pub fn parameter(population: impl Into<String>, parameter: impl Into<String>) -> Self {
        Self::Parameter { population: population.into(), parameter: parameter.into() }
    }

    /// Names the weights of a projection.
    pub fn weights(projection: impl Into<String>) -> Self {
        Self::Weights { projection: projection.into() }
    }

    /// Lists all state variables of a plan, in canonical order.
    pub fn states(plan: &Plan) -> Vec<Self> {
        let blocks = plan.state_blocks();
        blocks.map(|block| Self::state(&block.population.name, &block.variable.name)).collect()
    }

    /// Lists all parameters of a plan, in order of population.
    pub fn parameters(plan: &Plan) -> Vec<Self> {
        let of = |population: &Population| {
            let names = parameter_names(population).into_iter();
            names.map(|name| Self::parameter(&population.name, name)).collect::<Vec<_>>()
        };
        plan.network.populations.iter().flat_map(of).collect()
    }

    /// Returns what the name stands for. Errors: a name that the plan does not have.
    pub fn place(&self, plan: &Plan) -> Result<Place, QuantityError> {
        match self {
            Self::State { population, variable } => {
                self.state_place(plan, population, variable).map(Place::State)
            }
            Self::Parameter { population, parameter } => {
                self.parameter_place(plan, population, parameter).map(Place::Parameter)
            }
            Self::Weights { projection } => {
                self.weights_place(plan, projection).map(Place::Weights)
            }
            Self::Synapse { projection, variable } => {
                self.synapse_place(plan, projection, variable).map(Place::Synapse)
            }
            Self::Signal { name } => self.signal_place(plan, name).map(Place::Signal),
        }
    }

    /// Errors: another number of words.
    pub(super) fn has_length(&self, expected: u64, words: &[u32]) -> Result<(), QuantityError> {
        let found = words.len() as u64;
        match found == expected {
            true => Ok(()),
            false => {
                Err(QuantityError::Length { quantity: Box::new(self.clone()), expected, found })
            }
        }
    }

    fn parameter_place(
        &self,
        plan: &Plan,
        population: &str,
        parameter: &str,
    ) -> Result<ParameterPlace, QuantityError> {
        let populations = &plan.network.populations;
        let index = self.find("population", population, populations.iter().map(|p| &*p.name))?;
        let names = parameter_names(&populations[index]);
        let parameter = self.find("parameter", parameter, names.into_iter())?;
        Ok(ParameterPlace { population: PopulationId(index as u32), parameter })
    }

    /// Returns the place of a name among those that there are.
    fn find<'a>(
        &self,
        what: &'static str,
        name: &str,
        mut names: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<usize, QuantityError> {
        let known = names.clone();
        names.position(|known| known == name).ok_or_else(|| QuantityError::Name {
            quantity: Box::new(self.clone()),
            what,
            known: known.map(String::from).collect(),
        })
    }

    fn state_place(
        &self,
        plan: &Plan,
        population: &str,
        variable: &str,
    ) -> Result<StatePlace, QuantityError> {
        let names = plan.populations.iter().map(|population| &*population.name);
        let index = self.find("population", population, names)?;
        let (population, state) = (PopulationId(index as u32), plan.populations[index].state());
        let names = state.iter().map(|state| &*state.name);
        let at = self.find("state variable", variable, names)?;
        let first = plan.first_state_word(population, at as u32);
        let size = u64::from(plan.populations[index].size) * u64::from(plan.batch);
        Ok(StatePlace {
            population,
            variable: at as u32,
            words: first..first + size,
            ty: state[at].ty,
            held: variable == HELD,
        })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State { population, variable } => {
                write!(f, "state variable `{variable}` of population {population}")
            }
            Self::Parameter { population, parameter } => {
                write!(f, "parameter `{parameter}` of population {population}")
            }
            Self::Weights { projection } => write!(f, "weights of projection {projection}"),
            Self::Synapse { projection, variable } => {
                write!(f, "state variable `{variable}` of the synapses of projection {projection}")
            }
            Self::Signal { name } => write!(f, "signal {name}"),
        }
    }
}

impl StatePlace {
    /// Returns the words of the variable among all state words.
    pub fn of<'a>(&self, state: &'a [u32]) -> &'a [u32] {
        &state[self.words.start as usize..self.words.end as usize]
    }

    /// Returns the words that are stored for `words`: floats are flushed as in every step.
    ///
    /// Errors: another number of words, or a word that a run cannot come to: a float that is not
    /// finite, a counter below 0.
    pub fn accept(
        &self,
        plan: &Plan,
        quantity: &Quantity,
        words: &[u32],
    ) -> Result<Vec<u32>, QuantityError> {
        let expected = self.words.end - self.words.start;
        quantity.has_length(expected, words)?;
        let stored: Vec<u32> = words.iter().map(|word| self.stored(*word)).collect();
        match stored.iter().position(|word| !self.allows(*word)) {
            None => Ok(stored),
            Some(at) => {
                let size = plan.populations[self.population.index()].size;
                Err(QuantityError::Value {
                    quantity: Box::new(quantity.clone()),
                    copy: at as u32 / size,
                    neuron: at as u32 % size,
                    found: self.shown(words[at]),
                    allowed: self.allowed().into(),
                })
            }
        }
    }

    /// Returns the word that stands for this one: floats are flushed.
    fn stored(&self, word: u32) -> u32 {
        match self.ty {
            Type::F32 => numeric::flush_bits(word),
            Type::I32 | Type::U32 | Type::Bool => word,
        }
    }

    fn allows(&self, word: u32) -> bool {
        match self.ty {
            Type::F32 if self.held => [0.0, 1.0].contains(&f32::from_bits(word)),
            Type::F32 => is_finite(word),
            Type::I32 | Type::U32 | Type::Bool => word.cast_signed() >= 0,
        }
    }

    fn allowed(&self) -> &'static str {
        match self.ty {
            Type::F32 if self.held => "0 or 1",
            Type::F32 => "a finite number",
            Type::I32 | Type::U32 | Type::Bool => "a number of steps, at least 0",
        }
    }

    fn shown(&self, word: u32) -> String {
        match self.ty {
            Type::F32 => f32::from_bits(word).to_string(),
            Type::I32 | Type::U32 | Type::Bool => word.cast_signed().to_string(),
        }
    }
}

/// The names of the parameters of a population.
fn parameter_names(population: &Population) -> Vec<&str> {
    match &population.kind {
        PopulationKind::Neurons { model, .. } => {
            model.parameters.iter().map(|parameter| parameter.name.as_str()).collect()
        }
        PopulationKind::SpikeList(_) => Vec::new(),
    }
}

/// Says why a quantity cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing has that name.
    #[error("{quantity}: there is no such {what}; there {}", known_names(known))]
    Name {
        /// The quantity.
        quantity: Box<Quantity>,
        /// The kind of name that is not there.
        what: &'static str,
        /// The names that are.
        known: Vec<String>,
    },
    /// There are too few or too many words.
    #[error("{quantity}: {} given, it has {expected}", count(*found, "word"))]
    Length {
        /// The quantity.
        quantity: Box<Quantity>,
        /// How many words it has.
        expected: u64,
        /// How many were given.
        found: u64,
    },
    /// It is part of the program that was compiled.
    #[error("{quantity}: {why}")]
    Folded {
        /// The quantity.
        quantity: Box<Quantity>,
        /// The reason, and what would be right.
        why: &'static str,
    },
    /// A synapse may not be given this weight.
    #[error(
        "{quantity}: {found} for synapse {synapse} of source neuron {row}; give {least} to {largest}"
    )]
    Weight {
        /// The quantity.
        quantity: Box<Quantity>,
        /// The source neuron in its population.
        row: u32,
        /// The place of the synapse in its row.
        synapse: u32,
        /// The weight, in units of the receptor.
        found: i32,
        /// The least that is allowed.
        least: i32,
        /// The largest that is allowed.
        largest: i32,
    },
    /// A run cannot come to this value of a signal.
    #[error("{quantity}: {found} for copy {copy}; give a finite number")]
    Signal {
        /// The quantity.
        quantity: Box<Quantity>,
        /// The copy of the batch.
        copy: u32,
        /// The value.
        found: String,
    },
    /// A run cannot come to this value of a synapse.
    #[error(
        "{quantity}: {found} for synapse {synapse} of source neuron {row} of copy {copy}; give \
         {allowed}"
    )]
    Synapse {
        /// The quantity.
        quantity: Box<Quantity>,
        /// The copy of the batch.
        copy: u32,
        /// The source neuron in its population.
        row: u32,
        /// The place of the synapse in its row.
        synapse: u32,
        /// The value.
        found: String,
        /// The values that can be written.
        allowed: Box<str>,
    },
    /// A run cannot come to this value.
    #[error("{quantity}: {found} for neuron {neuron} of copy {copy}; give {allowed}")]
    Value {
        /// The quantity.
        quantity: Box<Quantity>,
        /// The copy of the batch.
        copy: u32,
        /// The neuron in the population.
        neuron: u32,
        /// The value.
        found: String,
        /// The values that can be written.
        allowed: Box<str>,
    },
}

#[cfg(test)]
mod tests;
