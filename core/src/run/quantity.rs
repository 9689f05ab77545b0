//! Names what a simulation holds, so that it can be read and written between two steps.

use crate::base::id::PopulationId;
use crate::base::numeric;
use crate::base::words::count;
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

    /// Lists all quantities of a plan, in canonical order.
    pub fn all(plan: &Plan) -> Vec<Self> {
        let blocks = plan.state_blocks();
        blocks.map(|block| Self::state(&block.population.name, &block.variable.name)).collect()
    }

    /// Returns where the words are. Errors: a name that the plan does not have.
    pub fn place(&self, plan: &Plan) -> Result<StatePlace, QuantityError> {
        let Self::State { population: name, variable } = self;
        let found = plan.populations.iter().position(|population| population.name == *name);
        let index = found.ok_or_else(|| QuantityError::Name {
            quantity: self.clone(),
            what: "population",
            known: plan.populations.iter().map(|population| population.name.clone()).collect(),
        })?;
        let (population, state) = (PopulationId(index as u32), plan.populations[index].state());
        let at = state.iter().position(|state| state.name == *variable);
        let at = at.ok_or_else(|| QuantityError::Name {
            quantity: self.clone(),
            what: "state variable",
            known: state.iter().map(|state| state.name.clone()).collect(),
        })?;
        let first = plan.first_state_word(population, at as u32);
        let size = u64::from(plan.populations[index].size) * u64::from(plan.batch);
        Ok(StatePlace {
            population,
            variable: at as u32,
            words: first..first + size,
            ty: state[at].ty,
            held: *variable == HELD,
        })
    }

    /// Returns where the words are and which are stored: floats are flushed as in every step.
    ///
    /// Errors: a name that the plan does not have, another number of words, or a word that a run
    /// cannot come to: a float that is not finite, a counter below 0.
    pub fn accept(
        &self,
        plan: &Plan,
        words: &[u32],
    ) -> Result<(StatePlace, Vec<u32>), QuantityError> {
        let place = self.place(plan)?;
        let expected = place.words.end - place.words.start;
        if words.len() as u64 != expected {
            let (quantity, found) = (self.clone(), words.len() as u64);
            return Err(QuantityError::Length { quantity, expected, found });
        }
        let stored: Vec<u32> = words.iter().map(|word| place.stored(*word)).collect();
        if let Some(at) = stored.iter().position(|word| !place.allows(*word)) {
            let size = plan.populations[place.population.index()].size;
            return Err(QuantityError::Value {
                quantity: self.clone(),
                copy: at as u32 / size,
                neuron: at as u32 % size,
                found: place.shown(words[at]),
                allowed: place.allowed(),
            });
        }
        Ok((place, stored))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State { population, variable } => {
                write!(f, "state variable `{variable}` of population {population}")
            }
        }
    }
}

impl StatePlace {
    /// Returns the words of the variable among all state words.
    pub fn of<'a>(&self, state: &'a [u32]) -> &'a [u32] {
        &state[self.words.start as usize..self.words.end as usize]
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

/// Says why a quantity cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing has that name.
    #[error("{quantity}: there is no such {what}; there {}", known_names(known))]
    Name {
        /// The quantity.
        quantity: Quantity,
        /// The kind of name that is not there.
        what: &'static str,
        /// The names that are.
        known: Vec<String>,
    },
    /// There are too few or too many words.
    #[error("{quantity}: {} given, it has {expected}", count(*found, "word"))]
    Length {
        /// The quantity.
        quantity: Quantity,
        /// How many words it has.
        expected: u64,
        /// How many were given.
        found: u64,
    },
    /// A run cannot come to this value.
    #[error("{quantity}: {found} for neuron {neuron} of copy {copy}; give {allowed}")]
    Value {
        /// The quantity.
        quantity: Quantity,
        /// The copy of the batch.
        copy: u32,
        /// The neuron in the population.
        neuron: u32,
        /// The value.
        found: String,
        /// The values that can be written.
        allowed: &'static str,
    },
}

fn known_names(known: &[String]) -> String {
    match known {
        [] => "is none".into(),
        [only] => format!("is `{only}`"),
        _ => format!("are `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{NeuronPlan, PopulationPlan, PopulationPlanKind, StateDef, Words};
    use std::sync::Arc;

    fn plan() -> Plan {
        let float =
            |name: &str| StateDef { name: name.into(), ty: Type::F32, initial: Words::All(0) };
        let neurons = NeuronPlan {
            program: Default::default(),
            state: vec![float("v"), float(HELD), StateDef::refractory()],
            constants: Vec::new(),
            poisson: Vec::new(),
            series: Vec::new(),
            first_receptor: 0,
            receptors: 0,
        };
        let population = |name: &str, size, first_neuron, kind| PopulationPlan {
            name: name.into(),
            size,
            first_neuron,
            kind,
        };
        let network = crate::describe::checked::Checked {
            name: "two".into(),
            dt_ms: 0.1,
            duration_steps: 1,
            transient_steps: 0,
            seed: 1,
            batch: 2,
            populations: Vec::new(),
            projections: Vec::new(),
            stimuli: Vec::new(),
            probes: Vec::new(),
        };
        Plan {
            network: Arc::new(network),
            seed: 1,
            batch: 2,
            populations: vec![
                population("list", 4, 0, PopulationPlanKind::SpikeList(Arc::new([]))),
                population("n", 3, 4, PopulationPlanKind::Neurons(Box::new(neurons))),
            ],
            receptors: Vec::new(),
            projections: Vec::new(),
            stimuli: Vec::new(),
            probes: Vec::new(),
            max_delay_steps: 1,
        }
    }

    #[test]
    fn quantities_lie_one_after_the_other_in_the_state() {
        let plan = plan();
        let places: Vec<Range<u64>> =
            Quantity::all(&plan).iter().map(|q| q.place(&plan).unwrap().words).collect();
        assert_eq!(places, [0..6, 6..12, 12..18]);
        assert_eq!(plan.state_words(), 18);
    }

    #[test]
    fn errors_say_what_would_be_right() {
        let plan = plan();
        let told = |quantity: Quantity, words: &[u32]| {
            quantity.accept(&plan, words).unwrap_err().to_string()
        };
        assert_eq!(
            told(Quantity::state("m", "v"), &[]),
            "state variable `v` of population m: there is no such population; there are `list`, `n`"
        );
        assert_eq!(
            told(Quantity::state("list", "v"), &[]),
            "state variable `v` of population list: there is no such state variable; there is none"
        );
        assert_eq!(
            told(Quantity::state("n", "v"), &[0]),
            "state variable `v` of population n: 1 word given, it has 6"
        );
        let mut words = [0; 6];
        words[4] = f32::INFINITY.to_bits();
        assert_eq!(
            told(Quantity::state("n", "v"), &words),
            "state variable `v` of population n: inf for neuron 1 of copy 1; give a finite number"
        );
        words[4] = 0.5_f32.to_bits();
        assert!(told(Quantity::state("n", HELD), &words).ends_with("give 0 or 1"));
        words[4] = (-1_i32).cast_unsigned();
        assert!(told(Quantity::state("n", "refractory"), &words).contains("-1 for neuron 1"));
    }

    #[test]
    fn floats_are_flushed_and_counters_are_not() {
        let plan = plan();
        let words = [1; 6];
        assert_eq!(Quantity::state("n", "v").accept(&plan, &words).unwrap().1, [0; 6]);
        assert_eq!(Quantity::state("n", "refractory").accept(&plan, &words).unwrap().1, words);
    }
}
