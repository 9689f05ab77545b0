//! What went wrong on a device, from the codes of the CUDA driver.

use crate::driver::Code;
use isospike_core::run::backend::BackendError;
use std::sync::{Arc, OnceLock};

/// Turns the codes of one device into errors. Once lost, a device stays lost: CUDA itself refuses
/// every call after a kernel has failed.
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
                // The first message is the one that says why.
                _ = self.lost.set(name(code));
            }
            error
        })
    }
}

/// A code as its name in the driver's interface.
pub(crate) fn name(code: Code) -> String {
    format!("{code:?}")
}

/// The error that a code means.
fn error(what: &str, bytes: u64, code: Code) -> BackendError {
    let told = format!("{what}: {}", name(code));
    use Code::*;
    match code {
        CUDA_ERROR_OUT_OF_MEMORY => BackendError::OutOfMemory {
            what: format!("{what}; the driver refused: {}", name(code)),
            needed_bytes: bytes,
            available_bytes: 0,
        },
        CUDA_ERROR_UNSUPPORTED_PTX_VERSION => BackendError::Unsupported(format!(
            "{told}: the driver is older than NVRTC; {}",
            crate::adapter::MATCH_VERSIONS
        )),
        CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES => BackendError::Unsupported(told),
        // What is wrong with one call, and leaves the device as it was.
        CUDA_ERROR_INVALID_VALUE
        | CUDA_ERROR_INVALID_HANDLE
        | CUDA_ERROR_INVALID_IMAGE
        | CUDA_ERROR_INVALID_PTX
        | CUDA_ERROR_INVALID_SOURCE
        | CUDA_ERROR_NO_BINARY_FOR_GPU
        | CUDA_ERROR_NOT_FOUND
        | CUDA_ERROR_NOT_SUPPORTED
        | CUDA_ERROR_JIT_COMPILER_NOT_FOUND
        | CUDA_ERROR_JIT_COMPILATION_DISABLED
        | CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
        | CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
        | CUDA_ERROR_STREAM_CAPTURE_IMPLICIT => BackendError::Kernel(told),
        // A kernel that failed, and whatever a new driver may say of a broken device: nothing can
        // be trusted after it.
        _ => BackendError::Lost(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_stays_lost() {
        let faults = Faults::default();
        assert_eq!(faults.check("a read", 4, Ok(7)), Ok(7));
        let lost = faults.check::<()>("a launch", 0, Err(Code::CUDA_ERROR_ILLEGAL_ADDRESS));
        assert_eq!(lost, Err(BackendError::Lost("a launch: CUDA_ERROR_ILLEGAL_ADDRESS".into())));
        let still = faults.clone().check("a read", 4, Ok(7));
        assert_eq!(still, Err(BackendError::Lost("a read: CUDA_ERROR_ILLEGAL_ADDRESS".into())));
    }

    #[test]
    fn out_of_memory_says_how_much_and_loses_nothing() {
        let faults = Faults::default();
        let full = faults.check::<()>("a buffer", 99, Err(Code::CUDA_ERROR_OUT_OF_MEMORY));
        let Err(BackendError::OutOfMemory { needed_bytes, what, .. }) = full else {
            panic!("not told as out of memory");
        };
        assert!(needed_bytes == 99 && what.contains("CUDA_ERROR_OUT_OF_MEMORY"), "{what}");
        assert_eq!(faults.check("a buffer", 1, Ok(())), Ok(()));
    }

    #[test]
    fn an_old_driver_is_told_with_what_to_do() {
        let old = error("kernel update_0", 0, Code::CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
        assert!(matches!(old, BackendError::Unsupported(why) if why.contains("nvidia-cuda-nvrtc")));
    }

    #[test]
    fn a_kernel_that_does_not_load_loses_nothing() {
        let error = |code| error("kernel update_0", 0, code);
        assert!(matches!(error(Code::CUDA_ERROR_INVALID_PTX), BackendError::Kernel(_)));
        assert!(matches!(error(Code::CUDA_ERROR_LAUNCH_FAILED), BackendError::Lost(_)));
        assert!(matches!(error(Code::CUDA_ERROR_LAUNCH_TIMEOUT), BackendError::Lost(_)));
    }
}
