//! An OpenCL device behind the trait that all devices with kernels share.

use crate::adapter::Selected;
use crate::capability::Capabilities;
use crate::contraction_guard::{ContractionGuard, known_fault};
use crate::driver::Queue;
use crate::fault::{Faults, name};
use crate::launch::{Buffer, Feeder, Kernel};
use crate::program::Compiler;
use isospike_core::base::memory;
use isospike_core::device::cache::Cache;
use isospike_core::device::launch_batch::LaunchBatch;
use isospike_core::device::self_test::Provable;
use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir;
use isospike_core::ir::Guarantees;
use isospike_core::print;
use isospike_core::print::c::OPENCL_C;
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A device opened through OpenCL. A clone is another handle of the same device and queue.
#[derive(Clone, Debug)]
pub struct OpenClDevice {
    info: BackendInfo,
    identity: String,
    /// The reason why no-contraction does not hold here, where it is known.
    known_fault: Option<&'static str>,
    capabilities: Capabilities,
    contraction_guard: ContractionGuard,
    queue: Arc<Queue>,
    faults: Faults,
    /// The zero of the full barrier, unknown to every compiler because it stands in memory.
    zero: Arc<Buffer>,
    cache: Cache,
    /// Buffers made so far, by all clones: their names.
    buffers: Arc<AtomicU64>,
    pace: LaunchBatch,
}

impl OpenClDevice {
    /// Opens a device. Nothing has been proved about its arithmetic yet.
    pub(crate) fn open(
        selected: Selected,
        contraction_guard: ContractionGuard,
        cache: Cache,
    ) -> Result<Self, BackendError> {
        let Selected { id, found, capabilities } = selected;
        let device = format!("{} ({})", found.name, found.platform);
        let refused =
            |code| BackendError::NoDevice(format!("{device} does not open: {}", name(code)));
        let queue = Arc::new(Queue::open(id).map_err(refused)?);
        let (faults, buffers) = (Faults::default(), Arc::new(AtomicU64::new(0)));
        let zero = Arc::new(allocate(&queue, &faults, &buffers, 4)?);
        // What tells the device from others, whichever way it was selected. Compiled kernels are
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
        let pace = LaunchBatch::default();
        Ok(Self {
            info,
            identity,
            known_fault: known_fault(&found),
            capabilities,
            contraction_guard,
            queue,
            faults,
            zero,
            cache,
            buffers,
            pace,
        })
    }

    /// How float operations of kernels compiled from now on are protected.
    pub fn contraction_guard(&self) -> ContractionGuard {
        self.contraction_guard
    }

    /// What the device cannot compile, known before it is tried.
    fn check_kernel(&self, kernel: &ir::Kernel) -> Result<(), BackendError> {
        let (most_bindings, most_threads) =
            (self.capabilities.limits(None).bindings as usize, self.capabilities.group_size);
        if kernel.bindings.len() > most_bindings {
            return Err(BackendError::Unsupported(format!(
                "kernel {} binds {} buffers; {} allows {most_bindings}",
                kernel.name,
                kernel.bindings.len(),
                self.info.device
            )));
        }
        self.check_group(kernel, most_threads)
    }

    fn check_group(&self, kernel: &ir::Kernel, most_threads: usize) -> Result<(), BackendError> {
        if kernel.group_size as usize <= most_threads {
            return Ok(());
        }
        Err(BackendError::Unsupported(format!(
            "kernel {} has groups of {} threads; {} runs it with at most {most_threads}",
            kernel.name, kernel.group_size, self.info.device
        )))
    }
}

impl Provable for OpenClDevice {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn contraction_guard(&self) -> &'static str {
        self.contraction_guard.name()
    }

    fn known_fault(&self) -> Option<String> {
        let fault =
            self.known_fault.filter(|_| self.contraction_guard == ContractionGuard::NoContraction);
        fault.map(str::to_owned)
    }

    fn strengthen(&mut self) -> bool {
        let stronger = self.contraction_guard != ContractionGuard::FullBarrier;
        self.contraction_guard = ContractionGuard::FullBarrier;
        stronger
    }

    fn note(&mut self, note: String) {
        self.info.notes.push(note);
    }
}

impl Device for OpenClDevice {
    type Buffer = Buffer;
    type Kernel = Kernel;

    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn guarantees(&self) -> Guarantees {
        self.capabilities.guarantees(self.contraction_guard)
    }

    fn limits(&self) -> Limits {
        self.capabilities.limits(memory::available_bytes())
    }

    fn alloc(&mut self, words: u64) -> Result<Buffer, BackendError> {
        let largest = self.capabilities.buffer_bytes / 4;
        if words > largest {
            return Err(BackendError::Unsupported(format!(
                "a buffer of {words} words; {} allows {largest}",
                self.info.device
            )));
        }
        allocate(&self.queue, &self.faults, &self.buffers, words)
    }

