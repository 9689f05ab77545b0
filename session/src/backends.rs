//! The backends by name, and the two ways to get one: the selector and the [`search`].

mod built;
pub mod search;

use isospike_conformance::Opened;
use isospike_core::device::DeviceBackend;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::Machine;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_cpu::CpuBackend;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A place to run: a backend, and which of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The backend.
    pub kind: Kind,
    /// The text behind the colon: threads of the cpu, a device of the others.
    pub device: Option<String>,
}

/// A backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The SIMD engine.
    Cpu,
    /// NVIDIA's GPUs.
    Cuda,
    /// Whatever has an OpenCL driver.
    OpenCl,
    /// Vulkan, Metal, DirectX 12 or OpenGL through wgpu.
    Wgpu,
    /// The naive oracle of the network.
    Reference,
    /// The interpreter of the kernels.
    Machine,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Cpu, Self::Cuda, Self::OpenCl, Self::Wgpu, Self::Reference, Self::Machine];

    /// As it was requested.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::OpenCl => "opencl",
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

impl Serialize for Selector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
            Kind::Cuda | Kind::OpenCl | Kind::Wgpu => {}
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

    /// The CPU backend with the number of threads that this names.
    pub fn cpu(&self) -> Result<CpuBackend, BackendError> {
        let threads = self.device.as_deref().and_then(|n| n.parse().ok());
        CpuBackend::new(isospike_cpu::Options { threads, ..Default::default() })
    }

    /// Opens the backend.
    pub fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        Ok(self.open_to_test()?.into_backend())
    }

    /// Opens the backend as a subject of the conformance suite.
    pub fn open_to_test(&self) -> Result<Opened, BackendError> {
        match self.kind {
            Kind::Cpu => Ok(Opened::engine(self.cpu()?)),
            Kind::Cuda => built::cuda(self.device.as_deref()),
            Kind::OpenCl => built::opencl(self.device.as_deref()),
            Kind::Wgpu => built::wgpu(self.device.as_deref()),
            Kind::Reference => Ok(Opened::engine(ModelBackend::default())),
            Kind::Machine => {
                // A device without guarantees: every expansion of the lowering runs.
                let guarantees = Guarantees::NONE;
                Ok(Opened::device(DeviceBackend::new(Machine::new(guarantees))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_printed_as_it_is_read() {
        let texts =
            ["cpu", "cpu:2", "wgpu:llvmpipe", "opencl:pocl", "cuda:1", "reference", "machine"];
        for text in texts {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn unknown_names_and_devices_are_refused() {
        for text in ["hip", "", "cpu:", "cpu:many", "cpu:0", "reference:1", "machine:x"] {
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
