//! A short network under oclgrind, which interprets kernels and watches every access: no data
//! race, no word outside a buffer, none used before it was set, no call that OpenCL forbids. The
//! same watch must find a race, a stray write and an unset word that are put there for it.

mod whole;

use crate::child;
use crate::common::options;
use isospike_conformance::missing::lack;
use isospike_conformance::verdict;
use isospike_core::device::{Device, DeviceBackend, Launch};
use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{Access, Guarantees, Kernel, Op};
use isospike_core::oracle::network::ModelBackend;
use isospike_opencl::{ContractionGuard, OpenClDevice, open_unproved};
use libtest_mimic::{Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use whole::WholeWrites;

/// 200 neurons with delays, noise, Poisson input and a probe; stored and procedural rows.
const NETWORK: &str = include_str!("oclgrind/network.toml");
const STEPS: u32 = 40;
/// The places where Debian and a build of its own put the driver.
const LIBRARIES: [&str; 3] = [
    "/usr/lib/oclgrind/liboclgrind-rt-icd.so",
    "/usr/lib/liboclgrind-rt-icd.so",
    "/usr/local/lib/liboclgrind-rt-icd.so",
];
/// The faults that are watched besides accesses outside of buffers, which always are.
const RACES: &[&str] = &["OCLGRIND_CHECK_API", "OCLGRIND_DATA_RACES"];
const UNSET: &[&str] = &["OCLGRIND_CHECK_API", "OCLGRIND_UNINITIALIZED"];

/// oclgrind's driver, `None` where this machine has none.
fn library() -> Option<PathBuf> {
    let found = LIBRARIES.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        let why = "there is no liboclgrind-rt-icd.so; Debian and Ubuntu have it in oclgrind";
        lack("oclgrind", why);
    }
    found
}

/// Runs this program under oclgrind in a role; what oclgrind reports.
fn watched(role: &str, checks: &[&str], library: &Path) -> Result<String, Failed> {
    let folder = tempfile::tempdir()?;
    let vendors = folder.path().join("vendors");
    fs::create_dir(&vendors)?;
    fs::write(vendors.join("oclgrind.icd"), format!("{}\n", library.display()))?;
    let log = folder.path().join("log");
    let output = child::command("oclgrind", role)
        .env("OCL_ICD_VENDORS", format!("{}/", vendors.display()))
        .env_remove("OCL_ICD_FILENAMES")
        .envs(checks.iter().map(|check| (check, "1")))
        .env("OCLGRIND_LOG", &log)
        .output()?;
    let text = child::text(output)?;
    if text.trim() != "done" {
        return Err(format!("the child said {text:?}").into());
    }
    Ok(fs::read_to_string(log).unwrap_or_default())
}

fn nothing_is_found(role: &str, checks: &[&str]) -> Result<(), Failed> {
    let Some(library) = library() else { return Ok(()) };
    match watched(role, checks, &library)?.trim() {
        "" => Ok(()),
        findings => Err(findings.into()),
    }
}

fn it_is_found(role: &str, checks: &[&str], words: &str) -> Result<(), Failed> {
    let Some(library) = library() else { return Ok(()) };
    let log = watched(role, checks, &library)?;
    if log.contains(words) && log.contains("Kernel: bad") {
        return Ok(());
    }
    Err(format!("`{words}` in kernel `bad` is missing in:\n{log}").into())
}

/// The device in the child. Its results are compared with the oracle, so nothing is proved
/// before.
fn device() -> OpenClDevice {
    open_unproved(Some("oclgrind"), options(ContractionGuard::NoContraction)).unwrap()
}

/// Runs the network against the oracle.
fn network(device: impl Device + Clone + 'static) -> Result<(), Failed> {
    let plan = verdict::plan(NETWORK)?;
    let oracle = ModelBackend::default();
    let expected = verdict::run(&oracle, &plan, &[STEPS])?;
    assert!(expected.record.spikes.len() > 100, "{} spikes", expected.record.spikes.len());
    for procedural in [true, false] {
        assert!(plan.projections.iter().any(|p| p.procedural == procedural));
    }
    let backend = DeviceBackend::new(device);
    let got = verdict::run(&backend, &plan, &[STEPS - 7, 7])?;
    verdict::equal(&plan, &expected, &got)?;
    Ok(())
}

/// Each thread loads the word of its number, which is 0, and stores its number `offset` words
/// from the place that it loaded: all in one place, or all past the end.
fn bad(offset: u32) -> Kernel {
    let mut b = KernelBuilder::new("bad", 64, Guarantees::NONE);
    let words = b.bind("words", Access::Read);
    let places = b.bind("places", Access::ReadWrite);
    let thread = b.emit(Op::ThreadId);
    let zero = b.load(words, thread);
    let offset = b.u32(offset);
    let place = b.uadd(zero, offset);
    b.store(places, place, thread);
    b.finish()
}

fn run_bad<D: Device>(mut device: D, offset: u32) -> Result<(), Failed> {
    // SAFETY: oclgrind interprets the kernel, and lets no access out of its buffers.
    let kernel = unsafe { Verified::assume(&bad(offset), &[128, 128]) };
    let kernel = device.compile(&kernel)?;
    let words = device.alloc(128)?;
    let places = device.alloc(128)?;
    let launch = Launch { kernel: &kernel, buffers: vec![&words, &places], groups: 2 };
    device.submit(&[launch], 1)?;
    device.read(&places, 0, &mut [0; 128])?;
    Ok(())
}

fn perform(role: &str) -> Result<(), Failed> {
    match role {
        "network" => network(device()),
        "network, whole writes" => network(WholeWrites(device())),
        "race" => run_bad(device(), 0),
        "stray" => run_bad(device(), 128),
        // The words were filled with zeros, which oclgrind forgets; see `whole`.
        "unset" => run_bad(device(), 0),
        other => Err(format!("there is no role {other}").into()),
    }
}

/// The child in a role.
pub fn child(role: &str) {
    match perform(role) {
        Ok(()) => println!("done"),
        Err(why) => println!("{}", why.message().unwrap_or("failed")),
    }
}

/// Lists the tests.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("no race", || nothing_is_found("network", RACES)),
        Trial::test("no unset word", || nothing_is_found("network, whole writes", UNSET)),
        Trial::test("a race is found", || it_is_found("race", RACES, "data race")),
        Trial::test("a stray write is found", || it_is_found("stray", RACES, "Invalid write")),
        Trial::test("an unset word is found", || it_is_found("unset", UNSET, "Uninitialized")),
    ]
}
