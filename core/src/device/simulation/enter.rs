//! Checkpoints, and named quantities, between two steps.

use super::{DeviceSimulation, WRITE_WORDS, find, launch};
use crate::base::id::PopulationId;
use crate::device::Device;
use crate::device::kernels::Buffer;
use crate::device::kernels::deliver::ROLE as DELIVERS;
use crate::device::kernels::layout::control;
use crate::device::rows::{RowPlan, StoredSums};
use crate::ir::Type;
use crate::plan::{AccumulatorSums, Words};
use crate::run::backend::{BackendError, one_nan};
use crate::run::checkpoint::{Checkpoint, Flight};
use crate::run::quantity::{Place, Quantity, StatePlace};
use crate::run::weights;

impl<D: Device> DeviceSimulation<D> {
    /// Goes to a checkpoint that fits.
    pub(super) fn go_to(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        let neurons = self.layout.state_words as usize;
        self.write_buffer(Buffer::State, &checkpoint.state[..neurons])?;
        self.replay(checkpoint.flight())?;
        self.write_synapses(&checkpoint.state, checkpoint.flight())?;
        self.write_signals(&checkpoint.state, checkpoint.flight())?;
        self.set_series(checkpoint.step)?;
        self.clear_events()?;
        self.tally.restore(&checkpoint.counters);
        self.recent.go_to(&self.plan, checkpoint);
        self.step = checkpoint.step;
        self.failed = None;
        Ok(())
    }

    /// Reads the words of a quantity.
    pub(super) fn read_quantity(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        let StatePlace { words, ty, .. } = match quantity.place(&self.plan)? {
            Place::State(place) => place,
            Place::Parameter(place) => return Ok(self.parameters.read(place)),
            Place::Weights(projection) => {
                return Ok(weights::read(&self.plan, quantity, projection)?);
            }
            Place::Synapse(place) => return self.read_synapse(&place),
            Place::Signal(place) => return self.read_signal(&place),
        };
        let mut words = self.read_buffer(Buffer::State, words.start, words.end - words.start)?;
        if self.failed.is_some() && ty == Type::F32 {
            one_nan(&mut words);
        }
        Ok(words)
    }

    /// Writes the words of a quantity.
    pub(super) fn write_quantity(
        &mut self,
        quantity: &Quantity,
        words: &[u32],
    ) -> Result<(), BackendError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match quantity.place(&self.plan)? {
            Place::State(place) => {
                let words = place.accept(&self.plan, quantity, words)?;
                self.write_at(Buffer::State, place.words.start, &words)
            }
            Place::Parameter(place) => {
                let new = self.parameters.write(&self.plan, quantity, place, words)?;
                self.write_constants(place.population, new)
            }
            Place::Weights(projection) => self.write_weights(quantity, projection, words),
            Place::Synapse(place) => {
                let words = place.accept(&self.plan, quantity, words)?;
                self.write_synapse(&place, &words)
            }
            Place::Signal(place) => {
                let words = place.accept(quantity, words)?;
                self.write_signal(&place, &words)
            }
        }
    }

    /// Writes the weights of a projection: draws its rows again with them, and delivers the spikes
    /// on their way again.
    fn write_weights(
        &mut self,
        quantity: &Quantity,
        projection: usize,
        words: &[u32],
    ) -> Result<(), BackendError> {
        weights::write(&mut self.plan, quantity, projection, words)?;
        let rows = RowPlan::new(&self.plan, self.device.limits())?;
        self.upload_rows(&rows, &StoredSums::new(&AccumulatorSums::new(&self.plan)))?;
        let recent = std::mem::take(&mut self.recent);
        let done = self.replay(recent.flight(self.step));
        self.recent = recent;
        done
    }

    /// Writes per-neuron constants and slots of a population.
    pub(super) fn write_constants(
        &mut self,
        population: PopulationId,
        new: Vec<(usize, Words)>,
    ) -> Result<(), BackendError> {
        for (constant, words) in new {
            let place = self.layout.constants[population.index()].values[constant];
            let Some(at) = place else { continue };
            match words {
                Words::All(_) => {}
                Words::Each(words) => self.write_at(Buffer::Constants, at, &words)?,
                Words::Slot(word) => self.write_at(Buffer::Constants, at, &[word])?,
            }
        }
        Ok(())
    }

    /// Delivers the spikes of the last steps again, step by step as in a run, so that the ring
    /// holds their weights for the steps to come. In a run, the update clears the slot of its step
    /// before the next delivery; here the host does.
    fn replay(&mut self, flight: Flight<'_>) -> Result<(), BackendError> {
        if !self.step_stages.iter().any(|stage| stage.role == DELIVERS) {
            return self.set_clock(flight.step, 0);
        }
        let slot_words = u64::from(self.layout.batch) * u64::from(self.layout.accumulators);
        self.clear(0, self.layout.ring_words())?;
        for step in flight.last_steps(&self.plan) {
            let spikes = flight.spikes_of(step);
            if !spikes.is_empty() {
                let list: Vec<u32> = spikes.iter().map(|spike| spike.neuron).collect();
                self.write_buffer(Buffer::Spikes, &list)?;
                self.set_clock(step, list.len() as u32)?;
                let delivering = self.step_stages.iter().filter(|stage| stage.role == DELIVERS);
                let batch =
                    delivering
                        .map(|stage| launch(&self.buffers, stage))
                        .collect::<Result<Vec<_>, _>>()?;
                self.device.submit(&batch, 1)?;
            }
            let next = step + 1;
            if next < flight.step {
                let slot = u64::from(next & (self.layout.slots - 1));
                self.clear(slot * slot_words, slot_words)?;
            }
        }
        self.set_clock(flight.step, 0)
    }

    /// Writes the step and the number of spikes in its list, and clears the rest.
    pub(super) fn set_clock(&mut self, step: u32, spikes: u32) -> Result<(), BackendError> {
        let control = find(&self.buffers, Buffer::Control)?;
        let mut words = [0; control::SERIES as usize];
        words[control::STEP as usize] = step;
        words[control::SPIKES as usize] = spikes;
        self.device.write(control, 0, &words)
    }

    /// Writes the place of the row of each series that holds in a step.
    pub(super) fn set_series(&mut self, step: u32) -> Result<(), BackendError> {
        let words = self.layout.series_at(&self.plan, step);
        self.write_at(Buffer::Control, control::SERIES.into(), &words)
    }

    /// Clears words of the ring of accumulators.
    fn clear(&mut self, offset: u64, words: u64) -> Result<(), BackendError> {
        let ring = find(&self.buffers, Buffer::Accumulators)?;
        let zeros = vec![0; words.min(WRITE_WORDS as u64) as usize];
        for done in (0..words).step_by(WRITE_WORDS) {
            let piece = (words - done).min(WRITE_WORDS as u64) as usize;
            self.device.write(ring, offset + done, &zeros[..piece])?;
        }
        Ok(())
    }
}
