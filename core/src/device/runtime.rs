//! The safe side of a [`RawDevice`]: every call is checked here, once for all kinds of devices.

use super::fault::Faults;
use super::raw::{Compiled, RawDevice, RawLaunch};
use super::self_test::Provable;
use super::{Device, Launch, Limits};
use crate::ir::verify::Verified;
use crate::ir::{Access, Guarantees};
use crate::run::backend::{BackendError, BackendInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The devices opened by this process so far.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// A device with its checks. A clone is another handle of the same device, if a clone of the raw
/// device is one.
#[derive(Clone, Debug)]
pub struct Runtime<R> {
    raw: R,
    info: BackendInfo,
    identity: String,
    /// The limits that do not change.
    limits: Limits,
    faults: Faults,
    /// The number of the device, which the handles of all clones have.
    device: u64,
    /// The number of buffers and kernels made so far, by all clones.
    made: Arc<AtomicU64>,
}

/// A buffer of words on a device.
#[derive(Debug)]
pub struct Buffer<M> {
    memory: M,
    words: u64,
    handle: Handle,
}

/// A compiled kernel.
#[derive(Debug)]
pub struct Kernel<K> {
    kernel: K,
    name: String,
    accesses: Vec<Access>,
    group_size: u32,
    /// The least words of the buffer of each binding.
    words: Vec<u64>,
    is_from_cache: bool,
    handle: Handle,
}

/// The device and the number of a buffer or a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Handle {
    device: u64,
    id: u64,
}

impl<K> Kernel<K> {
    /// Returns whether it came from the cache on disk, so that nothing was compiled.
    pub fn is_from_cache(&self) -> bool {
        self.is_from_cache
    }
}

impl<M> Buffer<M> {
    /// Checks that a range lies in the buffer.
    fn check(&self, offset: u64, len: usize) -> Result<(), BackendError> {
        match offset.checked_add(len as u64) {
            Some(end) if end <= self.words => Ok(()),
            _ => Err(BackendError::Kernel(format!(
                "words {offset}..+{len} of a buffer of {} words",
                self.words
            ))),
        }
    }
}

impl<R: RawDevice> Runtime<R> {
    /// Puts checks around a device. `identity` names it and its driver, and is the same whichever
    /// way the device was selected; no other device of the process has it.
    pub fn new(raw: R, info: BackendInfo, identity: String) -> Self {
        Self {
            limits: raw.limits(),
            raw,
            info,
            identity,
            faults: Faults::default(),
            device: OPENED.fetch_add(1, Ordering::Relaxed),
            made: Arc::default(),
        }
    }

    /// Returns the device without checks, for tests and reports.
    pub fn raw(&self) -> &R {
        &self.raw
    }

    fn handle(&self) -> Handle {
        Handle { device: self.device, id: self.made.fetch_add(1, Ordering::Relaxed) }
    }

    /// Refuses a buffer or a kernel of another device.
    fn own(&self, handle: Handle) -> Result<(), BackendError> {
        if handle.device == self.device {
            return Ok(());
        }
        Err(BackendError::Kernel(format!("a handle of another device than {}", self.info.device)))
    }

    fn unsupported<T>(&self, what: String) -> Result<T, BackendError> {
        Err(BackendError::Unsupported(what))
    }

    fn check_group(&self, kernel: &Verified, most_threads: u32) -> Result<(), BackendError> {
        let (name, threads) = (&kernel.kernel().name, kernel.kernel().group_size);
        if threads <= most_threads {
            return Ok(());
        }
        self.unsupported(format!(
            "kernel {name} has groups of {threads} threads; {} runs it with at most {most_threads}",
            self.info.device
        ))
    }

    /// Compares a kernel with the limits before it is compiled.
    fn check_kernel(&self, kernel: &Verified) -> Result<(), BackendError> {
        let (name, bindings) = (&kernel.kernel().name, kernel.kernel().bindings.len());
        if bindings > self.limits.bindings as usize {
            return self.unsupported(format!(
                "kernel {name} binds {bindings} buffers; {} allows {}",
                self.info.device, self.limits.bindings
            ));
        }
        self.check_group(kernel, self.limits.group_size)
    }

