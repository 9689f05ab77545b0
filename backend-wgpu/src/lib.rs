//! The wgpu backend: Vulkan, Metal, DX12 and OpenGL through one interface, loaded at run time.
//!
//! It promises the bits of `docs/semantics.md`, and does not take a driver's word for them: before
//! a device is given out, a self-test of all arithmetic that kernels use runs on it
//! ([`isospike_core::device::self_test`]). `docs/wgpu.md` has what protects the bits on
//! which interface.
//!
//! Absent: the browser, more than one device in a run, and single precision functions of the
//! hardware, which differ from chip to chip.

#![deny(unsafe_code)] // but for `contraction_guard`, which hands modules to drivers, and `device`

mod adapter;
mod contraction_guard;
mod device;
mod fault;
mod launch;
mod stray;
pub mod wgsl;

pub use adapter::devices;
pub use contraction_guard::ContractionGuard;
pub use device::{RawWgpu, WgpuDevice};

use isospike_core::base::environment;
use isospike_core::device::DeviceBackend;
use isospike_core::device::self_test::prove;
use isospike_core::run::backend::BackendError;

/// The choices of a user about a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How float operations are protected; `None`: the cheapest way that the device proves to
    /// work. One that is named is proved too, and refused where it fails.
    pub contraction_guard: Option<ContractionGuard>,
}

/// A proved device, ready to run plans.
pub type WgpuBackend = DeviceBackend<WgpuDevice>;

impl Options {
    /// Reads the environment: `ISOSPIKE_WGPU_PROTECTION` is `no-contraction` or
    /// `full-barrier`; unset or empty leaves the choice to the self-test.
    pub fn from_environment() -> Result<Self, BackendError> {
        let name = environment::text("ISOSPIKE_WGPU_PROTECTION");
        let wrong = |e| BackendError::Unsupported(format!("ISOSPIKE_WGPU_PROTECTION: {e}"));
        let contraction_guard = match name.map_err(BackendError::Unsupported)? {
            None => None,
            Some(name) => Some(name.parse().map_err(wrong)?),
        };
        Ok(Self { contraction_guard })
    }
}

/// Opens the device that `selector` means and proves its arithmetic: an index of [`devices`], an
/// interface (`vulkan`, `metal`, `dx12`, `gl`) or a part of the device's name, whatever the case;
/// `None`: the first of [`devices`].
///
/// Options come from the environment ([`Options::from_environment`]).
///
/// Errors: [`BackendError::NoDevice`] where nothing matches (it lists what is there),
/// [`BackendError::Kernel`] where the device computes other bits.
pub fn open(selector: Option<&str>) -> Result<WgpuBackend, BackendError> {
    open_with(selector, Options::from_environment()?)
}

/// [`open`] with options.
pub fn open_with(selector: Option<&str>, options: Options) -> Result<WgpuBackend, BackendError> {
    Ok(DeviceBackend::new(open_device(selector, options)?))
}

/// Opens and proves a device without a backend around it.
pub fn open_device(selector: Option<&str>, options: Options) -> Result<WgpuDevice, BackendError> {
    let mut device = open_unproved(selector, options)?;
    prove(&mut device, options.contraction_guard.is_some())?;
    Ok(device)
}

/// Opens a device and nothing more: its arithmetic is taken on trust. For tests of devices and of
/// the self-test; everything else goes through [`open`].
pub fn open_unproved(selector: Option<&str>, options: Options) -> Result<WgpuDevice, BackendError> {
    device::open(&adapter::select(selector)?, options.contraction_guard)
}
