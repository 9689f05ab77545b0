//! Runs the naive oracle, and enters it between two steps.

use super::{Learning, ModelSimulation, PopulationState};
use crate::connect::Synapse;
use crate::run::backend::{BackendError, Simulation, one_nan, one_nan_of_state};
use crate::run::checkpoint::Checkpoint;
use crate::run::cost::Cost;
use crate::run::counters::Counters;
use crate::run::input::Input;
use crate::run::parameters::WrittenParameter;
use crate::run::quantity::{Place, Quantity};
use crate::run::record::{Recording, Spike};
use crate::run::weights;
use std::sync::Arc;

impl Simulation for ModelSimulation {
    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        self.finite()?;
        let first = self.history.len() as u32;
        self.given = input.accept(&self.plan, first..first.saturating_add(steps))?;
        for _ in 0..steps {
            self.step(record);
            record.steps += 1;
            if let Err(error) = self.finite() {
                record.one_nan(&self.plan);
                return Err(error);
            }
            self.rewire();
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut words = Vec::new();
        for p in &self.populations {
            words.extend(p.floats().flatten().map(|x| x.to_bits()));
            words.extend(p.refractory.iter().flatten());
        }
        let step = self.history.len() as u32;
        self.learning.iter().for_each(|learning| learning.words(step, &mut words));
        words.extend(self.signals.iter().flatten().map(|x| x.to_bits()));
        self.row_words(&mut words);
        one_nan_of_state(&self.plan, &mut words);
        Ok(words)
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        Ok(self.counters.clone())
    }

    fn cost(&self) -> Cost {
        Cost::default()
    }

    fn written_parameters(&self) -> Vec<WrittenParameter> {
        self.parameters.written(&self.plan)
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        checkpoint.fits(&self.plan)?;
        self.parameters.restore(&self.plan, &checkpoint.parameters)?;
        self.network = Arc::clone(self.parameters.network());
        self.go_to(checkpoint);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.go_to(&Checkpoint::start(&self.plan));
        Ok(())
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        let place = match quantity.place(&self.plan)? {
            Place::State(place) => place,
            Place::Parameter(place) => return Ok(self.parameters.read(place)),
            Place::Weights(projection) => {
                let weight = |synapse: &Synapse| synapse.weight.cast_unsigned();
                // Refuses what has no weights to read.
                weights::read(&self.plan, quantity, projection)?;
                return Ok(self.rows[projection].iter().flatten().map(weight).collect());
            }
            Place::Synapse(place) => {
                let steps = self.steps();
                let values = self.synapses(place.projection).read_all(place.variable, steps);
                let mut words: Vec<u32> = values.into_iter().map(f32::to_bits).collect();
                one_nan(&mut words);
                return Ok(words);
            }
            Place::Signal(place) => {
                let values = self.signals[place.signal].iter();
                let mut words: Vec<u32> = values.map(|value| value.to_bits()).collect();
                one_nan(&mut words);
                return Ok(words);
            }
        };
        Ok(match self.populations[place.population.index()].variable(place.variable) {
            Variable::Float(words) => {
                let mut words: Vec<u32> = words.iter().map(|word| word.to_bits()).collect();
                one_nan(&mut words);
                words
            }
            Variable::Counter(words) => words.clone(),
        })
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        self.finite()?;
        let place = match quantity.place(&self.plan)? {
            Place::State(place) => place,
            Place::Parameter(place) => {
                self.parameters.write(&self.plan, quantity, place, words)?;
                self.network = Arc::clone(self.parameters.network());
                return Ok(());
            }
            Place::Weights(projection) => {
                let weights = weights::accept(&self.plan, quantity, projection, words)?;
                let synapses = self.rows[projection].iter_mut().flatten();
                synapses.zip(weights).for_each(|(synapse, weight)| synapse.weight = weight);
                return Ok(());
            }
            Place::Synapse(place) => {
                let words = place.accept(&self.plan, quantity, words)?.into_iter();
                let steps = self.steps();
                let values = words.map(f32::from_bits);
                self.synapses(place.projection).write_all(place.variable, values, steps);
                return Ok(());
            }
            Place::Signal(place) => {
                let words = place.accept(quantity, words)?.into_iter();
                self.signals[place.signal] = words.map(f32::from_bits).collect();
                return Ok(());
            }
        };
        let words = place.accept(&self.plan, quantity, words)?;
        match self.populations[place.population.index()].variable(place.variable) {
            Variable::Float(old) => *old = words.into_iter().map(f32::from_bits).collect(),
            Variable::Counter(old) => *old = words,
        }
        Ok(())
    }

