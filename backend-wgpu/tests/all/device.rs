//! The device alone: what all devices must do, and what only this kind refuses.

use crate::common::on_each;
use isospike_conformance::device;
use isospike_core::device::{Device, Launch};
use isospike_core::run::backend::BackendError;

#[test]
fn a_clone_is_another_handle_of_the_same_device() {
    on_each(|device, path| {
        device::clones(device).unwrap_or_else(|failure| panic!("{path}: {failure}"));
    });
}

#[test]
fn a_buffer_larger_than_a_binding_is_refused() {
    on_each(|gpu, path| {
        let words = gpu.limits().binding_words + 1;
        if words > 1 << 28 {
            eprintln!("{path}: a binding may have {} words; not tried", words - 1);
            return;
        }
        let Ok(buffer) = gpu.alloc(words) else { return };
        let kernel = gpu.compile(&device::verified(&device::sign_in(), &[1]).unwrap()).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer], groups: 1 };
        let error = gpu.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(_)), "{path}: {error}");
    });
}
