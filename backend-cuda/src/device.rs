//! A CUDA device behind the trait that all devices with kernels share.

use crate::adapter::Selected;
use crate::driver::{Function, Queue};
use crate::fault::{Faults, name};
use crate::launch::{Buffer, Feeder, Kernel};
use crate::program::Compiler;
use isospike_core::device::cache::Cache;
use isospike_core::device::self_test::Provable;
use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir::{self, Guarantees};
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of the parameters of a kernel, on every device.
const PARAMETER_BYTES: u32 = 4096;
/// Bytes of a pointer among them.
const POINTER_BYTES: u32 = 8;

/// A device opened through CUDA.
#[derive(Debug)]
pub struct CudaDevice {
    info: BackendInfo,
    identity: String,
    limits: Limits,
    compiler: Compiler,
    architecture: u32,
    queue: Arc<Queue>,
    faults: Faults,
    cache: Cache,
    /// Buffers and kernels made so far, by all clones: their names.
    made: Arc<AtomicU64>,
    feeder: Feeder,
}

/// A clone is another handle of the same device and queue, with launches recorded of its own.
impl Clone for CudaDevice {
    fn clone(&self) -> Self {
        Self {
            info: self.info.clone(),
            identity: self.identity.clone(),
            limits: self.limits,
            compiler: self.compiler.clone(),
            architecture: self.architecture,
            queue: self.queue.clone(),
            faults: self.faults.clone(),
            cache: self.cache.clone(),
            made: self.made.clone(),
            feeder: Feeder::default(),
        }
    }
}

impl CudaDevice {
    /// Opens a device. Nothing has been proved about its arithmetic yet.
    pub(crate) fn open(selected: Selected, cache: Cache) -> Result<Self, BackendError> {
        let Selected { found, properties, compiler, architecture } = selected;
        let device = format!("{} ({})", found.name, found.version);
        let refused =
            |code| BackendError::NoDevice(format!("{device} does not open: {}", name(code)));
        let queue = Arc::new(Queue::open(found.index).map_err(refused)?);
        let info = BackendInfo {
            backend: "cuda".into(),
            device: device.clone(),
            driver: found.driver.clone(),
            software: found.software,
            notes: Vec::new(),
        };
        let limits = Limits {
            binding_words: properties.memory_bytes / 4,
            bindings: PARAMETER_BYTES / POINTER_BYTES,
            groups: properties.groups,
            group_size: properties.group_size,
            memory_bytes: None,
        };
        Ok(Self {
            info,
            identity: format!("{} {device} {}", found.index, found.driver),
            limits,
            compiler,
            architecture,
            queue,
            faults: Faults::default(),
            cache,
            made: Arc::default(),
            feeder: Feeder::default(),
        })
    }

    /// The virtual architecture that kernels are compiled for, 80 for `compute_80`.
    pub fn architecture(&self) -> u32 {
        self.architecture
    }

    /// What the device cannot compile, known before it is tried.
    fn check_kernel(&self, kernel: &ir::Kernel) -> Result<(), BackendError> {
        if kernel.bindings.len() > self.limits.bindings as usize {
            return Err(BackendError::Unsupported(format!(
                "kernel {} binds {} buffers; {} allows {}",
                kernel.name,
                kernel.bindings.len(),
                self.info.device,
                self.limits.bindings
            )));
        }
        self.check_group(kernel, self.limits.group_size)
    }

    fn check_group(&self, kernel: &ir::Kernel, most_threads: u32) -> Result<(), BackendError> {
        if kernel.group_size <= most_threads {
            return Ok(());
        }
        Err(BackendError::Unsupported(format!(
            "kernel {} has groups of {} threads; {} runs it with at most {most_threads}",
            kernel.name, kernel.group_size, self.info.device
        )))
    }

