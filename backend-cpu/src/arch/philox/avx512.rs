//! AVX-512: sixteen counters at a time, and tables of 32 half-words in one register each.

use super::{Draw, Table};
use crate::arch::{LANES, Lanes};
use isospike_core::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS};
use std::arch::x86_64::*;

/// Fills whole groups of 128 neurons. Gives the sum of all counts.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(crate) fn fill(draw: &Draw<'_>, to: &mut [Lanes]) -> u32 {
    match draw.table {
        None => {
            for (group, to) in to.chunks_exact_mut(4).enumerate() {
                let words = philox(draw, group);
                for (to, words) in to.iter_mut().zip(words) {
                    *to = Lanes::from_512(words);
                }
            }
            0
        }
        Some(table) => {
            let mut sums = _mm512_setzero_si512();
            let mut settled = 0_u32;
            for (group, to) in to.chunks_exact_mut(8).enumerate() {
                let words = philox(draw, group);
                for (w, (to, words)) in to.chunks_exact_mut(2).zip(words).enumerate() {
                    let (counts, ties) = count(table, words);
                    // At most 31 each, from a block of 32 vectors: a half-word is enough.
                    sums = _mm512_add_epi16(sums, counts);
                    to[0] = Lanes::from_512(_mm512_and_si512(counts, _mm512_set1_epi32(0xffff)));
                    to[1] = Lanes::from_512(_mm512_srli_epi32::<16>(counts));
                    if ties != 0 {
                        let change = settle(draw, table, ties, group * 128 + w * 32, to);
                        settled = settled.wrapping_add(change);
                    }
                }
            }
            let pairs = _mm512_madd_epi16(sums, _mm512_set1_epi16(1));
            settled.wrapping_add(_mm512_reduce_add_epi32(pairs) as u32)
        }
    }
}

/// The counts of both halves of sixteen words as half-words, and which of them 16 bits do not
/// decide.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn count(table: &Table, words: __m512i) -> (__m512i, u32) {
    let [threshold, own, alias] = table.halves.map(Lanes::to_512);
    // A permutation looks at the low five bits of each index, which are the column.
    let high = _mm512_srli_epi16::<5>(words);
    let threshold = _mm512_permutexvar_epi16(words, threshold);
    let below = _mm512_cmplt_epu16_mask(high, threshold);
    let ties = _mm512_cmpeq_epu16_mask(high, threshold);
    let alias = _mm512_permutexvar_epi16(words, alias);
    (_mm512_mask_permutexvar_epi16(alias, below, words, own), ties)
}

/// Settles the counts of 32 neurons, `first` of the block on, that were not decided. Gives by how
/// much that changes their sum, modulo 2^32.
#[cold]
fn settle(draw: &Draw<'_>, table: &Table, ties: u32, first: usize, to: &mut [Lanes]) -> u32 {
    let (mut ties, mut change) = (ties, 0_u32);
    while ties != 0 {
        let half = ties.trailing_zeros() as usize;
        ties &= ties - 1;
        let i = half % 2 * LANES + half / 2;
        let place = &mut to[i / LANES].0[i % LANES];
        let before = std::mem::replace(place, draw.settle(table, first + i));
        change = change.wrapping_add(*place).wrapping_sub(before);
    }
    change
}

/// The four words of the counters of a group.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn philox(draw: &Draw<'_>, group: usize) -> [__m512i; 4] {
    let first = draw.first.wrapping_add((group * LANES) as u32);
    // Pairs of words of which the lower one counts: even counters, odd counters.
    let even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    let even = _mm512_add_epi64(even, _mm512_set1_epi64(i64::from(first)));
    let odd = _mm512_add_epi64(even, _mm512_set1_epi64(1));
    let [x1, x2, x3] = draw.rest.map(|word| _mm512_set1_epi64(i64::from(word)));
    let [mut a, mut b] = [[even, x1, x2, x3], [odd, x1, x2, x3]];
    let multipliers = MULTIPLIERS.map(|word| _mm512_set1_epi64(i64::from(word)));
    let [mut k0, mut k1] = draw.key;
    for _ in 0..ROUNDS {
        let keys = [k0, k1].map(|word| _mm512_set1_epi32(word as i32));
        for x in [&mut a, &mut b] {
            let p = _mm512_mul_epu32(x[0], multipliers[0]);
            let q = _mm512_mul_epu32(x[2], multipliers[1]);
            // 0x96: the exclusive or of three.
            let x0 = _mm512_ternarylogic_epi32::<0x96>(_mm512_srli_epi64::<32>(q), x[1], keys[0]);
            let x2 = _mm512_ternarylogic_epi32::<0x96>(_mm512_srli_epi64::<32>(p), x[3], keys[1]);
            *x = [x0, q, x2, p];
        }
        k0 = k0.wrapping_add(KEY_INCREMENTS[0]);
        k1 = k1.wrapping_add(KEY_INCREMENTS[1]);
    }
    let merge = |w: usize| _mm512_mask_blend_epi32(0xaaaa, a[w], _mm512_slli_epi64::<32>(b[w]));
    [merge(0), merge(1), merge(2), merge(3)]
}