    /// Checks all that [`RawDevice::submit`] requires of a launch.
    fn check_launch(&self, launch: &Launch<'_, Self>) -> Result<(), BackendError>
    where
        R: 'static,
    {
        let Launch { kernel, buffers, groups } = launch;
        let wrong =
            |why: String| Err(BackendError::Kernel(format!("kernel {} {why}", kernel.name)));
        if *groups > self.limits.groups {
            return self.unsupported(format!(
                "{groups} groups in one launch; {} allows {}",
                self.info.device, self.limits.groups
            ));
        }
        self.own(kernel.handle)?;
        if buffers.len() != kernel.accesses.len() {
            let (bindings, given) = (kernel.accesses.len(), buffers.len());
            return wrong(format!("binds {bindings} buffers, {given} were given"));
        }
        for (at, buffer) in buffers.iter().enumerate() {
            self.own(buffer.handle)?;
            if buffer.words > self.limits.binding_words {
                return self.unsupported(format!(
                    "kernel {} binds a buffer of {} words; the device shows a kernel at most {}",
                    kernel.name, buffer.words, self.limits.binding_words
                ));
            }
            if buffer.words.max(1) < kernel.words[at].max(1) {
                return wrong(format!(
                    "was compiled for a buffer of {} words, one of {} was given",
                    kernel.words[at], buffer.words
                ));
            }
            // Compilers may assume that no other binding shares the words that are written.
            let is_written = kernel.accesses[at] != Access::Read;
            if is_written
                && buffers.iter().filter(|other| other.handle == buffer.handle).count() > 1
            {
                return wrong("is given a buffer twice that it writes".into());
            }
        }
        Ok(())
    }
}

impl<R: RawDevice + 'static> Provable for Runtime<R> {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn contraction_guard(&self) -> &'static str {
        self.raw.contraction_guard()
    }

    fn known_fault(&self) -> Option<String> {
        self.raw.known_fault().map(str::to_owned)
    }

    fn strengthen(&mut self) -> bool {
        self.raw.strengthen()
    }

    fn note(&mut self, note: String) {
        self.info.notes.push(note);
    }
}

impl<R: RawDevice + 'static> Device for Runtime<R> {
    type Buffer = Buffer<R::Memory>;
    type Kernel = Kernel<R::Kernel>;

    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn guarantees(&self) -> Guarantees {
        self.raw.guarantees()
    }

    fn limits(&self) -> Limits {
        Limits { memory_bytes: self.raw.free_bytes(), ..self.limits }
    }

    fn alloc(&mut self, words: u64) -> Result<Self::Buffer, BackendError> {
        let largest = self.raw.buffer_words();
        if words > largest {
            return self.unsupported(format!(
                "a buffer of {words} words; {} allows {largest}",
                self.info.device
            ));
        }
        // No device has buffers of no words.
        let memory = self.raw.alloc(words.max(1));
        let memory = self.faults.check("a buffer", 4 * words.max(1), memory)?;
        Ok(Buffer { memory, words, handle: self.handle() })
    }

    fn write(&mut self, to: &Self::Buffer, at: u64, words: &[u32]) -> Result<(), BackendError> {
        self.own(to.handle)?;
        to.check(at, words.len())?;
        if words.is_empty() {
            return Ok(());
        }
        // SAFETY: the memory is of this device and has these words, as was just checked.
        let written = unsafe { self.raw.write(&to.memory, at, words) };
        self.faults.check("an upload", 4 * words.len() as u64, written)
    }

    fn read(&mut self, from: &Self::Buffer, at: u64, to: &mut [u32]) -> Result<(), BackendError> {
        self.own(from.handle)?;
        from.check(at, to.len())?;
        if to.is_empty() {
            return Ok(());
        }
        // SAFETY: the memory is of this device and has these words, as was just checked.
        let read = unsafe { self.raw.read(&from.memory, at, to) };
        self.faults.check("waiting for the device", 4 * to.len() as u64, read)
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Self::Kernel, BackendError> {
        self.check_kernel(kernel)?;
        let what = format!("kernel {}", kernel.kernel().name);
        let compiled = self.raw.compile(kernel);
        let compiled = self.faults.check(&what, 0, compiled)?;
        let Compiled { kernel: own, most_threads, is_from_cache } = compiled;
        if let Some(most) = most_threads {
            self.check_group(kernel, most)?;
        }
        Ok(Kernel {
            kernel: own,
            name: kernel.kernel().name.clone(),
            accesses: kernel.kernel().bindings.iter().map(|binding| binding.access).collect(),
            group_size: kernel.kernel().group_size,
            words: kernel.words().to_vec(),
            is_from_cache,
            handle: self.handle(),
        })
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut launches = Vec::with_capacity(batch.len());
        for launch in batch.iter().filter(|launch| launch.groups > 0) {
            self.check_launch(launch)?;
            let ids = [launch.kernel.handle.id, u64::from(launch.groups)];
            launches.push(RawLaunch::<R> {
                kernel: &launch.kernel.kernel,
                memory: launch.buffers.iter().map(|buffer| &buffer.memory).collect(),
                ids: ids.into_iter().chain(launch.buffers.iter().map(|b| b.handle.id)).collect(),
                groups: launch.groups,
                group_size: launch.kernel.group_size,
            });
        }
        if launches.is_empty() || times == 0 {
            return Ok(());
        }
        // SAFETY: kernels and buffers are of this device, each launch is within its limits, and
        // binds to each kernel buffers as long as it was verified for; all was just checked. The
        // raw device keeps a buffer until the launches on it are done.
        let launched = unsafe { self.raw.submit(&launches, times) };
        self.faults.check("a launch", 0, launched)
    }
}

#[cfg(test)]
mod tests;
