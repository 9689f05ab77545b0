//! Duties of every device with kernels, before any network runs on it: keep what is written,
//! launch in order, combine atomically, refuse by name. If a network fails, and one of these
//! fails too, it is the device and not the kernels.

mod kernels;

pub use kernels::{GROUP, builder, sign_in, triple_and_add, verified};

use crate::failure::Failure;
use crate::suite::Done;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::{Access, Kernel};
use isospike_core::run::backend::BackendError;
use kernels::count;

/// A test of a device.
pub type Body<D> = fn(&mut D) -> Result<Done, Failure>;

/// Returns the tests in the order of the suite, by name.
pub fn all<D: Device + Clone>() -> [(&'static str, Body<D>); 8] {
    [
        ("buffers keep what is written", copies),
        ("big copies from an offset", big_copies),
        ("launches in order, as often as told", order),
        ("batches are told apart", batches),
        ("atomics arrive once each", atomics),
        ("as many groups as promised", groups),
        ("what does not fit is refused", refusals),
        ("two handles at once", handles),
    ]
}

/// Fails with a reason unless a condition holds.
macro_rules! expect {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err(Failure::new(format!($($why)+)));
        }
    };
}

/// Buffers start as zero and keep what is written, at the ends too.
pub fn copies<D: Device>(device: &mut D) -> Result<Done, Failure> {
    let buffer = device.alloc(1000)?;
    let mut words = vec![7; 1000];
    device.read(&buffer, 0, &mut words)?;
    expect!(words == [0; 1000], "a new buffer is not zero");
    device.write(&buffer, 990, &[1, 2, 3])?;
    let mut tail = [9; 10];
    device.read(&buffer, 990, &mut tail)?;
    expect!(tail == [1, 2, 3, 0, 0, 0, 0, 0, 0, 0], "three words written at 990 read as {tail:?}");
    device.write(&buffer, 1000, &[])?;
    device.read(&buffer, 1000, &mut [])?;
    device.alloc(0)?;
    words_done(1010)
}

