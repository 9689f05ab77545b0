//! Devices and tools of this machine: devices, NVRTC, ptxas.

#![allow(dead_code)] // `environment` includes this file for itself

use isospike_conformance::missing::lack;
use isospike_core::device::cache::Cache;
use isospike_cuda::{Compiler, CudaDevice, Options, devices, open_unproved};
use std::sync::{PoisonError, RwLock};

/// Held by tests that use a device, and alone by the one that takes all of its memory.
static DEVICES: RwLock<()> = RwLock::new(());

/// Calls `test` with each device. None is said, and is a failure where `ISOSPIKE_REQUIRE` (a list
/// with commas) has the word `cuda`.
pub fn on_each(test: impl FnMut(&mut CudaDevice, &str)) {
    let _shared = DEVICES.read().unwrap_or_else(PoisonError::into_inner);
    each(test);
}

/// Calls `test` as `on_each` does, while no other test of this process uses a device.
pub fn alone_on_each(test: impl FnMut(&mut CudaDevice, &str)) {
    let _alone = DEVICES.write().unwrap_or_else(PoisonError::into_inner);
    each(test);
}

fn each(mut test: impl FnMut(&mut CudaDevice, &str)) {
    let found = devices();
    for device in &found.devices {
        match open_unproved(Some(&device.index.to_string()), options()) {
            Ok(mut opened) => test(&mut opened, &device.name),
            Err(why) => lack("cuda", &why.to_string()),
        }
    }
    if found.devices.is_empty() {
        lack("cuda", &found.missing.join("; "));
    }
}

/// NVRTC; the word to require it is `nvrtc`.
pub fn compiler() -> Option<Compiler> {
    Compiler::load().map_err(|why| lack("nvrtc", &why)).ok()
}

/// No cache: what is tested is compiled.
pub fn options() -> Options {
    Options { cache: Cache::default() }
}
