//! Submits the steps of a chunk with spikes from outside: the host puts those of a step into its
//! list and its row of the raster before the step is launched, and the kernels add theirs.

use super::{DeviceSimulation, find, launch};
use crate::device::Device;
use crate::device::kernels::Buffer;
use crate::device::kernels::layout::control;
use crate::run::backend::BackendError;
use crate::run::record::Spike;

impl<D: Device> DeviceSimulation<D> {
    /// Submits the launches of `steps` steps. `given` are spikes from outside in these steps, in
    /// order; steps between two that have some are launched together.
    pub(super) fn submit_steps(&mut self, steps: u32, given: &[Spike]) -> Result<(), BackendError> {
        let batch = self
            .step_stages
            .iter()
            .map(|stage| launch(&self.buffers, stage))
            .collect::<Result<Vec<_>, _>>()?;
        let raster = find(&self.buffers, Buffer::Raster)?;
        let list = find(&self.buffers, Buffer::Spikes)?;
        let clock = find(&self.buffers, Buffer::Control)?;
        let width = u64::from(self.layout.raster_step_words);
        let (end, mut next) = (self.step + steps, self.step);
        for spikes in given.chunk_by(|a, b| a.step == b.step) {
            let step = spikes[0].step;
            if step > next {
                self.device.submit(&batch, step - next)?;
                next = step;
            }
            let (first, words) = row(spikes);
            let at = u64::from(step - self.step) * width + first;
            self.device.write(raster, at, &words)?;
            let neurons: Vec<u32> = spikes.iter().map(|spike| spike.neuron).collect();
            self.device.write(list, 0, &neurons)?;
            self.device.write(clock, control::SPIKES.into(), &[neurons.len() as u32])?;
        }
        match end - next {
            0 => Ok(()),
            rest => self.device.submit(&batch, rest),
        }
    }
}

/// The bits of ascending spikes of a step: the first word that has some, and the words from there.
fn row(spikes: &[Spike]) -> (u64, Vec<u32>) {
    let first = spikes.first().map_or(0, |spike| spike.neuron / 32);
    let last = spikes.last().map_or(0, |spike| spike.neuron / 32);
    let mut words = vec![0; (last - first) as usize + 1];
    for spike in spikes {
        words[(spike.neuron / 32 - first) as usize] |= 1 << (spike.neuron % 32);
    }
    (first.into(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_begins_with_its_first_bit() {
        let spikes = [33, 64, 65].map(|neuron| Spike { step: 7, neuron });
        assert_eq!(row(&spikes), (1, vec![2, 3]));
        assert_eq!(row(&spikes[..1]), (1, vec![2]));
    }
}
