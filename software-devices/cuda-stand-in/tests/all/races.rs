//! Which pairs of accesses are conflicts.

use isospike_cuda_stand_in::race::Touch::{self, *};
use isospike_cuda_stand_in::race::{Shadow, Who};

/// A thread of blocks of 64, after `phase` barriers of its block.
fn thread(thread: u32, phase: u32) -> Who {
    Who { launch: 1, thread, block_size: 64, phase }
}

/// Returns the conflict of the last of several accesses to a fresh word.
fn last(touches: &[(Who, Touch)]) -> Result<(), u32> {
    let mut shadow = Shadow::default();
    let (last, before) = touches.split_last().expect("at least one access");
    for (who, touch) in before {
        shadow.touch(*who, *touch).expect("only the last one is a conflict");
    }
    shadow.touch(last.0, last.1)
}

#[test]
fn a_plain_write_conflicts_with_every_access_of_another_thread() {
    for touch in [Read, ReadNonCoherent, Write, AtomicRead, AtomicWrite] {
        assert_eq!(last(&[(thread(3, 0), Write), (thread(4, 0), touch)]), Err(3), "{touch:?}");
        assert_eq!(last(&[(thread(3, 0), touch), (thread(4, 0), Write)]), Err(3), "{touch:?}");
        assert_eq!(last(&[(thread(3, 0), Write), (thread(64, 9), touch)]), Err(3), "{touch:?}");
    }
}

#[test]
fn a_plain_read_conflicts_with_an_atomic_change() {
    assert_eq!(last(&[(thread(3, 0), Read), (thread(4, 0), AtomicWrite)]), Err(3));
    assert_eq!(last(&[(thread(3, 0), AtomicWrite), (thread(4, 0), Read)]), Err(3));
}

#[test]
fn reads_agree_and_atomics_agree() {
    assert_eq!(last(&[(thread(3, 0), Read), (thread(99, 0), Read)]), Ok(()));
    assert_eq!(last(&[(thread(3, 0), Read), (thread(99, 0), AtomicRead)]), Ok(()));
    assert_eq!(last(&[(thread(3, 0), AtomicWrite), (thread(99, 0), AtomicRead)]), Ok(()));
    assert_eq!(last(&[(thread(3, 0), AtomicWrite), (thread(99, 0), AtomicWrite)]), Ok(()));
}

#[test]
fn a_thread_agrees_with_itself() {
    for touch in [Read, Write, AtomicRead, AtomicWrite] {
        assert_eq!(last(&[(thread(3, 0), Write), (thread(3, 0), touch)]), Ok(()), "{touch:?}");
        assert_eq!(last(&[(thread(3, 0), touch), (thread(3, 0), Write)]), Ok(()), "{touch:?}");
    }
    // But for a load that promises that nobody writes.
    assert_eq!(last(&[(thread(3, 0), Write), (thread(3, 0), ReadNonCoherent)]), Err(3));
}

#[test]
fn a_barrier_settles_what_its_block_did() {
    let before = [(thread(3, 0), Read), (thread(4, 0), Read)];
    assert_eq!(last(&[before[0], before[1], (thread(5, 0), Write)]), Err(3));
    assert_eq!(last(&[before[0], before[1], (thread(5, 1), Write)]), Ok(()));
    assert_eq!(last(&[before[0], before[1], (thread(3, 0), Write)]), Err(4));
    assert_eq!(last(&[before[0], (thread(64, 1), Read), (thread(5, 1), Write)]), Err(3));
}

#[test]
fn a_launch_forgets_the_one_before() {
    let later = Who { launch: 2, ..thread(4, 0) };
    assert_eq!(last(&[(thread(3, 0), Write), (later, Write)]), Ok(()));
}
