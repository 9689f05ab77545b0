//! The devices of this machine.

use isospike_conformance::missing::lack;
use isospike_wgpu::{ContractionGuard, Options, WgpuDevice, open_unproved};

/// Every path to a device: interface and protection.
pub const PATHS: [(&str, ContractionGuard); 3] = [
    ("vulkan", ContractionGuard::NoContraction),
    ("vulkan", ContractionGuard::FullBarrier),
    ("gl", ContractionGuard::FullBarrier),
];

/// Calls `test` with a device for each path that this machine has. A missing one is reported, and
/// is a failure where `ISOSPIKE_REQUIRE` (a list with commas) names `wgpu` or `wgpu-gl`.
pub fn on_each(mut test: impl FnMut(&mut WgpuDevice, &str)) {
    for (api, contraction_guard) in PATHS {
        if let Some(mut device) = device(api, contraction_guard) {
            test(&mut device, &format!("{api}, {}", contraction_guard.name()));
        }
    }
}

/// One path, `None` where this machine has no such device.
pub fn device(api: &str, contraction_guard: ContractionGuard) -> Option<WgpuDevice> {
    match open_unproved(Some(api), Options { contraction_guard: Some(contraction_guard) }) {
        Ok(device) => Some(device),
        Err(why) => {
            lack(if api == "gl" { "wgpu-gl" } else { "wgpu" }, &format!("{api}: {why}"));
            None
        }
    }
}