    fn write(&mut self, to: &Buffer, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        to.check(offset, words.len())?;
        if words.is_empty() {
            return Ok(());
        }
        let written = self.queue.write(&to.memory, 4 * offset as usize, words);
        self.faults.check("an upload", 4 * words.len() as u64, written)
    }

    fn read(&mut self, from: &Buffer, offset: u64, words: &mut [u32]) -> Result<(), BackendError> {
        from.check(offset, words.len())?;
        if words.is_empty() {
            return Ok(());
        }
        let read = self.queue.read(&from.memory, 4 * offset as usize, words);
        self.faults.check("waiting for the device", 0, read)
    }

    fn compile(&mut self, kernel: &ir::Kernel) -> Result<Kernel, BackendError> {
        self.check_kernel(kernel)?;
        let text = print::print(kernel, &OPENCL_C, self.contraction_guard.of_text())
            .map_err(|e| BackendError::Kernel(e.to_string()))?;
        let compiler = Compiler {
            queue: &self.queue,
            faults: &self.faults,
            cache: &self.cache,
            identity: &self.identity,
            options: &self.capabilities.build_options(self.contraction_guard),
        };
        let (compiled, from_cache) = compiler.compile(&text, &kernel.name)?;
        let what = format!("kernel {}", kernel.name);
        // Registers decide; a driver knows only after it has compiled.
        if let Some(most) = self.faults.check(&what, 0, self.queue.group_size(&compiled))? {
            self.check_group(kernel, most)?;
        }
        let with_zero = self.contraction_guard == ContractionGuard::FullBarrier;
        let zero = with_zero.then_some(&*self.zero);
        self.faults.check(&what, 0, Kernel::new(compiled, kernel, zero, from_cache))
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let limits = self.capabilities.limits(None);
        let mut launches = Vec::with_capacity(batch.len());
        for launch in batch.iter().filter(|l| l.groups > 0) {
            if launch.groups > limits.groups {
                return Err(BackendError::Unsupported(format!(
                    "{} groups in one launch; {} allows {}",
                    launch.groups, self.info.device, limits.groups
                )));
            }
            launch.kernel.check(&launch.buffers, &limits)?;
            launches.push((launch.kernel, &launch.buffers[..], launch.groups));
        }
        let mut before = None;
        let mut feeder = Feeder::new(&launches, times);
        while let Some(last) = feeder.feed(&self.queue, &self.faults, self.pace.launches())? {
            // The device works on this piece while the host waits for the one before, so launches
            // do not pile up and the device does not starve.
            if let Some(earlier) = before.replace(last) {
                self.faults.check("waiting for the device", 0, earlier.wait())?;
                self.pace.finished();
            }
        }
        self.pace.stop();
        Ok(())
    }
}

/// What a compiler for the machine's own processor may have used. Machines of other processors may
/// share a home, and the cache in it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = |start| text.lines().find(|line| line.starts_with(start));
    // Intel and AMD; ARM.
    ["model name", "flags", "Features"].into_iter().filter_map(line).collect()
}

/// A buffer of zeros. Drivers find out at the first use whether there is memory, so that is
/// waited for.
fn allocate(
    queue: &Queue,
    faults: &Faults,
    buffers: &AtomicU64,
    words: u64,
) -> Result<Buffer, BackendError> {
    // A buffer must not be empty.
    let bytes = 4 * words.max(1);
    let memory = faults.check("a buffer", bytes, queue.allocate(bytes as usize))?;
    let cleared = queue.clear(&memory, bytes as usize).and_then(|event| event.wait());
    faults.check("a buffer", bytes, cleared)?;
    Ok(Buffer { memory, words, id: buffers.fetch_add(1, Ordering::Relaxed) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_conformance::missing::lack;
    use isospike_core::ir::kernel::KernelBuilder;

    #[test]
    fn a_device_that_goes_away_is_an_error_of_every_call() {
        let mut device = match crate::open_unproved(None, crate::Options::default()) {
            Ok(device) => device,
            Err(why) => return lack("opencl", &why.to_string()),
        };
        let kernel = KernelBuilder::new("nothing", 64, Guarantees::NONE).finish();
        let compiled = device.compile(&kernel).unwrap();
        let buffer = device.alloc(8).unwrap();
        device.write(&buffer, 0, &[1]).unwrap();
        device.faults.lose("unplugged".into());
        let lost = |result: Result<(), BackendError>| {
            assert!(matches!(result, Err(BackendError::Lost(_))), "{result:?}");
        };
        lost(device.read(&buffer, 0, &mut [0]));
        lost(device.write(&buffer, 0, &[1]));
        lost(device.alloc(8).map(drop));
        lost(device.compile(&kernel).map(drop));
        let launch = Launch { kernel: &compiled, buffers: vec![], groups: 1 };
        lost(device.submit(&[launch], 1));
    }
}
