//! Compiled kernels with the sets of buffers they were launched with, and launches recorded.

use crate::contraction_guard::ENTRY_POINT;
use crate::device::RawWgpu;
use isospike_core::device::raw::RawLaunch;
use isospike_core::ir;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Bind groups that a kernel remembers. Simulations bind the same few sets again and again.
const MOST_BIND_GROUPS: usize = 64;

/// A compiled kernel, and the sets of buffers it was launched with.
#[derive(Debug)]
pub struct Kernel {
    pub(crate) pipeline: wgpu::ComputePipeline,
    name: String,
    with_zero: bool,
    layout: wgpu::BindGroupLayout,
    groups: Mutex<BTreeMap<Vec<u64>, wgpu::BindGroup>>,
}

impl Kernel {
    /// Compiles the module of a kernel. Errors go to the device's [`crate::fault::Listener`].
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
        Self { pipeline, name: kernel.name.clone(), with_zero, layout, groups: Mutex::default() }
    }

    /// The bind group of these buffers, made once. It lives as long as the kernel.
    pub(crate) fn bind(
        &self,
        device: &wgpu::Device,
        launch: &RawLaunch<'_, RawWgpu>,
        zero: &wgpu::Buffer,
    ) -> wgpu::BindGroup {
        let ids = launch.memory_ids().to_vec();
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(&ids) {
            return group.clone();
        }
        if groups.len() >= MOST_BIND_GROUPS {
            groups.clear();
        }
        let raw = launch.memory.iter().copied().chain(self.with_zero.then_some(zero));
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
        group
    }
}

/// A launch ready to record: pipeline, buffers, groups.
pub(crate) type Ready<'a> = (&'a wgpu::ComputePipeline, wgpu::BindGroup, u32);

/// Records a batch of launches many times over, some at a time.
pub(crate) struct Recorder<'a>(pub &'a [Ready<'a>]);

impl Recorder<'_> {
    /// Records the launches of these numbers, which go on counting when the batch comes round
    /// again. wgpu puts a barrier between launches of a pass where one writes what another uses.
    pub(crate) fn record(&self, device: &wgpu::Device, numbers: Range<u64>) -> wgpu::CommandBuffer {
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for n in numbers.clone() {
            let at = (n % self.0.len() as u64) as usize;
            let (pipeline, group, groups) = &self.0[at];
            // A batch of one kernel sets it once.
            if n == numbers.start || self.0.len() > 1 {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, group, &[]);
            }
            pass.dispatch_workgroups(*groups, 1, 1);
        }
        drop(pass);
        encoder.finish()
    }
}
