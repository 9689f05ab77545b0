//! What went wrong on a device, from the codes of OpenCL.

use crate::driver::Code;
use isospike_core::run::backend::BackendError;
use opencl3::error_codes as code;
use std::sync::{Arc, OnceLock};

/// Turns the codes of one device into errors. Once lost, a device stays lost: what a driver
/// answers after that means little.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    lost: Arc<OnceLock<String>>,
}

impl Faults {
    /// The result of a call. `what` says what was being done, and `bytes` how much memory that
    /// asked for.
    pub(crate) fn check<T>(
        &self,
        what: &str,
        bytes: u64,
        result: Result<T, Code>,
    ) -> Result<T, BackendError> {
        if let Some(message) = self.lost.get() {
            return Err(BackendError::Lost(format!("{what}: {message}")));
        }
        result.map_err(|code| {
            let error = error(what, bytes, code);
            if let BackendError::Lost(_) = error {
                self.lose(name(code));
            }
            error
        })
    }

    /// Remembers that the device is gone.
    pub(crate) fn lose(&self, message: String) {
        // The first message is the one that says why.
        _ = self.lost.set(message);
    }
}

/// A code as its name in the specification, where it is known.
pub(crate) fn name(code: Code) -> String {
    match code::error_text(code) {
        "UNKNOWN_ERROR" => format!("error {code}"),
        name => name.into(),
    }
}

/// The error that a code means.
fn error(what: &str, bytes: u64, code: Code) -> BackendError {
    let told = format!("{what}: {}", name(code));
    match code {
        // Drivers say `out of resources` for memory, and also for a kernel that they stopped.
        code::CL_OUT_OF_RESOURCES if bytes == 0 => BackendError::Lost(told),
        code::CL_MEM_OBJECT_ALLOCATION_FAILURE
        | code::CL_OUT_OF_RESOURCES
        | code::CL_OUT_OF_HOST_MEMORY
        | code::CL_INVALID_BUFFER_SIZE => BackendError::OutOfMemory {
            what: format!("{what}; the driver refused: {}", name(code)),
            needed_bytes: bytes,
            available_bytes: 0,
        },
        code::CL_DEVICE_NOT_AVAILABLE
        | code::CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST
        | code::CL_INVALID_DEVICE
        | code::CL_INVALID_CONTEXT
        | code::CL_INVALID_COMMAND_QUEUE
        | code::CL_CONTEXT_TERMINATED_KHR => BackendError::Lost(told),
        code::CL_INVALID_WORK_GROUP_SIZE | code::CL_INVALID_WORK_ITEM_SIZE => {
            BackendError::Unsupported(told)
        }
        // Codes outside the specification are a driver's own words for a crash.
        _ if code::error_text(code) == "UNKNOWN_ERROR" => BackendError::Lost(told),
        _ => BackendError::Kernel(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_stays_lost() {
        let faults = Faults::default();
        assert_eq!(faults.check("a read", 4, Ok(7)), Ok(7));
        let lost = faults.check::<()>("a launch", 0, Err(code::CL_OUT_OF_RESOURCES));
        assert_eq!(lost, Err(BackendError::Lost("a launch: CL_OUT_OF_RESOURCES".into())));
        let still = faults.clone().check("a read", 4, Ok(7));
        assert_eq!(still, Err(BackendError::Lost("a read: CL_OUT_OF_RESOURCES".into())));
    }

    #[test]
    fn out_of_memory_says_how_much_and_loses_nothing() {
        let codes = [
            code::CL_MEM_OBJECT_ALLOCATION_FAILURE,
            code::CL_OUT_OF_RESOURCES,
            code::CL_OUT_OF_HOST_MEMORY,
        ];
        for code in codes {
            let faults = Faults::default();
            let error = faults.check::<()>("a buffer", 99, Err(code)).unwrap_err();
            let BackendError::OutOfMemory { needed_bytes, what, .. } = error else {
                panic!("{code} is not told as out of memory");
            };
            assert!(needed_bytes == 99 && what.contains("CL_"), "{what}");
            assert_eq!(faults.check("a buffer", 1, Ok(())), Ok(()));
        }
    }

    #[test]
    fn codes_have_the_names_of_the_specification() {
        assert_eq!(name(code::CL_BUILD_PROGRAM_FAILURE), "CL_BUILD_PROGRAM_FAILURE");
        assert_eq!(name(-9999), "error -9999");
        assert!(matches!(error("a launch", 0, -9999), BackendError::Lost(_)));
        let group = code::CL_INVALID_WORK_GROUP_SIZE;
        assert!(matches!(error("a launch", 0, group), BackendError::Unsupported(_)));
        assert!(matches!(error("a launch", 0, code::CL_INVALID_KERNEL), BackendError::Kernel(_)));
    }
}
