//! A device that runs nothing and hears which kernels a plan needs.

use isospike_core::device::{Device, DeviceBackend, Launch, Limits};
use isospike_core::ir::{Kernel, Promises};
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo};
use std::cell::RefCell;
use std::rc::Rc;

/// The kernels of a plan, as a CUDA device is asked to compile them.
pub fn kernels(plan: &Plan) -> Vec<Kernel> {
    let listener = Listener::default();
    DeviceBackend::new(listener.clone()).compile(plan).expect("a plan that any device takes");
    listener.heard.take()
}

#[derive(Clone, Default)]
struct Listener {
    info: BackendInfo,
    heard: Rc<RefCell<Vec<Kernel>>>,
}

impl Device for Listener {
    type Buffer = ();
    type Kernel = ();

    fn info(&self) -> &BackendInfo {
        &self.info
    }
    fn promises(&self) -> Promises {
        Promises::ALL
    }
    fn limits(&self) -> Limits {
        Limits {
            binding_words: 1 << 34,
            bindings: 512,
            groups: i32::MAX as u32,
            group_size: 1024,
            memory_bytes: None,
        }
    }
    fn alloc(&mut self, _words: u64) -> Result<(), BackendError> {
        Ok(())
    }
    fn write(&mut self, _to: &(), _offset: u64, _words: &[u32]) -> Result<(), BackendError> {
        Ok(())
    }
    fn read(&mut self, _from: &(), _offset: u64, words: &mut [u32]) -> Result<(), BackendError> {
        words.fill(0);
        Ok(())
    }
    fn compile(&mut self, kernel: &Kernel) -> Result<(), BackendError> {
        self.heard.borrow_mut().push(kernel.clone());
        Ok(())
    }
    fn submit(&mut self, _batch: &[Launch<'_, Self>], _times: u32) -> Result<(), BackendError> {
        Ok(())
    }
}
