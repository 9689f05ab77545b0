//! Every call is checked before it reaches the device.

use super::*;
use crate::device::fault::Fault;
use crate::ir::kernel::KernelBuilder;
use crate::ir::{Access, Op};
use std::sync::Mutex;

/// A device that keeps words on the host, and fails on demand.
#[derive(Clone, Default)]
struct Raw {
    /// The fault of the next call.
    fault: Arc<Mutex<Option<Fault>>>,
    /// The ids of the launches.
    launched: Arc<Mutex<Vec<Vec<u64>>>>,
}

impl Raw {
    fn fails(&self) -> Result<(), Fault> {
        self.fault.lock().unwrap().take().map_or(Ok(()), Err)
    }
}

// SAFETY: memory is a vector, whose accesses are checked, and kernels are never run.
unsafe impl RawDevice for Raw {
    type Memory = Mutex<Vec<u32>>;
    type Kernel = String;

    fn guarantees(&self) -> Guarantees {
        Guarantees::NONE
    }
    fn limits(&self) -> Limits {
        Limits { binding_words: 100, bindings: 2, groups: 5, group_size: 64, memory_bytes: None }
    }
    fn free_bytes(&self) -> Option<u64> {
        Some(4000)
    }
    fn buffer_words(&self) -> u64 {
        200
    }
    fn contraction_guard(&self) -> &'static str {
        "none"
    }
    fn alloc(&mut self, words: u64) -> Result<Self::Memory, Fault> {
        self.fails()?;
        assert!(words > 0);
        Ok(Mutex::new(vec![0; words as usize]))
    }
    unsafe fn write(&mut self, to: &Self::Memory, at: u64, words: &[u32]) -> Result<(), Fault> {
        self.fails()?;
        to.lock().unwrap()[at as usize..][..words.len()].copy_from_slice(words);
        Ok(())
    }
    unsafe fn read(&mut self, from: &Self::Memory, at: u64, to: &mut [u32]) -> Result<(), Fault> {
        self.fails()?;
        to.copy_from_slice(&from.lock().unwrap()[at as usize..][..to.len()]);
        Ok(())
    }
    fn compile(&mut self, kernel: &Verified) -> Result<Compiled<String>, Fault> {
        self.fails()?;
        let most_threads = Some(if kernel.kernel().name == "heavy" { 16 } else { 64 });
        Ok(Compiled { kernel: kernel.kernel().name.clone(), most_threads, is_from_cache: true })
    }
    unsafe fn submit(&mut self, batch: &[RawLaunch<'_, Self>], _: u32) -> Result<(), Fault> {
        self.fails()?;
        self.launched.lock().unwrap().extend(batch.iter().map(|launch| launch.ids.clone()));
        Ok(())
    }
}

fn device() -> Runtime<Raw> {
    let info = BackendInfo { device: "a test".into(), ..BackendInfo::default() };
    Runtime::new(Raw::default(), info, "test".into())
}

/// A kernel that copies word by word from as many buffers as are named, for 8 words each.
fn kernel(name: &str, threads: u32, accesses: &[Access]) -> Verified {
    let mut b = KernelBuilder::new(name, threads, Guarantees::NONE);
    let thread = b.emit(Op::ThreadId);
    for access in accesses {
        let buffer = b.bind("words", *access);
        b.load(buffer, thread);
    }
    Verified::new(&b.finish(), &vec![8; accesses.len()]).unwrap()
}

fn copy() -> Verified {
    kernel("copy", 64, &[Access::Read, Access::ReadWrite])
}

fn unsupported<T>(result: Result<T, BackendError>, words: &str) {
    match result.map(drop) {
        Err(BackendError::Unsupported(why)) if why.contains(words) => {}
        other => panic!("{words}: {other:?}"),
    }
}

fn wrong<T>(result: Result<T, BackendError>, words: &str) {
    match result.map(drop) {
        Err(BackendError::Kernel(why)) if why.contains(words) => {}
        other => panic!("{words}: {other:?}"),
    }
}

#[test]
fn words_outside_of_a_buffer_are_refused() {
    let mut device = device();
    let buffer = device.alloc(8).unwrap();
    device.write(&buffer, 6, &[1, 2]).unwrap();
    let mut words = [0; 3];
    device.read(&buffer, 5, &mut words).unwrap();
    assert_eq!(words, [0, 1, 2]);
    wrong(device.write(&buffer, 7, &[1, 2]), "words 7..+2 of a buffer of 8 words");
    wrong(device.read(&buffer, u64::MAX, &mut [0]), "of 8 words");
    device.write(&buffer, 8, &[]).unwrap();
    // A buffer of no words has one on the device, out of reach.
    let empty = device.alloc(0).unwrap();
    wrong(device.read(&empty, 0, &mut [0]), "of 0 words");
    unsupported(device.alloc(201), "a buffer of 201 words; a test allows 200");
}

