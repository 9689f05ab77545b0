//! The conformance cases on Vulkan, with floats protected by decoration and by the full barrier,
//! and on GL.

use isospike_conformance::Subject;
use isospike_core::backend::{Backend, BackendError};
use isospike_wgpu::{Options, Protection, open_with};

fn open(api: &str, protection: Protection) -> Result<Box<dyn Backend>, BackendError> {
    Ok(Box::new(open_with(Some(api), Options { protection: Some(protection) })?))
}

fn main() {
    let subject = |name, require, open| Subject { name, require, open };
    isospike_conformance::main(&[
        subject("wgpu/vulkan", "wgpu", || open("vulkan", Protection::NoContraction)),
        subject("wgpu/vulkan/full barrier", "wgpu", || open("vulkan", Protection::FullBarrier)),
        subject("wgpu/gl", "wgpu-gl", || open("gl", Protection::FullBarrier)),
    ])
}
