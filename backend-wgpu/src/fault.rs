//! What went wrong on a device, kept until the call that caused it looks.
//!
//! wgpu reports errors by callback and panics where nobody listens. Here one slot listens: the
//! first error of a call is the one that is told, because the later ones follow from it.

use isospike_core::run::backend::BackendError;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the callbacks of one device leave its errors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    slot: Arc<Mutex<Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    /// Once lost, a device stays lost.
    lost: Option<String>,
    first: Option<Fault>,
}

#[derive(Debug)]
enum Fault {
    OutOfMemory(String),
    /// Validation or an internal error of the driver.
    Refused(String),
}

impl Faults {
    /// Listens to a device from now on.
    pub(crate) fn listen(device: &wgpu::Device) -> Self {
        let faults = Self::default();
        let of_errors = faults.clone();
        device.on_uncaptured_error(Arc::new(move |e| of_errors.note(&e)));
        let of_loss = faults.clone();
        device.set_device_lost_callback(move |_, message| of_loss.lose(message));
        faults
    }

    /// Remembers that the device is gone.
    pub(crate) fn lose(&self, message: String) {
        self.with(|slot| _ = slot.lost.get_or_insert(message));
    }

    /// The error since the last look, if there was one. `what` says what was being done, and
    /// `bytes` how much memory that asked for.
    pub(crate) fn check(&self, what: &str, bytes: u64) -> Result<(), BackendError> {
        self.with(|slot| {
            if let Some(message) = &slot.lost {
                return Err(BackendError::Lost(format!("{what}: {message}")));
            }
            match slot.first.take() {
                None => Ok(()),
                Some(Fault::OutOfMemory(why)) => Err(BackendError::OutOfMemory {
                    what: format!("{what}; the driver refused: {why}"),
                    needed_bytes: bytes,
                    available_bytes: 0,
                }),
                Some(Fault::Refused(why)) => Err(BackendError::Kernel(format!("{what}: {why}"))),
            }
        })
    }

    fn note(&self, error: &wgpu::Error) {
        let fault = match error {
            wgpu::Error::OutOfMemory { source } => Fault::OutOfMemory(source.to_string()),
            other => Fault::Refused(other.to_string()),
        };
        self.with(|slot| _ = slot.first.get_or_insert(fault));
    }

    fn with<T>(&self, f: impl FnOnce(&mut Slot) -> T) -> T {
        // A poisoned slot is still a slot: the text in it is whole.
        f(&mut self.slot.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_stays_lost() {
        let faults = Faults::default();
        assert_eq!(faults.check("a read", 4), Ok(()));
        faults.lose("unplugged".into());
        faults.lose("and again".into());
        let lost = Err(BackendError::Lost("a read: unplugged".into()));
        assert_eq!(faults.check("a read", 4), lost);
        assert_eq!(faults.check("a read", 4), lost);
    }

    #[test]
    fn the_first_error_of_a_call_is_told_once() {
        let faults = Faults::default();
        for text in ["first", "second"] {
            faults.note(&wgpu::Error::Validation { source: text.into(), description: text.into() });
        }
        let told = Err(BackendError::Kernel("a launch: first".into()));
        assert_eq!(faults.check("a launch", 0), told);
        assert_eq!(faults.check("a launch", 0), Ok(()));
    }

    #[test]
    fn out_of_memory_says_how_much() {
        let faults = Faults::default();
        faults.note(&wgpu::Error::OutOfMemory { source: "full".into() });
        let Err(BackendError::OutOfMemory { needed_bytes, .. }) = faults.check("a buffer", 99)
        else {
            panic!("not told as out of memory");
        };
        assert_eq!(needed_bytes, 99);
    }
}
