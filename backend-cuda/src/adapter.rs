//! Which devices are there, which one is meant, and why there is none.

use crate::driver::{self, Code, Properties};
use crate::fault::name;
use crate::program::{Compiler, HOW_TO_GET_NVRTC};
use crate::version::Version;
use isospike_core::run::backend::BackendError;

/// What to do where there is no driver.
const HOW_TO_GET_ONE: &str = "install the driver of the NVIDIA GPU";

/// What to do where the driver cannot read what NVRTC writes.
pub(crate) const MATCH_VERSIONS: &str = "update the driver, or install an NVRTC that is not newer \
     (for CUDA 12.4: `pip install nvidia-cuda-nvrtc-cu12==12.4.*`)";

/// A device that the driver knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// Its place in the list of [`devices`], a selector of [`crate::open`]; also the driver's.
    pub index: usize,
    /// As the driver gives it: `NVIDIA H200`.
    pub name: String,
    /// The newest CUDA that the driver knows, and the CUDA of NVRTC: `CUDA 13.0, NVRTC 13.5`.
    pub driver: String,
    /// Its compute capability.
    pub capability: Version,
    /// All of its memory, in bytes.
    pub memory_bytes: u64,
    /// `gpu` or `software`.
    pub kind: &'static str,
    /// True where the device is software: it proves bits, not speed.
    pub software: bool,
    /// Why it cannot be used, where it cannot.
    pub obstacle: Option<String>,
}

/// What [`devices`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the driver's order, which has the fastest first.
    pub devices: Vec<FoundDevice>,
    /// What is not there, and why: a sentence for each library or device that is missing.
    pub missing: Vec<String>,
}

/// A device that was meant, and what was asked of it.
pub(crate) struct Selected {
    pub found: FoundDevice,
    pub properties: Properties,
    pub compiler: Compiler,
    pub architecture: u32,
}

/// All devices of the CUDA driver, and what is missing.
pub fn devices() -> Found {
    let compiler = Compiler::load();
    let mut found = Found::default();
    match enumerate() {
        Ok((driver, all)) => {
            found.devices = describe(&all, driver, compiler.as_ref());
        }
        Err(why) => found.missing.push(why),
    }
    found.missing.extend(compiler.err());
    found
}

/// The device that a selector means; see [`crate::open`].
pub(crate) fn select(selector: Option<&str>) -> Result<Selected, BackendError> {
    let selector = selector.map(|s| s.trim().to_lowercase()).filter(|s| !s.is_empty());
    let compiler = Compiler::load();
    let (driver, mut all) = enumerate().map_err(BackendError::NoDevice)?;
    let mut found = describe(&all, driver, compiler.as_ref());
    let Some(at) = choose(&found, selector.as_deref()) else {
        return Err(not_found(&found, selector.as_deref()));
    };
    let (found, properties) = (found.swap_remove(at), all.swap_remove(at));
    let refused = |why: &str| BackendError::Unsupported(format!("{}: {why}", found.name));
    if let Some(why) = &found.obstacle {
        return Err(refused(why));
    }
    let compiler = compiler.map_err(|why| refused(&why))?;
    match compiler.architecture(found.capability) {
        Some(architecture) => Ok(Selected { found, properties, compiler, architecture }),
        None => Err(refused(&too_old(found.capability, &compiler))),
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

fn describe(
    all: &[Properties],
    driver: Version,
    compiler: Result<&Compiler, &String>,
) -> Vec<FoundDevice> {
    let with = compiler.map_or("no NVRTC".into(), |c| format!("NVRTC {}", c.version()));
    let one = |(index, properties): (usize, &Properties)| {
        let software = is_software(&properties.name);
        FoundDevice {
            index,
            name: properties.name.clone(),
            driver: format!("CUDA {driver}, {with}"),
            capability: properties.capability,
            memory_bytes: properties.memory_bytes,
            kind: if software { "software" } else { "gpu" },
            software,
            obstacle: obstacle(properties.capability, driver, compiler),
        }
    };
    all.iter().enumerate().map(one).collect()
}

/// CUDA has no property that says it: its driver knows only GPUs. A library that stands in for the
/// driver can tell the truth in the device's name alone, and ours begins it like this.
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

/// Index or a part of the name; `selector` is in lower case. Without one: the first that can be
/// used, or the first.
fn choose(found: &[FoundDevice], selector: Option<&str>) -> Option<usize> {
    let Some(s) = selector else {
        let usable = found.iter().position(|d| d.obstacle.is_none());
        return usable.or((!found.is_empty()).then_some(0));
    };
    if let Ok(index) = s.parse::<usize>() {
        return (index < found.len()).then_some(index);
    }
    found.iter().position(|d| d.name.to_lowercase().contains(s))
}

fn not_found(found: &[FoundDevice], selector: Option<&str>) -> BackendError {
    let asked = selector.map_or(String::new(), |s| format!("nothing here matches `{s}`; "));
    let line = |d: &FoundDevice| format!("{}: {} ({})", d.index, d.name, d.kind);
    let lines: Vec<String> = found.iter().map(line).collect();
    BackendError::NoDevice(format!("{asked}there are {}", lines.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn version(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    fn found(names: &[&str], compiler: Result<&Compiler, &String>) -> Vec<FoundDevice> {
        let one = |name: &&str| Properties {
            name: (*name).into(),
            memory_bytes: 1 << 30,
            capability: version(9, 0),
            group_size: 1024,
            groups: 1 << 31,
        };
        describe(&names.iter().map(one).collect::<Vec<_>>(), version(13, 0), compiler)
    }

    fn list() -> Vec<FoundDevice> {
        let none = "there is no NVRTC".to_owned();
        found(&["NVIDIA H200", "NVIDIA RTX A2000", "STAND-IN (not a GPU)"], Err(&none))
    }

    #[test]
    fn selectors_are_an_index_or_a_part_of_the_name() {
        let list = list();
        assert_eq!(choose(&list, None), Some(0));
        assert_eq!(choose(&list, Some("1")), Some(1));
        assert_eq!(choose(&list, Some("3")), None);
        assert_eq!(choose(&list, Some("rtx")), Some(1));
        assert_eq!(choose(&list, Some("stand-in")), Some(2));
        assert_eq!(choose(&list, Some("radeon")), None);
        assert_eq!(choose(&[], None), None);
    }

    #[test]
    fn a_selector_that_matches_nothing_lists_what_is_there() {
        let BackendError::NoDevice(text) = not_found(&list()[1..], Some("h200")) else {
            panic!("not told as a missing device");
        };
        assert_eq!(
            text,
            "nothing here matches `h200`; there are 1: NVIDIA RTX A2000 (gpu); 2: STAND-IN (not a \
             GPU) (software)"
        );
    }

    #[test]
    fn what_stands_in_for_a_gpu_is_software() {
        let list = list();
        assert!(!list[0].software && list[2].software);
        assert_eq!(list[2].kind, "software");
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
