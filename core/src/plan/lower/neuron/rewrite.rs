//! Folds a population again with other values of parameters: its program stays, its per-neuron
//! constants change.

use super::dag::Value;
use super::fold::Fold;
use super::neuron_program;
use crate::base::id::PopulationId;
use crate::describe::checked::{Checked, PerNeuron, PopulationKind};
use crate::describe::model::Relation;
use crate::plan::{Plan, PopulationPlanKind, Words};

/// Holds what other values of parameters make of a network.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// The network with these values.
    pub network: Checked,
    /// The per-neuron constants that change, with their index in [`crate::plan::NeuronPlan`].
    pub constants: Vec<(usize, Words)>,
}

/// Says why parameters cannot have these values without compiling again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Obstacle {
    /// One of them is the same for all neurons, so it is part of the program.
    Literal,
    /// These values need another program.
    Program,
    /// The value of this neuron is out of bounds, or something that follows from it is not finite.
    Value {
        /// The neuron in the population.
        neuron: u32,
        /// The bound that a parameter of the model has; `None` where there is none.
        bound: Option<(Relation, f64)>,
    },
}

/// Returns what other values of parameters, one for each neuron or one for a slot, make of a
/// population of `network`, which is that of the plan but for parameters that were written before.
/// `changes` are indices of parameters with their values.
///
/// # Panics
/// If the population is a spike list, or has no such parameter.
pub fn rewrite(
    plan: &Plan,
    network: &Checked,
    id: PopulationId,
    changes: &[(usize, Vec<f64>)],
) -> Result<Rewritten, Obstacle> {
    let mut network = network.clone();
    let size = network.population(id).size;
    let kind = &mut network.populations[id.index()].kind;
    let (PopulationKind::Neurons { parameters, .. }, PopulationPlanKind::Neurons(old)) =
        (kind, &plan.populations[id.index()].kind)
    else {
        panic!("a spike list has no parameters")
    };
    for (parameter, values) in changes {
        parameters[*parameter] = match parameters[*parameter] {
            PerNeuron::Each(_) => PerNeuron::Each(values.as_slice().into()),
            PerNeuron::Slot(_) => PerNeuron::Slot(values[0]),
            PerNeuron::All(_) => return Err(Obstacle::Literal),
        };
    }
    bounds(&network, id, size)?;
    let first = old.first_receptor as usize;
    let receptors = &plan.receptors[first..first + old.receptors as usize];
    let exponents: Vec<i32> = receptors.iter().map(|receptor| receptor.scale_exponent).collect();
    let new = neuron_program(&network, id, &exponents);
    let same_kind = |(old, new): (&Words, &Words)| match (old, new) {
        (Words::All(old), Words::All(new)) => old == new,
        (Words::Each(old), Words::Each(new)) => old.len() == new.len(),
        (Words::Slot(_), Words::Slot(_)) => true,
        (Words::All(_) | Words::Each(_) | Words::Slot(_), _) => false,
    };
    let same = new.program == old.program
        && new.constants.len() == old.constants.len()
        && old.constants.iter().zip(&new.constants).all(same_kind);
    if !same {
        return Err(Obstacle::Program);
    }
    let each = new.constants.into_iter().enumerate();
    let constants: Vec<_> = each.filter(|(_, words)| !matches!(words, Words::All(_))).collect();
    for (_, words) in &constants {
        let finite = |i: &u32| f32::from_bits(words.get(*i)).is_finite();
        if let Some(neuron) = (0..size).find(|i| !finite(i)) {
            return Err(Obstacle::Value { neuron, bound: None });
        }
    }
    Ok(Rewritten { network, constants })
}

/// Compares all parameters of a population with their bounds, which may follow from each other.
fn bounds(network: &Checked, id: PopulationId, size: u32) -> Result<(), Obstacle> {
    let PopulationKind::Neurons { model, parameters, .. } = &network.population(id).kind else {
        return Ok(());
    };
    for (definition, value) in model.parameters.iter().zip(parameters) {
        for bound in &definition.bounds {
            let none = Some(PerNeuron::All(0.0));
            let mut fold = Fold::new(model, parameters, network.dt_ms, none);
            let Value::Host(limit) = fold.eval(&bound.limit) else { continue };
            let holds = |i: &u32| bound.relation.holds(value.get(*i), limit.get(*i));
            if let Some(neuron) = (0..size).find(|i| !holds(i)) {
                let bound = Some((bound.relation, limit.get(neuron)));
                return Err(Obstacle::Value { neuron, bound });
            }
        }
    }
    Ok(())
}
