//! Philox4x32-10, permutations and gaps on a batch of words: the same as
//! [`crate::base::random::philox`], [`Permutation::apply`] and [`Gaps::gap`], with the widest
//! vectors that the processor has.
//!
//! The loop is plain Rust that the compiler vectorises; it is compiled once for each instruction
//! set and chosen at run time. Integers, and floats one operation at a time, so
//! the bits cannot differ.

use super::permutation::Permutation;
use super::rule::Gaps;
use crate::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS};

/// How many counters make a batch.
pub const LANES: usize = 16;

/// One word for each lane of a batch.
pub type Lanes = [u32; LANES];

/// Writes the words of the counters (`first[lane]`, `second[lane]`, `third`, `fourth`), word by
/// word.
pub fn philox(
    first: &Lanes,
    second: &Lanes,
    third: u32,
    fourth: u32,
    key: [u32; 2],
    out: &mut [Lanes; 4],
) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has AVX-512F, as just checked; the function is safe otherwise.
            unsafe { philox_avx512(first, second, third, fourth, key, out) };
            return;
        }
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, as just checked; the function is safe otherwise.
            unsafe { philox_avx2(first, second, third, fourth, key, out) };
            return;
        }
    }
    rounds::<4>(first, second, third, fourth, key, out);
}

/// Replaces each word, all below n, by where a permutation of 0..n takes it.
pub fn permute(permutation: &Permutation, words: &mut Lanes) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as just checked; the function is safe otherwise.
        unsafe { permute_avx2(permutation, words) };
        return;
    }
    permutation.apply_lanes(words);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn permute_avx2(permutation: &Permutation, words: &mut Lanes) {
    permutation.apply_lanes(words);
}

/// Replaces each word by the gap that it gives.
pub fn gaps(gaps: Gaps, words: &mut Lanes) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as just checked; the function is safe otherwise.
        unsafe { gaps_avx2(gaps, words) };
        return;
    }
    gaps.gap_lanes(words);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn gaps_avx2(gaps: Gaps, words: &mut Lanes) {
    gaps.gap_lanes(words);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn philox_avx512(
    first: &Lanes,
    second: &Lanes,
    third: u32,
    fourth: u32,
    key: [u32; 2],
    out: &mut [Lanes; 4],
) {
    rounds::<16>(first, second, third, fourth, key, out);
}

/// By hand, because the compiler shuffles lanes in vain here. Even and odd lanes are apart: each
/// holds its words in the low halves of 64-bit lanes, with leftovers above.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn philox_avx2(
    first: &Lanes,
    second: &Lanes,
    third: u32,
    fourth: u32,
    key: [u32; 2],
    out: &mut [Lanes; 4],
) {
    use std::arch::x86_64::*;
    let broadcast = |word: u32| _mm256_set1_epi32(word.cast_signed());
    let multipliers = MULTIPLIERS.map(broadcast);
    let increments = KEY_INCREMENTS.map(broadcast);
    for half in 0..LANES / 8 {
        let load = |words: &Lanes| {
            // SAFETY: 8 words from 8 * half on are within the 16 of `words`; loadu needs no
            // alignment.
            unsafe { _mm256_loadu_si256(words.as_ptr().add(8 * half).cast()) }
        };
        let start = [load(first), load(second), broadcast(third), broadcast(fourth)];
        let mut parts = [start, start.map(|x| _mm256_srli_epi64::<32>(x))];
        let mut keys = key.map(broadcast);
        for _ in 0..ROUNDS {
            for [x0, x1, x2, x3] in &mut parts {
                let a = _mm256_mul_epu32(*x0, multipliers[0]);
                let b = _mm256_mul_epu32(*x2, multipliers[1]);
                *x0 = _mm256_xor_si256(_mm256_srli_epi64::<32>(b), _mm256_xor_si256(*x1, keys[0]));
                *x1 = b;
                *x2 = _mm256_xor_si256(_mm256_srli_epi64::<32>(a), _mm256_xor_si256(*x3, keys[1]));
                *x3 = a;
            }
            keys = std::array::from_fn(|i| _mm256_add_epi32(keys[i], increments[i]));
        }
        for (word, out) in out.iter_mut().enumerate() {
            let odd = _mm256_slli_epi64::<32>(parts[1][word]);
            let both = _mm256_blend_epi32::<0b1010_1010>(parts[0][word], odd);
            // SAFETY: 8 words from 8 * half on are within the 16 of `out`; storeu needs no
            // alignment.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(8 * half).cast(), both) };
        }
    }
}

/// All rounds, `N` lanes at a time so that their words stay in registers. Words live in the low
/// halves of 64-bit lanes, because that is where vector units multiply 32 by 32 bits.
#[inline(always)]
fn rounds<const N: usize>(
    first: &Lanes,
    second: &Lanes,
    third: u32,
    fourth: u32,
    key: [u32; 2],
    out: &mut [Lanes; 4],
) {
    const LOW: u64 = 0xffff_ffff;
    for start in (0..LANES).step_by(N) {
        let mut x0 = [0_u64; N];
        let mut x1 = [0_u64; N];
        let mut x2 = [u64::from(third); N];
        let mut x3 = [u64::from(fourth); N];
        for lane in 0..N {
            x0[lane] = u64::from(first[start + lane]);
            x1[lane] = u64::from(second[start + lane]);
        }
        let [mut k0, mut k1] = key;
        for _ in 0..ROUNDS {
            for lane in 0..N {
                let a = u64::from(MULTIPLIERS[0]) * (x0[lane] & LOW);
                let b = u64::from(MULTIPLIERS[1]) * (x2[lane] & LOW);
                // High halves may hold leftovers: only low halves are ever read.
                x0[lane] = (b >> 32) ^ x1[lane] ^ u64::from(k0);
                x1[lane] = b;
                x2[lane] = (a >> 32) ^ x3[lane] ^ u64::from(k1);
                x3[lane] = a;
            }
            k0 = k0.wrapping_add(KEY_INCREMENTS[0]);
            k1 = k1.wrapping_add(KEY_INCREMENTS[1]);
        }
        for lane in 0..N {
            out[0][start + lane] = x0[lane] as u32;
            out[1][start + lane] = x1[lane] as u32;
            out[2][start + lane] = x2[lane] as u32;
            out[3][start + lane] = x3[lane] as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random;

    /// Every instruction set that this machine has, against the scalar definition.
    #[test]
    fn equals_scalar_philox() {
        let first: Lanes = std::array::from_fn(|lane| 0x9e37_79b9_u32.wrapping_mul(lane as u32));
        let second: Lanes = std::array::from_fn(|lane| u32::MAX - 77 * lane as u32);
        let (third, fourth, key) = (5, 0x0001_0204, [0xdead_beef, 42]);
        let mut all = vec![[[0; LANES]; 4]; 2];
        philox(&first, &second, third, fourth, key, &mut all[0]);
        rounds::<4>(&first, &second, third, fourth, key, &mut all[1]);
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            let mut out = [[0; LANES]; 4];
            // SAFETY: the processor has AVX2, as just checked.
            unsafe { philox_avx2(&first, &second, third, fourth, key, &mut out) };
            all.push(out);
        }
        for out in all {
            for lane in 0..LANES {
                let expected = random::philox([first[lane], second[lane], third, fourth], key);
                assert_eq!(std::array::from_fn(|word| out[word][lane]), expected);
            }
        }
    }
}
