//! A wgpu device below the checks that all devices with kernels share.

#![allow(unsafe_code)]

use crate::adapter;
use crate::contraction_guard::{self, ContractionGuard};
use crate::fault::Listener;
use crate::launch::{Kernel, Recorder};
use isospike_core::base::memory::available_bytes;
use isospike_core::device::Limits;
use isospike_core::device::fault::Fault;
use isospike_core::device::launch_batch::LaunchBatch;
use isospike_core::device::raw::{Compiled, RawDevice, RawLaunch};
use isospike_core::device::runtime::Runtime;
use isospike_core::ir::Guarantees;
use isospike_core::ir::verify::Verified;
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

/// Words copied in one piece between host and device: 16 MiB. wgpu stages a copy of each piece in
/// memory that both can reach, and keeps it until the device has taken it.
const PIECE_WORDS: u64 = 4 << 20;
/// Pieces under way before the host waits.
const PIECES_IN_FLIGHT: u64 = 4;

/// A device opened through wgpu.
pub type WgpuDevice = Runtime<RawWgpu>;

/// The device without checks.
#[derive(Debug)]
pub struct RawWgpu {
    contraction_guard: ContractionGuard,
    software: bool,
    device: wgpu::Device,
    queue: wgpu::Queue,
    listener: Listener,
    /// The zero of the full barrier, unknown to every compiler because it stands in memory.
    zero: wgpu::Buffer,
    /// Memory of the host that the device writes what is read; grows up to a piece.
    landing: Option<wgpu::Buffer>,
    pace: LaunchBatch,
}

/// A clone is another handle of the same device, with its own memory to read into.
impl Clone for RawWgpu {
    fn clone(&self) -> Self {
        Self {
            contraction_guard: self.contraction_guard,
            software: self.software,
            device: self.device.clone(),
            queue: self.queue.clone(),
            listener: self.listener.clone(),
            zero: self.zero.clone(),
            landing: None,
            pace: self.pace.clone(),
        }
    }
}

/// Opens an adapter. Nothing has been proved about its arithmetic yet.
pub(crate) fn open(
    adapter: &wgpu::Adapter,
    contraction_guard: Option<ContractionGuard>,
) -> Result<WgpuDevice, BackendError> {
    let found = adapter.get_info();
    let name = format!("{} ({})", found.name, adapter::api(found.backend));
    let contraction_guard = supported(adapter, contraction_guard)
        .map_err(|why| BackendError::Unsupported(format!("{name}: {why}")))?;
    let wanted = wgpu::DeviceDescriptor {
        label: None,
        required_features: adapter.features() & wgpu::Features::PASSTHROUGH_SHADERS,
        required_limits: adapter.limits(),
        experimental_features: wgpu::ExperimentalFeatures::disabled(),
        memory_hints: wgpu::MemoryHints::MemoryUsage,
        trace: wgpu::Trace::Off,
    };
    let refused = |why: String| BackendError::NoDevice(format!("{name} does not open: {why}"));
    let (device, queue) = pollster::block_on(adapter.request_device(&wanted))
        .map_err(|why| refused(why.to_string()))?;
    let listener = Listener::new(&device);
    let zero = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("zero"),
        size: 16,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    queue.write_buffer(&zero, 0, &[0; 16]);
    listener.check().map_err(|fault| refused(format!("{fault:?}")))?;
    let software = found.device_type == wgpu::DeviceType::Cpu;
    let info = BackendInfo {
        backend: "wgpu".into(),
        device: name,
        driver: adapter::driver(&found),
        software,
        notes: Vec::new(),
    };
    let (landing, pace) = (None, LaunchBatch::default());
    let raw = RawWgpu { contraction_guard, software, device, queue, listener, zero, landing, pace };
    Ok(Runtime::new(raw, info, adapter::identity(&found)))
}

impl RawWgpu {
    /// How float operations of kernels compiled from now on are protected.
    pub fn contraction_guard(&self) -> ContractionGuard {
        self.contraction_guard
    }

