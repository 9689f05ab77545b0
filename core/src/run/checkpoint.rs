//! Checkpoints: all that a run is between two steps, without anything that belongs to a backend.
//!
//! Every delay is at least one step and every random number is a function of its place
//! (`docs/semantics.md`, 2 and 5), so the state words and the spikes of the last
//! [`Plan::flight_steps`] steps are enough: what is on its way follows from those spikes, or is
//! among the state words (8.22). Beside them stand the parameters that were written since the
//! network was compiled. A checkpoint of one backend is therefore, word for word, the one that any
//! other would have taken there, and [`Simulation::restore`] takes it on any.

mod file;
mod fingerprint;

pub use file::{LogEnd, Saved, SavedError};
pub use fingerprint::Fingerprint;

use crate::plan::Plan;
use crate::run::backend::{BackendError, Simulation};
use crate::run::counters::Counters;
use crate::run::parameters::{Parameters, WrittenParameter};
use crate::run::quantity::{Quantity, QuantityError};
use crate::run::record::{Recording, Spike};
use crate::run::source_traces::SourceTraces;
use crate::run::weights;

/// A run between two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The fingerprint of the network that runs.
    pub fingerprint: Fingerprint,
    /// How many steps have been run.
    pub step: u32,
    /// The state words in canonical order, as [`Simulation::state`] gives them.
    pub state: Vec<u32>,
    /// The spikes of the last [`Plan::flight_steps`] steps, in canonical order, those of spike
    /// lists included.
    pub spikes: Vec<Spike>,
    /// The counts since step 0, as [`Simulation::counters`] gives them.
    pub counters: Counters,
    /// The parameters that were written ([`Simulation::written_parameters`]). All others are those
    /// of the network.
    pub parameters: Vec<WrittenParameter>,
}

impl Checkpoint {
    /// Takes the checkpoint of a simulation of this plan; `recording` is what it has recorded since
    /// step 0, of which the last steps are enough.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unsupported`] where weights were written: a checkpoint has no place for them
    /// yet, and a run that goes on without them would be another one. Errors of reads.
    pub fn take(
        plan: &Plan,
        simulation: &mut dyn Simulation,
        recording: &Recording,
    ) -> Result<Self, BackendError> {
        weights_are_those_of(plan, simulation)?;
        let step = recording.steps;
        let first = first_step(plan, step);
        let from = recording.spikes.partition_point(|spike| spike.step < first);
        Ok(Self {
            fingerprint: Fingerprint::of(plan),
            step,
            state: simulation.state()?,
            spikes: recording.spikes[from..].to_vec(),
            counters: simulation.counters()?,
            parameters: simulation.written_parameters(),
        })
    }

    /// Before step 0.
    pub fn start(plan: &Plan) -> Self {
        Self {
            fingerprint: Fingerprint::of(plan),
            step: 0,
            state: plan.initial_state(),
            spikes: Vec::new(),
            counters: Counters::new(plan),
            parameters: Vec::new(),
        }
    }

    /// Whether a simulation of this plan can be restored to this; every backend checks that first.
    pub fn fits(&self, plan: &Plan) -> Result<(), CheckpointMismatch> {
        let expected = Fingerprint::of(plan);
        if self.fingerprint != expected {
            return Err(CheckpointMismatch::Network { expected, found: self.fingerprint });
        }
        let expected = plan.state_words();
        if self.state.len() as u64 != expected {
            return Err(CheckpointMismatch::State { expected, found: self.state.len() as u64 });
        }
        if !plan.rows_fit(&self.state) {
            return Err(CheckpointMismatch::Rows);
        }
        let first = first_step(plan, self.step);
        let neurons = u64::from(plan.neurons()) * u64::from(plan.batch);
        let inside = |spike: &Spike| {
            (first..self.step).contains(&spike.step) && u64::from(spike.neuron) < neurons
        };
        let ordered = self.spikes.is_sorted_by(|a, b| a < b);
        if !ordered || !self.spikes.iter().all(inside) {
            return Err(CheckpointMismatch::Spikes { first, step: self.step, neurons });
        }
        let (found, expected) = (&self.counters, Counters::new(plan));
        let lists = |c: &Counters| -> Vec<usize> {
            let of_synapses = [&c.synaptic_events, &c.post_events, &c.clocked_events];
            let events = of_synapses.into_iter().chain([&c.stimulus_events]);
            [&c.spikes, &c.neuron_updates].into_iter().chain(events).map(Vec::len).collect()
        };
        if found.steps != u64::from(self.step) || lists(found) != lists(&expected) {
            return Err(CheckpointMismatch::Counts);
        }
        if !self.parameters.is_empty() {
            Parameters::new(plan).restore(plan, &self.parameters)?;
        }
        Ok(())
    }

    /// The spikes that may still be on their way.
    pub fn flight(&self) -> Flight<'_> {
        Flight { step: self.step, spikes: &self.spikes }
    }
}

