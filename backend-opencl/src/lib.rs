//! The OpenCL backend: GPUs, accelerators and processors, through drivers loaded at run time.
//!
//! It promises the bits of `docs/semantics.md`, and does not take a driver's word for them: before
//! a device is given out, a self-test of all arithmetic that kernels use runs on it
//! ([`isospike_core::device::self_test`]). `docs/opencl.md` has what protects the bits, and what
//! each driver promises.
//!
//! Absent: more than one device in a run, memory shared with the host, and the single precision
//! functions of the drivers, which differ from one to the next.

#![deny(unsafe_code)] // but for `driver`, which calls OpenCL, and `device`, which calls it

mod adapter;
mod capability;
mod contraction_guard;
mod device;
#[allow(unsafe_code)]
mod driver;
mod fault;
mod program;

pub use adapter::devices;
pub use contraction_guard::ContractionGuard;
pub use device::{OpenClDevice, RawOpenCl};

use isospike_core::base::environment;
use isospike_core::device::DeviceBackend;
use isospike_core::device::cache::Cache;
use isospike_core::device::self_test::prove;
use isospike_core::run::backend::BackendError;

/// The choices of a user about a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How float operations are protected; `None`: the cheapest way that the device proves to
    /// work. One that is named is proved too, and refused where it fails.
    pub contraction_guard: Option<ContractionGuard>,
    /// The cache of compiled kernels; the default keeps none.
    pub cache: Cache,
}

/// A proved device, ready to run plans.
pub type OpenClBackend = DeviceBackend<OpenClDevice>;

impl Options {
    /// Reads the environment: `ISOSPIKE_OPENCL_PROTECTION` is `no-contraction` or
    /// `full-barrier`, unset or empty leaves the choice to the self-test; `ISOSPIKE_CACHE` as in
    /// [`Cache::from_environment`].
    pub fn from_environment() -> Result<Self, BackendError> {
        let name = environment::text("ISOSPIKE_OPENCL_PROTECTION");
        let wrong = |e| BackendError::Unsupported(format!("ISOSPIKE_OPENCL_PROTECTION: {e}"));
        let contraction_guard = match name.map_err(BackendError::Unsupported)? {
            None => None,
            Some(name) => Some(name.parse().map_err(wrong)?),
        };
        Ok(Self { contraction_guard, cache: Cache::from_environment() })
    }
}

/// Opens the device that `selector` means and proves its arithmetic: an index of [`devices`], or a
/// part of its platform, version, vendor or name, whatever the case (`pocl`, `rusticl`, `intel`,
/// `radeon`); `None`: the first of [`devices`].
///
/// Options come from the environment ([`Options::from_environment`]).
///
/// Errors: [`BackendError::NoDevice`] where nothing matches (it lists what is there and what is
/// missing), [`BackendError::Unsupported`] where the device lacks something,
/// [`BackendError::Kernel`] where it computes other bits.
pub fn open(selector: Option<&str>) -> Result<OpenClBackend, BackendError> {
    open_with(selector, Options::from_environment()?)
}

/// [`open`] with options.
pub fn open_with(selector: Option<&str>, options: Options) -> Result<OpenClBackend, BackendError> {
    Ok(DeviceBackend::new(open_device(selector, options)?))
}

/// Opens and proves a device without a backend around it.
pub fn open_device(selector: Option<&str>, options: Options) -> Result<OpenClDevice, BackendError> {
    let asked = options.contraction_guard.is_some();
    let mut device = open_unproved(selector, options)?;
    prove(&mut device, asked)?;
    Ok(device)
}

/// Opens a device and nothing more: its arithmetic is taken on trust. For tests of devices and of
/// the self-test; everything else goes through [`open`].
pub fn open_unproved(
    selector: Option<&str>,
    options: Options,
) -> Result<OpenClDevice, BackendError> {
    let contraction_guard = options.contraction_guard.unwrap_or(ContractionGuard::NoContraction);
    device::open(adapter::select(selector)?, contraction_guard, options.cache)
}
