//! The calls of the CUDA driver and of NVRTC that need `unsafe`, behind functions that do not.
//!
//! Everything of one device goes through one stream ([`Queue`]), in order, so cudarc need not keep
//! events that tell streams apart. A second stream only records graphs: nothing runs on it, so
//! that recording never meets work of another thread.

#![allow(unsafe_code)]

use crate::version::Version;
use cudarc::driver::sys::{self, CUdevice_attribute, CUfunction_attribute};
use cudarc::driver::{
    CudaContext, CudaEvent, CudaFunction, CudaGraph, CudaSlice, CudaStream, DevicePtr, DriverError,
    LaunchConfig, PushKernelArg, result,
};
use cudarc::nvrtc::{self, Ptx, sys as nvrtc_sys};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The answer of the driver.
pub(crate) use cudarc::driver::sys::CUresult as Code;

/// Whether the driver's library loads. cudarc panics where it does not, so this comes first.
pub(crate) fn has_driver() -> bool {
    static PRESENT: OnceLock<bool> = OnceLock::new();
    // SAFETY: loading runs what NVIDIA's library does at its start, as in every program with CUDA.
    *PRESENT.get_or_init(|| unsafe { sys::is_culib_present() })
}

/// Whether NVRTC's library loads.
pub(crate) fn has_nvrtc() -> bool {
    static PRESENT: OnceLock<bool> = OnceLock::new();
    // SAFETY: as for the driver's library.
    *PRESENT.get_or_init(|| unsafe { nvrtc_sys::is_culib_present() })
}

/// The newest CUDA that the driver has. Needs [`has_driver`].
pub(crate) fn driver_version() -> Result<Version, Code> {
    let mut version = 0;
    // SAFETY: writes one integer; allowed before the driver is initialised.
    unsafe { sys::cuDriverGetVersion(&mut version) }.result().map_err(code)?;
    let version = version.unsigned_abs();
    Ok(Version { major: version / 1000, minor: version % 1000 / 10 })
}

/// The CUDA that NVRTC belongs to. Needs [`has_nvrtc`].
pub(crate) fn nvrtc_version() -> Option<Version> {
    let (mut major, mut minor) = (0, 0);
    // SAFETY: writes two integers.
    unsafe { nvrtc_sys::nvrtcVersion(&mut major, &mut minor) }.result().ok()?;
    Some(Version { major: major.unsigned_abs(), minor: minor.unsigned_abs() })
}

/// The virtual architectures that NVRTC compiles for, 80 for `compute_80`. Needs an NVRTC of 11.2
/// or later.
pub(crate) fn nvrtc_architectures() -> Option<Vec<u32>> {
    let mut count = 0;
    // SAFETY: writes one integer.
    unsafe { nvrtc_sys::nvrtcGetNumSupportedArchs(&mut count) }.result().ok()?;
    let mut list = vec![0; usize::try_from(count).ok()?];
    // SAFETY: writes as many integers as it has just said.
    unsafe { nvrtc_sys::nvrtcGetSupportedArchs(list.as_mut_ptr()) }.result().ok()?;
    Some(list.into_iter().map(i32::unsigned_abs).collect())
}

/// The properties of a device, from its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    pub name: String,
    pub memory_bytes: u64,
    pub capability: Version,
    pub group_size: u32,
    pub groups: u32,
}