#[test]
fn kernels_beyond_the_limits_are_refused() {
    let mut device = device();
    unsupported(device.compile(&kernel("k", 64, &[Access::Read; 3])), "binds 3 buffers");
    unsupported(device.compile(&kernel("k", 65, &[])), "groups of 65 threads");
    unsupported(device.compile(&kernel("heavy", 64, &[])), "at most 16");
    assert!(device.compile(&kernel("heavy", 16, &[])).unwrap().is_from_cache());
}

#[test]
fn launches_that_do_not_fit_are_refused() {
    let mut device = device();
    let kernel = device.compile(&copy()).unwrap();
    let [from, to] = [8, 9].map(|words| device.alloc(words).unwrap());
    let (short, long) = (device.alloc(7).unwrap(), device.alloc(101).unwrap());
    let mut submit =
        |buffers: Vec<_>, groups| device.submit(&[Launch { kernel: &kernel, buffers, groups }], 1);
    submit(vec![&from, &to], 5).unwrap();
    unsupported(submit(vec![&from, &to], 6), "6 groups in one launch; a test allows 5");
    wrong(submit(vec![&from], 1), "binds 2 buffers, 1 were given");
    wrong(submit(vec![&from, &short], 1), "compiled for a buffer of 8 words, one of 7");
    unsupported(submit(vec![&from, &long], 1), "shows a kernel at most 100");
    wrong(submit(vec![&from, &from], 1), "a buffer twice that it writes");
    // A launch of no groups is not checked.
    submit(vec![&from, &from], 0).unwrap();
}

#[test]
fn handles_of_another_device_are_refused() {
    let (mut mine, mut other) = (device(), device());
    let (kernel, foreign) = (mine.compile(&copy()).unwrap(), other.compile(&copy()).unwrap());
    let [a, b] = [8, 8].map(|words| mine.alloc(words).unwrap());
    let c = other.alloc(8).unwrap();
    wrong(mine.write(&c, 0, &[1]), "another device");
    wrong(mine.read(&c, 0, &mut [1]), "another device");
    let launch = |kernel, buffers| [Launch::<Runtime<Raw>> { kernel, buffers, groups: 1 }];
    wrong(mine.submit(&launch(&foreign, vec![&a, &b]), 1), "another device");
    wrong(mine.submit(&launch(&kernel, vec![&a, &c]), 1), "another device");
    // A clone is the same device.
    let mut clone = mine.clone();
    clone.submit(&launch(&kernel, vec![&a, &b]), 1).unwrap();
    let d = clone.alloc(8).unwrap();
    mine.submit(&launch(&kernel, vec![&a, &d]), 1).unwrap();
    let launched = mine.raw.launched.lock().unwrap();
    assert_eq!(launched[..], [vec![0, 1, 1, 2], vec![0, 1, 1, 3]]);
}

#[test]
fn a_device_that_goes_away_is_an_error_of_every_call() {
    let mut device = device();
    let kernel = device.compile(&copy()).unwrap();
    let [from, to] = [8, 8].map(|words| device.alloc(words).unwrap());
    *device.raw.fault.lock().unwrap() = Some(Fault::Lost("unplugged".into()));
    let lost = |what: &str, result: Result<(), BackendError>| {
        assert_eq!(result, Err(BackendError::Lost(format!("{what}: unplugged"))));
    };
    lost("waiting for the device", device.read(&from, 0, &mut [0]));
    lost("waiting for the device", device.read(&from, 0, &mut [0]));
    lost("an upload", device.write(&from, 0, &[1]));
    lost("a buffer", device.alloc(8).map(drop));
    lost("kernel copy", device.compile(&copy()).map(drop));
    let launch = Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
    lost("a launch", device.clone().submit(&[launch], 1));
}

#[test]
fn the_null_backend_of_the_docs_has_fewer_than_60_lines() {
    let page = include_str!("../../../../docs/adding-a-backend.md");
    let (_, null) = page.split_once("## The null backend").unwrap();
    let (_, code) = null.split_once("```rust\n").unwrap();
    let (device, network) = code.split_once("\n\n# use").unwrap();
    assert!(device.contains("unsafe impl RawDevice for Null") && network.contains("spikes, 0"));
    assert!(device.lines().count() < 60, "{} lines", device.lines().count());
}
