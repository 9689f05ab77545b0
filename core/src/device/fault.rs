//! Failures of drivers, and devices that are lost.

use crate::run::backend::BackendError;
use std::sync::{Arc, OnceLock};

/// The meaning of a failed call of a driver. The text is the driver's name of the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is not enough memory; the device is as it was.
    OutOfMemory(String),
    /// The device cannot do this; it is as it was.
    Unsupported(String),
    /// This call has a fault; the device is as it was.
    Refused(String),
    /// No result of the device can be trusted any more.
    Lost(String),
    /// An error that is already complete.
    Error(BackendError),
}

impl From<BackendError> for Fault {
    fn from(error: BackendError) -> Self {
        Self::Error(error)
    }
}

/// The faults of one device, for all its handles. Once lost, a device stays lost: the results of a
/// driver after that mean little.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    lost: Arc<OnceLock<String>>,
}

impl Faults {
    /// Returns the result of a call that did `what` and needed so many bytes of memory.
    ///
    /// # Errors
    /// The error that the fault means; [`BackendError::Lost`] of a device that was lost before,
    /// with the first message, which has the cause.
    pub fn check<T>(
        &self,
        what: &str,
        bytes: u64,
        result: Result<T, Fault>,
    ) -> Result<T, BackendError> {
        if let Some(message) = self.lost.get() {
            return Err(BackendError::Lost(format!("{what}: {message}")));
        }
        result.map_err(|fault| match fault {
            Fault::OutOfMemory(why) => BackendError::OutOfMemory {
                what: format!("{what}; the driver refused: {why}"),
                needed_bytes: bytes,
                available_bytes: 0,
            },
            Fault::Unsupported(why) => BackendError::Unsupported(format!("{what}: {why}")),
            Fault::Refused(why) => BackendError::Kernel(format!("{what}: {why}")),
            Fault::Lost(why) => {
                let message = self.lost.get_or_init(|| why);
                BackendError::Lost(format!("{what}: {message}"))
            }
            Fault::Error(error) => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_stays_lost() {
        let faults = Faults::default();
        assert_eq!(faults.check("a read", 4, Ok(7)), Ok(7));
        let lost = faults.check::<()>("a launch", 0, Err(Fault::Lost("unplugged".into())));
        assert_eq!(lost, Err(BackendError::Lost("a launch: unplugged".into())));
        let still = Err(BackendError::Lost("a read: unplugged".into()));
        assert_eq!(faults.clone().check("a read", 4, Ok(7)), still);
        assert_eq!(faults.check("a read", 4, Err(Fault::Lost("and again".into()))), still);
    }

    #[test]
    fn out_of_memory_says_how_much_and_loses_nothing() {
        let faults = Faults::default();
        let full = faults.check::<()>("a buffer", 99, Err(Fault::OutOfMemory("FULL".into())));
        let Err(BackendError::OutOfMemory { needed_bytes, what, .. }) = full else {
            panic!("not reported as out of memory");
        };
        assert!(needed_bytes == 99 && what == "a buffer; the driver refused: FULL", "{what}");
        assert_eq!(faults.check("a buffer", 1, Ok(())), Ok(()));
    }

    #[test]
    fn other_faults_lose_nothing() {
        let faults = Faults::default();
        let error_of = |fault| faults.check::<()>("kernel k", 0, Err(fault)).unwrap_err();
        let error = BackendError::Kernel("kernel k: INVALID".into());
        assert_eq!(error_of(Fault::Refused("INVALID".into())), error);
        let error = BackendError::Unsupported("kernel k: TOO MANY".into());
        assert_eq!(error_of(Fault::Unsupported("TOO MANY".into())), error);
        assert_eq!(error_of(error.clone().into()), error);
        assert_eq!(faults.check("a read", 1, Ok(())), Ok(()));
    }
}
