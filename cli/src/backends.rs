//! The backends by name, and the two ways to get one: the selector and the search.

use isospike_core::backend::{Backend, BackendError, BackendInfo};
use isospike_core::ir::Promises;
use isospike_core::reference::machine::MachineBackend;
use isospike_core::reference::model::ModelBackend;
use std::fmt;
use std::str::FromStr;

/// Where to run: a backend, and which of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The backend.
    pub kind: Kind,
    /// What stands behind the colon: threads of the cpu, a device of wgpu.
    pub device: Option<String>,
}

/// A backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The SIMD engine.
    Cpu,
    /// Vulkan, Metal, DirectX 12 or OpenGL through wgpu.
    Wgpu,
    /// The naive oracle of the network.
    Reference,
    /// The interpreter of the kernels.
    Machine,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Cpu, Self::Wgpu, Self::Reference, Self::Machine];

    fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Reference => "reference",
            Self::Machine => "machine",
        }
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, device) = match text.split_once(':') {
            Some((_, "")) => return Err("nothing follows the colon".into()),
            Some((name, device)) => (name, Some(device.to_owned())),
            None => (text, None),
        };
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Kind::ALL.map(Kind::name).join(", ");
            format!("there is no backend `{name}`; there are {names}")
        })?;
        Self { kind, device: None }.with_device(device)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.device {
            Some(device) => write!(f, "{}:{device}", self.kind.name()),
            None => f.write_str(self.kind.name()),
        }
    }
}

impl Selector {
    /// The same backend with this device, where it has devices to choose from.
    pub fn with_device(self, device: Option<String>) -> Result<Self, String> {
        let Some(device) = device else { return Ok(self) };
        if let Some(present) = &self.device {
            return Err(format!("two devices are given: `{present}` and `{device}`"));
        }
        match self.kind {
            Kind::Wgpu => {}
            Kind::Cpu if device.parse().is_ok_and(|n: u32| (1..=4096).contains(&n)) => {}
            Kind::Cpu => {
                return Err(format!("`cpu:{device}`: a number of threads, 1 to 4096, is wanted"));
            }
            Kind::Reference | Kind::Machine => {
                return Err(format!("{} has no devices to choose from", self.kind.name()));
            }
        }
        Ok(Self { device: Some(device), ..self })
    }

    /// The same with this number of threads, where it is the cpu and does not say.
    pub fn with_threads(self, threads: Option<u32>) -> Self {
        match threads {
            Some(n) if self.kind == Kind::Cpu && self.device.is_none() => {
                Self { device: Some(n.to_string()), ..self }
            }
            _ => self,
        }
    }

    /// Opens the backend.
    pub fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        match self.kind {
            Kind::Cpu => {
                let threads = self.device.as_deref().and_then(|n| n.parse().ok());
                let options = isospike_cpu::Options { threads, ..Default::default() };
                Ok(Box::new(isospike_cpu::CpuBackend::new(options)?))
            }
            Kind::Wgpu => Ok(Box::new(isospike_wgpu::open(self.device.as_deref())?)),
            Kind::Reference => Ok(Box::new(ModelBackend::default())),
            Kind::Machine => {
                // A device that promises nothing: every expansion of the lowering runs.
                let promises = Promises::NONE;
                Ok(Box::new(MachineBackend::new(promises)))
            }
        }
    }
}

/// A device that is there.
#[derive(Clone, Debug)]
pub struct Found {
    /// How to ask for it.
    pub selector: Selector,
    /// What it is.
    pub info: BackendInfo,
    /// The interface it is reached by: `vulkan`, `gl`; empty for the cpu.
    pub api: String,
    /// `discrete`, `integrated`, `software`, `cpu`.
    pub kind: String,
}

/// A backend that is not there.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Its name.
    pub backend: String,
    /// Why, and how to get it.
    pub reason: String,
}

/// Every device of every backend, the cpu first; and what is missing. The oracles are not in it.
pub fn search() -> (Vec<Found>, Vec<Missing>) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    let cpu = Selector { kind: Kind::Cpu, device: None };
    match cpu.open() {
        Ok(backend) => found.push(Found {
            selector: cpu,
            info: backend.info().clone(),
            api: String::new(),
            kind: "cpu".into(),
        }),
        Err(error) => missing.push(Missing { backend: "cpu".into(), reason: error.to_string() }),
    }
    let devices = isospike_wgpu::devices();
    if devices.is_empty() {
        // Opening the default says what is wanted and how to get it.
        let reason = match isospike_wgpu::open(None) {
            Ok(_) => "a device opens that is not in the list".into(),
            Err(error) => error.to_string(),
        };
        missing.push(Missing { backend: "wgpu".into(), reason });
    }
    found.extend(devices.into_iter().map(|device| Found {
        selector: Selector { kind: Kind::Wgpu, device: Some(device.index.to_string()) },
        info: BackendInfo {
            backend: "wgpu".into(),
            device: device.name,
            driver: device.driver,
            software: device.software,
            notes: Vec::new(),
        },
        api: device.api.into(),
        kind: device.kind.into(),
    }));
    (found, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_printed_as_it_is_read() {
        for text in ["cpu", "cpu:2", "wgpu", "wgpu:llvmpipe", "wgpu:0", "reference", "machine"] {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn unknown_names_and_devices_are_refused() {
        for text in ["cuda", "", "cpu:", "cpu:many", "cpu:0", "reference:1", "machine:x"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
        let two = "wgpu:0".parse::<Selector>().unwrap().with_device(Some("1".into()));
        assert!(two.unwrap_err().contains("two devices"));
    }

    #[test]
    fn threads_are_for_the_cpu_that_does_not_say() {
        let with = |text: &str| text.parse::<Selector>().unwrap().with_threads(Some(3)).to_string();
        assert_eq!(with("cpu"), "cpu:3");
        assert_eq!(with("cpu:1"), "cpu:1");
        assert_eq!(with("wgpu"), "wgpu");
    }
}
