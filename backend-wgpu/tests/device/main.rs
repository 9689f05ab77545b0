//! The device alone: copies, launches, their order, and what it refuses.

#[path = "../common/mod.rs"]
mod common;
mod writer;

use common::on_each;
use isospike_core::backend::BackendError;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::{Access, Kernel, Op, Type};
use writer::Writer;

/// `to[i] = 3 * to[i] + from[i]`: the order and the number of launches show in the result.
fn triple_and_add() -> Kernel {
    let mut w = Writer::new("triple", &[("from", Access::Read), ("to", Access::ReadWrite)]);
    let i = w.op(Type::U32, Op::ThreadId);
    let a = w.op(Type::U32, Op::Load(0, i));
    let b = w.op(Type::U32, Op::Load(1, i));
    let three = w.op(Type::U32, Op::U32(3));
    let tripled = w.op(Type::U32, Op::UMul(three, b));
    let sum = w.op(Type::U32, Op::UAdd(tripled, a));
    w.store(1, i, sum);
    w.done()
}

/// Each thread adds its number to one word, and one to the word of its group.
fn count() -> Kernel {
    let mut w = Writer::new("count", &[("sums", Access::Atomic)]);
    let zero = w.op(Type::U32, Op::U32(0));
    let one = w.op(Type::U32, Op::U32(1));
    let thread = w.op(Type::U32, Op::ThreadId);
    let group = w.op(Type::U32, Op::GroupId);
    let of_group = w.op(Type::U32, Op::UAdd(group, one));
    w.add(0, zero, thread);
    w.add(0, of_group, one);
    w.done()
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
fn a_big_buffer_crosses_in_several_pieces() {
    // Two whole pieces of 16 MiB and a bit, from an offset.
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
        // More launches than one submission takes, so their order across submissions counts too.
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
fn atomics_add_across_groups_and_launches() {
    on_each(|device, path| {
        let groups = device.limits().groups.min(5000);
        let kernel = device.compile(&count()).unwrap();
        let sums = device.alloc(u64::from(groups) + 1).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&sums], groups };
        device.submit(&[launch], 3).unwrap();
        let mut got = vec![0; groups as usize + 1];
        device.read(&sums, 0, &mut got).unwrap();
        let threads = u64::from(groups) * 64;
        assert_eq!(got[0], (3 * (threads * (threads - 1) / 2)) as u32, "{path}");
        assert!(got[1..].iter().all(|&n| n == 3 * 64), "{path}");
    });
}

#[test]
fn as_many_groups_as_promised_are_launched() {
    on_each(|device, path| {
        let groups = device.limits().groups;
        let kernel = device.compile(&count()).unwrap();
        let sums = device.alloc(u64::from(groups) + 1).unwrap();
        device.submit(&[Launch { kernel: &kernel, buffers: vec![&sums], groups }], 1).unwrap();
        let mut last = [0];
        device.read(&sums, u64::from(groups), &mut last).unwrap();
        assert_eq!(last, [64], "{path}");
    });
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    on_each(|device, path| {
        let limits = device.limits();
        assert!(limits.bindings >= 4 && limits.groups >= 65_535, "{path}: {limits:?}");

        if cfg!(target_os = "linux") && device.info().software {
            assert!(limits.memory_bytes.is_some_and(|b| b > 1 << 20), "{path}: {limits:?}");
        }

        let names: Vec<(&'static str, Access)> = (0..=limits.bindings.min(4096))
            .map(|i| (&*format!("b{i}").leak(), Access::Read))
            .collect();
        if limits.bindings < 4096 {
            let error = device.compile(&Writer::new("greedy", &names).done()).unwrap_err();
            assert!(matches!(error, BackendError::Unsupported(ref s) if s.contains("greedy")));
        }

        let error = device.alloc(u64::MAX / 8).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(_)), "{path}: {error}");

        let buffer = device.alloc(8).unwrap();
        let outside = device.write(&buffer, 7, &[1, 2]).unwrap_err();
        assert!(matches!(outside, BackendError::Kernel(_)), "{path}: {outside}");
        let outside = device.read(&buffer, u64::MAX, &mut [0]).unwrap_err();
        assert!(matches!(outside, BackendError::Kernel(_)), "{path}: {outside}");

        let kernel = device.compile(&count()).unwrap();
        let buffers = vec![&buffer, &buffer];
        let launch = Launch { kernel: &kernel, buffers, groups: 1 };
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
fn a_buffer_larger_than_a_binding_is_refused() {
    on_each(|device, path| {
        let words = device.limits().binding_words + 1;
        if words > 1 << 28 {
            eprintln!("{path}: a binding may have {} words; not tried", words - 1);
            return;
        }
        let Ok(buffer) = device.alloc(words) else { return };
        let kernel = device.compile(&count()).unwrap();
        let launch = Launch { kernel: &kernel, buffers: vec![&buffer], groups: 1 };
        let error = device.submit(&[launch], 1).unwrap_err();
        assert!(matches!(error, BackendError::Unsupported(_)), "{path}: {error}");
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
