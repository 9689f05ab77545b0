//! The state of the driver, and the calls that need no foreign pointer.

use super::Status;
use super::command::Command;
use super::device::{Device, Fault, MAX_BLOCK, MAX_GRID};
use super::object::{Event, Function, Graph, Handle, Module, Objects, Recorded, Stream};
use crate::ptx::{self, LoadErrorKind, Target};
use crate::settings::Settings;
use std::sync::Arc;
use std::time::Instant;

/// The driver after `cuInit`.
pub struct Driver {
    pub settings: Settings,
    pub devices: Vec<Device>,
    pub streams: Objects<Stream>,
    pub events: Objects<Event>,
    pub modules: Objects<Module>,
    pub functions: Objects<Function>,
    pub graphs: Objects<Graph>,
    pub executables: Objects<Graph>,
    pub host_memory: Objects<Box<[u64]>>,
    last_handle: Handle,
}

/// The handles of the default streams: both names of the old one, and the one of a thread.
const DEFAULT_STREAMS: std::ops::RangeInclusive<Handle> = 0..=2;

impl Driver {
    pub fn new(settings: Settings) -> Self {
        Self {
            devices: (0..settings.devices).map(|_| Device::new(&settings)).collect(),
            settings,
            streams: Objects::default(),
            events: Objects::default(),
            modules: Objects::default(),
            functions: Objects::default(),
            graphs: Objects::default(),
            executables: Objects::default(),
            host_memory: Objects::default(),
            // Above the numbers that mean a default stream or a context.
            last_handle: 0xffff,
        }
    }

    pub fn new_handle(&mut self) -> Handle {
        self.last_handle += 1;
        self.last_handle
    }

    /// The device whose context is `current`, unless a known fault has taken it.
    pub fn device(&mut self, current: usize) -> Result<&mut Device, Status> {
        let device = self.devices.get_mut(current).ok_or(Status::CUDA_ERROR_INVALID_CONTEXT)?;
        if device.retained == 0 {
            return Err(Status::CUDA_ERROR_INVALID_CONTEXT);
        }
        match device.fault {
            None | Some(Fault::Pending(_)) => Ok(device),
            Some(Fault::Known(status)) => Err(status),
        }
    }

    /// Ends one use of a device's context; with the last one everything in it ends.
    pub fn release_context(&mut self, number: usize) -> Result<(), Status> {
        let device = self.devices.get_mut(number).ok_or(Status::CUDA_ERROR_INVALID_DEVICE)?;
        device.retained =
            device.retained.checked_sub(1).ok_or(Status::CUDA_ERROR_INVALID_CONTEXT)?;
        if device.retained == 0 {
            device.memory.release_all();
            self.streams.retain(|stream| stream.device != number);
            self.modules.retain(|module| module.device != number);
        }
        Ok(())
    }

    /// Does a command, or notes it where the stream is captured.
    pub fn submit(
        &mut self,
        current: usize,
        stream: Handle,
        command: Command,
    ) -> Result<(), Status> {
        command.check(self.device(current)?)?;
        if let Some(capture) = self.stream(current, stream)?.and_then(|s| s.capture.as_mut()) {
            return capture.note(command);
        }
        self.run(current, &command);
        // The host waits for what it is given.
        if matches!(command, Command::Download { .. }) {
            self.devices[current].settle()
        } else {
            Ok(())
        }
    }

    /// Does a command now.
    pub fn run(&mut self, current: usize, command: &Command) {
        command.run(&mut self.devices[current], &self.settings);
        if let Command::Record(event) = *command
            && let Ok(event) = self.events.get(event)
        {
            event.recorded = Recorded::At(Instant::now());
        }
    }

    /// A stream of the current device; `None` for its default streams.
    pub fn stream(
        &mut self,
        current: usize,
        handle: Handle,
    ) -> Result<Option<&mut Stream>, Status> {
        if DEFAULT_STREAMS.contains(&handle) {
            return Ok(None);
        }
        let stream = self.streams.get(handle)?;
        if stream.device != current {
            return Err(Status::CUDA_ERROR_INVALID_HANDLE);
        }
        Ok(Some(stream))
    }

    /// Reads a PTX text.
    pub fn load_module(&mut self, current: usize, text: &str) -> Result<Handle, Status> {
        self.settle(current)?;
        let Settings { driver, sm, lenient, .. } = self.settings;
        let memory = &mut self.device(current)?.memory;
        let target = Target { driver, sm, lenient, variables_at: memory.next_address() };
        let module = ptx::parse(text, &target).map_err(|error| {
            crate::say(&error);
            match error.kind {
                LoadErrorKind::Invalid => Status::CUDA_ERROR_INVALID_PTX,
                LoadErrorKind::Version => Status::CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
            }
        })?;
        let mut variables = None;
        if !module.variables.is_empty() {
            let bytes = module.variables.len() as u64;
            let address = memory.allocate(bytes).ok_or(Status::CUDA_ERROR_OUT_OF_MEMORY)?;
            let written = memory.write(address, &module.variables);
            written.expect("an allocation of this size was made just now");
            variables = Some(address);
        }
        let handle = self.new_handle();
        let module = Module { device: current, kernels: module.kernels, variables };
        self.modules.insert(handle, module);
        Ok(handle)
    }

    /// Ends a module and its functions.
    pub fn unload_module(&mut self, handle: Handle) -> Result<(), Status> {
        let module = self.modules.remove(handle)?;
        self.functions.retain(|function| function.module != handle);
        if let Some(address) = module.variables
            && let Some(device) = self.devices.get_mut(module.device)
        {
            let released = device.memory.release(address);
            released.map_err(|_| Status::CUDA_ERROR_INVALID_HANDLE)?;
        }
        Ok(())
    }

    /// A kernel of a module by its name.
    pub fn function(&mut self, module: Handle, name: &str) -> Result<Handle, Status> {
        let kernels = &self.modules.get(module)?.kernels;
        let kernel = kernels.iter().find(|kernel| kernel.name == name);
        let kernel = Arc::clone(kernel.ok_or(Status::CUDA_ERROR_NOT_FOUND)?);
        let handle = self.new_handle();
        self.functions.insert(handle, Function { module, kernel });
        Ok(handle)
    }

    /// Launches a graph on a stream that is not captured.
    pub fn launch_graph(
        &mut self,
        current: usize,
        graph: Handle,
        stream: Handle,
    ) -> Result<(), Status> {
        self.device(current)?;
        let graph = Arc::clone(self.executables.get(graph)?);
        if self.stream(current, stream)?.is_some_and(|stream| stream.capture.is_some()) {
            crate::say("a graph within a graph is not implemented");
            return Err(Status::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
        }
        graph.iter().for_each(|command| self.run(current, command));
        Ok(())
    }
}

/// Whether a device could hold such a grid of such blocks.
pub fn check_sizes(function: &Function, grid: [u32; 3], block: [u32; 3]) -> Result<(), Status> {
    let fits = |sizes: [u32; 3], most: [u32; 3]| {
        sizes.iter().zip(most).all(|(&size, most)| (1..=most).contains(&size))
    };
    let threads: u32 = block.iter().fold(1, |product, &size| product.saturating_mul(size));
    if fits(grid, MAX_GRID) && fits(block, MAX_BLOCK) && threads <= function.kernel.max_threads {
        return Ok(());
    }
    let name = &function.kernel.name;
    crate::say(format_args!("kernel `{name}` cannot have grid {grid:?} of blocks {block:?}"));
    Err(Status::CUDA_ERROR_INVALID_VALUE)
}
