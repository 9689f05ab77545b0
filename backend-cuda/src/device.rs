//! A CUDA device below the checks that all devices with kernels share.

#![allow(unsafe_code)]

use crate::adapter::Selected;
use crate::driver::{Call, Code, Function, Graph, Mark, Memory, Queue};
use crate::fault::{fault, name};
use crate::program::Compiler;
use isospike_core::device::Limits;
use isospike_core::device::cache::Cache;
use isospike_core::device::fault::Fault;
use isospike_core::device::raw::{Compiled, RawDevice, RawLaunch};
use isospike_core::device::runtime::Runtime;
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{self, Guarantees};
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of the parameters of a kernel, on every device.
const PARAMETER_BYTES: u32 = 4096;
/// Bytes of a pointer among them.
const POINTER_BYTES: u32 = 8;
/// Launches of one graph, about. A graph costs the host as much as a few launches, so with this
/// many the device waits for nobody, and recording them still takes a moment only.
const GRAPH_LAUNCHES: usize = 200;
/// Repetitions of a graph that pay for recording it.
const WORTH_RECORDING: u32 = 2;
/// Launches that may be queued before one more mark is set.
const PIECE_LAUNCHES: usize = 256;
/// Marks the host may be ahead of the device: enough that the device never starves, and little
/// to wait for when a run is stopped.
const PIECES_AHEAD: usize = 4;

/// A device opened through CUDA.
pub type CudaDevice = Runtime<RawCuda>;

/// The device without checks.
#[derive(Debug)]
pub struct RawCuda {
    limits: Limits,
    compiler: Compiler,
    architecture: u32,
    queue: Arc<Queue>,
    cache: Cache,
    feeder: Feeder,
}

/// A clone is another handle of the same device and queue, with launches recorded of its own.
impl Clone for RawCuda {
    fn clone(&self) -> Self {
        Self {
            limits: self.limits,
            compiler: self.compiler.clone(),
            architecture: self.architecture,
            queue: self.queue.clone(),
            cache: self.cache.clone(),
            feeder: Feeder::default(),
        }
    }
}

/// Opens a device. Nothing has been proved about its arithmetic yet.
pub(crate) fn open(selected: Selected, cache: Cache) -> Result<CudaDevice, BackendError> {
    let Selected { found, properties, compiler, architecture } = selected;
    let device = format!("{} ({})", found.name, found.version);
    let refused = |code| BackendError::NoDevice(format!("{device} does not open: {}", name(code)));
    let queue = Arc::new(Queue::open(found.index).map_err(refused)?);
    let limits = Limits {
        binding_words: properties.memory_bytes / 4,
        bindings: PARAMETER_BYTES / POINTER_BYTES,
        groups: properties.groups,
        group_size: properties.group_size,
        memory_bytes: None,
    };
    let feeder = Feeder::default();
    let raw = RawCuda { limits, compiler, architecture, queue, cache, feeder };
    let identity = format!("{} {device} {}", found.index, found.driver);
    let info = BackendInfo {
        backend: "cuda".into(),
        device,
        driver: found.driver,
        software: found.software,
        notes: Vec::new(),
    };
    Ok(Runtime::new(raw, info, identity))
}

impl RawCuda {
    /// The virtual architecture that kernels are compiled for, 80 for `compute_80`.
    pub fn architecture(&self) -> u32 {
        self.architecture
    }

    /// Compiles and loads a kernel, and says whether the cache had it. An entry that the driver
    /// does not take is made again.
    fn load(&self, kernel: &ir::Kernel) -> Result<(Function, bool), Fault> {
        let program = self.compiler.program(kernel, self.architecture, &self.cache)?;
        match self.queue.load(&program.ptx, &kernel.name).map_err(fault) {
            Err(Fault::Refused(_)) if program.from_cache => self.cache.remove(&program.key),
            loaded => return Ok((loaded?, program.from_cache)),
        }
        let program = self.compiler.program(kernel, self.architecture, &self.cache)?;
        let loaded = self.queue.load(&program.ptx, &kernel.name).map_err(fault)?;
        Ok((loaded, program.from_cache))
    }
}

// SAFETY: everything goes through one stream, in order. The texts that NVRTC compiles are printed
// from verified kernels, and take a pointer for each binding; the PTX was checked.
unsafe impl RawDevice for RawCuda {
    type Memory = Memory;
    type Kernel = Function;