/// Errors: a projection whose weights were written.
fn weights_are_those_of(plan: &Plan, simulation: &mut dyn Simulation) -> Result<(), BackendError> {
    for (index, projection) in plan.projections.iter().enumerate() {
        if projection.weight_bounds.is_none() {
            continue;
        }
        let quantity = Quantity::weights(&projection.name);
        if simulation.read(&quantity)? != weights::read(plan, &quantity, index)? {
            return Err(BackendError::Unsupported(format!(
                "{quantity} were written, and a checkpoint does not hold weights: write those of \
                 the network again before it is taken"
            )));
        }
    }
    Ok(())
}

/// The spikes of a run that may be on their way, kept from step to step, and the traces of sources
/// that those before have left.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    spikes: Vec<Spike>,
    traces: SourceTraces,
}

impl Recent {
    /// Begins before step 0.
    pub fn new(plan: &Plan) -> Self {
        Self { spikes: Vec::new(), traces: SourceTraces::new(plan) }
    }

    /// Adds spikes that were recorded, up to step `end`, and drops those that have arrived.
    pub fn note(&mut self, plan: &Plan, recorded: &[Spike], end: u32) {
        let first = first_step(plan, end);
        let arrived = |spikes: &[Spike]| spikes.partition_point(|spike| spike.step < first);
        let (old, new) = recorded.split_at(arrived(recorded));
        let left = arrived(&self.spikes);
        for spike in self.spikes.drain(..left).chain(old.iter().copied()) {
            self.traces.spike(plan, spike);
        }
        self.spikes.extend_from_slice(new);
    }

    /// Goes to those of a checkpoint.
    pub fn go_to(&mut self, plan: &Plan, checkpoint: &Checkpoint) {
        self.spikes.clone_from(&checkpoint.spikes);
        self.traces.go_to(plan, &checkpoint.state);
    }

    /// Returns them before a step.
    pub fn flight(&self, step: u32) -> Flight<'_> {
        Flight { step, spikes: &self.spikes }
    }

    /// Writes the words of the traces of sources into all state words.
    pub fn write_traces(&self, plan: &Plan, state: &mut [u32]) {
        self.traces.write_to(plan, state);
    }
}

/// Returns the first step whose spikes may still be on their way before step `end`.
pub(super) fn first_step(plan: &Plan, end: u32) -> u32 {
    end.saturating_sub(plan.flight_steps())
}

/// The spikes that may be on their way between two steps.
#[derive(Clone, Copy, Debug)]
pub struct Flight<'s> {
    /// The step to come.
    pub step: u32,
    /// The spikes of the last [`Plan::flight_steps`] steps, in canonical order.
    pub spikes: &'s [Spike],
}

impl<'s> Flight<'s> {
    /// The spikes of one step; none where it is not among the last.
    pub fn spikes_of(self, step: u32) -> &'s [Spike] {
        let from = self.spikes.partition_point(|spike| spike.step < step);
        let to = self.spikes.partition_point(|spike| spike.step <= step);
        &self.spikes[from..to]
    }

    /// The steps whose spikes may still be on their way.
    pub fn last_steps(self, plan: &Plan) -> std::ops::Range<u32> {
        first_step(plan, self.step)..self.step
    }
}

/// Why a checkpoint is not one of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointMismatch {
    /// Another network, seed, time step or batch.
    #[error(
        "it is of another network: its fingerprint is {found}, this network's {expected}; give \
         the model, seed and replacements that the run began with (the duration may differ)"
    )]
    Network {
        /// The plan's.
        expected: Fingerprint,
        /// The checkpoint's.
        found: Fingerprint,
    },
    /// Another number of state words.
    #[error("it has {found} state words, this network {expected}")]
    State {
        /// The plan's.
        expected: u64,
        /// The checkpoint's.
        found: u64,
    },
    /// A synapse onto a neuron that is not there, or of a delay that its projection cannot have.
    #[error("its rows have targets or delays that the projections of this network cannot have")]
    Rows,
    /// Spikes out of order, of a neuron that is not there, or of a step too early or too late.
    #[error(
        "its spikes are not those of steps {first} to {step}, in order, of neurons below {neurons}"
    )]
    Spikes {
        /// The first step that a spike may have.
        first: u32,
        /// The first step that it may not have.
        step: u32,
        /// Copies times neurons.
        neurons: u64,
    },
    /// Counts of other steps, or of other populations, projections or stimuli.
    #[error("its counts are not those of this network's populations, projections and stimuli")]
    Counts,
    /// A parameter was written that the network does not have.
    #[error(
        "a value was written to parameter {parameter} of population {population} before it was \
         taken, which this network does not have"
    )]
    NoParameter {
        /// The index of the population.
        population: u32,
        /// The index of the parameter in the model.
        parameter: usize,
    },
    /// A parameter was written that cannot have these values here.
    #[error("a parameter that was written before it was taken does not fit: {0}")]
    Parameter(#[from] QuantityError),
}
