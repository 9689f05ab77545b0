//! Holds the parameters of a simulation as they are now.

use crate::base::id::PopulationId;
use crate::base::numeric;
use crate::describe::checked::{Checked, PerNeuron, PopulationKind};
use crate::plan::lower::neuron::{Obstacle, Rewritten, rewrite};
use crate::plan::{Plan, Words};
use crate::run::checkpoint::CheckpointMismatch;
use crate::run::quantity::{ParameterPlace, Quantity, QuantityError};
use std::sync::Arc;

/// Per-neuron constants and slots of a population with their index in its plan.
pub type Constants = Vec<(usize, Words)>;

/// Holds a parameter whose values are not those of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenParameter {
    /// Which one.
    pub place: ParameterPlace,
    /// The bits of an f32 for each neuron, or one where it is in a slot.
    pub words: Vec<u32>,
}

/// Holds the network of a simulation with the parameters that were written since.
#[derive(Clone, Debug)]
pub struct Parameters {
    network: Arc<Checked>,
}

impl Parameters {
    /// Returns those of the plan.
    pub fn new(plan: &Plan) -> Self {
        Self { network: Arc::clone(&plan.network) }
    }

    /// Returns the network with these parameters.
    pub fn network(&self) -> &Arc<Checked> {
        &self.network
    }

    /// Returns the words of a parameter, one for each neuron, or one where it is in a slot.
    pub fn read(&self, place: ParameterPlace) -> Vec<u32> {
        let value = self.value(place);
        let word = |neuron| numeric::round_host(value.get(neuron)).to_bits();
        (0..self.words(place)).map(word).collect()
    }

    /// Returns the parameters whose values are not those of the plan, in order.
    pub fn written(&self, plan: &Plan) -> Vec<WrittenParameter> {
        let places = (0..).zip(&plan.network.populations).flat_map(|(id, population)| {
            let parameters = match &population.kind {
                PopulationKind::Neurons { parameters, .. } => parameters.len(),
                PopulationKind::SpikeList(_) => 0,
            };
            let place = move |parameter| ParameterPlace { population: PopulationId(id), parameter };
            (0..parameters).map(place)
        });
        let planned = Self::new(plan);
        let differs = |place: &ParameterPlace| !same(self.value(*place), planned.value(*place));
        // Written values are f32, also those that are too small to be read as another than 0.
        let word = |value: f64| (value as f32).to_bits();
        let written = |place: ParameterPlace| {
            let words =
                (0..self.words(place)).map(|neuron| word(self.value(place).get(neuron))).collect();
            WrittenParameter { place, words }
        };
        places.filter(differs).map(written).collect()
    }

    /// Writes the words of a parameter. Returns the per-neuron constants that follow, with their
    /// index in the plan of the population: a backend puts them in the place of its own.
    ///
    /// Errors, which change nothing: another number of words, a value that is not finite or out of
    /// the bounds of the model, and what is part of the program.
    pub fn write(
        &mut self,
        plan: &Plan,
        quantity: &Quantity,
        place: ParameterPlace,
        words: &[u32],
    ) -> Result<Constants, QuantityError> {
        let changes = [(place.parameter, self.values(quantity, place, words)?)];
        let Rewritten { network, constants } =
            rewrite(plan, &self.network, place.population, &changes)
                .map_err(|obstacle| refused(quantity, &changes[0].1, obstacle))?;
        self.network = Arc::new(network);
        Ok(constants)
    }

