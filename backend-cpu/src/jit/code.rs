//! Executable memory, and the call into it. Beside `simd.rs` the only file with `unsafe`.
//!
//! Memory is written first and then made executable, never both at once.

use super::assembler::FRAME_HEAD;
use crate::simd::{LANES, Lanes};
use memmap2::{Mmap, MmapMut};
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// What a function does with an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Loads.
    Read,
    /// Loads and stores.
    Write,
}

/// The most arrays of a function.
const ARRAYS: usize = 60;

/// The most scratch memory of a function: 16 KiB.
const SCRATCH: usize = 256;

/// A generated function.
#[derive(Debug)]
pub(super) struct Code {
    memory: Mmap,
    arrays: Vec<Access>,
    scalars: usize,
}

/// The arrays of a call, of one length, in the order in which the function was made for them.
pub(super) struct Frame<'a> {
    /// The head, which [`Code::call`] fills in, then the ends of the arrays.
    words: [usize; FRAME_HEAD + ARRAYS],
    access: [Access; ARRAYS],
    count: usize,
    lanes: usize,
    lifetime: PhantomData<&'a mut [Lanes]>,
}

impl<'a> Frame<'a> {
    /// For arrays of this length, at least 1.
    pub fn new(lanes: usize) -> Self {
        Self {
            words: [0; FRAME_HEAD + ARRAYS],
            access: [Access::Read; ARRAYS],
            count: 0,
            lanes,
            lifetime: PhantomData,
        }
    }

    /// The next array is read.
    pub fn read(&mut self, array: &'a [Lanes]) {
        self.push(array.as_ptr_range().end, array.len(), Access::Read);
    }

    /// The next array is read and written.
    pub fn write(&mut self, array: &'a mut [Lanes]) {
        self.push(array.as_mut_ptr_range().end, array.len(), Access::Write);
    }

    fn push(&mut self, end: *const Lanes, lanes: usize, access: Access) {
        assert_eq!(lanes, self.lanes, "arrays of one call are equally long");
        self.words[FRAME_HEAD + self.count] = end.expose_provenance();
        self.access[self.count] = access;
        self.count += 1;
    }
}

impl Code {
    /// Makes bytes executable: a function over these arrays, which reads so many scalars and needs
    /// so much scratch memory. `None` where a limit is exceeded or the system refuses.
    pub fn new(bytes: &[u8], arrays: Vec<Access>, scalars: usize, scratch: usize) -> Option<Self> {
        if arrays.len() > ARRAYS || scratch > SCRATCH {
            return None;
        }
        let mut memory = MmapMut::map_anon(bytes.len()).ok()?;
        memory.copy_from_slice(bytes);
        let memory = memory.make_exec().ok()?;
        Some(Self { memory, arrays, scalars })
    }

    /// Runs the function on all lanes of the arrays; it writes one bit for each neuron to `masks`
    /// where the program has a condition for each.
    pub fn call(&self, mut frame: Frame<'_>, scalars: &[u32], masks: &mut [u64]) {
        assert_eq!(frame.access[..frame.count], self.arrays, "other arrays than it was made for");
        assert!(scalars.len() >= self.scalars && masks.len() * 64 >= frame.lanes * LANES);
        if frame.lanes == 0 {
            return;
        }
        let mut scratch = [const { MaybeUninit::<Lanes>::uninit() }; SCRATCH];
        frame.words[0] = scalars.as_ptr().expose_provenance();
        frame.words[1] = scratch.as_mut_ptr().expose_provenance();
        frame.words[2] = masks.as_mut_ptr().expose_provenance();
        frame.words[3] = (frame.lanes * size_of::<Lanes>()).wrapping_neg();
        // SAFETY: the memory holds a whole function with this signature, made by `assembler.rs`
        // for an instruction set that was detected, and nobody writes to it any more. It keeps
        // the calling convention, and touches: the frame (read), `scalars` below the checked
        // length, `masks` one bit for each word of an array (checked), `scratch` below the limit
        // checked in `new`, and the arrays, whose number, length and permission were checked and
        // whose borrows live as long as the frame. Words of every bit pattern are valid.
        unsafe {
            let function: extern "sysv64" fn(*const usize) =
                std::mem::transmute(self.memory.as_ptr());
            function(frame.words.as_ptr());
        }
    }
}
