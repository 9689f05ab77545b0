//! The backends that this build has: each of `cuda`, `opencl` and `wgpu` is a cargo feature.

use isospike_conformance::Opened;
use isospike_core::run::backend::BackendError;

/// Opens a device of CUDA.
#[cfg(feature = "cuda")]
pub fn cuda(device: Option<&str>) -> Result<Opened, BackendError> {
    Ok(Opened::device(isospike_cuda::open(device)?))
}

/// Refuses: the backend was left out.
#[cfg(not(feature = "cuda"))]
pub fn cuda(_: Option<&str>) -> Result<Opened, BackendError> {
    Err(BackendError::NoDevice(absent("cuda")))
}

/// Opens a device of OpenCL.
#[cfg(feature = "opencl")]
pub fn opencl(device: Option<&str>) -> Result<Opened, BackendError> {
    Ok(Opened::device(isospike_opencl::open(device)?))
}

/// Refuses: the backend was left out.
#[cfg(not(feature = "opencl"))]
pub fn opencl(_: Option<&str>) -> Result<Opened, BackendError> {
    Err(BackendError::NoDevice(absent("opencl")))
}

/// Opens a device of wgpu.
#[cfg(feature = "wgpu")]
pub fn wgpu(device: Option<&str>) -> Result<Opened, BackendError> {
    Ok(Opened::device(isospike_wgpu::open(device)?))
}

/// Refuses: the backend was left out.
#[cfg(not(feature = "wgpu"))]
pub fn wgpu(_: Option<&str>) -> Result<Opened, BackendError> {
    Err(BackendError::NoDevice(absent("wgpu")))
}

/// Says that a backend was left out, and how to get it; its feature has its name.
#[cfg(not(all(feature = "cuda", feature = "opencl", feature = "wgpu")))]
pub fn absent(backend: &str) -> String {
    format!("this build has no {backend} backend; build with `--features {backend}`")
}

#[cfg(all(test, not(any(feature = "cuda", feature = "opencl", feature = "wgpu"))))]
mod tests {
    use super::*;

    #[test]
    fn a_backend_that_was_left_out_says_how_to_get_it() {
        for (open, name) in [(cuda as fn(_) -> _, "cuda"), (opencl, "opencl"), (wgpu, "wgpu")] {
            let error = open(Some("0")).err().expect("it was left out").to_string();
            assert!(error.contains(&format!("no {name} backend")), "{error}");
            assert!(error.contains(&format!("`--features {name}`")), "{error}");
        }
    }
}
