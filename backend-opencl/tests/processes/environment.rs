//! Reports where there is no loader, no driver or no device, and choices of the environment.
//! Each case is a process of its own.

use crate::child;
use isospike_core::run::backend::BackendError;
use isospike_opencl::{ContractionGuard, Options, devices, open};
use libtest_mimic::{Failed, Trial};
use std::process::Command;

/// The child: what is found and missing, and what opening says.
fn report() {
    let found = devices();
    println!("{} devices; missing: {}", found.devices.len(), found.missing.join("; "));
    match open(None) {
        Ok(_) => println!("opens"),
        Err(BackendError::NoDevice(why)) => println!("no device: {why}"),
        Err(other) => println!("other: {other}"),
    }
}

/// The output of the child must have all of these words.
fn says(command: &mut Command, words: &[&str]) -> Result<(), Failed> {
    let text = child::text(command.output()?)?;
    match words.iter().find(|word| !text.contains(**word)) {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is missing in:\n{text}").into()),
    }
}

fn no_driver() -> Result<(), Failed> {
    let empty = tempfile::tempdir()?;
    says(
        vendors(&mut child::command("environment", "report"), empty.path()),
        &["0 devices", "no device: ", "pocl-opencl-icd"],
    )
}

fn a_driver_without_devices() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("rusticl.icd"), "libRusticlOpenCL.so.1\n")?;
    let mut command = child::command("environment", "report");
    command.env_remove("RUSTICL_ENABLE");
    let mut words = vec!["0 devices", "no device: "];
    // Without Mesa this is a loader without drivers.
    if std::path::Path::new("/etc/OpenCL/vendors/rusticl.icd").exists() {
        words.extend(["the platform rusticl has no device", "RUSTICL_ENABLE"]);
    }
    says(vendors(&mut command, folder.path()), &words)
}

/// The loaders of Khronos and of Debian both read the folder; an environment of ours must not
/// add to it.
fn vendors<'a>(command: &'a mut Command, folder: &std::path::Path) -> &'a mut Command {
    command.env("OCL_ICD_VENDORS", format!("{}/", folder.display())).env_remove("OCL_ICD_FILENAMES")
}

/// A library that is there but has nothing of OpenCL in it.
fn no_loader() -> Result<(), Failed> {
    says(
        child::command("environment", "report").env("OPENCL_DYLIB_PATH", "libm.so.6"),
        &["0 devices", "no device: there is no OpenCL loader", "ocl-icd-libopencl1"],
    )
}

fn options() {
    let options = Options::from_environment();
    println!("{options:?}");
}

fn a_contraction_guard_is_asked_for_by_name() -> Result<(), Failed> {
    let ask = |value: &str| {
        let mut command = child::command("environment", "options");
        command.env("ISOSPIKE_OPENCL_PROTECTION", value);
        command
    };
    says(&mut ask(" "), &["contraction_guard: None"])?;
    let barrier = format!("contraction_guard: Some({:?})", ContractionGuard::FullBarrier);
    says(&mut ask("full-barrier"), &[&barrier])?;
    says(&mut ask("fast"), &["Err(Unsupported", "ISOSPIKE_OPENCL_PROTECTION", "no-contraction"])
}

/// The child in a role.
pub fn child(role: &str) {
    match role {
        "report" => report(),
        "options" => options(),
        other => panic!("there is no role {other}"),
    }
}

/// Lists the tests.
pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("no driver", no_driver),
        Trial::test("a driver without devices", a_driver_without_devices),
        Trial::test(
            "a contraction guard is asked for by name",
            a_contraction_guard_is_asked_for_by_name,
        ),
    ];
    if cfg!(target_os = "linux") {
        trials.push(Trial::test("no loader", no_loader));
    }
    trials
}
