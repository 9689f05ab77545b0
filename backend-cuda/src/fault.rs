//! The meaning of the codes of the CUDA driver.

use crate::adapter::MATCH_VERSIONS;
use crate::driver::Code;
use isospike_core::device::fault::Fault;

/// Returns the name of a code in the driver's interface.
pub(crate) fn name(code: Code) -> String {
    format!("{code:?}")
}

/// Returns the fault that a code means. CUDA itself refuses every call after a kernel has failed.
pub(crate) fn fault(code: Code) -> Fault {
    let name = name(code);
    use Code::*;
    match code {
        CUDA_ERROR_OUT_OF_MEMORY => Fault::OutOfMemory(name),
        CUDA_ERROR_UNSUPPORTED_PTX_VERSION => {
            Fault::Unsupported(format!("{name}: the driver is older than NVRTC; {MATCH_VERSIONS}"))
        }
        CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES => Fault::Unsupported(name),
        // A mistake in one call, which leaves the device as it was.
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
        | CUDA_ERROR_STREAM_CAPTURE_IMPLICIT => Fault::Refused(name),
        // A kernel that failed, and whatever a new driver may say of a broken device: nothing can
        // be trusted after it.
        _ => Fault::Lost(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_meaning() {
        let full = Fault::OutOfMemory("CUDA_ERROR_OUT_OF_MEMORY".into());
        assert_eq!(fault(Code::CUDA_ERROR_OUT_OF_MEMORY), full);
        let old = fault(Code::CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
        assert!(matches!(old, Fault::Unsupported(why) if why.contains("nvidia-cuda-nvrtc")));
        assert!(matches!(fault(Code::CUDA_ERROR_INVALID_PTX), Fault::Refused(_)));
        assert!(matches!(fault(Code::CUDA_ERROR_LAUNCH_FAILED), Fault::Lost(_)));
        assert!(matches!(fault(Code::CUDA_ERROR_LAUNCH_TIMEOUT), Fault::Lost(_)));
        let stray = Fault::Lost("CUDA_ERROR_ILLEGAL_ADDRESS".into());
        assert_eq!(fault(Code::CUDA_ERROR_ILLEGAL_ADDRESS), stray);
    }
}
