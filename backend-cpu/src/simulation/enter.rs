//! Goes to a checkpoint or back to the start, and reads and writes state variables.

use super::CpuSimulation;
use crate::run::shard::Slice;
use isospike_core::base::id::PopulationId;
use isospike_core::ir::Type;
use isospike_core::plan::{PopulationPlanKind, Words};
use isospike_core::run::backend::{BackendError, Simulation, one_nan};
use isospike_core::run::checkpoint::{Checkpoint, Flight};
use isospike_core::run::counters::Counters;
use isospike_core::run::quantity::{Quantity, StatePlace};
use isospike_core::run::weights;
use std::sync::atomic::Ordering;

impl CpuSimulation {
    /// Goes to a checkpoint that fits, and forgets what has been run so far.
    pub(super) fn enter(&mut self, checkpoint: &Checkpoint) {
        self.set_state(&checkpoint.state, checkpoint.step);
        self.replay(checkpoint.flight());
        self.pool.engine().failed.store(u32::MAX, Ordering::Relaxed);
        self.failed = None;
        self.recent.go_to(&self.plan, checkpoint);
        self.degrees.forget();
        self.counters.clone_from(&checkpoint.counters);
        self.step = checkpoint.step;
    }

    /// Reads the words of a state variable.
    pub(super) fn read_variable(&self, place: &StatePlace) -> Vec<u32> {
        let mut words = vec![0; (place.words.end - place.words.start) as usize];
        self.for_each_part(place, |slice, array, copy, first| {
            let of_slice = slice.words(slice.array(array), copy);
            words[first..first + of_slice.len()].copy_from_slice(of_slice);
        });
        if self.failed.is_some() && place.ty == Type::F32 {
            one_nan(&mut words);
        }
        words
    }

    /// Writes the words of a state variable.
    pub(super) fn write_variable(&mut self, place: &StatePlace, words: &[u32]) {
        self.for_each_part(place, |slice, array, copy, first| {
            let of_slice = first..first + slice.neurons.len();
            slice.set_words(array, copy, &words[of_slice]);
        });
    }

    /// Gives a projection other weights: all rows are built again, and spikes on their way are
    /// delivered again.
    pub(super) fn write_weights(
        &mut self,
        quantity: &Quantity,
        projection: usize,
        words: &[u32],
    ) -> Result<(), BackendError> {
        let mut plan = self.plan.clone();
        weights::write(&mut plan, quantity, projection, words)?;
        let state = self.state_words();
        let counters = self.counters()?;
        let mut built = Self::build(&plan, self.programs.clone(), self.autotuner.clone())?;
        built.set_state(&state, self.step);
        built.replay(self.recent.flight(self.step));
        (built.step, built.counters) = (self.step, counters);
        built.recent = std::mem::take(&mut self.recent);
        (built.phases, built.all_phases) = (self.phases, self.all_phases);
        built.parameters = self.parameters.clone();
        *self = built;
        Ok(())
    }

    /// Gives the neurons of a population other per-neuron constants.
    pub(super) fn write_constants(&mut self, population: PopulationId, new: &[(usize, Words)]) {
        if let PopulationPlanKind::Neurons(neurons) =
            &mut self.plan.populations[population.index()].kind
        {
            for (constant, words) in new {
                neurons.constants[*constant] = words.clone();
            }
        }
        let engine = self.pool.engine();
        for shard in 0..engine.shards.len() {
            let mut shard = engine.shard(shard);
            let own = shard.slices.iter_mut().filter(|s| s.population == population.index());
            for slice in own {
                new.iter().for_each(|(constant, words)| slice.set_constant(*constant, words));
            }
        }
    }

    /// Sends the spikes of the last steps on their way again.
    pub(super) fn replay(&self, flight: Flight<'_>) {
        let engine = self.pool.engine();
        engine.replay(flight, flight.last_steps(&self.plan));
        // Spikes that are sent on their way again were counted when they were emitted.
        for shard in 0..engine.shards.len() {
            engine.shard(shard).counters = Counters::new(&self.plan);
        }
    }

    /// Gives all neurons and synapses these state words, those before step `step`.
    pub(super) fn set_state(&mut self, state: &[u32], step: u32) {
        self.write_synapses(state, step);
        self.set_signals(&state[self.plan.signal_words()]);
        self.set_neurons(state);
    }

    /// Gives all neurons these state words; words of synapses may follow.
    pub(super) fn set_neurons(&mut self, state: &[u32]) {
        self.for_each_state(|slice, array, copy, first| {
            let of_slice = first..first + slice.neurons.len();
            slice.set_words(array, copy, &state[of_slice]);
        });
    }

    /// Calls `f` for all state that lies together in a shard: the slice, which of its arrays, the
    /// copy, and the place of its first word in canonical order.
    pub(super) fn for_each_state(&self, mut f: impl FnMut(&mut Slice, usize, u32, usize)) {
        let (engine, plan) = (self.pool.engine(), &self.plan);
        for shard in 0..engine.shards.len() {
            for slice in &mut engine.shard(shard).slices {
                let population = PopulationId(slice.population as u32);
                let size = plan.populations[slice.population].size as usize;
                for array in 0..slice.arrays() {
                    let variable = plan.first_state_word(population, array as u32) as usize;
                    for copy in 0..plan.batch {
                        let first = variable + copy as usize * size + slice.neurons.start as usize;
                        f(slice, array, copy, first);
                    }
                }
            }
        }
    }

    /// Calls `f` for all words of a state variable that lie together in a shard: the slice, which
    /// of its arrays, the copy, and the place of the first word among those of the variable.
    fn for_each_part(&self, place: &StatePlace, mut f: impl FnMut(&mut Slice, usize, u32, usize)) {
        let (engine, population) = (self.pool.engine(), place.population.index());
        let size = self.plan.populations[population].size as usize;
        for shard in 0..engine.shards.len() {
            let mut shard = engine.shard(shard);
            for slice in shard.slices.iter_mut().filter(|slice| slice.population == population) {
                for copy in 0..self.plan.batch {
                    let first = copy as usize * size + slice.neurons.start as usize;
                    f(slice, place.variable as usize, copy, first);
                }
            }
        }
    }
}
