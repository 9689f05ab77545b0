//! All the memory of a device at once, which leaves none to others.

use crate::common::alone_on_each;
use isospike_core::device::Device;
use isospike_core::run::backend::BackendError;

#[test]
fn more_memory_than_there_is_is_out_of_memory() {
    alone_on_each(|device, path| {
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