    /// Waits for one submission, or for all work where none is named.
    fn wait(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<(), Fault> {
        let until = wgpu::PollType::Wait { submission_index: submission, timeout: None };
        // wgpu panics here, and only here, where a device is lost while it waits.
        match catch_unwind(AssertUnwindSafe(|| self.device.poll(until))) {
            Ok(Ok(_)) => {}
            Ok(Err(why)) => self.listener.lose(why.to_string()),
            Err(_) => self.listener.lose("it failed while the host waited for it".into()),
        }
        self.listener.check()
    }

    /// Reads one piece through the landing buffer.
    fn read_piece(
        &mut self,
        from: &wgpu::Buffer,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), Fault> {
        let bytes = 4 * words.len() as u64;
        let landing = self.landing(bytes)?;
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(from, 4 * offset, &landing, 0, bytes);
        self.queue.submit([encoder.finish()]);
        let slice = landing.slice(..bytes);
        let (done, result) = mpsc::channel();
        // The receiver is alive as long as this call, so sending cannot fail in a way that matters.
        slice.map_async(wgpu::MapMode::Read, move |r| _ = done.send(r));
        self.wait(None)?;
        match result.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                return Err(Fault::Lost(format!("reading {bytes} bytes: {why}")));
            }
            Err(_) => return Err(Fault::Lost("a read was never answered".into())),
        }
        let copied = match slice.get_mapped_range() {
            Ok(mapped) => {
                bytemuck::cast_slice_mut(words).copy_from_slice(&mapped);
                Ok(())
            }
            Err(why) => Err(Fault::Lost(format!("reading {bytes} bytes: {why}"))),
        };
        landing.unmap();
        copied
    }

    /// Host memory of at least this size.
    fn landing(&mut self, bytes: u64) -> Result<wgpu::Buffer, Fault> {
        if let Some(landing) = self.landing.as_ref().filter(|b| b.size() >= bytes) {
            return Ok(landing.clone());
        }
        let landing = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("landing"),
            size: bytes.next_power_of_two().max(1 << 12),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.listener.check()?;
        self.landing = Some(landing.clone());
        Ok(landing)
    }
}

// SAFETY: wgpu checks what touches its buffers but for what kernels do, and keeps each buffer until
// the work on it is done. Modules are made of verified kernels, and wgpu puts a barrier between
// launches where one writes what another uses.
unsafe impl RawDevice for RawWgpu {
    type Memory = wgpu::Buffer;
    type Kernel = Kernel;

    /// WGSL promises none of these, whatever the hardware below does.
    fn guarantees(&self) -> Guarantees {
        Guarantees::NONE
    }

    fn limits(&self) -> Limits {
        let limits = self.device.limits();
        let binding_bytes = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        Limits {
            binding_words: binding_bytes / 4,
            bindings: limits.max_storage_buffers_per_shader_stage,
            groups: limits.max_compute_workgroups_per_dimension.min(65_535),
            group_size: limits
                .max_compute_workgroup_size_x
                .min(limits.max_compute_invocations_per_workgroup),
            memory_bytes: None,
        }
    }

    /// A software device lives in the host's memory, and a driver that promises more than that ends
    /// the program instead of the call.
    fn free_bytes(&self) -> Option<u64> {
        self.software.then(available_bytes).flatten()
    }

    fn buffer_words(&self) -> u64 {
        self.device.limits().max_buffer_size / 4
    }

