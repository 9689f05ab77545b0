//! Executable memory, and the call into it. Beside `simd.rs` the only file with `unsafe`.
//!
//! Memory is written first and then made executable, never both at once.

use super::assembler::FRAME_HEAD;
use crate::simd::{LANES, Lanes};
use memmap2::{Mmap, MmapMut};
use std::mem::MaybeUninit;

/// What a function does with an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Loads.
    Read,
    /// Loads and stores.
    Write,
}

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
    code: &'a Code,
    /// The head, which [`Frame::call`] fills in, then the ends of the arrays.
    words: &'a mut Vec<usize>,
    lanes: usize,
}

impl<'a> Frame<'a> {
    /// For a call on arrays of this length; `words` is scratch.
    pub fn new(code: &'a Code, words: &'a mut Vec<usize>, lanes: usize) -> Self {
        words.clear();
        words.resize(FRAME_HEAD, 0);
        Self { code, words, lanes }
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
        let expected = self.code.arrays.get(self.words.len() - FRAME_HEAD);
        assert_eq!(expected, Some(&access), "the array that the function was made for");
        assert_eq!(lanes, self.lanes, "arrays of one call are equally long");
        self.words.push(end.expose_provenance());
    }

    /// Runs the function on all lanes of the arrays; it writes one bit for each neuron to `masks`
    /// where the program has a condition for each.
    pub fn call(self, scalars: &[u32], masks: &mut [u64]) {
        let Self { code, words, lanes } = self;
        assert_eq!(words.len(), FRAME_HEAD + code.arrays.len(), "all arrays are there");
        assert!(scalars.len() >= code.scalars && masks.len() * 64 >= lanes * LANES);
        if lanes == 0 {
            return;
        }
        let mut scratch = [const { MaybeUninit::<Lanes>::uninit() }; SCRATCH];
        words[0] = scalars.as_ptr().expose_provenance();
        words[1] = scratch.as_mut_ptr().expose_provenance();
        words[2] = masks.as_mut_ptr().expose_provenance();
        words[3] = (lanes * size_of::<Lanes>()).wrapping_neg();
        // SAFETY: the memory holds a whole function with this signature, made by `assembler.rs`
        // for an instruction set that was detected, and nobody writes to it any more. It keeps
        // the calling convention, and touches: the frame (read), `scalars` below the checked
        // length, `masks` one bit for each word of an array (checked), `scratch` below the limit
        // checked in `Code::new`, and the arrays, whose number, length and permission were checked
        // and whose borrows outlive `self`. Words of every bit pattern are valid.
        unsafe {
            let function: extern "sysv64" fn(*const usize) =
                std::mem::transmute(code.memory.as_ptr());
            function(words.as_ptr());
        }
    }
}

impl Code {
    /// Makes bytes executable: a function over these arrays, which reads so many scalars and needs
    /// so much scratch memory. `None` where a limit is exceeded or the system refuses.
    pub fn new(bytes: &[u8], arrays: Vec<Access>, scalars: usize, scratch: usize) -> Option<Self> {
        if scratch > SCRATCH {
            return None;
        }
        let mut memory = MmapMut::map_anon(bytes.len()).ok()?;
        memory.copy_from_slice(bytes);
        let memory = memory.make_exec().ok()?;
        Some(Self { memory, arrays, scalars })
    }
}

#[cfg(all(test, target_os = "linux"))]
pub(super) mod guarded {
    use bytemuck::Pod;
    use memmap2::{MmapMut, MmapOptions};

    /// At least as large as a page of any system.
    const PAGE: usize = 64 << 10;

    /// Memory that ends where the process does: behind it lie pages that no file backs, and whoever
    /// reads or writes there gets the signal SIGBUS. What generated code does, no sanitizer sees.
    pub struct Guarded {
        map: MmapMut,
        start: usize,
        end: usize,
    }

    impl Guarded {
        /// Room for these elements, with their content.
        pub fn new<T: Pod>(elements: &[T]) -> Self {
            let bytes: &[u8] = bytemuck::cast_slice(elements);
            let end = bytes.len().next_multiple_of(PAGE).max(PAGE);
            let file = tempfile::tempfile().expect("a file can be made");
            file.set_len(end as u64).expect("the file can grow");
            // SAFETY: the file has no name, so nobody else can change or shorten it.
            let map = unsafe { MmapOptions::new().len(end + PAGE).map_mut(&file) };
            let mut map = map.expect("the file can be mapped");
            let start = end - bytes.len();
            map[start..end].copy_from_slice(bytes);
            Self { map, start, end }
        }

        /// The elements.
        pub fn elements<T: Pod>(&mut self) -> &mut [T] {
            bytemuck::cast_slice_mut(&mut self.map[self.start..self.end])
        }

        /// Whether nothing was written before the elements.
        pub fn is_clean_before(&self) -> bool {
            self.map[..self.start].iter().all(|byte| *byte == 0)
        }
    }
}
