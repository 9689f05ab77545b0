//! The device alone: what it says, copies, launches, their order, and what it refuses.

#[path = "../common/mod.rs"]
mod common;
mod kernels;

use common::{on_each, options};
use isospike_core::backend::BackendError;
use isospike_core::device::battery::{prove, run};
use isospike_core::device::{Device, Launch};
use isospike_core::ir::{Access, Kernel};
use isospike_cuda::{devices, open_device};
use kernels::{GROUP, builder, count, sign_in, triple_and_add};

#[test]
fn every_device_says_what_it_is() {
    on_each(|device, path| {
        let info = device.info();
        assert!(info.backend == "cuda" && info.device.contains("compute "), "{path}: {info:?}");
        assert!(info.driver.contains("CUDA ") && info.driver.contains("NVRTC "), "{info:?}");
    });
    for (index, found) in devices().devices.iter().enumerate() {
        assert_eq!(found.index, index);
        assert!(found.memory_bytes > 1 << 20 && found.capability.major >= 3, "{found:?}");
        assert_eq!(found.software, found.kind == "software");
    }
}

#[test]
fn every_device_gives_the_bits_of_core() {
    on_each(|device, path| {
        let start = std::time::Instant::now();
        assert_eq!(run(device), Ok(None), "{path}");
        println!("{path}: {:?}", start.elapsed());
        prove(device, true).unwrap();
        let notes = device.info().notes.join("; ");
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
fn buffers_start_as_zero_and_keep_what_is_written() {
    on_each(|device, path| {
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
    });
}

#[test]
fn a_big_buffer_crosses_from_an_offset() {
    const WORDS: usize = (9 << 20) + 5;
    on_each(|device, path| {
        let sent: Vec<u32> = (0..WORDS as u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
        let buffer = device.alloc(WORDS as u64 + 3).unwrap();
        device.write(&buffer, 3, &sent).unwrap();
        let mut back = vec![0; WORDS];
        device.read(&buffer, 3, &mut back).unwrap();
        assert!(sent == back, "{path}");
    });
}

/// Each number of repetitions is another mixture of graphs and plain launches: none, too few to
/// record, whole graphs only, graphs and a rest.
#[test]
fn launches_run_in_order_as_often_as_told() {
    on_each(|device, path| {
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
    });
}

/// A graph is kept: it must not be taken for a batch with other buffers or another width.
#[test]
fn a_recorded_batch_is_not_mistaken_for_another() {
    on_each(|device, path| {
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
    });
}

#[test]
fn atomics_combine_across_groups_and_launches() {
    on_each(|device, path| {
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
    });
}

#[test]
fn more_groups_than_other_interfaces_take_are_launched() {
    on_each(|device, path| {
        const GROUPS: u32 = 70_000;
        assert!(device.limits().groups >= i32::MAX as u32);
        let kernel = device.compile(&sign_in()).unwrap();
        let list = device.alloc(u64::from(GROUPS)).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&list], groups: GROUPS };
        device.submit(&[launch], 1).unwrap();
        let mut got = vec![0; GROUPS as usize];
        device.read(&list, 0, &mut got).unwrap();
        assert!(got.iter().all(|&n| n == GROUPS), "{path}");
    });
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    on_each(|device, path| {
        let limits = device.limits();
        assert_eq!(limits.bindings, 512);
        assert!(limits.memory_bytes.is_some_and(|b| b > 1 << 20), "{path}: {limits:?}");

        let mut greedy = builder("greedy");
        for i in 0..=limits.bindings {
            greedy.bind(format!("b{i}").leak(), Access::Read);
        }
        let error = device.compile(&greedy.finish()).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(ref s) if s.contains("greedy")));

        let crowded = Kernel { group_size: 1 << 20, ..sign_in() };
        let error = device.compile(&crowded).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(ref s) if s.contains("1048576 threads")));

        for words in [limits.binding_words + 1, u64::MAX / 8, u64::MAX] {
            let error = device.alloc(words).unwrap_err();
            assert!(matches!(error, BackendError::Unsupported(_)), "{path}: {error}");
        }

        let buffer = device.alloc(8).unwrap();
        let outside = device.write(&buffer, 7, &[1, 2]).unwrap_err();
        assert!(matches!(outside, BackendError::Kernel(_)), "{path}: {outside}");
        let outside = device.read(&buffer, u64::MAX, &mut [0]).unwrap_err();
        assert!(matches!(outside, BackendError::Kernel(_)), "{path}: {outside}");

        let kernel = device.compile(&sign_in()).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer, &buffer], groups: 1 };
        let error = device.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Kernel(_)), "{path}: {error}");

        let groups = limits.groups + 1;
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer], groups };
        let error = device.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(_)), "{path}: {error}");
        // The device is still good.
        device.write(&buffer, 0, &[5]).unwrap();
        let mut word = [0];
        device.read(&buffer, 0, &mut word).unwrap();
        assert_eq!(word, [5], "{path}");
    });
}

#[test]
fn one_buffer_read_and_written_in_one_launch_is_an_error() {
    on_each(|device, path| {
        let kernel = device.compile(&triple_and_add()).unwrap();
        let buffer = device.alloc(64).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer, &buffer], groups: 1 };
        let error = device.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Kernel(_)), "{path}: {error}");
    });
}

#[test]
fn a_clone_is_another_handle_of_the_same_device() {
    on_each(|device, path| {
        let mut other = device.clone();
        let kernel = device.compile(&triple_and_add()).unwrap();
        let (from, to) = (device.alloc(64).unwrap(), other.alloc(64).unwrap());
        other.write(&from, 0, &[1; 64]).unwrap();
        let launch = || Launch { kernel: &kernel, buffers: vec![&from, &to], groups: 1 };
        device.submit(&[launch()], 1).unwrap();
        other.submit(&[launch()], 1).unwrap();
        let mut got = [0; 64];
        device.read(&to, 0, &mut got).unwrap();
        assert_eq!(got, [4; 64], "{path}");
    });
}
