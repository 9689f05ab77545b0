//! An OpenCL device below the checks that all devices with kernels share.

#![allow(unsafe_code)]

use crate::adapter::Selected;
use crate::capability::Capabilities;
use crate::contraction_guard::{ContractionGuard, known_fault};
use crate::driver::{self, Code, Event, Memory, Queue};
use crate::fault::{fault, memory_fault, name};
use crate::program::Compiler;
use isospike_core::base::memory;
use isospike_core::device::Limits;
use isospike_core::device::cache::Cache;
use isospike_core::device::fault::Fault;
use isospike_core::device::launch_batch::LaunchBatch;
use isospike_core::device::raw::{Compiled, RawDevice, RawLaunch};
use isospike_core::device::runtime::Runtime;
use isospike_core::ir::Guarantees;
use isospike_core::ir::verify::Verified;
use isospike_core::print;
use isospike_core::print::c::OPENCL_C;
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::sync::{Arc, Mutex, PoisonError};

/// A device opened through OpenCL.
pub type OpenClDevice = Runtime<RawOpenCl>;

/// The device without checks. A clone is another handle of the same device and queue.
#[derive(Clone, Debug)]
pub struct RawOpenCl {
    /// All that compiled kernels may depend on, in words.
    identity: String,
    /// The reason why no-contraction does not hold here, where it is known.
    known_fault: Option<&'static str>,
    capabilities: Capabilities,
    contraction_guard: ContractionGuard,
    queue: Arc<Queue>,
    /// The zero of the full barrier, unknown to every compiler because it stands in memory.
    zero: Arc<Memory>,
    cache: Cache,
    pace: LaunchBatch,
}

/// A kernel of the driver, which keeps the arguments of its last launch: setting them and launching
/// is one act.
#[derive(Debug)]
pub struct Kernel(Mutex<Bound>);

#[derive(Debug)]
struct Bound {
    kernel: driver::Kernel,
    /// The ids of the memory that is its arguments now.
    ids: Vec<u64>,
}

/// Opens a device. Nothing has been proved about its arithmetic yet.
pub(crate) fn open(
    selected: Selected,
    contraction_guard: ContractionGuard,
    cache: Cache,
) -> Result<OpenClDevice, BackendError> {
    let Selected { id, found, capabilities } = selected;
    let device = format!("{} ({})", found.name, found.platform);
    let refused = |code| BackendError::NoDevice(format!("{device} does not open: {}", name(code)));
    let queue = Arc::new(Queue::open(id).map_err(refused)?);
    let zero = Arc::new(allocate(&queue, 4).map_err(refused)?);
    // The device has one identity, whichever way it was selected. Compiled kernels are
    // kept under this name, so it holds all that they may depend on.
    let mut identity = [&*device, &found.vendor, &found.driver, &found.version].join(", ");
    if found.software {
        identity += &processor();
    }
    let info = BackendInfo {
        backend: "opencl".into(),
        device,
        driver: format!("{}, {}", found.driver, found.version),
        software: found.software,
        notes: Vec::new(),
    };
    let raw = RawOpenCl {
        identity: identity.clone(),
        known_fault: known_fault(&found),
        capabilities,
        contraction_guard,
        queue,
        zero,
        cache,
        pace: LaunchBatch::default(),
    };
    Ok(Runtime::new(raw, info, identity))
}

// SAFETY: the queue runs in order. Texts are printed from verified kernels and take a pointer for
// each binding; the driver keeps the memory of the arguments until the kernel has run.
unsafe impl RawDevice for RawOpenCl {
    type Memory = Memory;
    type Kernel = Kernel;

    fn guarantees(&self) -> Guarantees {
        self.capabilities.guarantees(self.contraction_guard)
    }

    fn limits(&self) -> Limits {
        self.capabilities.limits(None)
    }

    fn free_bytes(&self) -> Option<u64> {
        self.capabilities.limits(memory::available_bytes()).memory_bytes
    }

    fn buffer_words(&self) -> u64 {
        self.capabilities.buffer_bytes / 4
    }

