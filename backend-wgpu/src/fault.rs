//! Faults of a device, kept until the call that caused it looks.
//!
//! wgpu reports errors by callback and panics where nobody listens. Here one slot listens: the
//! first error of a call is the one that is reported, because the later ones follow from it.

use isospike_core::device::fault::Fault;
use std::sync::{Arc, Mutex, PoisonError};

/// The place where the callbacks of one device leave its faults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listener {
    slot: Arc<Mutex<Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    /// Once lost, a device stays lost.
    lost: Option<String>,
    first: Option<Fault>,
}

impl Listener {
    /// Listens to a device from now on.
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let listener = Self::default();
        let of_errors = listener.clone();
        device.on_uncaptured_error(Arc::new(move |e| of_errors.note(&e)));
        let of_loss = listener.clone();
        device.set_device_lost_callback(move |_, message| of_loss.lose(message));
        listener
    }

    /// Remembers that the device is gone.
    pub(crate) fn lose(&self, message: String) {
        self.with(|slot| _ = slot.lost.get_or_insert(message));
    }

    /// Returns the fault since the last look, if there was one.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.with(|slot| match (&slot.lost, slot.first.take()) {
            (Some(message), _) => Err(Fault::Lost(message.clone())),
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(()),
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
        let listener = Listener::default();
        assert_eq!(listener.check(), Ok(()));
        listener.lose("unplugged".into());
        listener.lose("and again".into());
        assert_eq!(listener.check(), Err(Fault::Lost("unplugged".into())));
        assert_eq!(listener.check(), Err(Fault::Lost("unplugged".into())));
    }

    #[test]
    fn the_first_error_of_a_call_is_told_once() {
        let listener = Listener::default();
        for text in ["first", "second"] {
            listener
                .note(&wgpu::Error::Validation { source: text.into(), description: text.into() });
        }
        assert_eq!(listener.check(), Err(Fault::Refused("first".into())));
        assert_eq!(listener.check(), Ok(()));
        listener.note(&wgpu::Error::OutOfMemory { source: "full".into() });
        assert_eq!(listener.check(), Err(Fault::OutOfMemory("full".into())));
    }
}
