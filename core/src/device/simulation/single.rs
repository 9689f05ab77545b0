//! One launch at a time, with access to every buffer, for tests of single kernels.

use super::{DeviceSimulation, find, launch};
use crate::device::Device;
use crate::device::kernels::{Buffer, Role};
use crate::run::backend::BackendError;

impl<D: Device> DeviceSimulation<D> {
    /// Returns the name of each kernel and the part of a run that it carries out: the kernels of a
    /// step in order, then the one before a chunk.
    pub fn kernels(&self) -> impl Iterator<Item = (&str, Role)> {
        let stages = self.step_stages.iter().chain([&self.clear_stage]);
        stages.map(|stage| (stage.name.as_str(), stage.role))
    }

    /// Returns every buffer and its number of words.
    pub fn buffers(&self) -> &[(Buffer, u64)] {
        &self.sizes
    }

    /// Reads all words of a buffer.
    pub fn buffer(&mut self, buffer: Buffer) -> Result<Vec<u32>, BackendError> {
        let words = self.sizes.iter().find(|(b, _)| *b == buffer).map_or(0, |(_, words)| *words);
        self.read_buffer(buffer, 0, words)
    }

    /// Writes a buffer from its first word on.
    pub fn set_buffer(&mut self, buffer: Buffer, words: &[u32]) -> Result<(), BackendError> {
        // Looked up here, so that a missing buffer is refused with no words to write, too.
        find(&self.buffers, buffer)?;
        self.write_buffer(buffer, words)
    }

    /// Launches one of [`Self::kernels`] once, as a step or a chunk does.
    pub fn launch(&mut self, kernel: usize) -> Result<(), BackendError> {
        let stage = self.step_stages.get(kernel).unwrap_or(&self.clear_stage);
        let launch = launch(&self.buffers, stage)?;
        self.device.submit(&[launch], 1)
    }
}
