//! The effects of the environment of a process: which libraries there are, how many devices, and
//! what fails on them. Each case is this program again, with other variables. Most of them run on
//! the stand-in, which a variable can make fail; a real GPU cannot be made to.

#[path = "common/child.rs"]
mod child;
#[path = "all/common.rs"]
mod common;

use common::options;
use isospike_conformance::device::{triple_and_add, verified};
use isospike_conformance::golden;
use isospike_conformance::missing::lack;
use isospike_core::device::{Device, DeviceBackend, Launch};
use isospike_core::ir::Access;
use isospike_core::ir::verify::Verified;
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;
use isospike_cuda::{devices, open_unproved};
use libtest_mimic::{Arguments, Failed, Trial};

/// Says what there is, and what comes of opening it.
fn report() {
    let found = devices();
    println!("{} devices", found.devices.len());
    for device in &found.devices {
        println!("device {device:?}");
    }
    for why in &found.missing {
        println!("missing: {why}");
    }
    match open_unproved(None, options()) {
        Ok(device) => println!("opened {:?}", device.info()),
        Err(error) => println!("error {error:?}"),
    }
}

/// Runs a network until it fails.
fn run() {
    let example = golden::cases().into_iter().find(|case| case.name == "izhikevich_2003").unwrap();
    let plan = golden::plan(&example).unwrap_or_else(|_| panic!("{}", example.name));
    let backend = DeviceBackend::new(open_unproved(None, options()).unwrap());
    let mut simulation = match backend.compile(&plan) {
        Ok(simulation) => simulation,
        Err(error) => return println!("compile: {error:?}"),
    };
    let mut record = Recording::new(&plan);
    let error = simulation.run(example.steps, &mut record).map_err(|e| format!("{e:?}"));
    println!("run: {error:?} after {} steps", record.steps);
    println!("state: {:?}", simulation.state().map(|words| words.len()));
}

/// Sets one device against another.
fn two() {
    for selector in ["0", "1"] {
        let mut device = open_unproved(Some(selector), options()).unwrap();
        let kernel = verified(&triple_and_add(), &[64, 64]).unwrap();
        let kernel = device.compile(&kernel).unwrap();
        let [from, to] = [1, 2].map(|n| {
            let buffer = device.alloc(64).unwrap();
            device.write(&buffer, 0, &[n; 64]).unwrap();
            buffer
        });
        let launch = Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
        device.submit(&[launch], 1).unwrap();
        let mut words = [0; 64];
        device.read(&to, 0, &mut words).unwrap();
        println!("{selector}: {} gives {}", device.info().device, words[63]);
    }
    println!("{:?}", open_unproved(Some("2"), options()).map(drop));
}

/// Runs a kernel that writes far outside its buffer, and goes on.
fn stray() {
    let mut device = match open_unproved(None, options()) {
        Ok(device) => device,
        Err(error) => return println!("no device: {error}"),
    };
    let mut b = isospike_conformance::device::builder("stray");
    let words = b.bind("words", Access::ReadWrite);
    let far = b.u32(0x3fff_ffff);
    b.store(words, far, far);
    // SAFETY: the driver keeps the kernel from memory that is not of this process's device.
    let kernel = unsafe { Verified::assume(&b.finish(), &[64]) };
    let kernel = device.compile(&kernel).unwrap();
    let buffer = device.alloc(64).unwrap();
    let launch = || Launch { kernel: &kernel, buffers: vec![&buffer], groups: 1 };
    // The driver may tell at once or later.
    _ = device.submit(&[launch()], 1);
    println!("read: {:?}", device.read(&buffer, 0, &mut [0]));
    println!("write: {:?}", device.write(&buffer, 0, &[0]));
    println!("submit: {:?}", device.submit(&[launch()], 1));
    println!("alloc: {:?}", device.alloc(1).map(drop));
    let other = verified(&triple_and_add(), &[64, 64]).unwrap();
    println!("compile: {:?}", device.compile(&other).map(drop));
}

fn says(role: &str, variables: &[(&str, &str)], parts: &[&str]) -> Result<(), Failed> {
    let text = child::run(role, variables)?;
    match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("`{part}` is not in:\n{text}").into()),
        None => Ok(()),
    }
}