    /// Compiles and loads a kernel, and whether the cache had it. An entry that the driver does
    /// not take is made again.
    fn load(&self, kernel: &ir::Kernel) -> Result<(Function, bool), BackendError> {
        let what = format!("kernel {}", kernel.name);
        let program = self.compiler.program(kernel, self.architecture, &self.cache)?;
        let loaded = self.faults.check(&what, 0, self.queue.load(&program.ptx, &kernel.name));
        match loaded {
            Err(BackendError::Kernel(_)) if program.from_cache => self.cache.remove(&program.key),
            loaded => return Ok((loaded?, program.from_cache)),
        }
        let program = self.compiler.program(kernel, self.architecture, &self.cache)?;
        let loaded = self.queue.load(&program.ptx, &kernel.name);
        Ok((self.faults.check(&what, 0, loaded)?, program.from_cache))
    }

    fn next_id(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }
}

impl Provable for CudaDevice {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    /// PTX that names the rounding of every float operation, checked.
    fn contraction_guard(&self) -> &'static str {
        "named-rounding"
    }

    /// There is nothing stronger: it holds, or the driver's compiler is broken.
    fn strengthen(&mut self) -> bool {
        false
    }

    fn note(&mut self, note: String) {
        self.info.notes.push(note);
    }
}

impl Device for CudaDevice {
    type Buffer = Buffer;
    type Kernel = Kernel;

    fn info(&self) -> &BackendInfo {
        &self.info
    }

    /// `div.rn`, `sqrt.rn` and `cvt.rn` of PTX round correctly, and it has the high word of a
    /// product.
    fn guarantees(&self) -> Guarantees {
        Guarantees::ALL
    }

    /// Memory is what is free now; a device that does not say is believed to have enough.
    fn limits(&self) -> Limits {
        Limits { memory_bytes: self.queue.free_bytes().ok(), ..self.limits }
    }

    fn alloc(&mut self, words: u64) -> Result<Buffer, BackendError> {
        let largest = self.limits.binding_words;
        if words > largest {
            return Err(BackendError::Unsupported(format!(
                "a buffer of {words} words; {} allows {largest}",
                self.info.device
            )));
        }
        // A buffer must not be empty.
        let memory = self.queue.allocate(words.max(1) as usize);
        let memory = self.faults.check("a buffer", 4 * words, memory)?;
        Ok(Buffer { memory, words, id: self.next_id() })
    }

    fn write(&mut self, to: &Buffer, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        to.check(offset, words.len())?;
        if words.is_empty() {
            return Ok(());
        }
        let written = self.queue.write(&to.memory, offset as usize, words);
        self.faults.check("an upload", 4 * words.len() as u64, written)
    }

    fn read(&mut self, from: &Buffer, offset: u64, words: &mut [u32]) -> Result<(), BackendError> {
        from.check(offset, words.len())?;
        if words.is_empty() {
            return Ok(());
        }
        let read = self.queue.read(&from.memory, offset as usize, words);
        self.faults.check("waiting for the device", 0, read)
    }

    fn compile(&mut self, kernel: &ir::Kernel) -> Result<Kernel, BackendError> {
        self.check_kernel(kernel)?;
        let (function, from_cache) = self.load(kernel)?;
        // Registers decide; the driver knows only after it has compiled.
        let most = self.queue.group_size(&function);
        let most = self.faults.check(&format!("kernel {}", kernel.name), 0, most)?;
        self.check_group(kernel, most)?;
        Ok(Kernel::new(function, kernel, self.next_id(), from_cache))
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut launches = Vec::with_capacity(batch.len());
        for launch in batch.iter().filter(|l| l.groups > 0) {
            if launch.groups > self.limits.groups {
                return Err(BackendError::Unsupported(format!(
                    "{} groups in one launch; {} allows {}",
                    launch.groups, self.info.device, self.limits.groups
                )));
            }
            launch.kernel.check(&launch.buffers, &self.limits)?;
            launches.push(launch.kernel.call(&launch.buffers, launch.groups));
        }
        self.feeder.feed(&self.queue, &self.faults, &launches, times)
    }
}
