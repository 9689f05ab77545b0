//! Reads and writes synapses that learn.

use super::{DeviceSimulation, find, launch};
use crate::device::Device;
use crate::device::kernels::Buffer;
use crate::device::kernels::layout::control;
use crate::device::kernels::learn::{POST, Part, Place};
use crate::device::learned::{Learned, Words};
use crate::run::backend::{BackendError, one_nan, one_nan_of_synapses};
use crate::run::checkpoint::Flight;
use crate::run::quantity::SynapsePlace;
use crate::run::record::Recording;

impl<D: Device> DeviceSimulation<D> {
    /// Writes the words of synapses that learn into all state words: every post event so far is
    /// carried out first.
    pub(super) fn read_synapses(&mut self, state: &mut [u32]) -> Result<(), BackendError> {
        if self.learned.is_empty() {
            return Ok(());
        }
        self.catch_up()?;
        for index in 0..self.learned.len() {
            let counts = self.learned[index].arena.words;
            let mut words = Words(Default::default());
            // Rows are known here, and records follow from spikes.
            for part in [Part::Synapses, Part::Targets, Part::Sent] {
                let buffer = Buffer::Learned(index as u32, part);
                words.0[part as usize] = self.read_buffer(buffer, 0, counts[part as usize])?;
            }
            self.learned[index].write_to(&self.plan, self.step, &mut words, state);
        }
        self.recent.write_traces(&self.plan, state);
        one_nan_of_synapses(&self.plan, state);
        Ok(())
    }

    /// Appends the samples of synapses that are due after a step; `None` stands for before step 0.
    pub(super) fn sample_synapses(
        &mut self,
        after: Option<u32>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        let mut read = Vec::new();
        for place in SynapsePlace::sampled(&self.plan, after) {
            let words = self.read_synapse(&place)?;
            read.push((place, words));
        }
        record.sample_synapses(&self.plan, after, &read);
        Ok(())
    }

    /// Reads a state variable of synapses from where it is.
    pub(super) fn read_synapse(&mut self, place: &SynapsePlace) -> Result<Vec<u32>, BackendError> {
        self.catch_up()?;
        let mut words = self.words_of_synapses(place)?;
        if let Some(stamps) = place.stamps(&self.plan) {
            let stamps = self.words_of_synapses(&stamps)?;
            place.decay(&self.plan, &mut words, &stamps, self.step);
        }
        one_nan(&mut words);
        Ok(words)
    }

    /// Reads the words of a state variable of synapses that have caught up, or of their stamps.
    fn words_of_synapses(&mut self, place: &SynapsePlace) -> Result<Vec<u32>, BackendError> {
        let (index, list) = self.list(place);
        let count = place.words.end - place.words.start;
        let stored = self.read_buffer(Buffer::Learned(index, list.part), list.at.into(), count)?;
        let mut words = vec![0; stored.len()];
        let learned = &self.learned[index as usize];
        learned.each_synapse(&self.plan, |at, n| words[n] = stored[at]);
        Ok(words)
    }

    /// Writes a state variable of synapses to where it is.
    pub(super) fn write_synapse(
        &mut self,
        place: &SynapsePlace,
        words: &[u32],
    ) -> Result<(), BackendError> {
        // A post event that waits has come before these words.
        self.catch_up()?;
        if let Some(stamps) = place.stamps(&self.plan) {
            for other in place.decaying(&self.plan) {
                let left = self.read_synapse(&other)?;
                self.store_words_of_synapses(&other, &left)?;
            }
            self.store_words_of_synapses(&stamps, &vec![self.step; words.len()])?;
        }
        self.store_words_of_synapses(place, words)
    }

    /// Writes the words of a state variable of synapses, or of their stamps.
    fn store_words_of_synapses(
        &mut self,
        place: &SynapsePlace,
        words: &[u32],
    ) -> Result<(), BackendError> {
        let (index, list) = self.list(place);
        let mut stored = vec![0; words.len()];
        let learned = &self.learned[index as usize];
        learned.each_synapse(&self.plan, |at, n| stored[at] = words[n]);
        self.write_at(Buffer::Learned(index, list.part), list.at.into(), &stored)
    }

