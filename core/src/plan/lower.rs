//! Checked -> Plan: every decision that the network alone allows, taken once.

pub mod neuron;
mod probe;
mod projection;
pub mod quantise;
mod signal;
mod synapse;

pub use probe::missing_pairs;

use crate::base::id::PopulationId;
use crate::describe::checked::{Checked, Population, PopulationKind, Stimulus, StimulusKind};
use crate::plan::{
    CurrentPlan, Plan, PopulationPlan, PopulationPlanKind, ProjectionPlan, ReceptorPlan,
    StimulusPlan,
};
use std::sync::Arc;

/// Lowers a checked network. Cannot fail: what could is a mistake and was found by the check.
///
/// Draws what rows need beforehand (row lengths of fixed total numbers, tables of fixed in-degrees)
/// with the threads of the current rayon pool; the plan is the same for any number of them.
pub fn lower(network: Arc<Checked>) -> Plan {
    let mut tables = projection::Tables::default();
    let receptors = receptors(&network, &mut tables);
    let projections = projection::lower(&network, &receptors, &mut tables);
    Plan {
        seed: network.seed,
        batch: network.batch,
        populations: populations(&network, &receptors),
        receptors,
        stimuli: stimuli(&network),
        currents: currents(&network),
        signals: signal::lower(&network),
        probes: probe::neurons(&network),
        synapse_probes: probe::synapses(&network, &projections),
        max_delay_steps: ProjectionPlan::farthest_steps(&projections),
        projections,
        network,
    }
}

/// The receptors of a population: what its model declares, none for a spike list.
fn receptor_names(population: &Population) -> Vec<&str> {
    match &population.kind {
        PopulationKind::Neurons { model, .. } => {
            model.receptors.iter().map(|receptor| receptor.name.as_str()).collect()
        }
        PopulationKind::SpikeList(_) => Vec::new(),
    }
}

/// All receptors with their scales, in order of population.
fn receptors(network: &Checked, tables: &mut projection::Tables) -> Vec<ReceptorPlan> {
    let mut receptors = Vec::new();
    let mut first_accumulator = 0;
    for (index, population) in network.populations.iter().enumerate() {
        let id = PopulationId(index as u32);
        for (number, name) in receptor_names(population).into_iter().enumerate() {
            let inputs = projection::inputs(network, id, number as u32, tables);
            let scale = quantise::scale(population.size, &inputs);
            receptors.push(ReceptorPlan {
                population: id,
                name: name.to_owned(),
                first_accumulator,
                scale_exponent: scale.exponent,
                quantisation: scale.quantisation,
                afferents: scale.inputs,
            });
            first_accumulator += population.size;
        }
    }
    receptors
}

/// All populations with their programs.
fn populations(network: &Checked, receptors: &[ReceptorPlan]) -> Vec<PopulationPlan> {
    let (mut first_neuron, mut first_receptor) = (0, 0);
    let mut plans = Vec::with_capacity(network.populations.len());
    for (index, population) in network.populations.iter().enumerate() {
        let count = receptor_names(population).len();
        let own = &receptors[first_receptor..first_receptor + count];
        let kind = match &population.kind {
            PopulationKind::SpikeList(list) => PopulationPlanKind::SpikeList(list.clone()),
            PopulationKind::Neurons { .. } => {
                let exponents: Vec<i32> = own.iter().map(|r| r.scale_exponent).collect();
                let id = PopulationId(index as u32);
                let mut plan = neuron::neuron_program(network, id, &exponents);
                plan.first_receptor = first_receptor as u32;
                PopulationPlanKind::Neurons(Box::new(plan))
            }
        };
        let (name, size) = (population.name.clone(), population.size);
        plans.push(PopulationPlan { name, size, first_neuron, kind });
        first_neuron += population.size;
        first_receptor += count;
    }
    plans
}

/// The stimuli that have events.
fn stimuli(network: &Checked) -> Vec<StimulusPlan> {
    let mut plans = Vec::new();
    for (stimulus, streams) in network.stimuli.iter().zip(neuron::streams(network)) {
        if let StimulusKind::Poisson { .. } = stimulus.kind {
            plans.push(StimulusPlan {
                name: stimulus.name.clone(),
                population: stimulus.population,
                streams,
                start_step: stimulus.start_step,
                stop_step: stimulus.stop_step,
            });
        }
    }
    plans
}

/// The currents from outside.
fn currents(network: &Checked) -> Vec<CurrentPlan> {
    let external = |stimulus: &&Stimulus| matches!(stimulus.kind, StimulusKind::External);
    let lower = |stimulus: &Stimulus| CurrentPlan {
        name: stimulus.name.clone(),
        population: stimulus.population,
    };
    network.stimuli.iter().filter(external).map(lower).collect()
}
