//! A device whose type is forgotten: what a backend shows to those who test devices of all kinds.

use super::{Device, Launch, Limits};
use crate::ir::Guarantees;
use crate::ir::verify::Verified;
use crate::run::backend::{BackendError, BackendInfo};
use std::any::Any;

/// Any device. A clone stands to it as a clone of the device inside to that.
pub struct AnyDevice(Box<dyn Erased>);

/// A buffer of an [`AnyDevice`].
pub struct AnyBuffer(Handle);

/// A kernel that an [`AnyDevice`] has compiled.
pub struct AnyKernel(Handle);

/// A handle whose type is forgotten.
type Handle = Box<dyn Any + Send>;

impl AnyDevice {
    /// Forgets what `device` is.
    pub fn new<D: Device + Clone + 'static>(device: D) -> Self {
        Self(Box::new(device))
    }
}

impl Clone for AnyDevice {
    fn clone(&self) -> Self {
        self.0.duplicate()
    }
}

impl Device for AnyDevice {
    type Buffer = AnyBuffer;
    type Kernel = AnyKernel;

    fn info(&self) -> &BackendInfo {
        self.0.erased_info()
    }

    fn guarantees(&self) -> Guarantees {
        self.0.erased_promises()
    }

    fn limits(&self) -> Limits {
        self.0.erased_limits()
    }

    fn alloc(&mut self, words: u64) -> Result<AnyBuffer, BackendError> {
        self.0.erased_alloc(words)
    }

    fn write(&mut self, to: &AnyBuffer, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        self.0.erased_write(to, offset, words)
    }

    fn read(
        &mut self,
        from: &AnyBuffer,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError> {
        self.0.erased_read(from, offset, words)
    }

    fn compile(&mut self, kernel: &Verified) -> Result<AnyKernel, BackendError> {
        self.0.erased_compile(kernel)
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        self.0.erased_submit(batch, times)
    }
}

/// [`Device`] without associated types.
trait Erased: Send {
    fn duplicate(&self) -> AnyDevice;
    fn erased_info(&self) -> &BackendInfo;
    fn erased_promises(&self) -> Guarantees;
    fn erased_limits(&self) -> Limits;
    fn erased_alloc(&mut self, words: u64) -> Result<AnyBuffer, BackendError>;
    fn erased_write(&mut self, to: &AnyBuffer, at: u64, words: &[u32]) -> Result<(), BackendError>;
    fn erased_read(
        &mut self,
        from: &AnyBuffer,
        at: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError>;
    fn erased_compile(&mut self, kernel: &Verified) -> Result<AnyKernel, BackendError>;
    fn erased_submit(
        &mut self,
        batch: &[Launch<'_, AnyDevice>],
        times: u32,
    ) -> Result<(), BackendError>;
}

impl<D: Device + Clone + 'static> Erased for D {
    fn duplicate(&self) -> AnyDevice {
        AnyDevice::new(self.clone())
    }

    fn erased_info(&self) -> &BackendInfo {
        self.info()
    }

    fn erased_promises(&self) -> Guarantees {
        self.guarantees()
    }

    fn erased_limits(&self) -> Limits {
        self.limits()
    }

    fn erased_alloc(&mut self, words: u64) -> Result<AnyBuffer, BackendError> {
        Ok(AnyBuffer(Box::new(self.alloc(words)?)))
    }

    fn erased_write(&mut self, to: &AnyBuffer, at: u64, words: &[u32]) -> Result<(), BackendError> {
        self.write(own(&to.0)?, at, words)
    }

    fn erased_read(
        &mut self,
        from: &AnyBuffer,
        at: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError> {
        self.read(own(&from.0)?, at, words)
    }

    fn erased_compile(&mut self, kernel: &Verified) -> Result<AnyKernel, BackendError> {
        Ok(AnyKernel(Box::new(self.compile(kernel)?)))
    }

    fn erased_submit(
        &mut self,
        batch: &[Launch<'_, AnyDevice>],
        times: u32,
    ) -> Result<(), BackendError> {
        let mut own_batch = Vec::with_capacity(batch.len());
        for launch in batch {
            let buffers = launch.buffers.iter().map(|buffer| own(&buffer.0));
            let buffers = buffers.collect::<Result<Vec<_>, _>>()?;
            let kernel = own(&launch.kernel.0)?;
            own_batch.push(Launch::<D> { kernel, buffers, groups: launch.groups });
        }
        self.submit(&own_batch, times)
    }
}

/// The device's own type of a handle.
fn own<T: 'static>(handle: &Handle) -> Result<&T, BackendError> {
    let foreign = || BackendError::Kernel("a handle of another kind of device".into());
    handle.as_ref().downcast_ref().ok_or_else(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::kernel::Machine;

    #[test]
    fn a_forgotten_device_does_what_it_did() {
        let mut device = AnyDevice::new(Machine::new(Guarantees::ALL));
        assert_eq!(device.guarantees(), Guarantees::ALL);
        let buffer = device.alloc(3).unwrap();
        device.write(&buffer, 1, &[4, 5]).unwrap();
        let mut words = [9; 3];
        device.read(&buffer, 0, &mut words).unwrap();
        assert_eq!(words, [0, 4, 5]);
    }

    #[test]
    fn a_foreign_handle_is_refused() {
        let mut device = AnyDevice::new(Machine::new(Guarantees::ALL));
        let foreign = AnyBuffer(Box::new("a buffer of something else"));
        let error = device.write(&foreign, 0, &[]).unwrap_err();
        assert!(error.to_string().contains("another kind"), "{error}");
    }
}