/// How many devices there are. Initialises the driver; needs [`has_driver`].
pub(crate) fn device_count() -> Result<usize, Code> {
    result::init().map_err(code)?;
    let count = result::device::get_count().map_err(code)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Asks for the properties of a device below [`device_count`].
pub(crate) fn properties(number: usize) -> Result<Properties, Code> {
    let device = result::device::get(number as i32).map_err(code)?;
    let ask = |attribute| {
        // SAFETY: the device was just given by the driver.
        let answer = unsafe { result::device::get_attribute(device, attribute) };
        answer.map(i32::unsigned_abs).map_err(code)
    };
    use CUdevice_attribute::*;
    Ok(Properties {
        name: result::device::get_name(device).map_err(code)?.trim().into(),
        // SAFETY: as above.
        memory_bytes: unsafe { result::device::total_mem(device) }.map_err(code)? as u64,
        capability: Version {
            major: ask(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
            minor: ask(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
        },
        group_size: ask(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?,
        groups: ask(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X)?,
    })
}

/// Compiles CUDA C with NVRTC. Needs [`has_nvrtc`]. Error: the compiler's log.
pub(crate) fn compile(text: &str, name: &str, options: &[String]) -> Result<String, String> {
    let wanted = nvrtc::CompileOptions {
        options: options.to_vec(),
        name: Some(format!("{name}.cu")),
        ..Default::default()
    };
    match nvrtc::compile_ptx_with_opts(text, wanted) {
        Ok(ptx) => Ok(ptx.to_src()),
        Err(nvrtc::CompileError::CompileError { nvrtc, log, .. }) => {
            Err(format!("{nvrtc}\n{}", log.to_string_lossy().trim()))
        }
        Err(other) => Err(other.to_string()),
    }
}

/// Words on the device.
#[derive(Debug)]
pub struct Memory(CudaSlice<u32>);

/// A kernel on the device.
#[derive(Debug)]
pub struct Function {
    function: CudaFunction,
    work: Arc<CudaStream>,
}

/// A kernel may be unloaded only when no launch of it is under way.
impl Drop for Function {
    fn drop(&mut self) {
        // A lost device has nothing under way, and nobody would read an error here.
        _ = self.work.synchronize();
    }
}

/// One launch: kernel, arguments, groups, threads of a group.
pub(crate) struct Call<'a> {
    pub function: &'a Function,
    pub arguments: Vec<&'a Memory>,
    pub groups: u32,
    pub group_size: u32,
}

/// Launches recorded once, launched as one.
pub(crate) struct Graph(CudaGraph);

// SAFETY: a graph belongs to no thread; it must not be used by two at once, and it is not `Sync`.
unsafe impl Send for Graph {}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").finish_non_exhaustive()
    }
}

/// A place in the queue that can be waited for.
#[derive(Debug)]
pub(crate) struct Mark(CudaEvent);

impl Mark {
    /// Waits until the work before it is done.
    pub(crate) fn wait(&self) -> Result<(), Code> {
        self.0.synchronize().map_err(code)
    }
}

/// The stream on which everything of a device happens, and the one that records.
#[derive(Debug)]
pub(crate) struct Queue {
    work: Arc<CudaStream>,
    recorder: Mutex<Arc<CudaStream>>,
}

impl Queue {
    /// Opens a device below [`device_count`].
    pub(crate) fn open(number: usize) -> Result<Self, Code> {
        let context = CudaContext::new(number).map_err(code)?;
        // SAFETY: all memory is allocated, used and freed on the one stream `work`.
        unsafe { context.disable_event_tracking() };
        let work = context.new_stream().map_err(code)?;
        let recorder = Mutex::new(context.new_stream().map_err(code)?);
        Ok(Self { work, recorder })
    }

    /// Bytes that are free now.
    pub(crate) fn free_bytes(&self) -> Result<u64, Code> {
        let (free, _) = self.work.context().mem_get_info().map_err(code)?;
        Ok(free as u64)
    }

    /// Memory of zeros.
    pub(crate) fn allocate(&self, words: usize) -> Result<Memory, Code> {
        self.work.alloc_zeros(words).map(Memory).map_err(code)
    }

    /// Writes words from `offset` on, which must lie inside.
    pub(crate) fn write(&self, to: &Memory, offset: usize, words: &[u32]) -> Result<(), Code> {
        let place = to.0.slice(offset..offset + words.len());
        self.work.context().bind_to_thread().map_err(code)?;
        let (pointer, _done) = place.device_ptr(&self.work);
        // SAFETY: the slice was cut to the length of the words; only work on this stream uses the
        // memory. The words stay where they are until the copy is done, which is waited for.
        unsafe { result::memcpy_htod_async(pointer, words, self.work.cu_stream()) }
            .and_then(|()| self.work.synchronize())
            .map_err(code)
    }

    /// Reads words from `offset` on, which must lie inside.
    pub(crate) fn read(&self, from: &Memory, offset: usize, words: &mut [u32]) -> Result<(), Code> {
        let place = from.0.slice(offset..offset + words.len());
        self.work.memcpy_dtoh(&place, words).and_then(|()| self.work.synchronize()).map_err(code)
    }

    /// Loads the kernel `name` of a module.
    pub(crate) fn load(&self, ptx: &str, name: &str) -> Result<Function, Code> {
        let module = self.work.context().load_module(Ptx::from_src(ptx)).map_err(code)?;
        let function = module.load_function(name).map_err(code)?;
        Ok(Function { function, work: self.work.clone() })
    }

    /// The largest group that a kernel can be launched with.
    pub(crate) fn group_size(&self, function: &Function) -> Result<u32, Code> {
        use CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
        let most = function.function.get_attribute(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
        most.map(i32::unsigned_abs).map_err(code)
    }

    /// Queues a launch.
    ///
    /// # Safety
    /// The kernel is printed from a verified one. There is memory for each of its bindings, as long
    /// as it was verified for; what it writes is there once.
    pub(crate) unsafe fn launch(&self, call: &Call<'_>) -> Result<(), Code> {
        // SAFETY: as the caller promises.
        unsafe { launch(&self.work, call) }
    }

    /// Records launches, in order, and runs none.
    ///
    /// # Safety
    /// As [`Self::launch`], for each of them.
    pub(crate) unsafe fn record<'a>(
        &self,
        mut calls: impl Iterator<Item = &'a Call<'a>>,
    ) -> Result<Graph, Code> {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        // Calls of other threads meanwhile are no part of this.
        let mode = sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
        recorder.begin_capture(mode).map_err(code)?;
        // SAFETY: as the caller promises.
        let launched = calls.try_for_each(|call| unsafe { launch(&recorder, call) });
        // Ended in any case, so that the stream can record again.
        let graph = recorder.end_capture(sys::CUgraphInstantiate_flags(0)).map_err(code);
        launched?;
        graph?.map(Graph).ok_or(Code::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED)
    }

    /// Queues all launches of a graph.
    ///
    /// # Safety
    /// The memory and the kernels in it are still there.
    pub(crate) unsafe fn launch_graph(&self, graph: &Graph) -> Result<(), Code> {
        self.work.context().bind_to_thread().map_err(code)?;
        // SAFETY: the graph is whole and no other thread uses it (it is not `Sync`). All that is in
        // it is there, as the caller promises.
        unsafe { result::graph::launch(graph.0.cu_graph_exec(), self.work.cu_stream()) }
            .map_err(code)
    }

    /// Marks the end of what is queued now.
    pub(crate) fn mark(&self) -> Result<Mark, Code> {
        // The host sleeps while it waits instead of spinning.
        let flags = sys::CUevent_flags::CU_EVENT_BLOCKING_SYNC;
        self.work.record_event(Some(flags)).map(Mark).map_err(code)
    }
}

/// Queues or records a launch.
///
/// # Safety
/// As [`Queue::launch`].
unsafe fn launch(stream: &CudaStream, call: &Call<'_>) -> Result<(), Code> {
    let mut builder = stream.launch_builder(&call.function.function);
    for memory in &call.arguments {
        builder.arg(&memory.0);
    }
    let shape = LaunchConfig {
        grid_dim: (call.groups, 1, 1),
        block_dim: (call.group_size, 1, 1),
        shared_mem_bytes: 0,
    };
    // SAFETY: the kernel takes a pointer for each binding, there is memory for each, and it indexes
    // in range, as the caller promises. It is the only work on its stream meanwhile.
    unsafe { builder.launch(shape) }.map(drop).map_err(code)
}

fn code(error: DriverError) -> Code {
    error.0
}