/// Whether the device is the stand-in; said where it is not.
fn has_stand_in() -> bool {
    let stands_in = devices().devices.first().is_some_and(|d| d.software && d.obstacle.is_none());
    if !stands_in {
        lack("cuda-stand-in", "this test tells the stand-in to fail; a GPU cannot be told to");
    }
    stands_in
}

/// The test needs that no folder is named; a library of the system is still found.
const NO_FOLDER: (&str, &str) = ("LD_LIBRARY_PATH", "");

fn no_library() -> Result<(), Failed> {
    let text = child::run("report", &[NO_FOLDER])?;
    let driver = text.contains("there is no CUDA driver (libcuda.so.1); install the driver");
    let compiler = text.contains("there is no NVRTC (libnvrtc.so)")
        && text.contains("pip install nvidia-cuda-nvrtc");
    if !driver || !compiler {
        lack("a machine without CUDA", &format!("here is one, so what is told is\n{text}"));
        return Ok(());
    }
    says("report", &[NO_FOLDER], &["0 devices", "NoDevice(\"there is no CUDA driver"])
}

fn no_device() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    let variables = [("CUDA_STAND_IN_DEVICES", "0")];
    says("report", &variables, &["0 devices", "there is a CUDA driver (13.5) but no device"])
}

fn an_old_driver() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    let variables = [("CUDA_STAND_IN_DRIVER", "12040")];
    let parts = ["1 devices", "obstacle: Some(", "reads PTX 8.4", "error Unsupported", "12.4.*"];
    says("report", &variables, &parts)?;
    let variables = [("CUDA_STAND_IN_DRIVER", "10020")];
    says("report", &variables, &["0 devices", "knows CUDA 10.2, and 11.4 is the oldest"])
}

fn an_old_device() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    let variables = [("CUDA_STAND_IN_SM", "50")];
    says("report", &variables, &["compute capability 5.0 is older", "error Unsupported"])
}

fn two_devices() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    let parts = ["0: STAND-IN", "1: STAND-IN", "#1", "gives 7", "Err(NoDevice", "there are 0:"];
    says("two", &[("CUDA_STAND_IN_DEVICES", "2")], &parts)
}

fn too_little_memory() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    let variables = [("CUDA_STAND_IN_MEMORY_BYTES", "100000")];
    says("run", &variables, &["compile: OutOfMemory", "available_bytes: 100000"])
}

fn a_device_that_is_lost_in_the_middle() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    let parts = ["run: Err(\"Lost(", "CUDA_ERROR_", "after 0 steps", "state: Err(Lost("];
    says("run", &[("CUDA_STAND_IN_FAIL_LAUNCH", "300")], &parts)
}

fn a_kernel_that_strays_loses_the_device() -> Result<(), Failed> {
    if devices().devices.is_empty() {
        lack("cuda", &devices().missing.join("; "));
        return Ok(());
    }
    let calls = ["read", "write", "submit", "alloc", "compile"];
    let lost = calls.map(|call| format!("{call}: Err(Lost("));
    let parts: Vec<&str> = lost.iter().map(String::as_str).chain(["ILLEGAL_ADDRESS"]).collect();
    says("stray", &[], &parts)
}

fn a_run_that_is_not_told_to_fail() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    says("run", &[], &["run: Ok(()) after 150 steps", "state: Ok("])
}

fn a_run_that_is_watched_for_races() -> Result<(), Failed> {
    if !has_stand_in() {
        return Ok(());
    }
    says("run", &[("CUDA_STAND_IN_RACES", "1")], &["run: Ok(()) after 150 steps", "state: Ok("])
}

fn main() {
    match child::role().as_deref() {
        Some("report") => return report(),
        Some("run") => return run(),
        Some("stray") => return stray(),
        Some(_) => return two(),
        None => {}
    }
    let trial = |name, test: fn() -> Result<(), Failed>| Trial::test(name, test);
    let trials = vec![
        trial("no library", no_library),
        trial("no device", no_device),
        trial("an old driver", an_old_driver),
        trial("an old device", an_old_device),
        trial("two devices", two_devices),
        trial("too little memory", too_little_memory),
        trial("a device that is lost in the middle", a_device_that_is_lost_in_the_middle),
        trial("a kernel that strays loses the device", a_kernel_that_strays_loses_the_device),
        trial("a run that is not told to fail", a_run_that_is_not_told_to_fail),
        trial("a run that is watched for races", a_run_that_is_watched_for_races),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit()
}
