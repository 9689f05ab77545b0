//! What every device with kernels must do, before any network runs on it: keep what is written,
//! launch in order, combine atomically, refuse by name. The lowest rung: where a network fails, and
//! one of these fails too, it is the device and not the kernels.
//!
//! Each function is the body of a test: it panics with `path`, the name of the device, where the
//! device is wrong.

mod kernels;

pub use kernels::{GROUP, builder, sign_in, triple_and_add};

use isospike_core::backend::BackendError;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::{Access, Kernel};
use kernels::count;

/// Buffers start as zero and keep what is written, at the ends too.
pub fn copies<D: Device>(device: &mut D, path: &str) {
    let buffer = device.alloc(1000).unwrap();
    let mut words = vec![7; 1000];
    device.read(&buffer, 0, &mut words).unwrap();
    assert_eq!(words, [0; 1000], "{path}");
    device.write(&buffer, 990, &[1, 2, 3]).unwrap();
    let mut tail = [9; 10];
    device.read(&buffer, 990, &mut tail).unwrap();
    assert_eq!(tail, [1, 2, 3, 0, 0, 0, 0, 0, 0, 0], "{path}");
    device.write(&buffer, 1000, &[]).unwrap();
    device.read(&buffer, 1000, &mut []).unwrap();
    device.alloc(0).unwrap();
}

