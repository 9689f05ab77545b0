//! Which devices are there, which one is meant, and why there is none.

use crate::capability::Capabilities;
use crate::driver::DeviceId;
use crate::fault::name;
use isospike_core::run::backend::BackendError;
use opencl3::device::{CL_DEVICE_TYPE_ALL, Device};
use opencl3::error_codes::{self as code, ClError};
use opencl3::platform::{Platform, get_platforms};
use std::sync::{Mutex, PoisonError};

/// What to do where there is no driver.
const HOW_TO_GET_ONE: &str = "install the OpenCL driver of the GPU (on Debian and Ubuntu \
     intel-opencl-icd, mesa-opencl-icd or nvidia-opencl-icd); without a GPU, pocl-opencl-icd is a \
     software one";

/// A device of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// Its place in the list of [`devices`], a selector of [`crate::open`].
    pub index: usize,
    /// As the driver gives it: `llvmpipe (LLVM 15.0.6, 256 bits)`.
    pub name: String,
    /// Whose driver it is: `Portable Computing Language`, `rusticl`, `Intel(R) OpenCL`.
    pub platform: String,
    /// Who made the device, as the driver says.
    pub vendor: String,
    /// The driver's version.
    pub driver: String,
    /// `OpenCL 3.0` and what the driver adds to it.
    pub version: String,
    /// All memory that it can use, in bytes.
    pub memory_bytes: u64,
    /// `gpu`, `accelerator`, `software` or `unknown`.
    pub kind: &'static str,
    /// True where the device is software: it proves bits, not speed.
    pub software: bool,
    /// Why it cannot be used, where it cannot.
    pub obstacle: Option<String>,
}

/// What [`devices`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The preferred one first.
    pub devices: Vec<FoundDevice>,
    /// What is not there, and why: a sentence for each loader or platform without a device.
    pub missing: Vec<String>,
}

/// A device that was meant, and what its driver says of it.
pub(crate) struct Selected {
    pub id: DeviceId,
    pub found: FoundDevice,
    pub capabilities: Capabilities,
}

/// All devices of all platforms, the preferred one first (GPUs, then accelerators, then software;
/// among equals in the order of the loader), and what is missing.
pub fn devices() -> Found {
    let (devices, missing) = enumerate();
    Found { devices: devices.into_iter().map(|d| d.found).collect(), missing }
}

/// The device that a selector means; see [`crate::open`].
pub(crate) fn select(selector: Option<&str>) -> Result<Selected, BackendError> {
    let selector = selector.map(|s| s.trim().to_lowercase()).filter(|s| !s.is_empty());
    let (mut all, missing) = enumerate();
    let found: Vec<FoundDevice> = all.iter().map(|d| d.found.clone()).collect();
    let Some(at) = choose(&found, selector.as_deref()) else {
        return Err(not_found(&found, &missing, selector.as_deref()));
    };
    match &found[at].obstacle {
        None => Ok(all.swap_remove(at)),
        Some(why) => Err(BackendError::Unsupported(format!("{}: {why}", found[at].name))),
    }
}

/// The devices in order, and what is missing. One thread at a time: pocl 3.1 says that it has no
/// device while another thread asks it for the first time.
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
    for (index, device) in devices.iter_mut().enumerate() {
        device.found.index = index;
    }
    (devices, missing)
}

fn of_platform(platform: &Platform, name: &str) -> Result<Vec<Selected>, ClError> {
    let ids = platform.get_devices(CL_DEVICE_TYPE_ALL)?;
    ids.into_iter()
        .map(|id| {
            let device = Device::new(id);
            let capabilities = Capabilities::read(&device)?;
            let found = FoundDevice {
                index: 0,
                name: device.name()?.trim().into(),
                platform: name.trim().into(),
                vendor: device.vendor()?.trim().into(),
                driver: device.driver_version()?.trim().into(),
                version: capabilities.version.trim().into(),
                memory_bytes: capabilities.memory_bytes,
                kind: capabilities.kind(),
                software: capabilities.is_software(),
                obstacle: capabilities.obstacle(),
            };
            Ok(Selected { id: DeviceId(id), found, capabilities })
        })
        .collect()
}

