//! A keyed permutation of 0..n without a table: how targets are drawn without repetition.
//!
//! An alternating Feistel network on the smallest power of two that holds n, with cycle walking:
//! where the result is not below n it is permuted again, which ends because a permutation of the
//! power of two leads back into 0..n. Less than two rounds of walking are needed on average.

use crate::random::{self, Tag};

/// How many half-rounds one pass makes.
pub const HALF_ROUNDS: usize = 8;

/// A permutation of `0..n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    n: u32,
    low_bits: u32,
    low_mask: u32,
    high_mask: u32,
    keys: [u32; HALF_ROUNDS],
}

impl Permutation {
    /// The permutation of `0..n` that row (or, for fixed in-degree, target) `owner` of a projection
    /// uses: its keys are the words of the counters `(0, owner, projection, 7)` and
    /// `(1, owner, projection, 7)`.
    pub fn new(seed: u64, owner: u32, projection: u32, n: u32) -> Self {
        let key = random::key(seed);
        let words = |call| random::philox([call, owner, projection, Tag::Permutation as u32], key);
        let (a, b) = (words(0), words(1));
        let bits = u32::BITS - n.saturating_sub(1).leading_zeros();
        let (low_bits, high_bits) = (bits.div_ceil(2), bits / 2);
        Self {
            n,
            low_bits,
            low_mask: (1 << low_bits) - 1,
            high_mask: (1 << high_bits) - 1,
            keys: [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]],
        }
    }

    /// Where `j < n` goes.
    pub fn apply(&self, j: u32) -> u32 {
        debug_assert!(j < self.n);
        let mut x = j;
        loop {
            let (mut low, mut high) = (x & self.low_mask, x >> self.low_bits);
            for keys in self.keys.chunks_exact(2) {
                low ^= mix(high, keys[0]) & self.low_mask;
                high ^= mix(low, keys[1]) & self.high_mask;
            }
            x = high << self.low_bits | low;
            if x < self.n {
                return x;
            }
        }
    }
}

/// The round function: an integer hash of `x + key` (multipliers of Wellons' lowbias32).
fn mix(x: u32, key: u32) -> u32 {
    let mut h = x.wrapping_add(key).wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846c_a68b);
    h ^ h >> 16
}