    /// Returns the number of a projection among those that learn, and the list of a state variable.
    fn list(&self, place: &SynapsePlace) -> (u32, Place) {
        let own = |learned: &Learned| learned.projection == place.projection;
        let index =
            self.learned.iter().position(own).expect("a place is of a projection that learns");
        (index as u32, self.learned[index].arena.state_at[place.variable])
    }

    /// Writes the rows of synapses that learn.
    pub(super) fn upload_learned(&mut self) -> Result<(), BackendError> {
        for index in 0..self.learned.len() {
            let rows = self.learned[index].rows(&self.plan);
            self.write_buffer(Buffer::Learned(index as u32, Part::Rows), &rows)?;
        }
        Ok(())
    }

    /// Gives the synapses that learn these words, and sends spikes of the last steps on their way
    /// again.
    pub(super) fn write_synapses(
        &mut self,
        state: &[u32],
        flight: Flight<'_>,
    ) -> Result<(), BackendError> {
        if self.learned.is_empty() {
            return Ok(());
        }
        for index in 0..self.learned.len() {
            let words = self.learned[index].words(&self.plan, state, flight);
            for (part, words) in Part::ALL.into_iter().zip(words.0) {
                if part != Part::Rows {
                    self.write_buffer(Buffer::Learned(index as u32, part), &words)?;
                }
            }
            self.learned[index].forget_counts();
        }
        let slots = self.layout.slots;
        self.write_buffer(Buffer::Recent, &vec![0; slots as usize])?;
        for step in flight.last_steps(&self.plan) {
            let spikes = flight.spikes_of(step);
            let list: Vec<u32> = spikes.iter().map(|spike| spike.neuron).collect();
            let slot = u64::from(step & (slots - 1));
            self.write_at(Buffer::Recent, slot, &[list.len() as u32])?;
            let at = u64::from(slots) + slot * self.layout.all_neurons();
            self.write_at(Buffer::Recent, at, &list)?;
        }
        Ok(())
    }

    /// Adds the post events that conditions made since the last time to the tally.
    pub(super) fn collect_conditions(&mut self) -> Result<(), BackendError> {
        for index in 0..self.learned.len() {
            let Some((list, length)) = self.learned[index].list_of_counts() else { continue };
            let buffer = Buffer::Learned(index as u32, list.part);
            let counts = self.read_buffer(buffer, list.at.into(), length)?;
            let events = self.learned[index].count_conditions(counts);
            self.tally.add_post_events(self.learned[index].projection, events);
        }
        Ok(())
    }

    /// Carries out all post events that have been noted.
    fn catch_up(&mut self) -> Result<(), BackendError> {
        let Some(last) = self.step.checked_sub(1) else { return Ok(()) };
        // As at the end of the last step of a run that goes on, in which a ring is full.
        let control = self.read_buffer(Buffer::Control, 0, control::SERIES.into())?;
        self.set_clock(last, 0)?;
        let full = self.layout.full_at().into();
        self.write_at(Buffer::Control, full, &[1])?;
        let is_catching_up = |name: &str| matches!(name, "catch_up" | "caught");
        let stages = self.step_stages.iter();
        let batch = stages
            .filter(|stage| stage.role == POST && is_catching_up(&stage.name))
            .map(|stage| launch(&self.buffers, stage))
            .collect::<Result<Vec<_>, _>>()?;
        // A network whose synapses have no post events has nothing to carry out.
        if !batch.is_empty() {
            self.device.submit(&batch, 1)?;
        }
        let clock = find(&self.buffers, Buffer::Control)?;
        self.device.write(clock, 0, &control)?;
        self.write_at(Buffer::Control, full, &[0])
    }
}