/// What can be used comes first, then what is fast.
fn preference(found: &FoundDevice) -> (bool, u8) {
    let class = match found.kind {
        "gpu" => 0,
        "accelerator" => 1,
        "unknown" => 2,
        _ => 3,
    };
    (found.obstacle.is_some(), class)
}

/// Index, or a part of the platform, the version, the vendor or the name, in this order: a
/// platform called Intel is meant before a processor made by Intel. `selector` is in lower case.
fn choose(found: &[FoundDevice], selector: Option<&str>) -> Option<usize> {
    let Some(s) = selector else {
        return (!found.is_empty()).then_some(0);
    };
    if let Ok(index) = s.parse::<usize>() {
        return (index < found.len()).then_some(index);
    }
    let fields: [fn(&FoundDevice) -> &str; 4] =
        [|d| &d.platform, |d| &d.version, |d| &d.vendor, |d| &d.name];
    fields.iter().find_map(|field| found.iter().position(|d| field(d).to_lowercase().contains(s)))
}

fn not_found(found: &[FoundDevice], missing: &[String], selector: Option<&str>) -> BackendError {
    let asked = selector.map(|s| format!("nothing here matches `{s}`"));
    let line = |d: &FoundDevice| format!("{}: {} ({}, {})", d.index, d.name, d.platform, d.kind);
    let lines: Vec<String> = found.iter().map(line).collect();
    let there = (!lines.is_empty()).then(|| format!("there are {}", lines.join("; ")));
    let told = asked.into_iter().chain(there).chain(missing.iter().cloned());
    BackendError::NoDevice(told.collect::<Vec<_>>().join("; "))
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

    fn device(name: &str, platform: &str, version: &str, vendor: &str) -> FoundDevice {
        FoundDevice {
            index: 0,
            name: name.into(),
            platform: platform.into(),
            vendor: vendor.into(),
            driver: String::new(),
            version: version.into(),
            memory_bytes: 0,
            kind: "gpu",
            software: false,
            obstacle: None,
        }
    }

    fn list() -> Vec<FoundDevice> {
        let pocl = "Portable Computing Language";
        let mut list = vec![
            device("cpu-haswell-Intel(R) Xeon(R)", pocl, "OpenCL 3.0 PoCL HSTR", "GenuineIntel"),
            device("Intel(R) Arc(TM) A770", "Intel(R) OpenCL Graphics", "OpenCL 3.0 NEO", "Intel"),
            device("NVIDIA H200", "NVIDIA CUDA", "OpenCL 3.0 CUDA", "NVIDIA Corporation"),
            device("llvmpipe (LLVM 15.0.6)", "rusticl", "OpenCL 3.0", "Mesa/X.org"),
        ];
        for (index, device) in list.iter_mut().enumerate() {
            device.index = index;
        }
        list
    }

    #[test]
    fn selectors_are_an_index_or_a_part_of_what_the_driver_says() {
        let choose = |s| choose(&list(), s);
        assert_eq!(choose(None), Some(0));
        assert_eq!(choose(Some("2")), Some(2));
        assert_eq!(choose(Some("4")), None);
        assert_eq!(choose(Some("pocl")), Some(0));
        assert_eq!(choose(Some("intel")), Some(1));
        assert_eq!(choose(Some("xeon")), Some(0));
        assert_eq!(choose(Some("h200")), Some(2));
        assert_eq!(choose(Some("mesa")), Some(3));
        assert_eq!(choose(Some("rusticl")), Some(3));
        assert_eq!(choose(Some("amd")), None);
        assert_eq!(super::choose(&[], None), None);
    }

    #[test]
    fn a_selector_that_matches_nothing_lists_what_is_there_and_what_is_not() {
        let missing = [no_device("Clover")];
        let BackendError::NoDevice(text) = not_found(&list()[2..], &missing, Some("amd")) else {
            panic!("not told as a missing device");
        };
        assert_eq!(
            text,
            "nothing here matches `amd`; there are 2: NVIDIA H200 (NVIDIA CUDA, gpu); \
             3: llvmpipe (LLVM 15.0.6) (rusticl, gpu); the platform Clover has no device; its \
             driver finds no hardware that it knows"
        );
    }

    #[test]
    fn usable_hardware_comes_first() {
        let kind = |kind, obstacle: Option<&str>| FoundDevice {
            kind,
            obstacle: obstacle.map(Into::into),
            ..device("", "", "", "")
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
