//! The CUDA backend: NVIDIA's GPUs, through a driver and a compiler that are loaded at run time.
//!
//! It promises the bits of `docs/semantics.md`, and does not take anybody's word for them: the
//! compiled text of each kernel is checked for instructions that would give others ([`ptx`]), and
//! before a device is given out, a self-test of all arithmetic that kernels use runs on it.
//! `docs/cuda.md` has the rest.
//!
//! Absent: more than one device in a run, memory shared with the host, and the approximations of
//! the hardware (`__expf`, `rsqrt.approx`), which differ from chip to chip.

#![deny(unsafe_code)] // but for `driver`, which calls CUDA, and `device`, which calls it

mod adapter;
mod device;
mod driver;
mod fault;
mod program;
pub mod ptx;
mod version;

pub use adapter::devices;
pub use device::{CudaDevice, RawCuda};
pub use program::{Compiler, FLOAT_OPTIONS, Program, source};
pub use version::Version;

use isospike_core::device::DeviceBackend;
use isospike_core::device::cache::Cache;
use isospike_core::device::self_test::prove;
use isospike_core::run::backend::BackendError;

/// The choices of a user about a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The cache of compiled kernels; the default keeps none.
    pub cache: Cache,
}

/// A proved device, ready to run plans.
pub type CudaBackend = DeviceBackend<CudaDevice>;

impl Options {
    /// Reads the environment: `ISOSPIKE_CACHE` as in [`Cache::from_environment`].
    pub fn from_environment() -> Self {
        Self { cache: Cache::from_environment() }
    }
}

/// Opens the device that `selector` means and proves its arithmetic: an index of [`devices`], or a
/// part of the device's name, whatever the case; `None`: the first of [`devices`] that can be used.
///
/// Options come from the environment ([`Options::from_environment`]).
///
/// Errors: [`BackendError::NoDevice`] where nothing matches (it lists what is there) or a library
/// is missing, [`BackendError::Unsupported`] where the device cannot be used (driver and NVRTC do
/// not fit), [`BackendError::Kernel`] where it computes other bits.
pub fn open(selector: Option<&str>) -> Result<CudaBackend, BackendError> {
    open_with(selector, Options::from_environment())
}

/// [`open`] with options.
pub fn open_with(selector: Option<&str>, options: Options) -> Result<CudaBackend, BackendError> {
    Ok(DeviceBackend::new(open_device(selector, options)?))
}

/// Opens and proves a device without a backend around it.
pub fn open_device(selector: Option<&str>, options: Options) -> Result<CudaDevice, BackendError> {
    let mut device = open_unproved(selector, options)?;
    prove(&mut device, true)?;
    Ok(device)
}

/// Opens a device and nothing more: its arithmetic is taken on trust. For tests of devices and of
/// the self-test; everything else goes through [`open`].
pub fn open_unproved(selector: Option<&str>, options: Options) -> Result<CudaDevice, BackendError> {
    device::open(adapter::select(selector)?, options.cache)
}
