//! Reads and writes signals of the whole network.

use super::DeviceSimulation;
use crate::device::Device;
use crate::device::kernels::Buffer;
use crate::run::backend::{BackendError, one_nan};
use crate::run::checkpoint::Flight;
use crate::run::quantity::SignalPlace;

impl<D: Device> DeviceSimulation<D> {
    /// Writes the words of signals into all state words.
    pub(super) fn read_signals(&mut self, state: &mut [u32]) -> Result<(), BackendError> {
        let words = self.plan.signal_words();
        for (signal, own) in state[words].chunks_mut(self.plan.batch.max(1) as usize).enumerate() {
            own.copy_from_slice(&self.read_values(signal)?);
        }
        Ok(())
    }

    /// Reads a signal.
    pub(super) fn read_signal(&mut self, place: &SignalPlace) -> Result<Vec<u32>, BackendError> {
        self.read_values(place.signal)
    }

    /// Writes a signal.
    pub(super) fn write_signal(
        &mut self,
        place: &SignalPlace,
        words: &[u32],
    ) -> Result<(), BackendError> {
        let at = self.layout.signals[place.signal].values;
        self.write_at(Buffer::Control, at.into(), words)
    }

    /// Gives signals these words, and sends spikes of the last steps on their way to them again.
    pub(super) fn write_signals(
        &mut self,
        state: &[u32],
        flight: Flight<'_>,
    ) -> Result<(), BackendError> {
        let batch = self.plan.batch;
        let all = &state[self.plan.signal_words()];
        for (signal, values) in all.chunks(batch.max(1) as usize).enumerate() {
            let place = self.layout.signals[signal];
            let mut words = vec![0; place.words(batch) as usize];
            words[..values.len()].copy_from_slice(values);
            if let Some(source) = self.plan.signals[signal].spikes {
                let coming = flight.spikes.iter();
                let coming =
                    coming.filter(|s| s.step.saturating_add(source.delay_steps) >= flight.step);
                for spike in coming {
                    let (copy, neuron) =
                        (spike.neuron / self.plan.neurons(), spike.neuron % self.plan.neurons());
                    if self.plan.locate(neuron).0 == source.population {
                        let at = place.count(batch, spike.step, copy) - place.values;
                        words[at as usize] += 1;
                    }
                }
            }
            self.write_at(Buffer::Control, place.values.into(), &words)?;
        }
        Ok(())
    }

    fn read_values(&mut self, signal: usize) -> Result<Vec<u32>, BackendError> {
        let at = self.layout.signals[signal].values;
        let mut words = self.read_buffer(Buffer::Control, at.into(), self.plan.batch.into())?;
        one_nan(&mut words);
        Ok(words)
    }
}
