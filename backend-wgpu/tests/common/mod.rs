//! The devices of this machine.

use isospike_wgpu::{Options, Protection, WgpuDevice, open_unproved};
use std::io::Write as _;

/// Every path to a device: interface and protection.
pub const PATHS: [(&str, Protection); 3] = [
    ("vulkan", Protection::NoContraction),
    ("vulkan", Protection::FullBarrier),
    ("gl", Protection::FullBarrier),
];

/// Calls `test` with a device for each path that this machine has. What it has not is said, and
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
            missing(&format!("wgpu/{api} ({why})"));
            let name = if api == "gl" { "wgpu-gl" } else { "wgpu" };
            let required = std::env::var("ISOSPIKE_REQUIRE").unwrap_or_default();
            assert!(!required.split(',').any(|r| r.trim() == name), "{name} is required: {why}");
            None
        }
    }
}

/// Says that a test lacks its device, past the capture of the test harness.
pub fn missing(what: &str) {
    // A terminal that is gone is no reason to fail.
    _ = writeln!(std::io::stderr(), "MISSING DEVICE: {what}");
}
