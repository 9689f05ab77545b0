//! The wgpu backend.

mod adapter;
mod device;
mod fault;
mod launch;
mod protection;
pub mod wgsl;

pub use adapter::{FoundDevice, devices};
pub use device::WgpuDevice;
pub use launch::{Buffer, Kernel};
pub use protection::Protection;

use isospike_core::backend::BackendError;

/// What a user may decide about a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How float operations are protected; `None`: the cheapest way that the device proves to
    /// work. One that is asked for is proved too, and refused where it fails.
    pub protection: Option<Protection>,
}

/// Opens a device and nothing more: its arithmetic is taken on trust. For tests of the battery;
/// everything else goes through [`open`].
pub fn open_unproved(
    selector: Option<&str>,
    options: Options,
) -> Result<WgpuDevice, BackendError> {
    WgpuDevice::open(&adapter::select(selector)?, options.protection)
}
