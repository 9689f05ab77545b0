//! All the memory of a device at once: alone in its process, because it leaves none to others.

mod common;

use common::on_each;
use isospike_core::backend::BackendError;
use isospike_core::device::Device;

#[test]
fn more_memory_than_there_is_is_out_of_memory() {
    on_each(|device, path| {
        let half = device.limits().binding_words / 2;
        let mut kept = Vec::new();
        let error = loop {
            match device.alloc(half) {
                Ok(buffer) if kept.len() < 4 => kept.push(buffer),
                Ok(_) => panic!("{path}: five halves of its memory"),
                Err(error) => break error,
            }
        };
        let BackendError::OutOfMemory { needed_bytes, .. } = error else { panic!("{error}") };
        assert_eq!(needed_bytes, 4 * half, "{path}");
        drop(kept);
        // The device is still good, and the memory is there again.
        device.alloc(1000).unwrap();
    });
}
