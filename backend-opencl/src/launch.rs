//! Buffers, compiled kernels, and launches queued in pieces that no watchdog minds.

use crate::driver::{self, Event, Memory, Queue};
use crate::fault::Faults;
use isospike_core::device::Limits;
use isospike_core::ir::{self, Access};
use isospike_core::run::backend::BackendError;
use std::sync::{Mutex, PoisonError};

/// A buffer of words on the device.
#[derive(Debug)]
pub struct Buffer {
    pub(crate) memory: Memory,
    pub(crate) words: u64,
    /// Unique on its device.
    pub(crate) id: u64,
}

impl Buffer {
    /// Whether a range lies inside.
    pub(crate) fn check(&self, offset: u64, len: usize) -> Result<(), BackendError> {
        match offset.checked_add(len as u64) {
            Some(end) if end <= self.words => Ok(()),
            _ => Err(BackendError::Kernel(format!(
                "words {offset}..+{len} of a buffer of {} words",
                self.words
            ))),
        }
    }
}

/// A compiled kernel, and the buffers it was last launched with.
#[derive(Debug)]
pub struct Kernel {
    name: String,
    accesses: Vec<Access>,
    group_size: usize,
    from_cache: bool,
    /// A driver keeps the arguments in the kernel, so setting them and launching is one act.
    bound: Mutex<Bound>,
}

#[derive(Debug)]
struct Bound {
    kernel: driver::Kernel,
    /// The ids of the buffers that are its arguments now.
    ids: Vec<u64>,
}

impl Kernel {
    /// A kernel from the driver. With `zero`, that is its last argument, for good.
    pub(crate) fn new(
        mut compiled: driver::Kernel,
        kernel: &ir::Kernel,
        zero: Option<&Buffer>,
        from_cache: bool,
    ) -> Result<Self, driver::Code> {
        if let Some(zero) = zero {
            compiled.set(kernel.bindings.len() as u32, &zero.memory)?;
        }
        Ok(Self {
            name: kernel.name.clone(),
            accesses: kernel.bindings.iter().map(|b| b.access).collect(),
            group_size: kernel.group_size as usize,
            from_cache,
            bound: Mutex::new(Bound { kernel: compiled, ids: Vec::new() }),
        })
    }

    /// Whether the cache on disk had it, so that nothing was compiled.
    pub fn is_from_cache(&self) -> bool {
        self.from_cache
    }

    /// Whether it can be launched with these buffers.
    pub(crate) fn check(&self, buffers: &[&Buffer], limits: &Limits) -> Result<(), BackendError> {
        if buffers.len() != self.accesses.len() {
            return Err(BackendError::Kernel(format!(
                "kernel {} binds {} buffers, {} were given",
                self.name,
                self.accesses.len(),
                buffers.len()
            )));
        }
        if let Some(b) = buffers.iter().find(|b| b.words > limits.binding_words) {
            return Err(BackendError::Unsupported(format!(
                "kernel {} binds a buffer of {} words; the device shows a kernel at most {}",
                self.name, b.words, limits.binding_words
            )));
        }
        // The text says `restrict` of what is only read.
        let is_read = |i: usize| self.accesses[i] == Access::Read;
        for (i, buffer) in buffers.iter().enumerate() {
            if is_read(i) && (0..buffers.len()).any(|j| !is_read(j) && buffers[j].id == buffer.id) {
                return Err(BackendError::Kernel(format!(
                    "kernel {} is given one buffer to read and to write",
                    self.name
                )));
            }
        }
        Ok(())
    }

    /// Queues one launch with buffers that [`Self::check`] has seen.
    fn launch(
        &self,
        queue: &Queue,
        buffers: &[&Buffer],
        groups: u32,
    ) -> Result<Event, driver::Code> {
        // Where a panic left it poisoned, the ids tell which arguments are set.
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        let same = bound.ids.len() == buffers.len()
            && bound.ids.iter().zip(buffers).all(|(id, buffer)| *id == buffer.id);
        if !same {
            bound.ids.clear();
            for (position, buffer) in (0..).zip(buffers) {
                bound.kernel.set(position, &buffer.memory)?;
            }
            bound.ids.extend(buffers.iter().map(|b| b.id));
        }
        queue.launch(&bound.kernel, groups as usize * self.group_size, self.group_size)
    }
}

/// A launch ready to queue: kernel, buffers, groups.
pub(crate) type Ready<'a> = (&'a Kernel, &'a [&'a Buffer], u32);

/// Queues a batch of launches many times over, some at a time.
pub(crate) struct Feeder<'a> {
    launches: &'a [Ready<'a>],
    next: u64,
    end: u64,
}

impl<'a> Feeder<'a> {
    pub(crate) fn new(launches: &'a [Ready<'a>], times: u32) -> Self {
        Self { launches, next: 0, end: launches.len() as u64 * u64::from(times) }
    }

    /// Queues the next launches, at most this many, and hands them to the device; the event of the
    /// last one, or `None` at the end.
    pub(crate) fn feed(
        &mut self,
        queue: &Queue,
        faults: &Faults,
        most: u32,
    ) -> Result<Option<Event>, BackendError> {
        let end = self.end.min(self.next + u64::from(most));
        let mut last = None;
        for n in self.next..end {
            let (kernel, buffers, groups) =
                self.launches[(n % self.launches.len() as u64) as usize];
            let launched = kernel.launch(queue, buffers, groups);
            last = Some(faults.check("a launch", 0, launched)?);
        }
        if last.is_some() {
            faults.check("handing launches to the device", 0, queue.flush())?;
        }
        self.next = end;
        Ok(last)
    }
}
