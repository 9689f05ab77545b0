//! Which devices this machine has, through every interface, and which interface has none and why.

#[cfg(not(all(feature = "cuda", feature = "opencl", feature = "wgpu")))]
use super::built;
use super::{Kind, Selector};
use isospike_core::run::backend::BackendInfo;

/// A device that is there.
#[derive(Clone, Debug)]
pub struct Found {
    /// How to ask for it.
    pub selector: Selector,
    /// What it is.
    pub info: BackendInfo,
    /// The interface it is reached by: `vulkan`, `OpenCL 3.0`, `sm_90`; empty for the cpu.
    pub api: String,
    /// `discrete`, `integrated`, `gpu`, `accelerator`, `software`, `cpu`.
    pub kind: String,
    /// Its memory, where the interface says.
    pub memory_bytes: Option<u64>,
}

/// Something that is not there, or cannot be used.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The name of the backend.
    pub backend: String,
    /// Why, and how to get it.
    pub reason: String,
}

/// Every device of every backend that can be used, the cpu first; and what is missing. The oracles
/// are not in it.
pub fn search() -> (Vec<Found>, Vec<Missing>) {
    let mut all = Search::default();
    all.cpu();
    all.cuda();
    all.opencl();
    all.wgpu();
    (all.found, all.missing)
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    missing: Vec<Missing>,
}

impl Search {
    fn cpu(&mut self) {
        let cpu = Selector { kind: Kind::Cpu, device: None };
        match cpu.open() {
            Ok(backend) => self.found.push(Found {
                selector: cpu,
                info: backend.info().clone(),
                api: String::new(),
                kind: "cpu".into(),
                memory_bytes: isospike_core::base::memory::available_bytes(),
            }),
            Err(error) => self.miss(Kind::Cpu, error.to_string()),
        }
    }

    #[cfg(feature = "cuda")]
    fn cuda(&mut self) {
        let there = isospike_cuda::devices();
        for device in there.devices {
            let info = info(Kind::Cuda, device.name, device.driver, device.software);
            match device.obstacle {
                Some(why) => self.miss(Kind::Cuda, format!("{}: {why}", info.device)),
                None => self.found.push(Found {
                    selector: selector(Kind::Cuda, device.index),
                    info,
                    api: format!("compute {}", device.capability),
                    kind: device.kind.into(),
                    memory_bytes: Some(device.memory_bytes),
                }),
            }
        }
        there.missing.into_iter().for_each(|why| self.miss(Kind::Cuda, why));
    }

    #[cfg(feature = "opencl")]
    fn opencl(&mut self) {
        let there = isospike_opencl::devices();
        for device in there.devices {
            let driver = format!("{} {}", device.platform, device.driver);
            let info = info(Kind::OpenCl, device.name, driver, device.software);
            match device.obstacle {
                Some(why) => self.miss(Kind::OpenCl, format!("{}: {why}", info.device)),
                None => self.found.push(Found {
                    selector: selector(Kind::OpenCl, device.index),
                    info,
                    api: first_words(&device.version),
                    kind: device.kind.into(),
                    memory_bytes: Some(device.memory_bytes),
                }),
            }
        }
        there.missing.into_iter().for_each(|why| self.miss(Kind::OpenCl, why));
    }

    #[cfg(feature = "wgpu")]
    fn wgpu(&mut self) {
        let devices = isospike_wgpu::devices();
        if devices.is_empty() {
            // Opening the default says what is wanted and how to get it.
            let reason = match isospike_wgpu::open(None) {
                Ok(_) => "a device opens that is not in the list".into(),
                Err(error) => error.to_string(),
            };
            self.miss(Kind::Wgpu, reason);
        }
        self.found.extend(devices.into_iter().map(|device| Found {
            selector: selector(Kind::Wgpu, device.index),
            info: info(Kind::Wgpu, device.name, device.driver, device.software),
            api: device.api.into(),
            kind: device.kind.into(),
            memory_bytes: None,
        }));
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

#[cfg(any(feature = "cuda", feature = "opencl", feature = "wgpu"))]
fn selector(kind: Kind, index: usize) -> Selector {
    Selector { kind, device: Some(index.to_string()) }
}

#[cfg(any(feature = "cuda", feature = "opencl", feature = "wgpu"))]
fn info(kind: Kind, device: String, driver: String, software: bool) -> BackendInfo {
    BackendInfo { backend: kind.name().into(), device, driver, software, notes: Vec::new() }
}

/// `OpenCL 3.0` of `OpenCL 3.0 PoCL HSTR: pthread-x86_64`.
#[cfg(feature = "opencl")]
fn first_words(version: &str) -> String {
    version.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
