//! The objects behind handles.

use super::Status;
use super::capture::Capture;
use super::command::Command;
use crate::ptx::Kernel;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// A handle: a number that was never given to anything else.
pub type Handle = usize;

/// Objects of one kind.
#[derive(Debug)]
pub struct Objects<T> {
    by_handle: HashMap<Handle, T>,
}

/// A stream that was created; the default streams are not objects.
#[derive(Debug)]
pub struct Stream {
    /// Its device.
    pub device: usize,
    /// Commands are noted instead of done.
    pub capture: Option<Capture>,
}

/// An event.
#[derive(Debug)]
pub struct Event {
    /// Whether it records times.
    pub timed: bool,
    /// The place at which it was recorded.
    pub recorded: Recorded,
}

/// The place at which an event was last recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing yet.
    Never,
    /// A stream, when all before had been done.
    At(Instant),
    /// A capture of this stream.
    Captured(Handle),
}

/// A loaded module.
#[derive(Debug)]
pub struct Module {
    /// Its device.
    pub device: usize,
    /// Its kernels.
    pub kernels: Vec<Arc<Kernel>>,
    /// The memory of its variables.
    pub variables: Option<u64>,
}

/// A kernel of a module.
#[derive(Debug)]
pub struct Function {
    /// The module.
    pub module: Handle,
    /// The kernel.
    pub kernel: Arc<Kernel>,
}

/// Captured commands, as a graph or ready to be launched.
pub type Graph = Arc<Vec<Command>>;

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self { by_handle: HashMap::new() }
    }
}

impl<T> Objects<T> {
    /// Keeps an object under a new handle.
    pub fn insert(&mut self, handle: Handle, object: T) {
        self.by_handle.insert(handle, object);
    }

    /// The object of a handle.
    pub fn get(&mut self, handle: Handle) -> Result<&mut T, Status> {
        self.by_handle.get_mut(&handle).ok_or(Status::CUDA_ERROR_INVALID_HANDLE)
    }

    /// Ends an object.
    pub fn remove(&mut self, handle: Handle) -> Result<T, Status> {
        self.by_handle.remove(&handle).ok_or(Status::CUDA_ERROR_INVALID_HANDLE)
    }

    /// Keeps those that `keep` holds for.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.by_handle.retain(|_, object| keep(object));
    }

    /// All objects.
    pub fn values(&mut self) -> impl Iterator<Item = &mut T> {
        self.by_handle.values_mut()
    }
}
