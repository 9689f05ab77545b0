//! What a device must do, on interpreters with a fault.

use isospike_conformance::device;
use isospike_core::backend::{BackendError, BackendInfo};
use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir::{Kernel, Promises};
use isospike_core::reference::machine::Machine;

fn machine() -> Machine {
    Machine::new(Promises::NONE)
}

#[test]
fn one_that_launches_too_often_is_found() {
    let told = device::order(&mut Eager(machine())).unwrap_err().to_string();
    assert!(told.contains("launched 1 times"), "{told}");
}

/// An interpreter that runs each batch once more than told.
struct Eager(Machine);

impl Device for Eager {
    type Buffer = <Machine as Device>::Buffer;
    type Kernel = <Machine as Device>::Kernel;

    fn info(&self) -> &BackendInfo {
        self.0.info()
    }
    fn promises(&self) -> Promises {
        self.0.promises()
    }
    fn limits(&self) -> Limits {
        self.0.limits()
    }
    fn alloc(&mut self, words: u64) -> Result<Self::Buffer, BackendError> {
        self.0.alloc(words)
    }
    fn write(&mut self, to: &Self::Buffer, at: u64, words: &[u32]) -> Result<(), BackendError> {
        self.0.write(to, at, words)
    }
    fn read(&mut self, from: &Self::Buffer, at: u64, to: &mut [u32]) -> Result<(), BackendError> {
        self.0.read(from, at, to)
    }
    fn compile(&mut self, kernel: &Kernel) -> Result<Self::Kernel, BackendError> {
        self.0.compile(kernel)
    }
    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut same = Vec::new();
        for Launch { kernel, buffers, groups } in batch {
            let buffers = buffers.clone();
            same.push(Launch::<Machine> { kernel, buffers, groups: *groups });
        }
        self.0.submit(&same, times + 1)
    }
}
