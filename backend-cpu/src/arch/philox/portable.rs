//! Plain loops, which the compiler vectorises.

use super::{Draw, Table};
use crate::arch::word;
use crate::arch::{BLOCK, LANES, Lanes};
use isospike_core::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS};

/// The most counters that a block needs: one for each four neurons.
const COUNTERS: usize = BLOCK * LANES / 4;

/// Four words of each of many counters.
type Words = [[u32; COUNTERS]; 4];

/// Fills whole groups of 128 neurons. Gives the sum of all counts.
#[inline(always)]
pub(super) fn fill(draw: &Draw<'_>, to: &mut [Lanes]) -> u32 {
    let mut words = [[0; COUNTERS]; 4];
    match draw.table {
        None => {
            philox(draw, to.len() / 4 * LANES, &mut words);
            for (l, lanes) in to.iter_mut().enumerate() {
                let from = l / 4 * LANES;
                lanes.0.copy_from_slice(&words[l % 4][from..from + LANES]);
            }
            0
        }
        Some(table) => {
            philox(draw, to.len() / 8 * LANES, &mut words);
            poisson(draw, table, &words, to);
            Lanes::words(to).iter().sum()
        }
    }
}

#[inline(always)]
fn poisson(draw: &Draw<'_>, table: &Table, words: &Words, to: &mut [Lanes]) {
    let counters = to.len() / 8 * LANES;
    for half in 0..8 {
        let mut counts = [0; COUNTERS];
        let mut tied = [0; COUNTERS];
        let from = &words[half / 2][..counters];
        let ties = count(table, from, half as u32 % 2 * 16, &mut counts, &mut tied);
        for (group, counts) in counts[..counters].chunks_exact(LANES).enumerate() {
            to[group * 8 + half].0.copy_from_slice(counts);
        }
        if ties != 0 {
            for (k, _) in tied[..counters].iter().enumerate().filter(|(_, tied)| **tied != 0) {
                let (group, lane) = (k / LANES, k % LANES);
                let i = (group * 8 + half) * LANES + lane;
                to[i / LANES].0[lane] = draw.settle(table, i);
            }
        }
    }
}

/// The counts of a half of each word, and which halves do not decide; not 0 where there are some.
#[inline(always)]
fn count(table: &Table, words: &[u32], shift: u32, to: &mut [u32], tied: &mut [u32]) -> u32 {
    let mut ties = 0;
    for ((to, tied), word) in to.iter_mut().zip(tied).zip(words) {
        let half = word >> shift & 0xffff;
        let column = table.packed[(half & 31) as usize];
        let (high, threshold) = (half >> 5, column >> 10);
        let (own, alias) = (column & 31, column >> 5 & 31);
        *to = word::select(word::mask(high < threshold), own, alias);
        *tied = word::mask(high == threshold);
        ties |= *tied;
    }
    ties
}

/// Philox of so many counters.
#[inline(always)]
fn philox(draw: &Draw<'_>, count: usize, words: &mut Words) {
    let [w0, w1, w2, w3] = words;
    let outputs = w0[..count].iter_mut().zip(&mut w1[..count]);
    let outputs = outputs.zip(&mut w2[..count]).zip(&mut w3[..count]);
    for (i, (((w0, w1), w2), w3)) in outputs.enumerate() {
        // 64 bits with the upper half clear: the form in which vector units multiply.
        let mut x0 = u64::from(draw.first.wrapping_add(i as u32));
        let [mut x1, mut x2, mut x3] = draw.rest.map(u64::from);
        let [mut k0, mut k1] = draw.key;
        for _ in 0..ROUNDS {
            let a = x0 * u64::from(MULTIPLIERS[0]);
            let b = x2 * u64::from(MULTIPLIERS[1]);
            x0 = (b >> 32) ^ x1 ^ u64::from(k0);
            x1 = b & 0xffff_ffff;
            x2 = (a >> 32) ^ x3 ^ u64::from(k1);
            x3 = a & 0xffff_ffff;
            k0 = k0.wrapping_add(KEY_INCREMENTS[0]);
            k1 = k1.wrapping_add(KEY_INCREMENTS[1]);
        }
        (*w0, *w1, *w2, *w3) = (x0 as u32, x1 as u32, x2 as u32, x3 as u32);
    }
}
