//! The total-energy counter of NVIDIA GPUs.

use super::counter::Counter;
use super::{MeterError, MeterInfo, Meters, Part};
use std::sync::Arc;
use std::time::Duration;

/// Newer GPUs bring the counter up to date every 20 to 100 ms.
const REFRESH: Duration = Duration::from_millis(100);

/// The part of NVIDIA's management library that is needed. Behind it stands [`Library`], or a fake.
pub trait Nvml: Send + Sync {
    /// How many GPUs there are.
    fn count(&self) -> Result<u32, String>;

    /// The name of a GPU: `NVIDIA H200`.
    fn name(&self, gpu: u32) -> Result<String, String>;

    /// Millijoules of the whole board since the driver was loaded.
    fn total_energy_mj(&self, gpu: u32) -> Result<u64, String>;
}

/// NVIDIA's management library, loaded at run time: it comes with the driver.
pub struct Library(nvml_wrapper::Nvml);

impl Library {
    /// Loads the library.
    ///
    /// # Errors
    /// Why it is not there, in words.
    pub fn load() -> Result<Self, String> {
        nvml_wrapper::Nvml::init().map(Self).map_err(|error| match error {
            nvml_wrapper::error::NvmlError::LibloadingError(_) => {
                "NVIDIA's management library (libnvidia-ml.so.1, nvml.dll) is not here; it comes \
                 with the driver"
                    .into()
            }
            error => format!("NVIDIA's management library does not start: {error}"),
        })
    }
}

impl Nvml for Library {
    fn count(&self) -> Result<u32, String> {
        self.0.device_count().map_err(|error| error.to_string())
    }

    fn name(&self, gpu: u32) -> Result<String, String> {
        self.0.device_by_index(gpu).and_then(|d| d.name()).map_err(|error| error.to_string())
    }

    fn total_energy_mj(&self, gpu: u32) -> Result<u64, String> {
        let device = self.0.device_by_index(gpu).map_err(|error| error.to_string())?;
        device.total_energy_consumption().map_err(|error| match error {
            nvml_wrapper::error::NvmlError::NotSupported => {
                "it has no energy counter (older than Volta, a virtual GPU or a partition)".into()
            }
            error => error.to_string(),
        })
    }
}

/// Adds every GPU that has a counter.
pub(super) fn discover(nvml: &Result<Arc<dyn Nvml>, String>, meters: &mut Meters) {
    let nvml = match nvml {
        Ok(nvml) => nvml,
        Err(reason) => return meters.miss("nvml", reason.clone()),
    };
    match nvml.count() {
        Ok(0) => meters.miss("nvml", "the driver is here, but no GPU"),
        Ok(count) => (0..count).for_each(|gpu| add(nvml, gpu, meters)),
        Err(error) => meters.miss("nvml", error),
    }
}

fn add(nvml: &Arc<dyn Nvml>, gpu: u32, meters: &mut Meters) {
    let device = match nvml.name(gpu) {
        Ok(device) => device,
        Err(error) => return meters.miss(format!("nvml {gpu}"), error),
    };
    let info = MeterInfo {
        name: format!("nvml {gpu}"),
        covers: format!("{device}: the whole board, its memory and fans included; not the host"),
        part: Part::Device(vec![device.clone()]),
        overlaps: None,
        resolution_j: 1e-3,
        refresh: REFRESH,
        read_every: REFRESH,
        caveat: caveat(&device),
    };
    let nvml = nvml.clone();
    let energy_uj = move || {
        let energy_mj = nvml.total_energy_mj(gpu).map_err(MeterError::Driver)?;
        Ok(energy_mj.saturating_mul(1000))
    };
    meters.add(Counter::new(info, None, Box::new(energy_uj)));
}

/// Yang et al. 2024, arXiv 2312.02741.
fn caveat(device: &str) -> Option<String> {
    let sampled = ["A100", "H100"].iter().any(|name| device.contains(name));
    sampled.then(|| {
        "the power sensor of this model looks at a quarter of the time only (arXiv 2312.02741); \
         repeat the run and compare"
            .into()
    })
}
