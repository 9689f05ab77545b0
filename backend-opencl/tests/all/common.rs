//! The devices of this machine.

use isospike_conformance::missing::{is_required, lack};
use isospike_core::device::cache::Cache;
use isospike_opencl::{ContractionGuard, OpenClDevice, Options, devices, open_unproved};

/// Every path to a software device: selector and protection. Each has a word of its own in
/// `ISOSPIKE_REQUIRE`, as `opencl-pocl`.
pub const PATHS: [(&str, ContractionGuard); 4] = [
    ("pocl", ContractionGuard::NoContraction),
    ("pocl", ContractionGuard::FullBarrier),
    ("rusticl", ContractionGuard::NoContraction),
    ("intel", ContractionGuard::FullBarrier),
];

/// Calls `test` with a device for each path that this machine has, and with all of its hardware.
/// A missing one is reported, and is a failure where `ISOSPIKE_REQUIRE` (a list with commas) names
/// `opencl-` and the selector; `opencl` stands for any device.
#[allow(dead_code)] // each test program includes this file for itself
pub fn on_each(mut test: impl FnMut(&mut OpenClDevice, &str)) {
    let mut tested = 0;
    for (selector, contraction_guard) in PATHS {
        if let Some(mut device) = device(selector, contraction_guard) {
            test(&mut device, &format!("{selector}, {}", contraction_guard.name()));
            tested += 1;
        }
    }
    for found in devices().devices.iter().filter(|d| !d.software && d.obstacle.is_none()) {
        let selector = found.index.to_string();
        let mut device =
            open_unproved(Some(&selector), options(ContractionGuard::NoContraction)).unwrap();
        test(&mut device, &found.name);
        tested += 1;
    }
    assert!(tested > 0 || !is_required("opencl"), "a device of OpenCL is required");
}

/// One path, `None` where this machine has no such device.
pub fn device(selector: &str, contraction_guard: ContractionGuard) -> Option<OpenClDevice> {
    match open_unproved(Some(selector), options(contraction_guard)) {
        Ok(device) => Some(device),
        Err(why) => {
            lack(&format!("opencl-{selector}"), &why.to_string());
            None
        }
    }
}

/// A protection, and no cache: what is tested is compiled.
pub fn options(contraction_guard: ContractionGuard) -> Options {
    Options { contraction_guard: Some(contraction_guard), cache: Cache::default() }
}
