//! The device alone: what all devices must do, and what only this kind refuses.

mod common;

use common::on_each;
use isospike_conformance::device;
use isospike_core::backend::BackendError;
use isospike_core::device::{Device, Launch};

#[test]
fn buffers_start_as_zero_and_keep_what_is_written() {
    on_each(device::copies);
}

#[test]
fn a_big_buffer_crosses_from_an_offset() {
    on_each(device::big_copies);
}

#[test]
fn launches_run_in_order_as_often_as_told() {
    on_each(device::order);
}

#[test]
fn a_batch_is_not_mistaken_for_another() {
    on_each(device::batches);
}

#[test]
fn atomics_combine_across_groups_and_launches() {
    on_each(device::atomics);
}

#[test]
fn as_many_groups_as_promised_are_launched() {
    on_each(device::groups);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    on_each(device::refusals);
}

#[test]
fn a_clone_is_another_handle_of_the_same_device() {
    on_each(device::clones);
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
        let kernel = gpu.compile(&device::sign_in()).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer], groups: 1 };
        let error = gpu.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(_)), "{path}: {error}");
    });
}
