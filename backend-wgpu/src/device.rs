//! A wgpu device behind the trait that all devices with kernels share.

use crate::adapter;
use crate::contraction_guard::{self, ContractionGuard};
use crate::fault::Faults;
use crate::launch::{Buffer, Kernel, Recorder};
use crate::wgsl::Wgsl;
use isospike_core::base::memory::available_bytes;
use isospike_core::device::launch_batch::LaunchBatch;
use isospike_core::device::self_test::Provable;
use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir;
use isospike_core::ir::Guarantees;
use isospike_core::print;
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

/// Words copied in one piece between host and device: 16 MiB. wgpu stages a copy of each piece in
/// memory that both can reach, and keeps it until the device has taken it.
const PIECE_WORDS: u64 = 4 << 20;
/// Pieces under way before the host waits.
const PIECES_IN_FLIGHT: u64 = 4;

/// A device opened through wgpu.
#[derive(Debug)]
pub struct WgpuDevice {
    info: BackendInfo,
    identity: String,
    contraction_guard: ContractionGuard,
    device: wgpu::Device,
    queue: wgpu::Queue,
    faults: Faults,
    /// The zero of the full barrier, unknown to every compiler because it stands in memory.
    zero: wgpu::Buffer,
    /// Memory of the host that the device writes what is read; grows up to a piece.
    landing: Option<wgpu::Buffer>,
    /// Buffers made so far, by all clones: their names.
    buffers: Arc<AtomicU64>,
    pace: LaunchBatch,
}

/// A clone is another handle of the same device, with its own memory to read into.
impl Clone for WgpuDevice {
    fn clone(&self) -> Self {
        Self {
            info: self.info.clone(),
            identity: self.identity.clone(),
            contraction_guard: self.contraction_guard,
            device: self.device.clone(),
            queue: self.queue.clone(),
            faults: self.faults.clone(),
            zero: self.zero.clone(),
            landing: None,
            buffers: self.buffers.clone(),
            pace: self.pace.clone(),
        }
    }
}

impl WgpuDevice {
    /// Opens an adapter. Nothing has been proved about its arithmetic yet.
    pub(crate) fn open(
        adapter: &wgpu::Adapter,
        contraction_guard: Option<ContractionGuard>,
    ) -> Result<Self, BackendError> {
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
        let (device, queue) = pollster::block_on(adapter.request_device(&wanted))
            .map_err(|e| BackendError::NoDevice(format!("{name} does not open: {e}")))?;
        let faults = Faults::listen(&device);
        let zero = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("zero"),
            size: 16,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        queue.write_buffer(&zero, 0, &[0; 16]);
        faults.check(&format!("opening {name}"), 16)?;
        let info = BackendInfo {
            backend: "wgpu".into(),
            device: name,
            driver: adapter::driver(&found),
            software: found.device_type == wgpu::DeviceType::Cpu,
            notes: Vec::new(),
        };
        let identity = adapter::identity(&found);
        let (landing, buffers, pace) = (None, Arc::default(), LaunchBatch::default());
        Ok(Self {
            info,
            identity,
            contraction_guard,
            device,
            queue,
            faults,
            zero,
            landing,
            buffers,
            pace,
        })
    }

    /// How float operations of kernels compiled from now on are protected.
    pub fn contraction_guard(&self) -> ContractionGuard {
        self.contraction_guard
    }

    /// Waits for one submission, or for all work where none is named.
    fn wait(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<(), BackendError> {
        let until = wgpu::PollType::Wait { submission_index: submission, timeout: None };
        // wgpu panics here, and only here, where a device is lost while it waits.
        match catch_unwind(AssertUnwindSafe(|| self.device.poll(until))) {
            Ok(Ok(_)) => {}
            Ok(Err(why)) => self.faults.lose(why.to_string()),
            Err(_) => self.faults.lose("it failed while the host waited for it".into()),
        }
        self.faults.check("waiting for the device", 0)
    }

    /// Reads one piece through the landing buffer.
    fn read_piece(
        &mut self,
        from: &Buffer,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError> {
        let bytes = 4 * words.len() as u64;
        let landing = self.landing(bytes)?;
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(&from.raw, 4 * offset, &landing, 0, bytes);
        self.queue.submit([encoder.finish()]);
        let slice = landing.slice(..bytes);
        let (done, result) = mpsc::channel();
        // The receiver is alive as long as this call, so sending cannot fail in a way that matters.
        slice.map_async(wgpu::MapMode::Read, move |r| _ = done.send(r));
        self.wait(None)?;
        match result.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                return Err(BackendError::Lost(format!("reading {bytes} bytes: {why}")));
            }
            Err(_) => return Err(BackendError::Lost("a read was never answered".into())),
        }
        let copied = match slice.get_mapped_range() {
            Ok(mapped) => {
                bytemuck::cast_slice_mut(words).copy_from_slice(&mapped);
                Ok(())
            }
            Err(why) => Err(BackendError::Lost(format!("reading {bytes} bytes: {why}"))),
        };
        landing.unmap();
        copied
    }

    /// Host memory of at least this size.
    fn landing(&mut self, bytes: u64) -> Result<wgpu::Buffer, BackendError> {
        if let Some(landing) = self.landing.as_ref().filter(|b| b.size() >= bytes) {
            return Ok(landing.clone());
        }
        let landing = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("landing"),
            size: bytes.next_power_of_two().max(1 << 12),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.faults.check("memory to read into", landing.size())?;
        self.landing = Some(landing.clone());
        Ok(landing)
    }
}