    fn contraction_guard(&self) -> &'static str {
        self.contraction_guard.name()
    }

    fn known_fault(&self) -> Option<&'static str> {
        self.known_fault.filter(|_| self.contraction_guard == ContractionGuard::NoContraction)
    }

    fn strengthen(&mut self) -> bool {
        let stronger = self.contraction_guard != ContractionGuard::FullBarrier;
        self.contraction_guard = ContractionGuard::FullBarrier;
        stronger
    }

    fn alloc(&mut self, words: u64) -> Result<Memory, Fault> {
        allocate(&self.queue, words).map_err(memory_fault)
    }

    unsafe fn write(&mut self, to: &Memory, offset: u64, words: &[u32]) -> Result<(), Fault> {
        self.queue.write(to, 4 * offset as usize, words).map_err(memory_fault)
    }

    unsafe fn read(&mut self, from: &Memory, at: u64, words: &mut [u32]) -> Result<(), Fault> {
        self.queue.read(from, 4 * at as usize, words).map_err(fault)
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Compiled<Kernel>, Fault> {
        let kernel = kernel.kernel();
        let text = print::print(kernel, &OPENCL_C, self.contraction_guard.of_text())
            .map_err(|e| BackendError::Kernel(e.to_string()))?;
        let compiler = Compiler {
            queue: &self.queue,
            cache: &self.cache,
            identity: &self.identity,
            options: &self.capabilities.build_options(self.contraction_guard),
        };
        let (mut compiled, is_from_cache) = compiler.compile(&text, &kernel.name)?;
        let most_threads = self.queue.group_size(&compiled).map_err(fault)?;
        let most_threads = most_threads.map(|most| u32::try_from(most).unwrap_or(u32::MAX));
        if self.contraction_guard == ContractionGuard::FullBarrier {
            // The zero is its last argument, for good.
            compiled.set(kernel.bindings.len() as u32, &self.zero).map_err(fault)?;
        }
        let kernel = Kernel(Mutex::new(Bound { kernel: compiled, ids: Vec::new() }));
        Ok(Compiled { kernel, most_threads, is_from_cache })
    }

    unsafe fn submit(&mut self, batch: &[RawLaunch<'_, Self>], times: u32) -> Result<(), Fault> {
        let Self { queue, pace, .. } = self;
        let piece = |numbers: std::ops::Range<u64>| {
            let mut last = None;
            for n in numbers {
                let launch = &batch[(n % batch.len() as u64) as usize];
                // SAFETY: as the caller promises.
                last = Some(unsafe { launch.kernel.launch(queue, launch) }?);
            }
            queue.flush()?;
            Ok(last)
        };
        let wait = |mark: Option<Event>| mark.map_or(Ok(()), |event| event.wait());
        pace.feed(batch.len(), times, piece, wait).map_err(fault)
    }
}

impl Kernel {
    /// Queues one launch.
    ///
    /// # Safety
    /// As [`RawDevice::submit`].
    unsafe fn launch(
        &self,
        queue: &Queue,
        launch: &RawLaunch<'_, RawOpenCl>,
    ) -> Result<Event, Code> {
        // After a panic, too, the ids say which arguments are set.
        let mut bound = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bound.ids != launch.memory_ids() {
            bound.ids.clear();
            for (position, memory) in (0..).zip(&launch.memory) {
                bound.kernel.set(position, memory)?;
            }
            bound.ids.extend(launch.memory_ids());
        }
        let group = launch.group_size as usize;
        // SAFETY: all arguments are set, to memory of the device that is there.
        unsafe { queue.launch(&bound.kernel, launch.groups as usize * group, group) }
    }
}

/// Returns what a compiler for the machine's own processor may use. Machines of other processors
/// may share a home, and the cache in it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = |start| text.lines().find(|line| line.starts_with(start));
    // Intel and AMD; ARM.
    ["model name", "flags", "Features"].into_iter().filter_map(line).collect()
}

/// Words of zeros. Drivers find out at the first use whether there is memory, so that is waited
/// for.
fn allocate(queue: &Queue, words: u64) -> Result<Memory, Code> {
    let bytes = 4 * words as usize;
    let memory = queue.allocate(bytes)?;
    queue.clear(&memory, bytes)?.wait()?;
    Ok(memory)
}
