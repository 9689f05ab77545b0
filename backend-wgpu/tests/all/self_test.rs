//! The self-test: it passes where floats are protected, and catches a device where they are not.

use crate::common::{PATHS, device, on_each};
use isospike_conformance::missing::lack;
use isospike_core::device::Device;
use isospike_core::device::self_test::{prove, run};
use isospike_core::run::backend::{Backend, BackendError};
use isospike_wgpu::{ContractionGuard, Options, open_device, open_with};
use std::time::Instant;

#[test]
fn every_protected_path_gives_the_bits_of_core() {
    on_each(|device, path| {
        let start = Instant::now();
        assert_eq!(run(device), Ok(None), "{path}");
        let cold = start.elapsed();
        let start = Instant::now();
        assert_eq!(run(device), Ok(None), "{path}");
        println!("{path}: {cold:?} with the host's part, then {:?}", start.elapsed());
    });
}

#[test]
fn an_unprotected_driver_that_reorders_is_caught() {
    let Some(mut device) = device("vulkan", ContractionGuard::None) else { return };
    if !device.info().device.contains("llvmpipe") {
        lack("wgpu-lavapipe", "its way of reordering is what is tested");
        return;
    }
    let mismatch = run(&mut device).unwrap().expect("the driver folds (x + M) - M");
    assert_eq!(mismatch.function, "(x + 12582912) - 12582912");
    assert!(mismatch.wrong > 60_000, "{mismatch}");

    let options = Options { contraction_guard: Some(ContractionGuard::None) };
    let error = open_device(Some("vulkan"), options).unwrap_err();
    let told = ["llvmpipe", "none", "(x + 12582912) - 12582912", "0x"];
    assert!(matches!(error, BackendError::Kernel(ref s) if told.iter().all(|t| s.contains(t))));
}

#[test]
fn a_device_that_fails_takes_the_full_barrier() {
    let Some(mut device) = device("vulkan", ContractionGuard::None) else { return };
    if run(&mut device).unwrap().is_none() {
        lack("wgpu-lavapipe", "a driver that fails without protection");
        return;
    }
    prove(&mut device, false).unwrap();
    assert_eq!(device.raw().contraction_guard(), ContractionGuard::FullBarrier);
    let notes = device.info().notes.join("; ");
    assert!(notes.contains("none does not hold here") && notes.contains("by full-barrier"));
}

#[test]
fn a_proved_backend_says_how_it_is_protected() {
    for (api, contraction_guard) in PATHS {
        if device(api, contraction_guard).is_none() {
            continue;
        }
        let options = Options { contraction_guard: Some(contraction_guard) };
        let start = Instant::now();
        let backend = open_with(Some(api), options).unwrap();
        let first = start.elapsed();
        let note = backend.info().notes.join("; ");
        assert!(note.contains(contraction_guard.name()) && note.contains("proved"), "{note}");
        let start = Instant::now();
        // The note has the time of the proof: the same time means the same proof.
        assert_eq!(open_with(Some(api), options).unwrap().info().notes, backend.info().notes);
        println!("{api}: {note}; opened in {first:?}, again in {:?}", start.elapsed());
    }
}

#[test]
fn protections_that_an_interface_lacks_are_refused() {
    if device("gl", ContractionGuard::FullBarrier).is_none() {
        return;
    }
    let options = Options { contraction_guard: Some(ContractionGuard::NoContraction) };
    let error = open_device(Some("gl"), options).unwrap_err();
    assert!(matches!(error, BackendError::Unsupported(ref s) if s.contains("Vulkan")), "{error}");
}
