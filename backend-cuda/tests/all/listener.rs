//! A device that runs nothing and hears which kernels a plan needs.

use isospike_core::device::{Device, DeviceBackend, Launch, Limits};
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{Guarantees, Kernel};
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Returns the kernels of a plan as they are written, without guards.
pub fn kernels(plan: &Plan) -> Vec<Kernel> {
    let listener = Listener::default();
    DeviceBackend::new(listener.clone()).compile(plan).expect("a plan that any device takes");
    std::mem::take(&mut *listener.heard())
}

#[derive(Clone, Default)]
struct Listener {
    info: BackendInfo,
    heard: Arc<Mutex<Vec<Kernel>>>,
}

impl Listener {
    fn heard(&self) -> MutexGuard<'_, Vec<Kernel>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device for Listener {
    type Buffer = ();
    type Kernel = ();

    fn info(&self) -> &BackendInfo {
        &self.info
    }
    fn guarantees(&self) -> Guarantees {
        Guarantees::ALL
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
    fn compile(&mut self, kernel: &Verified) -> Result<(), BackendError> {
        self.heard().push(kernel.source().clone());
        Ok(())
    }
    fn submit(&mut self, _batch: &[Launch<'_, Self>], _times: u32) -> Result<(), BackendError> {
        Ok(())
    }
}
