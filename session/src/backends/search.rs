//! Which devices this machine has, through every interface, and which interface has none and why.

#[cfg(not(all(feature = "cuda", feature = "opencl", feature = "wgpu")))]
use super::built;
use super::{Kind, Selector};
#[cfg(any(feature = "cuda", feature = "opencl", feature = "wgpu"))]
use isospike_core::device::adapter::Found;
use serde::Serialize;

/// A device that can be used.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    /// How to select it.
    pub backend: Selector,
    /// The device.
    pub device: String,
    /// The interface it is reached by: `vulkan`, `OpenCL 3.0`, `compute 9.0`; empty for the cpu.
    pub api: String,
    /// Driver and version, empty where there is none.
    pub driver: String,
    /// `discrete`, `integrated`, `gpu`, `accelerator`, `software`, `cpu`.
    pub kind: String,
    /// True where the device is software.
    pub software: bool,
    /// Its memory, where the interface says; of the cpu, what is free.
    pub memory_bytes: Option<u64>,
}

/// A backend that is not on this machine, or a device that cannot be used.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// The name of the backend.
    pub backend: String,
    /// Why, and how to get it.
    pub reason: String,
}

/// Every device of every backend that can be used, the cpu first; and what is missing. The oracles
/// are not in it.
pub fn search() -> (Vec<Device>, Vec<Missing>) {
    let mut all = Search::default();
    all.cpu();
    all.cuda();
    all.opencl();
    all.wgpu();
    (all.found, all.missing)
}

#[derive(Default)]
struct Search {
    found: Vec<Device>,
    missing: Vec<Missing>,
}

impl Search {
    fn cpu(&mut self) {
        let cpu = Selector { kind: Kind::Cpu, device: None };
        match cpu.open() {
            Ok(backend) => {
                let info = backend.info();
                self.found.push(Device {
                    backend: cpu,
                    device: info.device.clone(),
                    api: String::new(),
                    driver: info.driver.clone(),
                    kind: "cpu".into(),
                    software: info.software,
                    memory_bytes: isospike_core::base::memory::available_bytes(),
                });
            }
            Err(error) => self.miss(Kind::Cpu, error.to_string()),
        }
    }

    #[cfg(feature = "cuda")]
    fn cuda(&mut self) {
        self.list(Kind::Cuda, isospike_cuda::devices());
    }

    #[cfg(feature = "opencl")]
    fn opencl(&mut self) {
        let mut there = isospike_opencl::devices();
        for device in &mut there.devices {
            device.driver = format!("{} {}", device.platform, device.driver);
        }
        self.list(Kind::OpenCl, there);
    }

    #[cfg(feature = "wgpu")]
    fn wgpu(&mut self) {
        self.list(Kind::Wgpu, isospike_wgpu::devices());
    }

    /// Adds the devices of an interface, and what is missing there.
    #[cfg(any(feature = "cuda", feature = "opencl", feature = "wgpu"))]
    fn list(&mut self, kind: Kind, there: Found) {
        for device in there.devices {
            let api = device.api();
            match device.obstacle {
                Some(why) => self.miss(kind, format!("{}: {why}", device.name)),
                None => self.found.push(Device {
                    backend: Selector { kind, device: Some(device.index.to_string()) },
                    device: device.name,
                    api,
                    driver: device.driver,
                    kind: device.kind.into(),
                    software: device.software,
                    memory_bytes: device.memory_bytes,
                }),
            }
        }
        there.missing.into_iter().for_each(|why| self.miss(kind, why));
    }

    #[cfg(not(feature = "cuda"))]
    fn cuda(&mut self) {
        self.miss(Kind::Cuda, built::absent("cuda"));
    }

    #[cfg(not(feature = "opencl"))]
    fn opencl(&mut self) {
        self.miss(Kind::OpenCl, built::absent("opencl"));
    }

    #[cfg(not(feature = "wgpu"))]
    fn wgpu(&mut self) {
        self.miss(Kind::Wgpu, built::absent("wgpu"));
    }

    fn miss(&mut self, kind: Kind, reason: String) {
        self.missing.push(Missing { backend: kind.name().into(), reason });
    }
}
