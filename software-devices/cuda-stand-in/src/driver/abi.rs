//! The exported functions: those that cudarc calls, under the names of the driver library.
//!
//! The meaning of each is in NVIDIA's manual of the driver API.

mod context;
mod device;
mod graph;
mod memory;
mod module;
mod stream;

use super::Status;
use super::state::Driver;
use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

/// A `CUresult`.
type Code = u32;

static DRIVER: Mutex<Option<Driver>> = Mutex::new(None);

thread_local! {
    /// The device whose context is current in this thread.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Answers a call that may come at any time.
fn with_any(call: impl FnOnce(&mut Option<Driver>) -> Result<(), Status>) -> Code {
    match call(&mut DRIVER.lock().unwrap_or_else(PoisonError::into_inner)) {
        Ok(()) => 0,
        Err(status) => status as Code,
    }
}

/// Answers a call after `cuInit`.
fn with_driver(call: impl FnOnce(&mut Driver) -> Result<(), Status>) -> Code {
    with_any(|driver| call(driver.as_mut().ok_or(Status::CUDA_ERROR_NOT_INITIALIZED)?))
}

/// Answers a call that needs a current context that works.
fn with_context(call: impl FnOnce(&mut Driver, usize) -> Result<(), Status>) -> Code {
    with_driver(|driver| {
        let current = CURRENT.get().ok_or(Status::CUDA_ERROR_INVALID_CONTEXT)?;
        driver.device(current)?;
        call(driver, current)
    })
}
