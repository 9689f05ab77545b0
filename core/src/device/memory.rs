//! The memory of a plan on a device, compared with that of the device before anything is
//! allocated.

use super::Limits;
use super::learned::Learned;
use super::rows::RowPlan;
use crate::base::words::count;
use crate::device::kernels::layout::Layout;
use crate::device::kernels::learn::Part;
use crate::device::kernels::{Buffer, Stage};
use crate::run::backend::BackendError;

/// Returns the size of every buffer of a simulation, in words.
pub fn sizes(layout: &Layout, rows: &RowPlan, learned: &[Learned]) -> Vec<(Buffer, u64)> {
    let mut sizes = vec![
        (Buffer::Control, layout.control_words()),
        (Buffer::State, layout.state_words),
        (Buffer::Constants, layout.constant_words),
        (Buffer::Accumulators, layout.ring_words()),
        (Buffer::Spikes, layout.all_neurons()),
        (Buffer::Raster, layout.raster_words()),
        (Buffer::Traces, layout.trace_words),
        (Buffer::Events, layout.event_words),
    ];
    for (part, rows_of_part) in (0..).zip(&rows.parts) {
        sizes.push((Buffer::Rows(part), rows_of_part.words(rows.wide)));
    }
    if !learned.is_empty() {
        let slots = u64::from(layout.slots);
        sizes.push((Buffer::Recent, slots.saturating_mul(layout.all_neurons() + 1)));
    }
    for (number, learned) in (0..).zip(learned) {
        let parts = Part::ALL.into_iter().zip(learned.arena.words);
        sizes.extend(parts.map(|(part, words)| (Buffer::Learned(number, part), words)));
    }
    // Not every device has buffers of no words.
    sizes.iter().map(|(buffer, words)| (*buffer, (*words).max(1))).collect()
}

/// Compares sizes and launches with the limits.
pub fn check(
    sizes: &[(Buffer, u64)],
    stages: &[Stage],
    limits: Limits,
) -> Result<(), BackendError> {
    let needed_bytes = 4 * sizes.iter().map(|(_, words)| words).sum::<u64>();
    if let Some(available_bytes) = limits.memory_bytes.filter(|have| needed_bytes > *have) {
        let what = largest(sizes);
        return Err(BackendError::OutOfMemory { what, needed_bytes, available_bytes });
    }
    // Kernels index with 32 bits.
    let most = limits.binding_words.min(u64::from(u32::MAX));
    if let Some((buffer, words)) = sizes.iter().find(|(_, words)| *words > most) {
        return Err(BackendError::Unsupported(format!(
            "buffer `{}` has {}, the device binds at most {most}",
            buffer.name(),
            count(*words, "word")
        )));
    }
    for stage in stages {
        let (kernel, bindings) = (&stage.kernel.name, stage.buffers.len());
        if bindings > limits.bindings as usize {
            return Err(BackendError::Unsupported(format!(
                "kernel {kernel} binds {}, the device binds at most {}",
                count(bindings as u64, "buffer"),
                limits.bindings
            )));
        }
        if stage.kernel.group_size > limits.group_size {
            return Err(BackendError::Unsupported(format!(
                "kernel {kernel} has groups of {}, the device runs at most {}",
                count(stage.kernel.group_size, "thread"),
                limits.group_size
            )));
        }
        if stage.groups > limits.groups {
            return Err(BackendError::Unsupported(format!(
                "kernel {kernel} needs {}, the device launches at most {}",
                count(stage.groups, "group"),
                limits.groups
            )));
        }
    }
    Ok(())
}

/// Returns the name and the size of the largest buffer, for the error.
fn largest(sizes: &[(Buffer, u64)]) -> String {
    let largest = sizes.iter().max_by_key(|(_, words)| *words);
    largest.map_or_else(String::new, |(buffer, words)| {
        format!("the largest buffer, `{}`, has {}", buffer.name(), count(4 * words, "byte"))
    })
}