    fn memory_bytes(&self) -> u64 {
        let synapses: usize = self.rows.iter().flatten().map(Vec::len).sum();
        let words: usize = self.learning.iter().flat_map(|of| &of.state).map(Vec::len).sum();
        (synapses * size_of::<crate::connect::Synapse>() + words * size_of::<f32>()) as u64
    }
}

impl ModelSimulation {
    /// Returns how many steps have been.
    pub(super) fn steps(&self) -> u32 {
        self.history.len() as u32
    }

    /// Returns the synapses of a projection that learn.
    fn synapses(&mut self, projection: usize) -> &mut Learning {
        let mut all = self.learning.iter_mut();
        let learning = all.find(|learning| learning.projection == projection);
        learning.expect("a place of the plan is one of the network")
    }

    /// Goes to the state, spikes and counts of a checkpoint that fits.
    fn go_to(&mut self, checkpoint: &Checkpoint) {
        self.set_rows(&checkpoint.state);
        let mut words = checkpoint.state.iter().copied();
        for p in &mut self.populations {
            let state = p.floats_mut().flatten();
            state.zip(&mut words).for_each(|(x, word)| *x = f32::from_bits(word));
            let counters = p.refractory.iter_mut().flatten();
            counters.zip(&mut words).for_each(|(counter, word)| *counter = word);
        }
        // Steps too long ago for any delay are never looked up.
        self.history = vec![Vec::new(); checkpoint.step as usize];
        for spike in &checkpoint.spikes {
            let (copy, neuron) =
                (spike.neuron / self.plan.neurons(), spike.neuron % self.plan.neurons());
            let (population, n) = self.plan.locate(neuron);
            self.history[spike.step as usize].push((copy, population, n));
        }
        for learning in &mut self.learning {
            let pre = self.plan.projections[learning.projection].pre;
            let of_source = |spike: &Spike| {
                let neurons = self.plan.neurons();
                let (population, n) = self.plan.locate(spike.neuron % neurons);
                (population == pre).then_some((spike.step, spike.neuron / neurons, n))
            };
            let spikes: Vec<_> = checkpoint.spikes.iter().filter_map(of_source).collect();
            learning.go_to(checkpoint.step, &mut words, &spikes);
        }
        let values = self.signals.iter_mut().flatten();
        values.zip(words).for_each(|(value, word)| *value = f32::from_bits(word));
        self.counters.clone_from(&checkpoint.counters);
    }
}

/// The words of a state variable, `[copy * size + neuron]`.
enum Variable<'a> {
    Float(&'a mut Vec<f32>),
    Counter(&'a mut Vec<u32>),
}

impl PopulationState {
    /// Returns the variables that are floats, in order.
    pub(super) fn floats(&self) -> impl Iterator<Item = &Vec<f32>> {
        let copies = self.before_reset.iter().map(|(_, words)| words);
        self.state.iter().chain(&self.held).chain(copies)
    }

    fn floats_mut(&mut self) -> impl Iterator<Item = &mut Vec<f32>> {
        let copies = self.before_reset.iter_mut().map(|(_, words)| words);
        self.state.iter_mut().chain(&mut self.held).chain(copies)
    }

    /// Returns a state variable in the order of the plan.
    fn variable(&mut self, number: u32) -> Variable<'_> {
        if self.floats().count() <= number as usize {
            let counter = self.refractory.as_mut().map(Variable::Counter);
            return counter.expect("a place of the plan is one of the network");
        }
        let mut all = self.floats_mut().map(Variable::Float);
        all.nth(number as usize).expect("a place of the plan is one of the network")
    }
}
