//! The subject of a run.

use crate::missing::is_required;
use crate::suite::KernelBackend;
use isospike_core::device::{Device, DeviceBackend};
use isospike_core::run::backend::{Backend, BackendError, BackendInfo};
use serde::Deserialize;
use std::sync::Arc;

/// A function that opens the backend of a subject.
pub type Open = Arc<dyn Fn() -> Result<Opened, BackendError> + Send + Sync>;

/// A backend that was opened for a test.
pub enum Opened {
    /// An engine without kernels.
    Engine(Box<dyn Backend>),
    /// A device with kernels, which are tested alone, too.
    Device(Box<dyn KernelBackend>),
}

impl Opened {
    /// Returns an engine without kernels.
    pub fn engine(backend: impl Backend + 'static) -> Self {
        Self::Engine(Box::new(backend))
    }

    /// Returns a device with kernels.
    pub fn device<D: Device + Clone + 'static>(backend: DeviceBackend<D>) -> Self {
        Self::Device(Box::new(backend))
    }

    /// Returns the backend.
    pub fn backend(&self) -> &dyn Backend {
        match self {
            Self::Engine(backend) => backend.as_ref(),
            Self::Device(backend) => backend.as_ref(),
        }
    }

    /// Returns the backend alone.
    pub fn into_backend(self) -> Box<dyn Backend> {
        match self {
            Self::Engine(backend) => backend,
            Self::Device(backend) => backend,
        }
    }
}

/// A backend under test.
#[derive(Clone)]
pub struct Subject {
    /// `cpu/2 threads`, `wgpu:vulkan`.
    pub name: String,
    /// The word in `ISOSPIKE_REQUIRE` (a comma-separated list) that makes its absence a failure.
    pub require: String,
    /// Opens it; called once for each test.
    pub open: Open,
    /// The same backend run in other ways, such as numbers of threads, by name.
    pub variants: Vec<(String, Open)>,
    /// The tests that are known to fail, [`known_failures`] unless said otherwise.
    pub known: Vec<KnownFailure>,
}

/// A test that is known to fail on a device. It must fail: where it passes, it is to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// The backend, as in [`BackendInfo::backend`].
    pub backend: String,
    /// A part of the device or its driver, whatever the case.
    pub device: String,
    /// The test, as the suite names it: `5 neurons/adex`.
    pub case: String,
    /// Why, and since when it is known.
    pub reason: String,
}

impl Subject {
    /// A subject with the [`known_failures`] of the project.
    pub fn new(
        name: impl Into<String>,
        require: impl Into<String>,
        open: impl Fn() -> Result<Opened, BackendError> + Send + Sync + 'static,
    ) -> Self {
        let (name, require, open) = (name.into(), require.into(), Arc::new(open));
        Self { name, require, open, variants: Vec::new(), known: known_failures() }
    }

    /// The same subject with another way to run it, which must not matter.
    pub fn variant(
        mut self,
        name: impl Into<String>,
        open: impl Fn() -> Result<Opened, BackendError> + Send + Sync + 'static,
    ) -> Self {
        self.variants.push((name.into(), Arc::new(open)));
        self
    }

    /// Whether its absence is a failure here.
    pub fn is_required(&self) -> bool {
        is_required(&self.require)
    }

    /// Why a test is known to fail here, if it is.
    pub fn known_failure(&self, info: &BackendInfo, case: &str) -> Option<&KnownFailure> {
        let device = format!("{} {}", info.device, info.driver).to_lowercase();
        self.known.iter().find(|known| {
            known.backend == info.backend
                && known.case == case
                && device.contains(&known.device.to_lowercase())
        })
    }
}

/// The failures of `conformance/known_failures.toml`.
pub fn known_failures() -> Vec<KnownFailure> {
    parse(include_str!("../known_failures.toml")).expect("known_failures.toml is well-formed")
}

fn parse(text: &str) -> Result<Vec<KnownFailure>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        failure: Vec<KnownFailure>,
    }
    Ok(toml::from_str::<File>(text)?.failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_backend_device_and_case() {
        let text = "[[failure]]\nbackend = \"opencl\"\ndevice = \"PoCL\"\n\
                    case = \"1 ops/float sums\"\nreason = \"made up\"\n";
        let known = parse(text).unwrap();
        let open = || Err(BackendError::NoDevice("none".into()));
        let subject = Subject { known, ..Subject::new("x", "x", open) };
        let info = |backend: &str, driver: &str| BackendInfo {
            backend: backend.into(),
            driver: driver.into(),
            ..BackendInfo::default()
        };
        let reason = |info: &BackendInfo, case| {
            subject.known_failure(info, case).map(|known| known.reason.as_str())
        };
        assert_eq!(reason(&info("opencl", "pocl 3.1"), "1 ops/float sums"), Some("made up"));
        assert_eq!(reason(&info("opencl", "rusticl"), "1 ops/float sums"), None);
        assert_eq!(reason(&info("cuda", "pocl 3.1"), "1 ops/float sums"), None);
        assert_eq!(reason(&info("opencl", "pocl 3.1"), "1 ops"), None);
    }

    #[test]
    fn an_entry_names_everything() {
        assert!(parse("[[failure]]\nbackend = \"opencl\"\n").is_err());
    }
}
