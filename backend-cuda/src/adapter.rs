//! Which devices are there, which one is meant, and why there is none.

use crate::driver::{self, Code, Properties};
use crate::fault::name;
use crate::program::{Compiler, HOW_TO_GET_NVRTC};
use crate::version::Version;
use isospike_core::device::adapter::{Found, FoundDevice};
use isospike_core::run::backend::BackendError;

/// The remedy where there is no driver.
const HOW_TO_GET_ONE: &str = "install the driver of the NVIDIA GPU";

/// The remedy where the driver cannot read what NVRTC writes.
pub(crate) const MATCH_VERSIONS: &str = "update the driver, or install an NVRTC that is not newer \
     (for CUDA 12.4: `pip install nvidia-cuda-nvrtc-cu12==12.4.*`)";

/// The device that was meant, and its options.
pub(crate) struct Selected {
    pub found: FoundDevice,
    pub properties: Properties,
    pub compiler: Compiler,
    pub architecture: u32,
}

/// All devices of the CUDA driver in the driver's order, which has the fastest first, and what is
/// missing.
pub fn devices() -> Found {
    let compiler = Compiler::load();
    match enumerate() {
        Ok((driver, all)) => describe(&all, driver, compiler.as_ref()),
        Err(why) => Found::new(Vec::new(), [why].into_iter().chain(compiler.err()).collect()),
    }
}

/// The device that a selector means; see [`crate::open`].
pub(crate) fn select(selector: Option<&str>) -> Result<Selected, BackendError> {
    let compiler = Compiler::load();
    let (driver, mut all) = enumerate().map_err(BackendError::NoDevice)?;
    let mut found = describe(&all, driver, compiler.as_ref());
    let at = found.select(selector)?;
    let (found, properties) = (found.devices.swap_remove(at), all.swap_remove(at));
    let refused = |why: &str| BackendError::Unsupported(format!("{}: {why}", found.name));
    let compiler = compiler.map_err(|why| refused(&why))?;
    match compiler.architecture(properties.capability) {
        Some(architecture) => Ok(Selected { found, properties, compiler, architecture }),
        None => Err(refused(&too_old(properties.capability, &compiler))),
    }
}

/// The driver's version and its devices, or why there is none.
fn enumerate() -> Result<(Version, Vec<Properties>), String> {
    if !driver::has_driver() {
        return Err(format!("there is no CUDA driver ({DRIVER}); {HOW_TO_GET_ONE}"));
    }
    let failed = |code| format!("the CUDA driver fails: {}; {HOW_TO_GET_ONE}", name(code));
    let version = driver::driver_version().map_err(failed)?;
    if version < Version::OLDEST {
        return Err(format!(
            "the CUDA driver knows CUDA {version}, and {} is the oldest that is used; \
             update the driver",
            Version::OLDEST
        ));
    }
    let no_device = || format!("there is a CUDA driver ({version}) but no device that it can use");
    let count = match driver::device_count() {
        Ok(0) | Err(Code::CUDA_ERROR_NO_DEVICE) => return Err(no_device()),
        Ok(count) => count,
        Err(code) => return Err(failed(code)),
    };
    let all = (0..count).map(driver::properties).collect::<Result<_, _>>().map_err(failed)?;
    Ok((version, all))
}

#[cfg(windows)]
const DRIVER: &str = "nvcuda.dll";
#[cfg(not(windows))]
const DRIVER: &str = "libcuda.so.1";

fn describe(all: &[Properties], driver: Version, compiler: Result<&Compiler, &String>) -> Found {
    let with = compiler.map_or("no NVRTC".into(), |c| format!("NVRTC {}", c.version()));
    let one = |properties: &Properties| {
        let software = is_software(&properties.name);
        FoundDevice {
            name: properties.name.clone(),
            driver: format!("CUDA {driver}, {with}"),
            version: format!("compute {}", properties.capability),
            memory_bytes: Some(properties.memory_bytes),
            kind: if software { "software" } else { "gpu" },
            software,
            obstacle: obstacle(properties.capability, driver, compiler),
            ..FoundDevice::default()
        }
    };
    Found::new(all.iter().map(one).collect(), compiler.err().cloned().into_iter().collect())
}

/// CUDA has no property that says it: its driver has only GPUs. A library that stands in for the
/// driver can say the truth in the device's name alone, and ours begins it like this.
fn is_software(name: &str) -> bool {
    name.starts_with("STAND-IN")
}

/// Why a device cannot be used, as far as versions tell.
fn obstacle(
    capability: Version,
    driver: Version,
    compiler: Result<&Compiler, &String>,
) -> Option<String> {
    let compiler = match compiler {
        Ok(compiler) => compiler,
        Err(why) => return Some(why.clone()),
    };
    if compiler.version().ptx() > driver.ptx() {
        return Some(format!(
            "the driver is of CUDA {driver} and reads PTX {}, NVRTC is of CUDA {} and writes PTX \
             {}; {MATCH_VERSIONS}",
            driver.ptx(),
            compiler.version(),
            compiler.version().ptx()
        ));
    }
    let architecture = compiler.architecture(capability);
    architecture.is_none().then(|| too_old(capability, compiler))
}

fn too_old(capability: Version, compiler: &Compiler) -> String {
    format!(
        "its compute capability {capability} is older than all that NVRTC {} compiles for; an \
         older one may, as `pip install nvidia-cuda-nvrtc-cu12`; {HOW_TO_GET_NVRTC}",
        compiler.version()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn version(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    #[test]
    fn what_stands_in_for_a_gpu_is_software() {
        let none = "there is no NVRTC".to_owned();
        let one = |name: &str| Properties {
            name: name.into(),
            memory_bytes: 1 << 30,
            capability: version(9, 0),
            group_size: 1024,
            groups: 1 << 31,
        };
        let all = ["NVIDIA H200", "STAND-IN (not a GPU)"].map(one);
        let list = describe(&all, version(13, 0), Err(&none));
        assert!(!list.devices[0].software && list.devices[1].software);
        assert_eq!(list.devices[1].kind, "software");
        assert_eq!(list.missing, [none]);
    }

    #[test]
    fn each_obstacle_says_what_to_do() {
        let none = "there is no NVRTC; pip".to_owned();
        assert_eq!(obstacle(version(9, 0), version(13, 0), Err(&none)), Some(none));
        let compiler = Compiler::with(version(13, 0), vec![75, 80, 90]);
        let ask = |capability, driver| obstacle(capability, driver, Ok(&compiler));
        assert_eq!(ask(version(9, 0), version(13, 0)), None);
        assert_eq!(ask(version(12, 1), version(13, 2)), None);
        let old = ask(version(9, 0), version(12, 4)).unwrap();
        assert!(old.contains("PTX 8.4") && old.contains("PTX 9.0") && old.contains("pip install"));
        let old = ask(version(7, 0), version(13, 0)).unwrap();
        assert!(old.contains("7.0") && old.contains("nvidia-cuda-nvrtc-cu12"), "{old}");
    }
}
