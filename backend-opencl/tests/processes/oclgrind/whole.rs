//! A device that writes its buffers whole.
//!
//! oclgrind 21.10 forgets the state of a buffer when the host writes or fills a part of it,
//! and then takes the rest for words that nobody has set. Written whole, its check is right.

use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir::Guarantees;
use isospike_core::ir::verify::Verified;
use isospike_core::run::backend::{BackendError, BackendInfo};
use isospike_opencl::OpenClDevice;

/// The device below, and nothing changed but how words get there.
#[derive(Clone)]
pub struct WholeWrites(pub OpenClDevice);

impl Device for WholeWrites {
    /// The buffer, and its length in words.
    type Buffer = (<OpenClDevice as Device>::Buffer, u64);
    type Kernel = <OpenClDevice as Device>::Kernel;

    fn info(&self) -> &BackendInfo {
        self.0.info()
    }

    fn guarantees(&self) -> Guarantees {
        self.0.guarantees()
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn alloc(&mut self, words: u64) -> Result<Self::Buffer, BackendError> {
        let buffer = self.0.alloc(words)?;
        self.0.write(&buffer, 0, &vec![0; words as usize])?;
        Ok((buffer, words))
    }

    fn write(
        &mut self,
        (buffer, len): &Self::Buffer,
        offset: u64,
        words: &[u32],
    ) -> Result<(), BackendError> {
        let mut all = vec![0; *len as usize];
        self.0.read(buffer, 0, &mut all)?;
        all[offset as usize..][..words.len()].copy_from_slice(words);
        self.0.write(buffer, 0, &all)
    }

    fn read(
        &mut self,
        (buffer, _): &Self::Buffer,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError> {
        self.0.read(buffer, offset, words)
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Self::Kernel, BackendError> {
        self.0.compile(kernel)
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let batch: Vec<Launch<'_, OpenClDevice>> = batch
            .iter()
            .map(|launch| Launch {
                kernel: launch.kernel,
                buffers: launch.buffers.iter().map(|(buffer, _)| buffer).collect(),
                groups: launch.groups,
            })
            .collect();
        self.0.submit(&batch, times)
    }
}