    /// `div.rn`, `sqrt.rn` and `cvt.rn` of PTX round correctly, and it has the high word of a
    /// product.
    fn guarantees(&self) -> Guarantees {
        Guarantees::ALL
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    /// A device that does not say is believed to have enough.
    fn free_bytes(&self) -> Option<u64> {
        self.queue.free_bytes().ok()
    }

    /// PTX that names the rounding of every float operation, checked. There is nothing stronger:
    /// it holds, or the driver's compiler is broken.
    fn contraction_guard(&self) -> &'static str {
        "named-rounding"
    }

    fn alloc(&mut self, words: u64) -> Result<Memory, Fault> {
        self.queue.allocate(words as usize).map_err(fault)
    }

    unsafe fn write(&mut self, to: &Memory, offset: u64, words: &[u32]) -> Result<(), Fault> {
        self.queue.write(to, offset as usize, words).map_err(fault)
    }

    unsafe fn read(&mut self, from: &Memory, at: u64, words: &mut [u32]) -> Result<(), Fault> {
        self.queue.read(from, at as usize, words).map_err(fault)
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Compiled<Function>, Fault> {
        let (kernel, is_from_cache) = self.load(kernel.kernel())?;
        let most_threads = Some(self.queue.group_size(&kernel).map_err(fault)?);
        Ok(Compiled { kernel, most_threads, is_from_cache })
    }

    unsafe fn submit(&mut self, batch: &[RawLaunch<'_, Self>], times: u32) -> Result<(), Fault> {
        // SAFETY: as the caller promises.
        unsafe { self.feeder.feed(&self.queue, batch, times) }.map_err(fault)
    }
}

/// A batch that was recorded as a graph.
#[derive(Debug)]
struct Recorded {
    /// The ids of the launches of the batch. Kernels and buffers that are gone never
    /// come back under their ids, so a graph that matches has all that it needs.
    ids: Vec<Vec<u64>>,
    graph: Graph,
    /// Repetitions of the batch in the graph.
    repetitions: u32,
}

/// Queues batches: the launches of a batch that is repeated become a graph, which is kept for the
/// next time the same batch comes.
#[derive(Debug, Default)]
struct Feeder {
    recorded: Option<Recorded>,
    /// Launches queued since the last mark.
    launches: usize,
    marks: VecDeque<Mark>,
}

impl Feeder {
    /// Queues a batch so many times over.
    ///
    /// # Safety
    /// As [`RawDevice::submit`].
    unsafe fn feed(
        &mut self,
        queue: &Queue,
        batch: &[RawLaunch<'_, RawCuda>],
        times: u32,
    ) -> Result<(), Code> {
        let calls: Vec<Call<'_>> = batch.iter().map(call).collect();
        let repetitions = (GRAPH_LAUNCHES / batch.len().max(1)).max(1) as u32;
        let mut left = times;
        if left / repetitions >= WORTH_RECORDING {
            let recorded = match self.recorded.take() {
                Some(recorded) if recorded.is_of(batch) => recorded,
                _ => {
                    let ids = batch.iter().map(|launch| launch.ids.clone()).collect();
                    let repeated = (0..repetitions).flat_map(|_| &calls);
                    // SAFETY: the launches are those of the caller.
                    Recorded { ids, graph: unsafe { queue.record(repeated) }?, repetitions }
                }
            };
            while left >= recorded.repetitions {
                // SAFETY: the graph was recorded from the same launches, and kernels and memory
                // with their ids are there.
                unsafe { queue.launch_graph(&recorded.graph) }?;
                self.advance(queue, batch.len() * recorded.repetitions as usize)?;
                left -= recorded.repetitions;
            }
            self.recorded = Some(recorded);
        }
        for _ in 0..left {
            for call in &calls {
                // SAFETY: the launch is one of the caller.
                unsafe { queue.launch(call) }?;
                self.advance(queue, 1)?;
            }
        }
        Ok(())
    }

    /// Counts what was queued, and waits where the host is far ahead.
    fn advance(&mut self, queue: &Queue, launches: usize) -> Result<(), Code> {
        self.launches += launches;
        if self.launches < PIECE_LAUNCHES {
            return Ok(());
        }
        self.launches = 0;
        self.marks.push_back(queue.mark()?);
        if self.marks.len() > PIECES_AHEAD
            && let Some(earliest) = self.marks.pop_front()
        {
            earliest.wait()?;
        }
        Ok(())
    }
}

impl Recorded {
    fn is_of(&self, batch: &[RawLaunch<'_, RawCuda>]) -> bool {
        self.ids.iter().eq(batch.iter().map(|launch| &launch.ids))
    }
}

fn call<'a>(launch: &RawLaunch<'a, RawCuda>) -> Call<'a> {
    Call {
        function: launch.kernel,
        arguments: launch.memory.clone(),
        groups: launch.groups,
        group_size: launch.group_size,
    }
}
