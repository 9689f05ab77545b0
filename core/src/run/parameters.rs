//! Holds the parameters of a simulation as they are now.

use crate::base::numeric;
use crate::describe::checked::{Checked, PerNeuron, PopulationKind};
use crate::plan::lower::neuron::{Obstacle, Rewritten, rewrite};
use crate::plan::{Plan, Words};
use crate::run::quantity::{ParameterPlace, Quantity, QuantityError};
use std::sync::Arc;

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

    /// Returns the words of a parameter, one for each neuron.
    pub fn read(&self, place: ParameterPlace) -> Vec<u32> {
        let population = self.network.population(place.population);
        let value = self.value(place);
        let word = |neuron| numeric::round_host(value.get(neuron)).to_bits();
        (0..population.size).map(word).collect()
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
    ) -> Result<Vec<(usize, Words)>, QuantityError> {
        let size = self.network.population(place.population).size;
        quantity.has_length(size.into(), words)?;
        let values: Vec<f64> = words.iter().map(|word| f32::from_bits(*word).into()).collect();
        let refused = |neuron: usize, allowed: String| QuantityError::Value {
            quantity: Box::new(quantity.clone()),
            copy: 0,
            neuron: neuron as u32,
            found: values[neuron].to_string(),
            allowed: allowed.into(),
        };
        if let Some(neuron) = values.iter().position(|value| !value.is_finite()) {
            return Err(refused(neuron, "a finite number".into()));
        }
        let (id, parameter) = (place.population, place.parameter);
        let Rewritten { network, constants } = rewrite(plan, &self.network, id, parameter, &values)
            .map_err(|obstacle| match obstacle {
                Obstacle::Literal => folded(quantity, LITERAL),
                Obstacle::Program => folded(quantity, PROGRAM),
                Obstacle::Value { neuron, bound: None } => {
                    refused(neuron as usize, "values from which finite numbers follow".into())
                }
                Obstacle::Value { neuron, bound: Some((relation, limit)) } => refused(
                    neuron as usize,
                    format!(
                        "values so that all parameters keep their bounds, here {} {limit}",
                        relation.words()
                    ),
                ),
            })?;
        self.network = Arc::new(network);
        Ok(constants)
    }

    fn value(&self, place: ParameterPlace) -> &PerNeuron {
        match &self.network.population(place.population).kind {
            PopulationKind::Neurons { parameters, .. } => &parameters[place.parameter],
            PopulationKind::SpikeList(_) => unreachable!("a spike list has no parameters"),
        }
    }
}

const LITERAL: &str = "it is the same for all neurons and therefore part of their program; give a \
                       value for each neuron in the model file, or compile the network again";
const PROGRAM: &str =
    "with these values the program would be another one; compile the network again";

fn folded(quantity: &Quantity, why: &'static str) -> QuantityError {
    QuantityError::Folded { quantity: Box::new(quantity.clone()), why }
}