    /// Goes to the parameters of a checkpoint: those that it has are written, all others are those
    /// of the plan. Returns the per-neuron constants of the populations of which one changes, as
    /// [`Self::write`] does.
    ///
    /// Errors, which change nothing: those of [`Self::write`], and a parameter that is not there.
    pub fn restore(
        &mut self,
        plan: &Plan,
        parameters: &[WrittenParameter],
    ) -> Result<Vec<(PopulationId, Constants)>, CheckpointMismatch> {
        let quantities: Vec<Quantity> = parameters
            .iter()
            .map(|written| {
                written.place.quantity(plan).ok_or(CheckpointMismatch::NoParameter {
                    population: written.place.population.0,
                    parameter: written.place.parameter,
                })
            })
            .collect::<Result<_, _>>()?;
        let now = self.written(plan);
        let (mut network, mut constants) = (Arc::clone(&plan.network), Vec::new());
        for id in (0..plan.network.populations.len() as u32).map(PopulationId) {
            let of_population =
                |(written, _): &(&WrittenParameter, &Quantity)| written.place.population == id;
            let own: Vec<_> = parameters.iter().zip(&quantities).filter(of_population).collect();
            if own.is_empty() && now.iter().all(|written| written.place.population != id) {
                continue;
            }
            let mut changes = Vec::with_capacity(own.len());
            for (WrittenParameter { place, words }, quantity) in &own {
                changes.push((place.parameter, self.values(quantity, *place, words)?));
            }
            let rewritten = rewrite(plan, &network, id, &changes).map_err(|obstacle| {
                let first = own.first().zip(changes.first());
                let ((_, quantity), (_, values)) = first.expect("the plan keeps its own bounds");
                refused(quantity, values, obstacle)
            })?;
            network = Arc::new(rewritten.network);
            constants.push((id, rewritten.constants));
        }
        self.network = network;
        Ok(constants)
    }

    /// Returns words as values. Errors: another number of them, or one that is not finite.
    fn values(
        &self,
        quantity: &Quantity,
        place: ParameterPlace,
        words: &[u32],
    ) -> Result<Vec<f64>, QuantityError> {
        quantity.has_length(self.words(place).into(), words)?;
        let values: Vec<f64> = words.iter().map(|word| f32::from_bits(*word).into()).collect();
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(neuron) => Err(wrong(quantity, &values, neuron, "a finite number".into())),
        }
    }

    /// Returns how many words a parameter has.
    fn words(&self, place: ParameterPlace) -> u32 {
        match self.value(place) {
            PerNeuron::Slot(_) => 1,
            PerNeuron::All(_) | PerNeuron::Each(_) => {
                self.network.population(place.population).size
            }
        }
    }

    fn value(&self, place: ParameterPlace) -> &PerNeuron {
        match &self.network.population(place.population).kind {
            PopulationKind::Neurons { parameters, .. } => &parameters[place.parameter],
            PopulationKind::SpikeList(_) => unreachable!("a spike list has no parameters"),
        }
    }
}

const LITERAL: &str = "it is the same for all neurons and therefore part of their program; name it \
                       in `writable` of the population, give a value for each neuron in the model \
                       file, or compile the network again";
const PROGRAM: &str =
    "with these values the program would be another one; compile the network again";

/// Returns the error of values that are not written for this reason.
fn refused(quantity: &Quantity, values: &[f64], obstacle: Obstacle) -> QuantityError {
    match obstacle {
        Obstacle::Literal => folded(quantity, LITERAL),
        Obstacle::Program => folded(quantity, PROGRAM),
        Obstacle::Value { neuron, bound: None } => {
            let allowed = "values from which finite numbers follow".into();
            wrong(quantity, values, neuron as usize, allowed)
        }
        Obstacle::Value { neuron, bound: Some((relation, limit)) } => {
            let words = relation.words();
            let allowed =
                format!("values so that all parameters keep their bounds, here {words} {limit}");
            wrong(quantity, values, neuron as usize, allowed)
        }
    }
}

fn wrong(quantity: &Quantity, values: &[f64], neuron: usize, allowed: String) -> QuantityError {
    QuantityError::Value {
        quantity: Box::new(quantity.clone()),
        copy: 0,
        neuron: neuron as u32,
        // One value is that of all neurons.
        found: values[neuron.min(values.len() - 1)].to_string(),
        allowed: allowed.into(),
    }
}

fn folded(quantity: &Quantity, why: &'static str) -> QuantityError {
    QuantityError::Folded { quantity: Box::new(quantity.clone()), why }
}

/// Whether the values are the same bit by bit.
fn same(a: &PerNeuron, b: &PerNeuron) -> bool {
    match (a, b) {
        (PerNeuron::All(a), PerNeuron::All(b)) | (PerNeuron::Slot(a), PerNeuron::Slot(b)) => {
            a.to_bits() == b.to_bits()
        }
        (PerNeuron::Each(a), PerNeuron::Each(b)) => {
            Arc::ptr_eq(a, b) || a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits()))
        }
        (PerNeuron::All(_) | PerNeuron::Each(_) | PerNeuron::Slot(_), _) => false,
    }
}
