//! One launch at a time, with every buffer open: for those who test kernels alone.

use super::{DeviceSimulation, find, launch};
use crate::device::Device;
use crate::device::kernels::{Buffer, Role};
use crate::run::backend::BackendError;

impl<D: Device> DeviceSimulation<D> {
    /// The kernels in the order of a step, then the one before a chunk: their names, and the part
    /// of a run that each carries out.
    pub fn kernels(&self) -> impl Iterator<Item = (&str, Role)> {
        let stages = self.step_stages.iter().chain([&self.clear_stage]);
        stages.map(|stage| (stage.name.as_str(), stage.role))
    }

    /// Every buffer, and how many words it has.
    pub fn buffers(&self) -> &[(Buffer, u64)] {
        &self.sizes
    }

    /// All words of a buffer.
    pub fn buffer(&mut self, buffer: Buffer) -> Result<Vec<u32>, BackendError> {
        let words = self.sizes.iter().find(|(b, _)| *b == buffer).map_or(0, |(_, words)| *words);
        self.read_buffer(buffer, 0, words)
    }

    /// Writes a buffer from its first word on.
    pub fn set_buffer(&mut self, buffer: Buffer, words: &[u32]) -> Result<(), BackendError> {
        // Asked for here, so that a buffer without words is refused too.
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