/// 36 MiB and a bit, from an offset: more than a driver copies in one piece.
pub fn big_copies<D: Device>(device: &mut D, path: &str) {
    const WORDS: usize = (9 << 20) + 5;
    let sent: Vec<u32> = (0..WORDS as u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
    let buffer = device.alloc(WORDS as u64 + 3).unwrap();
    device.write(&buffer, 3, &sent).unwrap();
    let mut back = vec![0; WORDS];
    device.read(&buffer, 3, &mut back).unwrap();
    assert!(sent == back, "{path}");
}

/// Launches run in order, as often as told: never, once, in one piece, in several. Two launches of
/// one kernel have different buffers.
pub fn order<D: Device>(device: &mut D, path: &str) {
    let kernel = device.compile(&triple_and_add()).unwrap();
    let start: Vec<u32> = (0..128).collect();
    let from = device.alloc(128).unwrap();
    device.write(&from, 0, &start).unwrap();
    let (to, other) = (device.alloc(128).unwrap(), device.alloc(128).unwrap());
    let launch = |from, to| Launch { kernel: &kernel, buffers: vec![from, to], groups: 2 };
    let batch = [launch(&from, &to), launch(&to, &other)];
    let (mut b, mut c) = (vec![0u32; 128], vec![0u32; 128]);
    for times in [1, 0, 99, 500, 1543, 200] {
        device.submit(&batch, times).unwrap();
        for _ in 0..times {
            for i in 0..128 {
                b[i] = b[i].wrapping_mul(3).wrapping_add(start[i]);
                c[i] = c[i].wrapping_mul(3).wrapping_add(b[i]);
            }
        }
        let mut got = vec![0; 128];
        device.read(&to, 0, &mut got).unwrap();
        assert_eq!(got, b, "{path}, {times}");
        device.read(&other, 0, &mut got).unwrap();
        assert_eq!(got, c, "{path}, {times}");
    }
    device.submit(&[], 7).unwrap();
}

/// What a device remembers of a batch is not taken for another with other buffers or groups.
pub fn batches<D: Device>(device: &mut D, path: &str) {
    let kernel = device.compile(&triple_and_add()).unwrap();
    let from = device.alloc(128).unwrap();
    device.write(&from, 0, &[1; 128]).unwrap();
    for groups in [1, 2] {
        for _ in 0..2 {
            let to = device.alloc(128).unwrap();
            let launch = Launch { kernel: &kernel, buffers: vec![&from, &to], groups };
            device.submit(&[launch], 400).unwrap();
            let mut got = [0; 128];
            device.read(&to, 0, &mut got).unwrap();
            let mut expected = [0u32; 128];
            for word in &mut expected[..(groups * GROUP) as usize] {
                *word = (0..400).fold(0u32, |x, _| x.wrapping_mul(3).wrapping_add(1));
            }
            assert_eq!(got, expected, "{path}, {groups} groups");
        }
    }
}

/// Atomic adds and ors of all threads, groups and launches arrive, each once.
pub fn atomics<D: Device>(device: &mut D, path: &str) {
    const GROUPS: u32 = 2000;
    let kernel = device.compile(&count(GROUPS)).unwrap();
    let sums = device.alloc(u64::from(GROUPS) + 2).unwrap();
    let launch = Launch { kernel: &kernel, buffers: vec![&sums], groups: GROUPS };
    device.submit(&[launch], 3).unwrap();
    let mut got = vec![0; GROUPS as usize + 2];
    device.read(&sums, 0, &mut got).unwrap();
    let threads = u64::from(GROUPS * GROUP);
    assert_eq!(got[0], (3 * (threads * (threads - 1) / 2)) as u32, "{path}");
    assert!(got[1..=GROUPS as usize].iter().all(|&n| n == 3 * GROUP), "{path}");
    assert_eq!(got[GROUPS as usize + 1], u32::MAX, "{path}");
}

/// As many groups as the limits promise are launched (a million at most), and each knows how many
/// there are.
pub fn groups<D: Device>(device: &mut D, path: &str) {
    let groups = device.limits().groups.min(1 << 20);
    let kernel = device.compile(&sign_in()).unwrap();
    let list = device.alloc(u64::from(groups)).unwrap();
    device.submit(&[Launch { kernel: &kernel, buffers: vec![&list], groups }], 1).unwrap();
    let mut got = vec![0; groups as usize];
    device.read(&list, 0, &mut got).unwrap();
    assert!(got.iter().all(|&n| n == groups), "{path}");
}

/// What does not fit is refused by name, and the device is good for other work afterwards.
pub fn refusals<D: Device>(device: &mut D, path: &str) {
    let limits = device.limits();
    assert!(limits.bindings >= 4 && limits.groups >= 65_535, "{path}: {limits:?}");
    if device.info().software && cfg!(target_os = "linux") {
        assert!(limits.memory_bytes.is_some_and(|b| b > 1 << 20), "{path}: {limits:?}");
    }
    if limits.bindings < 4096 {
        let mut greedy = builder("greedy");
        for i in 0..=limits.bindings {
            greedy.bind(format!("b{i}").leak(), Access::Read);
        }
        unsupported(device.compile(&greedy.finish()), "greedy", path);
    }
    let crowded = Kernel { group_size: 1 << 20, ..sign_in() };
    unsupported(device.compile(&crowded), "1048576 threads", path);
    unsupported(device.alloc(u64::MAX / 8), "words", path);

    let buffer = device.alloc(8).unwrap();
    wrong(device.write(&buffer, 7, &[1, 2]), path);
    wrong(device.read(&buffer, u64::MAX, &mut [0]), path);

    let kernel = device.compile(&sign_in()).unwrap();
    let launch = |buffers, groups| Launch { kernel: &kernel, buffers, groups };
    wrong(device.submit(&[launch(vec![&buffer, &buffer], 1)], 1), path);
    if let Some(groups) = limits.groups.checked_add(1) {
        unsupported(device.submit(&[launch(vec![&buffer], groups)], 1), "groups", path);
    }
    // One buffer cannot be read and written by one launch: compilers may assume that it is not.
    let kernel = device.compile(&triple_and_add()).unwrap();
    let twice = Launch { kernel: &kernel, buffers: vec![&buffer, &buffer], groups: 1 };
    wrong(device.submit(&[twice], 1), path);

    device.write(&buffer, 0, &[5]).unwrap();
    let mut word = [0];
    device.read(&buffer, 0, &mut word).unwrap();
    assert_eq!(word, [5], "{path}");
}

/// A clone is another handle of the same device: both see the same buffers, in the order of calls.
pub fn clones<D: Device + Clone>(device: &mut D, path: &str) {
    let mut other = device.clone();
    let kernel = device.compile(&triple_and_add()).unwrap();
    let (from, to) = (device.alloc(64).unwrap(), other.alloc(64).unwrap());
    other.write(&from, 0, &[1; 64]).unwrap();
    let launch = || Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
    device.submit(&[launch()], 1).unwrap();
    let mut got = [0; 64];
    device.read(&to, 0, &mut got).unwrap();
    assert_eq!(got, [1; 64], "{path}");
    let launch = || Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
    other.submit(&[launch()], 1).unwrap();
    device.read(&to, 0, &mut got).unwrap();
    assert_eq!(got, [4; 64], "{path}");
}

fn unsupported<T>(result: Result<T, BackendError>, says: &str, path: &str) {
    match result.err() {
        Some(BackendError::Unsupported(why)) if why.contains(says) => {}
        other => panic!("{path}: `{says}` should be refused, not {other:?}"),
    }
}

fn wrong<T>(result: Result<T, BackendError>, path: &str) {
    let error = result.err();
    assert!(matches!(error, Some(BackendError::Kernel(_))), "{path}: {error:?}");
}
