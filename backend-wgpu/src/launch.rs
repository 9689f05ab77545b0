//! Buffers, compiled kernels, and launches recorded in pieces that no watchdog minds.

use crate::contraction_guard::ENTRY_POINT;
use isospike_core::device::Limits;
use isospike_core::ir;
use isospike_core::run::backend::BackendError;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Bind groups that a kernel remembers. Simulations bind the same few sets again and again.
const MOST_BIND_GROUPS: usize = 64;

/// A buffer of words on the device.
#[derive(Debug)]
pub struct Buffer {
    pub(crate) raw: wgpu::Buffer,
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

/// A compiled kernel, and the sets of buffers it was launched with.
#[derive(Debug)]
pub struct Kernel {
    pub(crate) pipeline: wgpu::ComputePipeline,
    name: String,
    bindings: usize,
    with_zero: bool,
    layout: wgpu::BindGroupLayout,
    groups: Mutex<BTreeMap<Vec<u64>, wgpu::BindGroup>>,
}

impl Kernel {
    /// Compiles the module of a kernel. Errors go to the device's [`crate::fault::Faults`].
    pub(crate) fn new(
        device: &wgpu::Device,
        module: &wgpu::ShaderModule,
        kernel: &ir::Kernel,
        with_zero: bool,
    ) -> Self {
        let storage = kernel
            .bindings
            .iter()
            .map(|b| wgpu::BufferBindingType::Storage { read_only: b.access == ir::Access::Read });
        let types = storage.chain(with_zero.then_some(wgpu::BufferBindingType::Uniform));
        let entry = |(ty, binding)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let entries: Vec<_> = types.zip(0..).map(entry).collect();
        let label = Some(kernel.name.as_str());
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label,
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: Some(&pipeline_layout),
            module,
            entry_point: Some(ENTRY_POINT),
            compilation_options: Default::default(),
            cache: None,
        });
        Self {
            pipeline,
            name: kernel.name.clone(),
            bindings: kernel.bindings.len(),
            with_zero,
            layout,
            groups: Mutex::default(),
        }
    }

    /// The bind group of these buffers, made once. It lives as long as the kernel.
    pub(crate) fn bind(
        &self,
        device: &wgpu::Device,
        buffers: &[&Buffer],
        zero: &wgpu::Buffer,
        limits: &Limits,
    ) -> Result<wgpu::BindGroup, BackendError> {
        if buffers.len() != self.bindings {
            return Err(BackendError::Kernel(format!(
                "kernel {} binds {} buffers, {} were given",
                self.name,
                self.bindings,
                buffers.len()
            )));
        }
        if let Some(b) = buffers.iter().find(|b| b.words > limits.binding_words) {
            return Err(BackendError::Unsupported(format!(
                "kernel {} binds a buffer of {} words; the device shows a kernel at most {}",
                self.name, b.words, limits.binding_words
            )));
        }
        let ids: Vec<u64> = buffers.iter().map(|b| b.id).collect();
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(&ids) {
            return Ok(group.clone());
        }
        if groups.len() >= MOST_BIND_GROUPS {
            groups.clear();
        }
        let raw = buffers.iter().map(|b| &b.raw).chain(self.with_zero.then_some(zero));
        let entries: Vec<_> = raw
            .zip(0..)
            .map(|(b, binding)| wgpu::BindGroupEntry { binding, resource: b.as_entire_binding() })
            .collect();
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(&self.name),
            layout: &self.layout,
            entries: &entries,
        });
        groups.insert(ids, group.clone());
        Ok(group)
    }
}

/// A launch ready to record: pipeline, buffers, groups.
pub(crate) type Ready<'a> = (&'a wgpu::ComputePipeline, wgpu::BindGroup, u32);

/// Records a batch of launches many times over, some at a time.
pub(crate) struct Recorder<'a> {
    launches: &'a [Ready<'a>],
    next: u64,
    end: u64,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(launches: &'a [Ready<'a>], times: u32) -> Self {
        Self { launches, next: 0, end: launches.len() as u64 * u64::from(times) }
    }

    /// The next launches, at most this many, or `None` at the end. wgpu puts a barrier between
    /// launches of a pass where one writes what another uses.
    pub(crate) fn record(
        &mut self,
        device: &wgpu::Device,
        most: u32,
    ) -> Option<wgpu::CommandBuffer> {
        if self.next == self.end {
            return None;
        }
        let end = self.end.min(self.next + u64::from(most));
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for n in self.next..end {
            let at = (n % self.launches.len() as u64) as usize;
            let (pipeline, group, groups) = &self.launches[at];
            // A batch of one kernel needs to be told what to run once.
            if n == self.next || self.launches.len() > 1 {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, group, &[]);
            }
            pass.dispatch_workgroups(*groups, 1, 1);
        }
        drop(pass);
        self.next = end;
        Some(encoder.finish())
    }
}
