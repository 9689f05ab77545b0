//! The steps of a chunk with input from outside. The host puts the spikes of a step into
//! its list and its row of the raster before the step is launched, and the kernels add theirs.
//! Currents are written before the chunk, a row for each of its steps.

use super::{DeviceSimulation, find, launch};
use crate::device::Device;
use crate::device::kernels::Buffer;
use crate::device::kernels::layout::control;
use crate::plan::SeriesPlan;
use crate::run::backend::BackendError;
use crate::run::record::Spike;

impl<D: Device> DeviceSimulation<D> {
    /// Writes the currents from outside of the next `steps` steps. The rows are cleared once, and
    /// stay so, while none is given.
    pub(super) fn write_currents(
        &mut self,
        steps: u32,
        currents: &[SeriesPlan],
    ) -> Result<(), BackendError> {
        let given = currents.iter().any(|series| series.rows.count() > 0);
        if !given && !self.has_currents {
            return Ok(());
        }
        let words = if given { self.current_rows(steps, currents) } else { self.no_currents() };
        self.write_at(Buffer::Constants, self.layout.current_rows, &words)?;
        self.has_currents = given;
        Ok(())
    }

    fn no_currents(&self) -> Vec<u32> {
        vec![0; self.layout.current_words() as usize]
    }

    /// Returns the words of all currents in the next `steps` steps, step by step.
    fn current_rows(&self, steps: u32, currents: &[SeriesPlan]) -> Vec<u32> {
        let width = self.layout.current_step_words as usize;
        let mut words = vec![0; steps as usize * width];
        for (step, of_step) in (self.step..).zip(words.chunks_mut(width)) {
            for (series, place) in currents.iter().zip(&self.layout.currents) {
                if let Some(row) = series.row(series.span(step).place) {
                    let first = (place - self.layout.current_rows) as usize;
                    of_step[first..first + row.len()].copy_from_slice(row);
                }
            }
        }
        words
    }

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

/// Returns the bits of ascending spikes of a step: the number of the first word that has some, and
/// the words from there.
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
