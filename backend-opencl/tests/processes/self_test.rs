//! The self-test: it passes on every path, and catches a compiler that breaks its word.

use crate::child;
use crate::common::{PATHS, device, options};
use isospike_conformance::run::{self, Event, run_suite};
use isospike_conformance::{Opened, Subject};
use isospike_core::device::self_test::run;
use isospike_core::device::{Device, DeviceBackend};
use isospike_core::run::backend::{Backend, BackendError};
use isospike_opencl::{ContractionGuard, Options, open_device, open_unproved, open_with};
use libtest_mimic::{Failed, Trial};
use std::time::Instant;

/// The option that pocl adds to every kernel: the fast arithmetic that we never use.
const FAST: (&str, &str) = ("POCL_EXTRA_BUILD_FLAGS", "-cl-fast-relaxed-math");

fn the_path_gives_the_bits_of_core(
    selector: &str,
    contraction_guard: ContractionGuard,
) -> Result<(), Failed> {
    let Some(mut device) = device(selector, contraction_guard) else { return Ok(()) };
    let start = Instant::now();
    assert_eq!(run(&mut device), Ok(None));
    let cold = start.elapsed();
    let start = Instant::now();
    assert_eq!(run(&mut device), Ok(None));
    println!("{selector}: {cold:?} with the host's part, then {:?}", start.elapsed());
    Ok(())
}

fn a_proved_backend_says_how_it_is_protected(
    selector: &str,
    contraction_guard: ContractionGuard,
) -> Result<(), Failed> {
    if device(selector, contraction_guard).is_none() {
        return Ok(());
    }
    let start = Instant::now();
    let backend = open_with(Some(selector), options(contraction_guard)).unwrap();
    let first = start.elapsed();
    let note = backend.info().notes.join("; ");
    assert!(note.contains(contraction_guard.name()) && note.contains("proved"), "{note}");
    let start = Instant::now();
    // The note says how long the proof took: the same time means the same proof.
    let again = open_with(Some(selector), options(contraction_guard)).unwrap();
    assert_eq!(again.info().notes, backend.info().notes);
    println!("{selector}: {note}; opened in {first:?}, again in {:?}", start.elapsed());
    Ok(())
}

/// The child: pocl, with the option to compute fast.
pub fn child(role: &str) {
    if role == "trusted" {
        return trusted();
    }
    let contraction_guard = (role == "asked").then_some(ContractionGuard::NoContraction);
    match open_device(Some("pocl"), Options { contraction_guard, ..Options::default() }) {
        Ok(device) => println!("{}", device.info().notes.join("; ")),
        Err(BackendError::Kernel(why)) => println!("refused: {why}"),
        Err(other) => println!("other: {other}"),
    }
}

/// The child without the self-test: how far such a compiler gets on the suite.
fn trusted() {
    let open = || {
        let device = open_unproved(Some("pocl"), options(ContractionGuard::NoContraction))?;
        Ok(Opened::device(DeviceBackend::new(device)))
    };
    let subject = Subject::new("pocl, deceived", "opencl-pocl", open);
    let suite_run = run_suite(&subject, &run::Options::default(), |event| match event {
        Event::Begins(..) => true,
        Event::Ended(outcome) => !outcome.status.is_red(),
    });
    match suite_run.map(|suite_run| suite_run.first_failing()) {
        Ok(Some(level)) => println!("caught by level {level}"),
        other => println!("not caught: {other:?}"),
    }
}

fn says(role: &str, words: &[&str]) -> Result<(), Failed> {
    if device("pocl", ContractionGuard::NoContraction).is_none() {
        return Ok(());
    }
    // Its own cache would hand out what was compiled without the flag.
    let folder = tempfile::tempdir()?;
    let mut command = child::command("self-test", role);
    command.env(FAST.0, FAST.1).env("POCL_CACHE_DIR", folder.path());
    let text = child::text(command.output()?)?;
    match words.iter().find(|word| !text.contains(**word)) {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is missing in:\n{text}").into()),
    }
}

fn a_compiler_that_reorders_is_put_behind_the_full_barrier() -> Result<(), Failed> {
    says("free", &["no-contraction does not hold here", "instead of", "protected by full-barrier"])
}

fn a_protection_that_was_asked_for_is_refused_where_it_fails() -> Result<(), Failed> {
    says("asked", &["refused: ", "cannot be used: with the protection no-contraction", "0x"])
}

fn without_the_self_test_the_ladder_catches_it() -> Result<(), Failed> {
    says("trusted", &["caught by level 1 ops"])
}

fn a_compiler_with_a_known_fault_is_put_behind_the_full_barrier() -> Result<(), Failed> {
    if device("intel", ContractionGuard::FullBarrier).is_none() {
        return Ok(());
    }
    let open = |contraction_guard| {
        open_with(Some("intel"), Options { contraction_guard, ..Options::default() })
    };
    let notes = open(None)?.info().notes.join("; ");
    assert!(notes.starts_with("no-contraction does not hold here: Intel's compiler"), "{notes}");
    assert!(notes.contains("floats protected by full-barrier"), "{notes}");
    let refused = open(Some(ContractionGuard::NoContraction)).unwrap_err().to_string();
    assert!(refused.contains("with the protection no-contraction, Intel's compiler"), "{refused}");
    Ok(())
}

/// Lists the tests.
pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test(
            "a compiler that reorders is put behind the full barrier",
            a_compiler_that_reorders_is_put_behind_the_full_barrier,
        ),
        Trial::test(
            "a protection that was asked for is refused where it fails",
            a_protection_that_was_asked_for_is_refused_where_it_fails,
        ),
        Trial::test(
            "a compiler with a known fault is put behind the full barrier",
            a_compiler_with_a_known_fault_is_put_behind_the_full_barrier,
        ),
        Trial::test(
            "without the self-test the suite catches it",
            without_the_self_test_the_ladder_catches_it,
        ),
    ];
    for (selector, contraction_guard) in PATHS {
        let name = format!("{selector}/{}", contraction_guard.name());
        trials.push(Trial::test(format!("{name}/the bits of core"), move || {
            the_path_gives_the_bits_of_core(selector, contraction_guard)
        }));
        trials.push(Trial::test(format!("{name}/how it is protected"), move || {
            a_proved_backend_says_how_it_is_protected(selector, contraction_guard)
        }));
    }
    trials
}
