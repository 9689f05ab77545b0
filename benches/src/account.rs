//! The bytes that a step has to move.

use isospike_core::device::traffic::{self, EventTraffic, UpdateTraffic};
use isospike_core::plan::{NeuronPlan, Plan, PopulationPlanKind, Words};
use isospike_core::run::backend::BackendError;

/// Bytes of a word.
const WORD: f64 = 4.0;

/// The bytes that one event and one update move, means over a network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Account {
    /// Bytes of one synaptic event: its stored synapse, read.
    pub synapse_bytes: f64,
    /// Bytes of one synaptic event: its accumulator, read and written.
    pub accumulator_bytes: f64,
    /// Bytes of one neuron update: state and accumulators read and written, constants of its own
    /// read.
    pub update_bytes: f64,
    /// All synapses as they are stored.
    pub synapses_bytes: u64,
    /// All accumulators.
    pub accumulators_bytes: u64,
    /// All that updates go through.
    pub state_bytes: u64,
}

impl Account {
    /// Estimates a network whose stored synapses take `synapses_bytes`, on a processor that reads
    /// each synapse of an event once and everything of a neuron once per update. `scattered` is the
    /// share of events that are added to their accumulators one by one; what the others move there,
    /// which is less, is left out.
    pub fn of_processor(plan: &Plan, synapses_bytes: u64, scattered: f64) -> Self {
        let synapses: u64 = plan.synapses().synapses;
        let sizes = Sizes::new(plan);
        Self {
            synapse_bytes: synapses_bytes as f64 / synapses.max(1) as f64,
            accumulator_bytes: 2.0 * WORD * scattered,
            update_bytes: sizes.mean_update_bytes,
            synapses_bytes,
            accumulators_bytes: sizes.accumulators_bytes,
            state_bytes: sizes.state_bytes,
        }
    }

    /// Estimates a device with kernels, as counted in the kernels. `memory_bytes` is the size of
    /// the simulation: all that is neither state nor accumulators is synapses.
    ///
    /// # Errors
    /// Where no device can store the rows.
    pub fn of_kernels(plan: &Plan, memory_bytes: u64) -> Result<Self, BackendError> {
        let counted = traffic::TrafficEstimate::new(plan)?;
        let sizes = Sizes::new(plan);
        let size = |update: &UpdateTraffic| plan.populations[update.population.index()].size;
        let updates =
            counted.updates.iter().map(|u| (f64::from(size(u)), u.neuron.bytes())).collect();
        let events =
            counted.events.iter().map(|e: &EventTraffic| (e.synapses as f64, e.event.bytes()));
        let rest = sizes.state_bytes + sizes.accumulators_bytes;
        let event_bytes = mean(events.collect());
        Ok(Self {
            synapse_bytes: (event_bytes - 2.0 * WORD).max(0.0),
            accumulator_bytes: event_bytes.min(2.0 * WORD),
            update_bytes: mean(updates),
            synapses_bytes: memory_bytes.saturating_sub(rest),
            accumulators_bytes: sizes.accumulators_bytes,
            state_bytes: sizes.state_bytes,
        })
    }
}

/// The memory of the neurons of a plan.
struct Sizes {
    mean_update_bytes: f64,
    accumulators_bytes: u64,
    state_bytes: u64,
}

impl Sizes {
    fn new(plan: &Plan) -> Self {
        let mut updates = Vec::new();
        let mut state_bytes = 0;
        for population in &plan.populations {
            let PopulationPlanKind::Neurons(neurons) = &population.kind else { continue };
            updates.push((f64::from(population.size), traffic::least_of_update(neurons)));
            state_bytes += u64::from(population.size) * words_of(neurons) * 4;
        }
        let copies = u64::from(plan.batch);
        Self {
            mean_update_bytes: mean(updates),
            accumulators_bytes: u64::from(plan.accumulators()) * copies * 4,
            state_bytes: state_bytes * copies,
        }
    }
}

/// Words that an update goes through: state, accumulators, own constants.
fn words_of(neuron: &NeuronPlan) -> u64 {
    let own = neuron.constants.iter().filter(|words| matches!(words, Words::Each(_))).count();
    (neuron.state.len() + own) as u64 + u64::from(neuron.receptors)
}

/// The mean of values, each with its weight; 0 where nothing weighs anything.
fn mean(weighted: Vec<(f64, f64)>) -> f64 {
    let weight: f64 = weighted.iter().map(|(weight, _)| weight).sum();
    let sum: f64 = weighted.iter().map(|(weight, value)| weight * value).sum();
    if weight > 0.0 { sum / weight } else { 0.0 }
}
