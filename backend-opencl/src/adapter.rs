//! Which devices are there, which one is meant, and why there is none.

use crate::capability::Capabilities;
use crate::driver::DeviceId;
use crate::fault::name;
use isospike_core::device::adapter::{Found, FoundDevice};
use isospike_core::run::backend::BackendError;
use opencl3::device::{CL_DEVICE_TYPE_ALL, Device};
use opencl3::error_codes::{self as code, ClError};
use opencl3::platform::{Platform, get_platforms};
use std::sync::{Mutex, PoisonError};

/// The remedy where there is no driver.
const HOW_TO_GET_ONE: &str = "install the OpenCL driver of the GPU (on Debian and Ubuntu \
     intel-opencl-icd, mesa-opencl-icd or nvidia-opencl-icd); without a GPU, pocl-opencl-icd is a \
     software one";

/// A device that was meant, and what its driver says of it.
pub(crate) struct Selected {
    pub id: DeviceId,
    pub found: FoundDevice,
    pub capabilities: Capabilities,
}

/// All devices of all platforms, the preferred one first (GPUs, then accelerators, then software;
/// among equals in the order of the loader), and what is missing.
pub fn devices() -> Found {
    list(&enumerate())
}

/// The device that a selector means; see [`crate::open`].
pub(crate) fn select(selector: Option<&str>) -> Result<Selected, BackendError> {
    let mut all = enumerate();
    let at = list(&all).select(selector)?;
    Ok(all.0.swap_remove(at))
}

fn list((devices, missing): &(Vec<Selected>, Vec<String>)) -> Found {
    Found::new(devices.iter().map(|device| device.found.clone()).collect(), missing.clone())
}

/// The devices in order, and what is missing. One thread at a time: pocl 3.1 says that it has no
/// device while another thread lists it for the first time.
fn enumerate() -> (Vec<Selected>, Vec<String>) {
    static ASKING: Mutex<()> = Mutex::new(());
    let _asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let platforms = match get_platforms() {
        Ok(platforms) => platforms,
        Err(code) => return (Vec::new(), vec![no_platform(&code)]),
    };
    if platforms.is_empty() {
        return (Vec::new(), vec![no_platform(&ClError(code::CL_PLATFORM_NOT_FOUND_KHR))]);
    }
    let (mut devices, mut missing) = (Vec::new(), Vec::new());
    for platform in &platforms {
        let name = platform.name().unwrap_or_else(|_| "a platform without a name".into());
        match of_platform(platform, &name) {
            Ok(some) if some.is_empty() => missing.push(no_device(&name)),
            Ok(some) => devices.extend(some),
            Err(ClError(code::CL_DEVICE_NOT_FOUND)) => missing.push(no_device(&name)),
            Err(code) => missing.push(format!("the platform {name} fails: {}", self::name(code.0))),
        }
    }
    devices.sort_by_key(|d| preference(&d.found));
    (devices, missing)
}

fn of_platform(platform: &Platform, name: &str) -> Result<Vec<Selected>, ClError> {
    let ids = platform.get_devices(CL_DEVICE_TYPE_ALL)?;
    ids.into_iter()
        .map(|id| {
            let device = Device::new(id);
            let capabilities = Capabilities::read(&device)?;
            let found = FoundDevice {
                name: device.name()?.trim().into(),
                platform: name.trim().into(),
                vendor: device.vendor()?.trim().into(),
                driver: device.driver_version()?.trim().into(),
                version: capabilities.version.trim().into(),
                memory_bytes: Some(capabilities.memory_bytes),
                kind: capabilities.kind(),
                software: capabilities.is_software(),
                obstacle: capabilities.obstacle(),
                ..FoundDevice::default()
            };
            Ok(Selected { id: DeviceId(id), found, capabilities })
        })
        .collect()
}

/// Usable devices come first, then fast ones.
fn preference(found: &FoundDevice) -> (bool, u8) {
    let class = match found.kind {
        "gpu" => 0,
        "accelerator" => 1,
        "unknown" => 2,
        _ => 3,
    };
    (found.obstacle.is_some(), class)
}

/// Why there is no platform.
fn no_platform(error: &ClError) -> String {
    match error.0 {
        code::DLOPEN_RUNTIME_LOAD_FAILED | code::DLOPEN_FUNCTION_NOT_AVAILABLE => format!(
            "there is no OpenCL loader ({LOADER}); on Debian and Ubuntu it is in the package \
             ocl-icd-libopencl1; then {HOW_TO_GET_ONE}"
        ),
        code::CL_PLATFORM_NOT_FOUND_KHR => {
            format!("there is an OpenCL loader but no driver behind it; {HOW_TO_GET_ONE}")
        }
        other => format!("the OpenCL loader fails: {}", name(other)),
    }
}

#[cfg(windows)]
const LOADER: &str = "OpenCL.dll";
#[cfg(not(windows))]
const LOADER: &str = "libOpenCL.so.1";

/// Why a platform has no device.
fn no_device(platform: &str) -> String {
    let hint = if platform.to_lowercase().contains("rusticl") {
        "; it offers a device only where RUSTICL_ENABLE names Mesa's driver for it: radeonsi, \
         iris, or llvmpipe for a software one"
    } else {
        "; its driver finds no hardware that it knows"
    };
    format!("the platform {platform} has no device{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usable_hardware_comes_first() {
        let kind = |kind, obstacle: Option<&str>| FoundDevice {
            kind,
            obstacle: obstacle.map(Into::into),
            ..FoundDevice::default()
        };
        let mut list = [
            kind("gpu", Some("too old")),
            kind("software", None),
            kind("accelerator", None),
            kind("gpu", None),
        ];
        list.sort_by_key(preference);
        let order: Vec<&str> = list.iter().map(|d| d.kind).collect();
        assert_eq!(order, ["gpu", "accelerator", "software", "gpu"]);
    }

    #[test]
    fn what_is_missing_says_how_to_get_it() {
        let loader = no_platform(&ClError(code::DLOPEN_RUNTIME_LOAD_FAILED));
        assert!(loader.contains("no OpenCL loader") && loader.contains("ocl-icd-libopencl1"));
        let driver = no_platform(&ClError(code::CL_PLATFORM_NOT_FOUND_KHR));
        assert!(driver.contains("no driver") && driver.contains("pocl-opencl-icd"));
        assert!(no_device("rusticl").contains("RUSTICL_ENABLE"));
    }
}
