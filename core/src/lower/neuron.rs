//! Neuron programs. Skeleton: only the model that does nothing is lowered yet.

use crate::checked::{Checked, PopulationKind};
use crate::id::PopulationId;
use crate::ir::Program;
use crate::plan::NeuronPlan;

/// The program of a population; `exponents` are the scale exponents of its receptors, in order.
/// [`NeuronPlan::first_receptor`] is set by the caller.
pub fn neuron_program(
    network: &Checked,
    population: PopulationId,
    exponents: &[i32],
) -> NeuronPlan {
    if let PopulationKind::Neurons { model, .. } = &network.population(population).kind {
        let nothing = model.state.is_empty() && model.threshold.is_none();
        if !nothing {
            todo!("neuron programs");
        }
    }
    NeuronPlan {
        program: Program::default(),
        state_names: vec![],
        initial: vec![],
        constants: vec![],
        poisson: vec![],
        first_receptor: 0,
        receptors: exponents.len() as u32,
    }
}
