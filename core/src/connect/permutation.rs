//! A keyed permutation of 0..n without a table: how targets are drawn without repetition.
//!
//! An alternating Feistel network on the smallest power of two that holds n, with cycle walking:
//! where the result is not below n it is permuted again, which ends because a permutation of the
//! power of two leads back into 0..n. Less than two passes are needed on average.

use super::batch::Lanes;
use crate::base::numeric::{Arithmetic, Host};
use crate::base::random::{self, Tag};

/// Up to this n there are more half-rounds: a small network mixes more slowly. (With 12 the pairs
/// of images of n = 5 were measurably uneven over 400,000 keys; with 24 they are not.)
pub const SMALL_N: u32 = 64;

/// How many half-rounds one pass makes for n up to [`SMALL_N`].
pub const HALF_ROUNDS_SMALL: usize = 24;

/// How many half-rounds one pass makes for larger n.
pub const HALF_ROUNDS: usize = 12;

/// A permutation of `0..n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    n: u32,
    low_bits: u32,
    low_mask: u32,
    high_mask: u32,
    half_rounds: usize,
    keys: [u32; HALF_ROUNDS_SMALL],
}

impl Permutation {
    /// The permutation of `0..n` that row (or, for fixed in-degree, target) `owner` of a projection
    /// uses. Key `r` is word `r mod 4` of the counter `(r div 4, owner, projection, 7)`.
    pub fn new(seed: u64, owner: u32, projection: u32, n: u32) -> Self {
        let half_rounds = if n <= SMALL_N { HALF_ROUNDS_SMALL } else { HALF_ROUNDS };
        let mut keys = [0; HALF_ROUNDS_SMALL];
        for (call, keys) in keys[..half_rounds].chunks_exact_mut(4).enumerate() {
            let counter = [call as u32, owner, projection, Tag::Permutation as u32];
            keys.copy_from_slice(&random::philox(counter, random::key(seed)));
        }
        let bits = u32::BITS - n.saturating_sub(1).leading_zeros();
        let (low_bits, high_bits) = (bits.div_ceil(2), bits / 2);
        let (low_mask, high_mask) = ((1 << low_bits) - 1, (1 << high_bits) - 1);
        Self { n, low_bits, low_mask, high_mask, half_rounds, keys }
    }

    /// Returns the image of `j < n`.
    pub fn apply(&self, j: u32) -> u32 {
        debug_assert!(j < self.n);
        let mut x = self.pass(&[j]);
        while x[0] >= self.n {
            x = self.pass(&x);
        }
        x[0]
    }

    /// Replaces each `j[lane] < n` by where it goes.
    #[inline(always)]
    pub(super) fn apply_lanes(&self, j: &mut Lanes) {
        *j = self.pass(j);
        // All lanes walk until the last has arrived; a branch for each would cost more.
        while j.iter().any(|&x| x >= self.n) {
            let next = self.pass(j);
            for (x, next) in j.iter_mut().zip(next) {
                *x = if *x < self.n { *x } else { next };
            }
        }
    }

    /// The Feistel network on the power of two.
    #[inline(always)]
    fn pass<const N: usize>(&self, x: &[u32; N]) -> [u32; N] {
        let mut low = x.map(|x| x & self.low_mask);
        let mut high = x.map(|x| x >> self.low_bits);
        for keys in self.keys[..self.half_rounds].chunks_exact(2) {
            for lane in 0..N {
                low[lane] ^= mix(&mut Host, high[lane], keys[0]) & self.low_mask;
                high[lane] ^= mix(&mut Host, low[lane], keys[1]) & self.high_mask;
            }
        }
        std::array::from_fn(|lane| high[lane] << self.low_bits | low[lane])
    }
}

/// The round function: an integer hash of `x + key` (multipliers of Wellons' lowbias32).
#[inline(always)]
pub fn mix<A: Arithmetic>(a: &mut A, x: A::Word, key: A::Word) -> A::Word {
    let mut hash = a.uadd(x, key);
    for (multiplier, shift) in [(0x7feb_352d, 15), (0x846c_a68b, 16)] {
        let multiplier = a.u32(multiplier);
        hash = a.umul(hash, multiplier);
        let shifted = a.ushr(hash, shift);
        hash = a.uxor(hash, shifted);
    }
    hash
}
