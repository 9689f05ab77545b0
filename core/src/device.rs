//! Devices with kernels: the interface of one, and the simulation that all of them share.

pub mod adapter;
pub mod cache;
pub mod fault;
pub mod kernels;
pub mod launch_batch;
mod learned;
mod memory;
pub mod raw;
mod rows;
pub mod runtime;
pub mod self_test;
mod simulation;
mod tally;
pub mod traffic;

use crate::ir::Guarantees;
use crate::ir::verify::Verified;
use crate::plan::Plan;
use crate::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use crate::run::rewire;
pub use simulation::DeviceSimulation;

/// The limits of a device; a plan is compared with them before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most words of one binding.
    pub binding_words: u64,
    /// The most bindings of one kernel.
    pub bindings: u32,
    /// The most groups of one launch.
    pub groups: u32,
    /// The most threads of one group.
    pub group_size: u32,
    /// Bytes of memory in all, where known.
    pub memory_bytes: Option<u64>,
}

/// One execution of a kernel.
pub struct Launch<'a, D: Device + ?Sized> {
    /// The kernel.
    pub kernel: &'a D::Kernel,
    /// A buffer for each binding of the kernel, in order.
    pub buffers: Vec<&'a D::Buffer>,
    /// The number of groups of the kernel's group size.
    pub groups: u32,
}

/// A device that compiles kernels. Work happens in the order of the calls; buffers start as zero.
/// A device and its handles move to another thread together, between calls.
///
/// A driver implements [`raw::RawDevice`], and [`runtime::Runtime`] makes a device of it.
pub trait Device: Send {
    /// A flat array of words.
    type Buffer: Send;
    /// A compiled kernel.
    type Kernel: Send;

    /// Returns the names of the device and its driver.
    fn info(&self) -> &BackendInfo;

    /// Returns its arithmetic guarantees.
    fn guarantees(&self) -> Guarantees;

    /// Returns its limits.
    fn limits(&self) -> Limits;

    /// Allocates a buffer of zeros.
    fn alloc(&mut self, words: u64) -> Result<Self::Buffer, BackendError>;

    /// Writes words from `offset` on.
    fn write(&mut self, to: &Self::Buffer, offset: u64, words: &[u32]) -> Result<(), BackendError>;

    /// Reads words from `offset` on; waits for all work before.
    fn read(
        &mut self,
        from: &Self::Buffer,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError>;

    /// Compiles a kernel, for buffers at least as long as it was verified for.
    fn compile(&mut self, kernel: &Verified) -> Result<Self::Kernel, BackendError>;

    /// Launches the batch `times` times over, in order; each launch reads all that the one before
    /// wrote.
    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError>;
}

/// A device as a backend: the same lowering, upload and run for every one. Each simulation works
/// on a clone of the device, so clones have to be handles or be empty.
#[derive(Clone, Debug)]
pub struct DeviceBackend<D> {
    device: D,
}

impl<D: Device + Clone + 'static> DeviceBackend<D> {
    /// Returns a backend on this device.
    pub fn new(device: D) -> Self {
        Self { device }
    }

    /// Returns the device.
    pub fn device(&self) -> &D {
        &self.device
    }
}

impl<D: Device + Clone + 'static> Backend for DeviceBackend<D> {
    fn info(&self) -> &BackendInfo {
        self.device.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        let device = self.device.clone();
        rewire::compile(plan, move |plan| {
            Ok(Box::new(DeviceSimulation::new(device.clone(), plan)?))
        })
    }
}
