//! The synapses of a projection at the end of a run: what `synapses-NAME.npz` holds.

use crate::trace::synapse_variable;
use isospike_core::base::clock::Clock;
use isospike_core::base::words::known_names;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{SynapsePart, SynapseWord};
use isospike_core::run::backend::{BackendError, Simulation};
use isospike_core::run::quantity::Quantity;

/// The synapses of one projection, in order of row, then place in the row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Synapses {
    /// The name of the projection.
    pub projection: String,
    /// The source of each.
    pub pre: Vec<u32>,
    /// The target of each.
    pub post: Vec<u32>,
    /// The delay of each.
    pub delay_ms: Vec<f64>,
    /// The weights, copy after copy, in the unit; `None` where its model uses none. All copies
    /// share those of synapses without a model.
    pub weight: Option<Vec<f64>>,
    /// The base unit of the receptor.
    pub weight_unit: String,
    /// The state variables.
    pub state: Vec<Variable>,
}

/// A state variable of synapses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its base unit, empty for a number.
    pub unit: String,
    /// Copy after copy.
    pub values: Vec<f32>,
}

/// Returns the index of a projection whose synapses can be written, by its name.
///
/// # Errors
/// In words: no such projection, or rows that are not stored.
pub fn projection(plan: &Plan, name: &str) -> Result<usize, String> {
    let names: Vec<String> = plan.projections.iter().map(|p| p.name.clone()).collect();
    let Some(index) = names.iter().position(|known| known == name) else {
        return Err(format!("there is no projection `{name}`; there {}", known_names(&names)));
    };
    match plan.projections[index].procedural {
        false => Ok(index),
        true => Err(format!(
            "the rows of projection {name} are not stored; remove `procedural` in the model file"
        )),
    }
}

impl Synapses {
    /// Returns the synapses of a projection of a simulation whose state words these are.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn of(
        plan: &Plan,
        simulation: &mut dyn Simulation,
        state: &[u32],
        index: usize,
    ) -> Result<Self, BackendError> {
        let projection = &plan.projections[index];
        let rewired = plan.rows_of(state).into_iter().find(|(rewired, _)| *rewired == index);
        let rows = rewired.map_or_else(|| projection.rows.clone(), |(_, rows)| rows);
        let clock = Clock::new(plan.network.dt_ms);
        let (mut pre, mut post, mut delay_ms) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..rows.rows() {
            rows.for_each(row, |synapse| {
                pre.push(row);
                post.push(synapse.target);
                delay_ms.push(clock.after_ms(synapse.delay_steps.into()));
            });
        }
        let (_, dimension) = synapse_variable(plan, index, None);
        let mut synapses = Self {
            projection: projection.name.clone(),
            pre,
            post,
            delay_ms,
            weight_unit: dimension.map_or_else(String::new, |dimension| dimension.base_unit()),
            ..Self::default()
        };
        let Some(model) = &projection.synapse else {
            let words = simulation.read(&Quantity::weights(&projection.name))?;
            let unit = plan.receptors[projection.receptor as usize].quantisation.unit;
            let weight = |word: u32| f64::from(word.cast_signed()) * unit;
            synapses.weight = Some(words.into_iter().map(weight).collect());
            return Ok(synapses);
        };
        for block in plan.synapse_blocks().into_iter().filter(|b| b.projection == index) {
            let SynapsePart::State(number, name) = block.part else { continue };
            let quantity = Quantity::synapse(&projection.name, name);
            let words = match model.state[number].decay {
                Some(_) => simulation.read(&quantity)?,
                None => state[block.words].to_vec(),
            };
            let values: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
            if synapses.weight.is_none() && model.state[number].initial == SynapseWord::Weight {
                synapses.weight = Some(values.iter().map(|value| f64::from(*value)).collect());
            }
            let (_, dimension) = synapse_variable(plan, index, Some(number));
            let unit = dimension.map_or_else(String::new, |dimension| dimension.base_unit());
            synapses.state.push(Variable { name: name.into(), unit, values });
        }
        Ok(synapses)
    }
}
