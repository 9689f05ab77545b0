//! AVX2: eight counters at a time, and tables of bytes looked up sixteen columns at a time.

use super::{Draw, Table};
use crate::arch::{LANES, Lanes};
use isospike_core::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS};
use std::arch::x86_64::*;

/// Fills whole groups of 128 neurons. Gives the sum of all counts.
#[target_feature(enable = "avx2")]
pub(crate) fn fill(draw: &Draw<'_>, to: &mut [Lanes]) -> u32 {
    match draw.table {
        None => {
            for (group, to) in to.chunks_exact_mut(4).enumerate() {
                let (low, high) = (philox(draw, 2 * group), philox(draw, 2 * group + 1));
                for (to, words) in to.iter_mut().zip(low.into_iter().zip(high)) {
                    *to = Lanes::from_256([words.0, words.1]);
                }
            }
            0
        }
        Some(table) => {
            let mut sums = _mm256_setzero_si256();
            let mut settled = 0_u32;
            for (group, to) in to.chunks_exact_mut(8).enumerate() {
                let (low, high) = (philox(draw, 2 * group), philox(draw, 2 * group + 1));
                for (w, to) in to.chunks_exact_mut(2).enumerate() {
                    let counted = [low[w], high[w]].map(|words| count_8(table, words));
                    let [(a, a_ties), (b, b_ties)] = counted;
                    // At most 31 each, from a block of 64 vectors: a half-word is enough.
                    sums = _mm256_add_epi16(sums, _mm256_add_epi16(a, b));
                    let low_half = _mm256_set1_epi32(0xffff);
                    to[0] = Lanes::from_256([a, b].map(|c| _mm256_and_si256(c, low_half)));
                    to[1] = Lanes::from_256([a, b].map(|c| _mm256_srli_epi32::<16>(c)));
                    // Two bits for each half-word.
                    let ties = [a_ties, b_ties].map(|ties| _mm256_movemask_epi8(ties) as u32);
                    if ties != [0; 2] {
                        let change = settle(draw, table, ties, group * 128 + w * 32, to);
                        settled = settled.wrapping_add(change);
                    }
                }
            }
            let pairs = _mm256_madd_epi16(sums, _mm256_set1_epi16(1));
            let pairs = Lanes::from_256([pairs, _mm256_setzero_si256()]);
            pairs.0.iter().fold(settled, |sum, word| sum.wrapping_add(*word))
        }
    }
}

/// Settles the counts of 32 neurons, `first` of the block on, that 16 bits do not decide: two bits
/// each in `ties`. Gives by how much that changes their sum, modulo 2^32.
#[cold]
fn settle(draw: &Draw<'_>, table: &Table, ties: [u32; 2], first: usize, to: &mut [Lanes]) -> u32 {
    let mut change = 0_u32;
    for (part, ties) in ties.into_iter().enumerate() {
        let mut ties = ties & 0x5555_5555;
        while ties != 0 {
            let half = ties.trailing_zeros() as usize / 2;
            ties &= ties - 1;
            let i = half % 2 * LANES + part * 8 + half / 2;
            let place = &mut to[i / LANES].0[i % LANES];
            let before = std::mem::replace(place, draw.settle(table, first + i));
            change = change.wrapping_add(*place).wrapping_sub(before);
        }
    }
    change
}

/// The counts of both halves of eight words as half-words, and all ones where they do not decide.
#[inline]
#[target_feature(enable = "avx2")]
fn count_8(table: &Table, words: __m256i) -> (__m256i, __m256i) {
    // The column without its highest bit, in the low byte and in the high byte of a half-word; the
    // other byte gives 0.
    let column = _mm256_and_si256(words, _mm256_set1_epi16(0x0f));
    let in_low = _mm256_or_si256(column, _mm256_set1_epi16(0x8000_u16 as i16));
    let in_high = _mm256_or_si256(_mm256_slli_epi16::<8>(column), _mm256_set1_epi16(0x80));
    // The highest bit of the column everywhere.
    let upper = _mm256_srai_epi16::<15>(_mm256_slli_epi16::<11>(words));
    let look_up = |bytes: &[Lanes; 2], at: __m256i| {
        let [low, high] = bytes.map(|bytes| _mm256_shuffle_epi8(bytes.to_256()[0], at));
        _mm256_blendv_epi8(low, high, upper)
    };
    let [threshold_low, threshold_high, own, alias] = &table.bytes;
    let threshold =
        _mm256_or_si256(look_up(threshold_low, in_low), look_up(threshold_high, in_high));
    let high = _mm256_srli_epi16::<5>(words);
    let below = _mm256_cmpgt_epi16(threshold, high);
    let ties = _mm256_cmpeq_epi16(threshold, high);
    (_mm256_blendv_epi8(look_up(alias, in_low), look_up(own, in_low), below), ties)
}

/// The four words of eight counters.
#[inline]
#[target_feature(enable = "avx2")]
fn philox(draw: &Draw<'_>, group: usize) -> [__m256i; 4] {
    let first = draw.first.wrapping_add((group * 8) as u32);
    // Pairs of words of which the lower one counts: even counters, odd counters.
    let even = _mm256_setr_epi64x(0, 2, 4, 6);
    let even = _mm256_add_epi64(even, _mm256_set1_epi64x(i64::from(first)));
    let odd = _mm256_add_epi64(even, _mm256_set1_epi64x(1));
    let [x1, x2, x3] = draw.rest.map(|word| _mm256_set1_epi64x(i64::from(word)));
    let [mut a, mut b] = [[even, x1, x2, x3], [odd, x1, x2, x3]];
    let multipliers = MULTIPLIERS.map(|word| _mm256_set1_epi64x(i64::from(word)));
    let [mut k0, mut k1] = draw.key;
    for _ in 0..ROUNDS {
        let keys = [k0, k1].map(|word| _mm256_set1_epi32(word as i32));
        for x in [&mut a, &mut b] {
            let p = _mm256_mul_epu32(x[0], multipliers[0]);
            let q = _mm256_mul_epu32(x[2], multipliers[1]);
            let (p_high, q_high) = (_mm256_srli_epi64::<32>(p), _mm256_srli_epi64::<32>(q));
            let x0 = _mm256_xor_si256(_mm256_xor_si256(q_high, x[1]), keys[0]);
            let x2 = _mm256_xor_si256(_mm256_xor_si256(p_high, x[3]), keys[1]);
            *x = [x0, q, x2, p];
        }
        k0 = k0.wrapping_add(KEY_INCREMENTS[0]);
        k1 = k1.wrapping_add(KEY_INCREMENTS[1]);
    }
    let merge = |w: usize| _mm256_blend_epi32::<0xaa>(a[w], _mm256_slli_epi64::<32>(b[w]));
    [merge(0), merge(1), merge(2), merge(3)]
}
