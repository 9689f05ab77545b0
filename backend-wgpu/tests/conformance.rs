//! The conformance cases on Vulkan, with floats protected by decoration and by the full barrier,
//! and on GL.

use isospike_conformance::Subject;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_wgpu::{Options, Protection, open_with};

fn open(api: &str, protection: Protection) -> Result<Box<dyn Backend>, BackendError> {
    Ok(Box::new(open_with(Some(api), Options { protection: Some(protection) })?))
}

fn main() {
    isospike_conformance::main(&[
        Subject::new("wgpu/vulkan", "wgpu", || open("vulkan", Protection::NoContraction)),
        Subject::new("wgpu/vulkan/full barrier", "wgpu", || {
            open("vulkan", Protection::FullBarrier)
        }),
        Subject::new("wgpu/gl", "wgpu-gl", || open("gl", Protection::FullBarrier)),
    ])
}