    fn contraction_guard(&self) -> &'static str {
        self.contraction_guard.name()
    }

    fn strengthen(&mut self) -> bool {
        let stronger = self.contraction_guard != ContractionGuard::FullBarrier;
        self.contraction_guard = ContractionGuard::FullBarrier;
        stronger
    }

    fn alloc(&mut self, words: u64) -> Result<wgpu::Buffer, Fault> {
        use wgpu::BufferUsages as Usage;
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 4 * words,
            usage: Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
            mapped_at_creation: false,
        });
        self.listener.check()?;
        Ok(buffer)
    }

    unsafe fn write(&mut self, to: &wgpu::Buffer, at: u64, words: &[u32]) -> Result<(), Fault> {
        let pieces = words.chunks(PIECE_WORDS as usize);
        for (number, (piece, at)) in pieces.zip((at..).step_by(PIECE_WORDS as usize)).enumerate() {
            self.queue.write_buffer(to, 4 * at, bytemuck::cast_slice(piece));
            self.listener.check()?;
            if piece.len() as u64 == PIECE_WORDS {
                let sent = self.queue.submit([]);
                if number as u64 % PIECES_IN_FLIGHT == PIECES_IN_FLIGHT - 1 {
                    self.wait(Some(sent))?;
                }
            }
        }
        Ok(())
    }

    unsafe fn read(
        &mut self,
        from: &wgpu::Buffer,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), Fault> {
        let mut at = offset;
        for piece in words.chunks_mut(PIECE_WORDS as usize) {
            let len = piece.len() as u64;
            self.read_piece(from, at, piece)?;
            at += len;
        }
        Ok(())
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Compiled<Kernel>, Fault> {
        let module = contraction_guard::module(&self.device, self.contraction_guard, kernel)?;
        let with_zero = self.contraction_guard == ContractionGuard::FullBarrier;
        let kernel = Kernel::new(&self.device, &module, kernel.kernel(), with_zero);
        self.listener.check()?;
        Ok(Compiled { kernel, most_threads: None, is_from_cache: false })
    }

    unsafe fn submit(&mut self, batch: &[RawLaunch<'_, Self>], times: u32) -> Result<(), Fault> {
        let mut launches = Vec::with_capacity(batch.len());
        for launch in batch {
            let group = launch.kernel.bind(&self.device, launch, &self.zero);
            launches.push((&launch.kernel.pipeline, group, launch.groups));
        }
        self.listener.check()?;
        let recorder = Recorder(&launches);
        let mut pace = self.pace.clone();
        let piece = |numbers| {
            let sent = self.queue.submit([recorder.record(&self.device, numbers)]);
            self.listener.check().map(|()| sent)
        };
        let done = pace.feed(launches.len(), times, piece, |sent| self.wait(Some(sent)));
        self.pace = pace;
        done
    }
}

/// Returns the protection of the options where the adapter has it, or the best one.
fn supported(
    adapter: &wgpu::Adapter,
    asked: Option<ContractionGuard>,
) -> Result<ContractionGuard, String> {
    let can_mark = adapter.get_info().backend == wgpu::Backend::Vulkan
        && adapter.features().contains(wgpu::Features::PASSTHROUGH_SHADERS);
    match asked {
        Some(ContractionGuard::NoContraction) if !can_mark => {
            Err("the protection no-contraction needs Vulkan".into())
        }
        Some(contraction_guard) => Ok(contraction_guard),
        None if can_mark => Ok(ContractionGuard::NoContraction),
        None => Ok(ContractionGuard::FullBarrier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_conformance::missing::lack;
    use isospike_core::device::{Device, Launch};
    use isospike_core::ir::{Access, Binding, Kernel};

    #[test]
    fn a_device_that_goes_away_is_an_error_of_every_call() {
        let options = crate::Options { contraction_guard: Some(ContractionGuard::FullBarrier) };
        let mut device = match crate::open_unproved(None, options) {
            Ok(device) => device,
            Err(why) => return lack("wgpu", &why.to_string()),
        };
        let kernel = Kernel {
            name: "nothing".into(),
            bindings: vec![Binding { name: "words", access: Access::ReadWrite }],
            group_size: 64,
            ops: Vec::new(),
            types: Vec::new(),
            vars: 0,
            body: Vec::new(),
        };
        let kernel = Verified::new(&kernel, &[8]).unwrap();
        let compiled = device.compile(&kernel).unwrap();
        let buffer = device.alloc(8).unwrap();
        device.write(&buffer, 0, &[1]).unwrap();
        device.raw().device.destroy();
        let lost = |result: Result<(), BackendError>| {
            assert!(matches!(result, Err(BackendError::Lost(_))), "{result:?}");
        };
        lost(device.read(&buffer, 0, &mut [0]));
        lost(device.write(&buffer, 0, &[1]));
        lost(device.alloc(8).map(drop));
        lost(device.compile(&kernel).map(drop));
        let launch = Launch { kernel: &compiled, buffers: vec![&buffer], groups: 1 };
        lost(device.submit(&[launch], 1));
    }
}
