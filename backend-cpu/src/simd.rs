//! Instruction sets: found once, then chosen by a value. All `unsafe` of this crate is here,
//! but for the call of generated code (`jit/code.rs`).
//!
//! Vector code elsewhere is plain Rust over [`Lanes`], written so that it vectorises. A [`Task`]
//! holds such code; [`dispatch`] compiles it once for each instruction set and calls the one that
//! the machine has. The operations are IEEE and integer ones, never contracted by the compiler, so
//! every instruction set gives the same bits.

#[cfg(target_arch = "x86_64")]
use crate::random;
use crate::random::Draw;
use isospike_core::run::backend::BackendError;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256i, __m512i};
use std::ops::Range;

/// An instruction set that the neuron update can be compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// The instructions that every processor of this architecture has: SSE2 on x86-64, NEON on
    /// AArch64.
    Baseline,
    /// AVX2, 8 words at a time (x86-64).
    Avx2,
    /// AVX-512 F, BW, DQ and VL, 16 words at a time (x86-64).
    Avx512,
}

impl Isa {
    /// All of them, narrowest first.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// Whether this machine has it.
    pub fn available(self) -> bool {
        match self {
            Self::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512_detected(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// The widest that this machine has.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|isa| isa.available()).unwrap_or(Self::Baseline)
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline if cfg!(target_arch = "x86_64") => "SSE2",
            Self::Baseline if cfg!(target_arch = "aarch64") => "NEON",
            Self::Baseline => "portable",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn avx512_detected() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

/// An instruction set that was found on this machine; the only way to [`dispatch`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detected(Isa);

impl Detected {
    /// The requested one, or the best; an error where the machine lacks it.
    pub fn new(wanted: Option<Isa>) -> Result<Self, BackendError> {
        let isa = wanted.unwrap_or_else(Isa::best);
        if isa.available() {
            Ok(Self(isa))
        } else {
            Err(BackendError::NoDevice(format!("this processor has no {}", isa.name())))
        }
    }

    /// Which.
    pub fn isa(self) -> Isa {
        self.0
    }
}

/// Code to be compiled for each instruction set. `run` must be `#[inline(always)]`, and so must
/// everything hot that it calls.
pub(crate) trait Task {
    /// Does it.
    fn run(self);
}

/// Runs the task as compiled for this instruction set.
pub(crate) fn dispatch(isa: Detected, task: impl Task) {
    match isa.0 {
        Isa::Baseline => task.run(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Detected` exists only where the feature was found at run time.
        Isa::Avx2 => unsafe { run_avx2(task) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above, for all four features.
        Isa::Avx512 => unsafe { run_avx512(task) },
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx2 | Isa::Avx512 => task.run(),
    }
}

/// Fills whole groups of neurons with what is drawn, by code written for the instruction set, and
/// gives the sum of all counts. `None` where there is no such code.
#[cfg(target_arch = "x86_64")]
pub(crate) fn fill(isa: Detected, draw: &Draw<'_>, to: &mut [Lanes]) -> Option<u32> {
    match isa.0 {
        Isa::Baseline => None,
        // SAFETY: as in `dispatch`.
        Isa::Avx2 => Some(unsafe { random::avx2::fill(draw, to) }),
        // SAFETY: as in `dispatch`.
        Isa::Avx512 => Some(unsafe { random::avx512::fill(draw, to) }),
    }
}

/// There is none for other processors.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn fill(_: Detected, _: &Draw<'_>, _: &mut [Lanes]) -> Option<u32> {
    None
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2(task: impl Task) {
    task.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512(task: impl Task) {
    task.run();
}

/// How many words a [`Lanes`] has.
pub(crate) const LANES: usize = 16;

/// How many [`Lanes`] a block has: 1,024 neurons. The generators fill 128 neurons at a time.
pub(crate) const BLOCK: usize = 64;

/// Returns how many [`Lanes`] this many neurons take.
pub(crate) fn lanes_of(neurons: &Range<u32>) -> usize {
    neurons.len().div_ceil(LANES)
}

/// Sixteen words in one cache line: the unit of all arrays that vector code touches.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Lanes(pub [u32; LANES]);

impl Lanes {
    /// Sixteen zeros.
    pub const ZERO: Self = Self([0; LANES]);

    /// The words of many, in order.
    pub fn words(lanes: &[Self]) -> &[u32] {
        bytemuck::cast_slice(lanes)
    }

    /// The words of many, in order.
    pub fn words_mut(lanes: &mut [Self]) -> &mut [u32] {
        bytemuck::cast_slice_mut(lanes)
    }

    /// As a vector of AVX-512.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub fn to_512(self) -> __m512i {
        // SAFETY: both are 64 bytes, and every bit pattern is valid.
        unsafe { std::mem::transmute(self) }
    }

    /// From a vector of AVX-512.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub fn from_512(vector: __m512i) -> Self {
        // SAFETY: as in `to_512`.
        unsafe { std::mem::transmute(vector) }
    }

    /// As two vectors of AVX2.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub fn to_256(self) -> [__m256i; 2] {
        // SAFETY: both are 64 bytes, and every bit pattern is valid.
        unsafe { std::mem::transmute(self) }
    }

    /// From two vectors of AVX2.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub fn from_256(vectors: [__m256i; 2]) -> Self {
        // SAFETY: as in `to_256`.
        unsafe { std::mem::transmute(vectors) }
    }
}

/// Prefetches the cache line of an element, where the processor can; no element is needed
/// there.
#[inline(always)]
pub(crate) fn prefetch<T>(elements: &[T], index: usize) {
    let address = elements.as_ptr().wrapping_add(index).cast::<i8>();
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64, and a prefetch reads nothing: any address is allowed.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
