//! The devices of this machine.

use isospike_conformance::missing::lack;
use isospike_wgpu::{Options, Protection, WgpuDevice, open_unproved};

/// Every path to a device: interface and protection.
pub const PATHS: [(&str, Protection); 3] = [
    ("vulkan", Protection::NoContraction),
    ("vulkan", Protection::FullBarrier),
    ("gl", Protection::FullBarrier),
];

/// Calls `test` with a device for each path that this machine has. A missing one is reported, and
/// is a failure where `ISOSPIKE_REQUIRE` (a list with commas) names `wgpu` or `wgpu-gl`.
pub fn on_each(mut test: impl FnMut(&mut WgpuDevice, &str)) {
    for (api, protection) in PATHS {
        if let Some(mut device) = device(api, protection) {
            test(&mut device, &format!("{api}, {}", protection.name()));
        }
    }
}

/// One path, `None` where this machine has no such device.
pub fn device(api: &str, protection: Protection) -> Option<WgpuDevice> {
    match open_unproved(Some(api), Options { protection: Some(protection) }) {
        Ok(device) => Some(device),
        Err(why) => {
            lack(if api == "gl" { "wgpu-gl" } else { "wgpu" }, &format!("{api}: {why}"));
            None
        }
    }
}
