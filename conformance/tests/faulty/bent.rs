//! An interpreter of kernels that bends each kernel before it compiles it, and launches more often
//! than it is told.

use isospike_core::backend::{BackendError, BackendInfo};
use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir::{Kernel, Promises};
use isospike_core::reference::machine::Machine;

#[derive(Clone)]
pub struct Bent {
    machine: Machine,
    bend: fn(&mut Kernel),
    extra_launches: u32,
}

impl Bent {
    /// A machine with every promise.
    pub fn new(bend: fn(&mut Kernel), extra_launches: u32) -> Self {
        Self { machine: Machine::new(Promises::ALL), bend, extra_launches }
    }
}

impl Device for Bent {
    type Buffer = <Machine as Device>::Buffer;
    type Kernel = <Machine as Device>::Kernel;

    fn info(&self) -> &BackendInfo {
        self.machine.info()
    }
    fn promises(&self) -> Promises {
        self.machine.promises()
    }
    fn limits(&self) -> Limits {
        self.machine.limits()
    }
    fn alloc(&mut self, words: u64) -> Result<Self::Buffer, BackendError> {
        self.machine.alloc(words)
    }
    fn write(&mut self, to: &Self::Buffer, at: u64, words: &[u32]) -> Result<(), BackendError> {
        self.machine.write(to, at, words)
    }
    fn read(&mut self, from: &Self::Buffer, at: u64, to: &mut [u32]) -> Result<(), BackendError> {
        self.machine.read(from, at, to)
    }
    fn compile(&mut self, kernel: &Kernel) -> Result<Self::Kernel, BackendError> {
        let mut bent = kernel.clone();
        (self.bend)(&mut bent);
        self.machine.compile(&bent)
    }
    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut same = Vec::new();
        for Launch { kernel, buffers, groups } in batch {
            let buffers = buffers.clone();
            same.push(Launch::<Machine> { kernel, buffers, groups: *groups });
        }
        self.machine.submit(&same, times + self.extra_launches)
    }
}
