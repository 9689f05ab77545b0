//! Executable memory, and the call into it. Beside `arch/` the only file with `unsafe`.
//!
//! Memory is written first and then made executable, never both at once.

use super::assembler::FRAME_HEAD;
use super::body::{Array, Body};
use super::emit;
use super::instructions::Width;
use super::operands::{Literals, Scalars};
use crate::arch::{LANES, Lanes};
use memmap2::{Mmap, MmapMut};
use std::mem::MaybeUninit;

/// The access of a function to an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Loads.
    Read,
    /// Loads and stores.
    Write,
}

/// The instruction `ret`.
const RETURN: u8 = 0xc3;

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
    /// where the program has a condition for each. False where the watch of the function is NaN.
    pub fn call(self, scalars: &[u32], masks: &mut [u64]) -> bool {
        let Self { code, words, lanes } = self;
        assert_eq!(words.len(), FRAME_HEAD + code.arrays.len(), "all arrays are there");
        assert!(scalars.len() >= code.scalars && masks.len() * 64 >= lanes * LANES);
        if lanes == 0 {
            return true;
        }
        let mut scratch = [const { MaybeUninit::<Lanes>::uninit() }; SCRATCH];
        // The watch, of which narrow vectors write a half.
        scratch[0].write(Lanes::ZERO);
        words[0] = scalars.as_ptr().expose_provenance();
        words[1] = scratch.as_mut_ptr().expose_provenance();
        words[2] = masks.as_mut_ptr().expose_provenance();
        words[3] = (lanes * size_of::<Lanes>()).wrapping_neg();
        // SAFETY: the memory holds a whole function with this signature for this processor, as
        // the caller of `Code::new` promised, and nobody writes to it any more. It touches: the
        // frame (read), `scalars` below the checked length, `masks` one bit for each word of an
        // array (checked), `scratch` below the limit checked in `Code::new`, and the arrays, whose
        // number, length and permission were checked and whose borrows outlive `self`. Words of
        // every bit pattern are valid.
        unsafe {
            let function: extern "sysv64" fn(*const usize) =
                std::mem::transmute(code.memory.as_ptr());
            function(words.as_ptr());
        }
        // SAFETY: it was written before the call, and words of every bit pattern are valid.
        let watch = unsafe { scratch[0].assume_init() };
        watch.0.iter().all(|word| !f32::from_bits(*word).is_nan())
    }
}

impl Code {
    /// Encodes a body as a function that may read `scalars` scalars; those of `kept` are in
    /// registers. `None` where it cannot be encoded, a limit is exceeded or the system refuses.
    pub fn of(
        body: &Body,
        width: Width,
        literals: Literals,
        kept: &Scalars,
        scalars: usize,
    ) -> Option<Self> {
        let access = |array: &Array| match array {
            Array::State(_) | Array::Accumulator(_) => Access::Write,
            Array::Constant(_) | Array::Feed(_) => Access::Read,
        };
        let arrays = body.arrays.iter().map(access).collect();
        let encoded = emit::encode(body, width, literals, kept).ok()?;
        let scratch = (encoded.scratch * width.bytes() as usize).div_ceil(size_of::<Lanes>());
        // SAFETY: the emitter made the bytes, a whole function, from this body: it addresses an
        // array of the body through its end in the frame, stores to those alone that are
        // `Access::Write`, reads scalars that the bytecode has, and uses the scratch that it
        // counted. A width is there only where its instruction set was detected.
        unsafe { Self::new(&encoded.bytes, arrays, scalars, scratch) }
    }

    /// Tells whether the system lets memory be made executable.
    pub fn is_allowed() -> bool {
        // SAFETY: one `ret` is a function that touches nothing.
        unsafe { Self::new(&[RETURN], Vec::new(), 0, 0) }.is_some()
    }

    /// Makes bytes executable: a function over these arrays, which reads so many scalars and needs
    /// so much scratch memory. `None` where a limit is exceeded or the system refuses.
    ///
    /// # Safety
    ///
    /// The bytes are a whole function of the signature `extern "sysv64" fn(*const usize)`, of
    /// instructions that this processor has. It keeps that calling convention, and touches memory
    /// through its argument only, the frame of [`Frame::call`]: it reads the frame, below `scalars`
    /// the scalars, and each of `arrays` between start and end; it writes those of
    /// [`Access::Write`], one bit for each of their words to the masks, and the first `scratch`
    /// vectors of scratch memory.
    unsafe fn new(
        bytes: &[u8],
        arrays: Vec<Access>,
        scalars: usize,
        scratch: usize,
    ) -> Option<Self> {
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
    use super::{Access, Code, Frame, RETURN};
    use crate::arch::Lanes;
    use bytemuck::Pod;
    use memmap2::{MmapMut, MmapOptions};

    /// At least as large as a page of any system.
    const PAGE: usize = 64 << 10;

    /// `mov rax, [rdi + 32]; mov al, [rax]; ret`: reads the byte behind its only array.
    const ONE_TOO_FAR: [u8; 7] = [0x48, 0x8b, 0x47, 0x20, 0x8a, 0x00, RETURN];

    /// Memory that ends where the process does: behind it lie pages that no file backs, and whoever
    /// reads or writes there gets the signal SIGBUS. No sanitizer sees the accesses of generated
    /// code.
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

        /// Reads the byte behind the elements, which are [`Lanes`]: the process dies of it.
        pub fn read_one_too_far(&mut self) {
            // SAFETY: a whole function with the calling convention. The byte that it reads beside
            // its array lies in the pages behind these elements, where a read is a signal.
            let code = unsafe { Code::new(&ONE_TOO_FAR, vec![Access::Read], 0, 0) };
            let (code, mut words) = (code.expect("memory can be executed"), Vec::new());
            let array: &[Lanes] = self.elements();
            let mut frame = Frame::new(&code, &mut words, array.len());
            frame.read(array);
            frame.call(&[], &mut [0]);
        }

        /// Whether nothing was written before the elements.
        pub fn is_clean_before(&self) -> bool {
            self.map[..self.start].iter().all(|byte| *byte == 0)
        }
    }
}
