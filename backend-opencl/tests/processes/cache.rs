//! Compiled kernels on disk: used again, rebuilt where they are no good, shared by processes.

use crate::child;
use crate::common::{PATHS, device};
use isospike_core::device::cache::Cache;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::Kernel;
use isospike_core::ir::verify::Verified;
use isospike_opencl::{ContractionGuard, OpenClDevice, Options, open_unproved};
use libtest_mimic::{Failed, Trial};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A device that keeps what it compiles in this folder.
fn open(selector: &str, contraction_guard: ContractionGuard, folder: &Path) -> OpenClDevice {
    let options =
        Options { contraction_guard: Some(contraction_guard), cache: Cache::in_folder(folder) };
    open_unproved(Some(selector), options).unwrap()
}

/// Compiles a kernel and says whether the cache had it. The kernel must work.
fn compile(device: &mut OpenClDevice, kernel: &Kernel) -> bool {
    let words = vec![64; kernel.bindings.len()];
    let verified = Verified::new(kernel, &words).unwrap();
    let compiled = device.compile(&verified).unwrap();
    let buffers: Vec<_> = kernel.bindings.iter().map(|_| device.alloc(64).unwrap()).collect();
    let launch = Launch { kernel: &compiled, buffers: buffers.iter().collect(), groups: 1 };
    device.submit(&[launch], 1).unwrap();
    let mut words = [0; 64];
    device.read(buffers.last().unwrap(), 0, &mut words).unwrap();
    assert_eq!(words[0], if kernel.name == "sign_in" { 1 } else { 0 });
    compiled.is_from_cache()
}

/// The entries of a folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn a_kernel_is_compiled_once(selector: &str, contraction_guard: ContractionGuard) {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) =
        (isospike_conformance::device::sign_in(), isospike_conformance::device::triple_and_add());
    let mut device = open(selector, contraction_guard, folder.path());
    assert!(!compile(&mut device, &a) && !compile(&mut device, &b));
    assert!(compile(&mut device, &a) && compile(&mut device, &b));
    let mut again = open(selector, contraction_guard, folder.path());
    assert!(compile(&mut again, &a) && compile(&mut again, &b));
    // Another way to compile it is another entry.
    let other = match contraction_guard {
        ContractionGuard::FullBarrier => ContractionGuard::NoContraction,
        ContractionGuard::NoContraction => ContractionGuard::FullBarrier,
    };
    assert!(!compile(&mut open(selector, other, folder.path()), &a));
}

fn an_entry_that_is_no_good_is_rebuilt(selector: &str, contraction_guard: ContractionGuard) {
    let folder = tempfile::tempdir().unwrap();
    let mut device = open(selector, contraction_guard, folder.path());
    let kernel = isospike_conformance::device::sign_in();
    assert!(!compile(&mut device, &kernel));
    let path = entries(folder.path()).pop().unwrap();
    let good = fs::read(&path).unwrap();

    // A disk that lost a bit.
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&path, flipped).unwrap();
    assert!(!compile(&mut device, &kernel));
    assert!(compile(&mut device, &kernel));

    // A binary that is whole, and of another kernel.
    assert!(!compile(&mut device, &isospike_conformance::device::triple_and_add()));
    let other = entries(folder.path()).into_iter().find(|entry| *entry != path).unwrap();
    fs::copy(other, &path).unwrap();
    assert!(!compile(&mut device, &kernel));
    assert!(compile(&mut device, &kernel));

    // Bytes that are whole, and no binary. Mesa 22 ends the process where it should refuse them,
    // which the digest of an entry keeps from happening.
    if selector == "rusticl" {
        return;
    }
    let garbage = b"not a program";
    fs::write(&path, [&Sha256::digest(garbage)[..], garbage].concat()).unwrap();
    assert!(!compile(&mut device, &kernel));
    assert!(compile(&mut device, &kernel));
}

fn processes_at_once_share_a_folder(selector: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        child::command("cache", selector)
            .env("ISOSPIKE_CACHE", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    };
    let children = [run()?, run()?, run()?];
    for child in children {
        child::text(child.wait_with_output()?)?;
    }
    let last = child::text(run()?.wait_with_output()?)?;
    assert_eq!(last.trim(), "true true", "the last process finds what the others compiled");
    assert_eq!(entries(folder.path()).len(), 2);
    Ok(())
}

/// A process that compiles two kernels into the cache of its environment.
pub fn child(selector: &str) {
    let options = Options { cache: Cache::from_environment(), ..Options::default() };
    let mut device = open_unproved(Some(selector), options).unwrap();
    let a = compile(&mut device, &isospike_conformance::device::sign_in());
    let b = compile(&mut device, &isospike_conformance::device::triple_and_add());
    println!("{a} {b}");
}

/// Lists the tests.
pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (selector, contraction_guard) in PATHS {
        let name = format!("{selector}/{}", contraction_guard.name());
        let here = move || device(selector, contraction_guard).is_some();
        trials.push(Trial::test(format!("{name}/a kernel is compiled once"), move || {
            if here() {
                a_kernel_is_compiled_once(selector, contraction_guard);
            }
            Ok(())
        }));
        trials.push(Trial::test(
            format!("{name}/an entry that is no good is rebuilt"),
            move || {
                if here() {
                    an_entry_that_is_no_good_is_rebuilt(selector, contraction_guard);
                }
                Ok(())
            },
        ));
        trials.push(Trial::test(format!("{name}/processes at once share a folder"), move || {
            if here() { processes_at_once_share_a_folder(selector) } else { Ok(()) }
        }));
    }
    trials
}
