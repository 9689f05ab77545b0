//! The device alone: what it says, the bits of its arithmetic, and what all devices must do.

use crate::common::{on_each, options};
use isospike_conformance::device;
use isospike_core::device::Device;
use isospike_core::device::self_test::{prove, run};
use isospike_core::run::backend::BackendError;
use isospike_cuda::{devices, open_device};

#[test]
fn every_device_says_what_it_is() {
    on_each(|opened, path| {
        let info = opened.info();
        assert!(info.backend == "cuda" && info.device.contains("compute "), "{path}: {info:?}");
        assert!(info.driver.contains("CUDA ") && info.driver.contains("NVRTC "), "{info:?}");
    });
    for (index, found) in devices().devices.iter().enumerate() {
        assert_eq!(found.index, index);
        assert!(found.memory_bytes > Some(1 << 20), "{found:?}");
        let capability = found.version.strip_prefix("compute ").and_then(|v| v.parse().ok());
        assert!(capability >= Some(3.0), "{found:?}");
        assert_eq!(found.software, found.kind == "software");
    }
}

#[test]
fn every_device_gives_the_bits_of_core() {
    on_each(|opened, path| {
        let start = std::time::Instant::now();
        assert_eq!(run(opened), Ok(None), "{path}");
        println!("{path}: {:?}", start.elapsed());
        prove(opened, true).unwrap();
        let notes = opened.info().notes.join("; ");
        assert!(notes.contains("named-rounding") && notes.contains("proved"), "{notes}");
    });
}

#[test]
fn devices_are_told_apart_by_number_and_name() {
    on_each(|_, path| {
        let error = open_device(Some("no such device"), options()).unwrap_err();
        let BackendError::NoDevice(text) = error else { panic!("{error}") };
        assert!(text.contains("no such device") && text.contains(path), "{text}");
        let error = open_device(Some("4000"), options()).unwrap_err();
        assert!(matches!(error, BackendError::NoDevice(_)), "{error}");
    });
}

#[test]
fn a_clone_is_another_handle_of_the_same_device() {
    on_each(|device, path| {
        device::clones(device).unwrap_or_else(|failure| panic!("{path}: {failure}"));
    });
}
