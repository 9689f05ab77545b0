//! The device alone: what it says, what all devices must do, and how a compiler's refusal reads.

use crate::common::on_each;
use isospike_conformance::device;
use isospike_core::device::Device;
use isospike_core::run::backend::BackendError;
use isospike_opencl::devices;

#[test]
fn every_device_says_what_it_is() {
    on_each(|opened, path| {
        let info = opened.info();
        assert_eq!(info.backend, "opencl");
        assert!(!info.device.is_empty() && info.driver.contains("OpenCL "), "{path}: {info:?}");
    });
    for (index, found) in devices().devices.iter().enumerate() {
        assert_eq!(found.index, index);
        assert!(found.memory_bytes > Some(1 << 20) && !found.version.is_empty(), "{found:?}");
        assert_eq!(found.software, found.kind == "software");
    }
}

#[test]
fn a_clone_is_another_handle_of_the_same_device() {
    on_each(|device, path| {
        device::clones(device).unwrap_or_else(|failure| panic!("{path}: {failure}"));
    });
}

#[test]
fn a_kernel_that_does_not_compile_comes_with_the_log_and_numbered_lines() {
    on_each(|opened, path| {
        // `while` is a word of the language and no name.
        let error = opened
            .compile(&device::verified(&device::builder("while").finish(), &[]).unwrap())
            .unwrap_err();
        let BackendError::Kernel(text) = error else { panic!("{path}: {error}") };
        assert!(text.contains("   1 | #pragma OPENCL FP_CONTRACT OFF"), "{path}: {text}");
        assert!(text.contains("kernel while") && text.contains("error"), "{path}: {text}");
        // The device is still good.
        opened.compile(&device::verified(&device::sign_in(), &[1]).unwrap()).unwrap();
    });
}