/// 36 MiB and a bit, from an offset: more than a driver copies in one piece.
pub fn big_copies<D: Device>(device: &mut D) -> Result<Done, Failure> {
    const WORDS: usize = (9 << 20) + 5;
    let sent: Vec<u32> = (0..WORDS as u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
    let buffer = device.alloc(WORDS as u64 + 3)?;
    device.write(&buffer, 3, &sent)?;
    let mut back = vec![0; WORDS];
    device.read(&buffer, 3, &mut back)?;
    let wrong = sent.iter().zip(&back).position(|(a, b)| a != b);
    expect!(wrong.is_none(), "of {WORDS} words the first that is wrong is {wrong:?}");
    words_done(WORDS)
}

/// Launches run in order, as often as requested: never, once, in one piece, in several. Two
/// launches of one kernel have different buffers.
pub fn order<D: Device>(device: &mut D) -> Result<Done, Failure> {
    let kernel = device.compile(&verified(&triple_and_add(), &[128, 128])?)?;
    let start: Vec<u32> = (0..128).collect();
    let from = device.alloc(128)?;
    device.write(&from, 0, &start)?;
    let (to, other) = (device.alloc(128)?, device.alloc(128)?);
    let launch = |from, to| Launch { kernel: &kernel, buffers: vec![from, to], groups: 2 };
    let batch = [launch(&from, &to), launch(&to, &other)];
    let (mut b, mut c) = (vec![0u32; 128], vec![0u32; 128]);
    for times in [1, 0, 99, 500, 1543, 200] {
        device.submit(&batch, times)?;
        for _ in 0..times {
            for i in 0..128 {
                b[i] = b[i].wrapping_mul(3).wrapping_add(start[i]);
                c[i] = c[i].wrapping_mul(3).wrapping_add(b[i]);
            }
        }
        let mut got = vec![0; 128];
        device.read(&to, 0, &mut got)?;
        expect!(
            got == b,
            "the first kernel of a batch, launched {times} times: {got:?}, not {b:?}"
        );
        device.read(&other, 0, &mut got)?;
        expect!(got == c, "the second kernel of a batch, launched {times} times: {got:?}");
    }
    device.submit(&[], 7)?;
    words_done(6 * 256)
}

/// A batch that a device remembers is not taken for another with other buffers or groups.
pub fn batches<D: Device>(device: &mut D) -> Result<Done, Failure> {
    let kernel = device.compile(&verified(&triple_and_add(), &[128, 128])?)?;
    let from = device.alloc(128)?;
    device.write(&from, 0, &[1; 128])?;
    for groups in [1, 2] {
        for _ in 0..2 {
            let to = device.alloc(128)?;
            let launch = Launch { kernel: &kernel, buffers: vec![&from, &to], groups };
            device.submit(&[launch], 400)?;
            let mut got = [0; 128];
            device.read(&to, 0, &mut got)?;
            let mut expected = [0u32; 128];
            for word in &mut expected[..(groups * GROUP) as usize] {
                *word = (0..400).fold(0u32, |x, _| x.wrapping_mul(3).wrapping_add(1));
            }
            expect!(got == expected, "a batch of {groups} groups on another buffer: {got:?}");
        }
    }
    words_done(4 * 128)
}

/// Atomic adds and ors of all threads, groups and launches arrive, each once.
pub fn atomics<D: Device>(device: &mut D) -> Result<Done, Failure> {
    const GROUPS: u32 = 2000;
    let kernel = device.compile(&verified(&count(GROUPS), &[u64::from(GROUPS) + 2])?)?;
    let sums = device.alloc(u64::from(GROUPS) + 2)?;
    let launch = Launch { kernel: &kernel, buffers: vec![&sums], groups: GROUPS };
    device.submit(&[launch], 3)?;
    let mut got = vec![0; GROUPS as usize + 2];
    device.read(&sums, 0, &mut got)?;
    let threads = u64::from(GROUPS * GROUP);
    let sum = (3 * (threads * (threads - 1) / 2)) as u32;
    expect!(got[0] == sum, "all threads add their number: {}, not {sum}", got[0]);
    let wrong = got[1..=GROUPS as usize].iter().position(|&n| n != 3 * GROUP);
    expect!(wrong.is_none(), "the threads of group {wrong:?} do not all add one");
    let bits = got[GROUPS as usize + 1];
    expect!(bits == u32::MAX, "all threads set their bit: {bits:#010x}");
    words_done(got.len())
}

/// As many groups as the limits promise are launched (a million at most), and each can read how
/// many there are.
pub fn groups<D: Device>(device: &mut D) -> Result<Done, Failure> {
    let groups = device.limits().groups.min(1 << 20);
    let kernel = device.compile(&verified(&sign_in(), &[groups.into()])?)?;
    let list = device.alloc(u64::from(groups))?;
    device.submit(&[Launch { kernel: &kernel, buffers: vec![&list], groups }], 1)?;
    let mut got = vec![0; groups as usize];
    device.read(&list, 0, &mut got)?;
    let wrong = got.iter().position(|&n| n != groups);
    expect!(wrong.is_none(), "of {groups} groups, group {wrong:?} does not sign");
    words_done(got.len())
}

/// Work that does not fit is refused by name, and the device is good for other work afterwards.
pub fn refusals<D: Device>(device: &mut D) -> Result<Done, Failure> {
    let limits = device.limits();
    expect!(limits.bindings >= 4 && limits.groups >= 65_535, "limits are too small: {limits:?}");
    if device.info().software && cfg!(target_os = "linux") {
        let known = limits.memory_bytes.is_some_and(|bytes| bytes > 1 << 20);
        expect!(known, "software has the memory of the host: {limits:?}");
    }
    if limits.bindings < 4096 {
        let mut greedy = builder("greedy");
        for i in 0..=limits.bindings {
            greedy.bind(format!("b{i}").leak(), Access::Read);
        }
        let words = vec![1; limits.bindings as usize + 1];
        unsupported(device.compile(&verified(&greedy.finish(), &words)?), "greedy")?;
    }
    let crowded = Kernel { group_size: 1 << 20, ..sign_in() };
    unsupported(device.compile(&verified(&crowded, &[8])?), "1048576 threads")?;
    unsupported(device.alloc(u64::MAX / 8), "words")?;

    let buffer = device.alloc(8)?;
    wrong(device.write(&buffer, 7, &[1, 2]))?;
    wrong(device.read(&buffer, u64::MAX, &mut [0]))?;

    let kernel = device.compile(&verified(&sign_in(), &[8])?)?;
    let launch = |buffers, groups| Launch { kernel: &kernel, buffers, groups };
    wrong(device.submit(&[launch(vec![&buffer, &buffer], 1)], 1))?;
    if let Some(groups) = limits.groups.checked_add(1) {
        unsupported(device.submit(&[launch(vec![&buffer], groups)], 1), "groups")?;
    }
    // One buffer cannot be read and written by one launch: compilers may assume that it is not.
    let kernel = device.compile(&verified(&triple_and_add(), &[8, 8])?)?;
    let twice = Launch { kernel: &kernel, buffers: vec![&buffer, &buffer], groups: 1 };
    wrong(device.submit(&[twice], 1))?;

    device.write(&buffer, 0, &[5])?;
    let mut word = [0];
    device.read(&buffer, 0, &mut word)?;
    expect!(word == [5], "after refusals the device reads {word:?}, not 5");
    Ok(Done::of(10))
}

/// Two clones have work under way at once, each with its own buffers and kernels, and neither
/// disturbs the other: two simulations on one device.
pub fn handles<D: Device + Clone>(device: &mut D) -> Result<Done, Failure> {
    let mut other = device.clone();
    let verified = verified(&triple_and_add(), &[64, 64])?;
    let (kernel, other_kernel) = (device.compile(&verified)?, other.compile(&verified)?);
    let (from, to) = (device.alloc(64)?, device.alloc(64)?);
    let (other_from, other_to) = (other.alloc(64)?, other.alloc(64)?);
    device.write(&from, 0, &[1; 64])?;
    other.write(&other_from, 0, &[2; 64])?;
    for _ in 0..3 {
        let launch = Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
        device.submit(&[launch], 1)?;
        let buffers = vec![&other_from, &other_to];
        other.submit(&[Launch { kernel: &other_kernel, buffers, groups: 1 }], 1)?;
    }
    let (mut mine, mut theirs) = ([0; 64], [0; 64]);
    device.read(&to, 0, &mut mine)?;
    other.read(&other_to, 0, &mut theirs)?;
    expect!(mine == [13; 64] && theirs == [26; 64], "{mine:?} and {theirs:?}, not 13 and 26");
    words_done(128)
}

/// Clones of devices that are handles both see the same buffers, in the order of calls.
pub fn clones<D: Device + Clone>(device: &mut D) -> Result<Done, Failure> {
    let mut other = device.clone();
    let kernel = device.compile(&verified(&triple_and_add(), &[64, 64])?)?;
    let (from, to) = (device.alloc(64)?, other.alloc(64)?);
    other.write(&from, 0, &[1; 64])?;
    let launch = || Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
    device.submit(&[launch()], 1)?;
    let mut got = [0; 64];
    device.read(&to, 0, &mut got)?;
    expect!(got == [1; 64], "the second handle's buffer, written by the first: {got:?}");
    other.submit(&[launch()], 1)?;
    device.read(&to, 0, &mut got)?;
    expect!(got == [4; 64], "the first handle's kernel, launched by the second: {got:?}");
    words_done(128)
}

fn words_done(checked: usize) -> Result<Done, Failure> {
    Ok(Done::of(checked as u64))
}

fn unsupported<T>(result: Result<T, BackendError>, says: &str) -> Result<(), Failure> {
    match result.err() {
        Some(BackendError::Unsupported(why)) if why.contains(says) => Ok(()),
        other => Err(Failure::new(format!("`{says}` should be refused, not {other:?}"))),
    }
}

fn wrong<T>(result: Result<T, BackendError>) -> Result<(), Failure> {
    match result.err() {
        Some(BackendError::Kernel(_)) => Ok(()),
        other => Err(Failure::new(format!("a wrong call should be refused, not {other:?}"))),
    }
}
