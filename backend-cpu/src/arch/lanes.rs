//! Sixteen words in a cache line, and their forms as vectors.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256i, __m512i};
use std::ops::Range;

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
