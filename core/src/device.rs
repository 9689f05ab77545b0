//! Devices with kernels: what one must provide, and the simulation that all of them share.

pub mod adapter;
pub mod any;
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
use any::AnyDevice;
pub use simulation::DeviceSimulation;

/// Sizes a device is limited to; checked against the plan before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest number of words one binding can show to a kernel.
    pub binding_words: u64,
    /// Buffers one kernel can bind.
    pub bindings: u32,
    /// Groups of one launch.
    pub groups: u32,
    /// Threads of one group.
    pub group_size: u32,
    /// Bytes in all, where known.
    pub memory_bytes: Option<u64>,
}

/// A launch: a kernel, its buffers in order, how many groups.
pub struct Launch<'a, D: Device + ?Sized> {
    /// The kernel.
    pub kernel: &'a D::Kernel,
    /// A buffer for each binding of the kernel.
    pub buffers: Vec<&'a D::Buffer>,
    /// How many groups of the kernel's group size.
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

    /// What it is.
    fn info(&self) -> &BackendInfo;

    /// What its arithmetic promises.
    fn guarantees(&self) -> Guarantees;

    /// What it is limited to.
    fn limits(&self) -> Limits;

    /// A buffer of zeros.
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

    /// Compiles a kernel. Its buffers must have the lengths that it was verified for.
    fn compile(&mut self, kernel: &Verified) -> Result<Self::Kernel, BackendError>;

    /// Launches the batch `times` times over, in order, each launch seeing all of the one before.
    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError>;
}

/// A device as a backend: the same lowering, upload and run for every one. Each simulation works
/// on a clone of the device, so clones have to be handles or be empty.
#[derive(Clone, Debug)]
pub struct DeviceBackend<D> {
    device: D,
}

impl<D: Device + Clone + 'static> DeviceBackend<D> {
    /// A backend on this device.
    pub fn new(device: D) -> Self {
        Self { device }
    }
}

impl<D: Device + Clone + 'static> Backend for DeviceBackend<D> {
    fn info(&self) -> &BackendInfo {
        self.device.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        Ok(Box::new(DeviceSimulation::new(self.device.clone(), plan)?))
    }

    fn device(&self) -> Option<AnyDevice> {
        Some(AnyDevice::new(self.device.clone()))
    }
}

/// Errors: a plan with synapses that learn, for which there are no kernels yet.
fn check_learning(plan: &Plan) -> Result<(), BackendError> {
    let first = plan.projections.iter().position(|projection| projection.synapse.is_some());
    first.map_or(Ok(()), |projection| Err(learns(plan, projection)))
}

/// Returns the refusal of a projection whose synapses learn.
fn learns(plan: &Plan, projection: usize) -> BackendError {
    BackendError::Unsupported(format!(
        "projection {} has synapses that learn, which this backend does not run yet; use `cpu` or \
         `reference`",
        plan.projections[projection].name
    ))
}
