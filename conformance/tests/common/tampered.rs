//! A kernel interpreter that does something else than its kernels say.

use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{Guarantees, Kernel};
use isospike_core::oracle::kernel::{BufferId, Machine};
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::sync::Arc;

/// A machine that is tampered with.
#[derive(Clone)]
pub struct Tampered<T> {
    /// The interpreter, without a fault.
    pub machine: Machine,
    /// The fault.
    pub tamper: T,
}

impl<T: Tamper> Device for Tampered<T> {
    type Buffer = BufferId;
    type Kernel = Arc<Kernel>;

    fn info(&self) -> &BackendInfo {
        self.machine.info()
    }

    fn guarantees(&self) -> Guarantees {
        self.machine.guarantees()
    }

    fn limits(&self) -> Limits {
        self.machine.limits()
    }

    fn alloc(&mut self, words: u64) -> Result<BufferId, BackendError> {
        let buffer = self.machine.alloc(words)?;
        self.tamper.after_alloc(&mut self.machine, buffer, words)?;
        Ok(buffer)
    }

    fn write(&mut self, to: &BufferId, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        self.machine.write(to, offset, words)
    }

    fn read(&mut self, from: &BufferId, at: u64, words: &mut [u32]) -> Result<(), BackendError> {
        self.machine.read(from, at, words)?;
        self.tamper.after_read(*from, at, words);
        Ok(())
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Arc<Kernel>, BackendError> {
        let mut kernel = kernel.source().clone();
        self.tamper.kernel(&mut kernel);
        self.machine.interpret(&kernel)
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut launches = Vec::with_capacity(batch.len());
        for Launch { kernel, buffers, groups } in batch {
            let buffers = buffers.clone();
            launches.push(Launch::<Machine> { kernel, buffers, groups: *groups });
        }
        self.tamper.batch(&mut launches);
        for _ in 0..self.tamper.times(times) {
            for launch in &launches {
                self.tamper.before(&mut self.machine, launch)?;
                self.machine.submit(std::slice::from_ref(launch), 1)?;
            }
        }
        Ok(())
    }
}

/// A fault of a device. Each method stands beside one of [`Device`].
pub trait Tamper: Clone + Send + 'static {
    /// A kernel before it is compiled.
    fn kernel(&self, _: &mut Kernel) {}

    /// How often a batch runs.
    fn times(&self, times: u32) -> u32 {
        times
    }

    /// The launches of a batch.
    fn batch(&self, _: &mut Vec<Launch<'_, Machine>>) {}

    /// Before a launch.
    fn before(&mut self, _: &mut Machine, _: &Launch<'_, Machine>) -> Result<(), BackendError> {
        Ok(())
    }

    /// After `words` zeros were allocated.
    fn after_alloc(
        &mut self,
        _: &mut Machine,
        _: BufferId,
        _words: u64,
    ) -> Result<(), BackendError> {
        Ok(())
    }

    /// After words were read from an offset of a buffer.
    fn after_read(&mut self, _: BufferId, _offset: u64, _: &mut [u32]) {}
}
