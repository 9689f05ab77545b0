//! The conformance cases on Vulkan, with floats protected by decoration and by the full barrier,
//! and on GL.

use isospike_conformance::{Opened, Subject};
use isospike_core::run::backend::BackendError;
use isospike_wgpu::{ContractionGuard, Options, open_with};

fn open(api: &str, contraction_guard: ContractionGuard) -> Result<Opened, BackendError> {
    let options = Options { contraction_guard: Some(contraction_guard) };
    Ok(Opened::device(open_with(Some(api), options)?))
}

fn main() {
    isospike_conformance::main(&[
        Subject::new("wgpu/vulkan", "wgpu", || open("vulkan", ContractionGuard::NoContraction)),
        Subject::new("wgpu/vulkan/full barrier", "wgpu", || {
            open("vulkan", ContractionGuard::FullBarrier)
        }),
        Subject::new("wgpu/gl", "wgpu-gl", || open("gl", ContractionGuard::FullBarrier)),
    ])
}