impl Provable for WgpuDevice {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn contraction_guard(&self) -> &'static str {
        self.contraction_guard.name()
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

impl Device for WgpuDevice {
    type Buffer = Buffer;
    type Kernel = Kernel;

    fn info(&self) -> &BackendInfo {
        &self.info
    }

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
            // A software device lives in the host's memory, and a driver that promises more than
            // that ends the program instead of the call.
            memory_bytes: self.info.software.then(available_bytes).flatten(),
        }
    }

    fn alloc(&mut self, words: u64) -> Result<Buffer, BackendError> {
        let largest = self.device.limits().max_buffer_size / 4;
        if words > largest {
            return Err(BackendError::Unsupported(format!(
                "a buffer of {words} words; {} allows {largest}",
                self.info.device
            )));
        }
        use wgpu::BufferUsages as Usage;
        let raw = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            // A binding must not be empty.
            size: 4 * words.max(1),
            usage: Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
            mapped_at_creation: false,
        });
        self.faults.check("a buffer", 4 * words)?;
        let id = self.buffers.fetch_add(1, Ordering::Relaxed);
        Ok(Buffer { raw, words, id })
    }

    fn write(&mut self, to: &Buffer, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        to.check(offset, words.len())?;
        let pieces = words.chunks(PIECE_WORDS as usize);
        for (number, (piece, at)) in
            pieces.zip((offset..).step_by(PIECE_WORDS as usize)).enumerate()
        {
            self.queue.write_buffer(&to.raw, 4 * at, bytemuck::cast_slice(piece));
            let bytes = 4 * piece.len() as u64;
            self.faults.check("an upload", bytes)?;
            if piece.len() as u64 == PIECE_WORDS {
                let sent = self.queue.submit([]);
                if number as u64 % PIECES_IN_FLIGHT == PIECES_IN_FLIGHT - 1 {
                    self.wait(Some(sent))?;
                }
            }
        }
        Ok(())
    }

    fn read(&mut self, from: &Buffer, offset: u64, words: &mut [u32]) -> Result<(), BackendError> {
        from.check(offset, words.len())?;
        let mut at = offset;
        for piece in words.chunks_mut(PIECE_WORDS as usize) {
            let len = piece.len() as u64;
            self.read_piece(from, at, piece)?;
            at += len;
        }
        Ok(())
    }

    fn compile(&mut self, kernel: &ir::Kernel) -> Result<Kernel, BackendError> {
        let most = self.limits().bindings as usize;
        if kernel.bindings.len() > most {
            return Err(BackendError::Unsupported(format!(
                "kernel {} binds {} buffers; {} allows {most}",
                kernel.name,
                kernel.bindings.len(),
                self.info.device
            )));
        }
        let threads = self.limits().group_size;
        if kernel.group_size > threads {
            return Err(BackendError::Unsupported(format!(
                "kernel {} has groups of {} threads; {} runs at most {threads}",
                kernel.name, kernel.group_size, self.info.device
            )));
        }
        let text = print::print(kernel, &Wgsl, self.contraction_guard.of_text())
            .map_err(|e| BackendError::Kernel(e.to_string()))?;
        let module =
            contraction_guard::module(&self.device, self.contraction_guard, &text, kernel)?;
        let with_zero = self.contraction_guard == ContractionGuard::FullBarrier;
        let compiled = Kernel::new(&self.device, &module, kernel, with_zero);
        self.faults.check(&format!("kernel {}", kernel.name), 0)?;
        Ok(compiled)
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let limits = self.limits();
        let mut launches = Vec::with_capacity(batch.len());
        for launch in batch.iter().filter(|l| l.groups > 0) {
            if launch.groups > limits.groups {
                return Err(BackendError::Unsupported(format!(
                    "{} groups in one launch; {} allows {}",
                    launch.groups, self.info.device, limits.groups
                )));
            }
            let bound = launch.kernel.bind(&self.device, &launch.buffers, &self.zero, &limits)?;
            launches.push((&launch.kernel.pipeline, bound, launch.groups));
        }
        self.faults.check("binding buffers", 0)?;
        let mut before = None;
        let mut recorder = Recorder::new(&launches, times);
        while let Some(commands) = recorder.record(&self.device, self.pace.launches()) {
            let sent = self.queue.submit([commands]);
            self.faults.check("a launch", 0)?;
            // The device works on this one while the host waits for the one before, so commands
            // do not pile up and the device does not starve.
            if let Some(earlier) = before.replace(sent) {
                self.wait(Some(earlier))?;
                self.pace.finished();
            }
        }
        self.pace.stop();
        Ok(())
    }
}

/// The protection asked for where the adapter can give it, or the best one.
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
    use isospike_core::ir::{Access, Binding};

    #[test]
    fn a_device_that_goes_away_is_an_error_of_every_call() {
        let options = crate::Options { contraction_guard: Some(ContractionGuard::FullBarrier) };
        let mut device = match crate::open_unproved(None, options) {
            Ok(device) => device,
            Err(why) => return lack("wgpu", &why.to_string()),
        };
        let kernel = ir::Kernel {
            name: "nothing".into(),
            bindings: vec![Binding { name: "words", access: Access::ReadWrite }],
            group_size: 64,
            ops: Vec::new(),
            types: Vec::new(),
            vars: 0,
            body: Vec::new(),
        };
        let compiled = device.compile(&kernel).unwrap();
        let buffer = device.alloc(8).unwrap();
        device.write(&buffer, 0, &[1]).unwrap();
        device.device.destroy();
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
