//! The device alone: copies, launches, their order, and what it refuses.

#[path = "../common/mod.rs"]
mod common;
mod kernels;

use common::on_each;
use isospike_core::backend::BackendError;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::Access;
use isospike_opencl::devices;
use kernels::{GROUP, builder, count, sign_in, triple_and_add};

#[test]
fn every_device_says_what_it_is() {
    on_each(|device, path| {
        let info = device.info();
        assert_eq!(info.backend, "opencl");
        assert!(!info.device.is_empty() && info.driver.contains("OpenCL "), "{path}: {info:?}");
    });
    for (index, found) in devices().devices.iter().enumerate() {
        assert_eq!(found.index, index);
        assert!(found.memory_bytes > 1 << 20 && !found.version.is_empty(), "{found:?}");
        assert_eq!(found.software, found.kind == "software");
    }
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

#[test]
fn launches_run_in_order_as_often_as_told() {
    on_each(|device, path| {
        let kernel = device.compile(&triple_and_add()).unwrap();
        let buffers = [device.alloc(128).unwrap(), device.alloc(128).unwrap()];
        let other = device.alloc(128).unwrap();
        let start: Vec<u32> = (0..128).collect();
        device.write(&buffers[0], 0, &start).unwrap();
        let launch = |from, to| Launch { kernel: &kernel, buffers: vec![from, to], groups: 2 };
        // More launches than one piece takes, so their order across pieces counts too; and one
        // kernel with two sets of arguments.
        const TIMES: u32 = 1500;
        let batch = [launch(&buffers[0], &buffers[1]), launch(&buffers[1], &other)];
        device.submit(&batch, TIMES).unwrap();
        device.submit(&batch, 0).unwrap();
        let (mut b, mut c) = (start.clone(), vec![0u32; 128]);
        b.fill(0);
        for _ in 0..TIMES {
            for i in 0..128 {
                b[i] = b[i].wrapping_mul(3).wrapping_add(start[i]);
                c[i] = c[i].wrapping_mul(3).wrapping_add(b[i]);
            }
        }
        let mut got = vec![0; 128];
        device.read(&buffers[1], 0, &mut got).unwrap();
        assert_eq!(got, b, "{path}");
        device.read(&other, 0, &mut got).unwrap();
        assert_eq!(got, c, "{path}");
    });
}

#[test]
fn atomics_combine_across_groups_and_launches() {
    on_each(|device, path| {
        const GROUPS: u32 = 5000;
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
fn as_many_groups_as_promised_are_launched() {
    on_each(|device, path| {
        let groups = device.limits().groups;
        let kernel = device.compile(&sign_in()).unwrap();
        let list = device.alloc(u64::from(groups)).unwrap();
        device.submit(&[Launch { kernel: &kernel, buffers: vec![&list], groups }], 1).unwrap();
        let mut got = vec![0; groups as usize];
        device.read(&list, 0, &mut got).unwrap();
        assert!(got.iter().all(|&n| n == groups), "{path}");
    });
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    on_each(|device, path| {
        let limits = device.limits();
        assert!(limits.bindings >= 16 && limits.groups >= 65_535, "{path}: {limits:?}");
        assert!(limits.memory_bytes.is_some_and(|b| b > 1 << 20), "{path}: {limits:?}");

        let mut greedy = builder("greedy");
        for i in 0..=limits.bindings {
            greedy.bind(format!("b{i}").leak(), Access::Read);
        }
        let error = device.compile(&greedy.finish()).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(ref s) if s.contains("greedy")));

        let crowded = isospike_core::ir::Kernel { group_size: 1 << 20, ..sign_in() };
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
fn one_buffer_read_and_written_in_one_launch_is_an_error_not_a_panic() {
    on_each(|device, path| {
        let kernel = device.compile(&triple_and_add()).unwrap();
        let buffer = device.alloc(64).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer, &buffer], groups: 1 };
        let error = device.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Kernel(_)), "{path}: {error}");
    });
}

#[test]
fn a_kernel_that_does_not_compile_comes_with_the_log_and_numbered_lines() {
    on_each(|device, path| {
        // `while` is a word of the language and no name.
        let error = device.compile(&builder("while").finish()).unwrap_err();
        let BackendError::Kernel(text) = error else { panic!("{path}: {error}") };
        assert!(text.contains("   1 | #pragma OPENCL FP_CONTRACT OFF"), "{path}: {text}");
        assert!(text.contains("kernel while") && text.contains("error"), "{path}: {text}");
        // The device is still good.
        device.compile(&sign_in()).unwrap();
    });
}
