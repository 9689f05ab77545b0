//! AVX-512: sixteen synapses at a time. Places behind the end of a table are masked out.

use super::{Kept, Pass, Trace};
use crate::arch::LANES;
use isospike_core::base::numeric::{FLUSH_BELOW_BITS, MAGNITUDE_BITS};
use std::arch::x86_64::*;

/// Carries out a pass.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
pub(crate) fn run(pass: Pass<'_>) -> usize {
    match pass {
        Pass::Gather { from, places, to } => gather(from, places, to),
        Pass::Scatter { to, places, from } => scatter(to, places, from),
        Pass::Add { to, places, from } => add(to, places, from),
        Pass::AddInOrder { to, from } => super::portable::add_in_order(to, from),
        Pass::Choose { stamps, limit, new, old, to } => choose(stamps, limit, [new, old], to),
        Pass::Above { from, limit, numbers, places, kept } => {
            return above(from, limit, numbers, places, kept);
        }
        Pass::Newest { from, limit, places, newest, kept } => {
            return self::newest(from, limit, places, newest, kept);
        }
        Pass::Decay { trace, stamps, to } => return decay(trace, stamps, to),
    }
    0
}

/// Which of sixteen lanes a list has from `first` on.
fn lanes(list: &[u32], first: usize) -> __mmask16 {
    let rest = list.len().saturating_sub(first);
    if rest >= LANES { u16::MAX } else { (1 << rest) - 1 }
}

/// The words that a list has from `first` on; lanes behind its end are 0.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn load(list: &[u32], first: usize) -> __m512i {
    let here = lanes(list, first);
    // SAFETY: masked-out words, those behind the end of the list, are not read.
    unsafe { _mm512_maskz_loadu_epi32(here, list.as_ptr().wrapping_add(first).cast()) }
}

/// Writes the words that a list has from `first` on.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn store(list: &mut [u32], first: usize, words: __m512i) {
    let here = lanes(list, first);
    // SAFETY: masked-out words, those behind the end of the list, are not written.
    unsafe { _mm512_mask_storeu_epi32(list.as_mut_ptr().wrapping_add(first).cast(), here, words) }
}

/// Which of these places, those of `here`, a table has.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn within(table: &[u32], places: __m512i, here: __mmask16) -> __mmask16 {
    // Gathers take places for signed.
    let end = table.len().min(1 << 31) as u32;
    _mm512_mask_cmplt_epu32_mask(here, places, _mm512_set1_epi32(end as i32))
}

/// The words of a table at these places, those of `here`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn take(table: &[u32], places: __m512i, here: __mmask16) -> __m512i {
    let within = within(table, places, here);
    // SAFETY: every place of the mask lies in the table.
    unsafe {
        let base = table.as_ptr().cast();
        _mm512_mask_i32gather_epi32::<4>(_mm512_setzero_si512(), within, places, base)
    }
}

/// Writes words into a table at these places, those of `here`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn put(table: &mut [u32], places: __m512i, here: __mmask16, words: __m512i) {
    let within = within(table, places, here);
    // SAFETY: every place of the mask lies in the table.
    unsafe {
        let base = table.as_mut_ptr().cast();
        _mm512_mask_i32scatter_epi32::<4>(base, within, places, words);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn gather(from: &[u32], places: &[u32], to: &mut [u32]) {
    for first in (0..places.len()).step_by(LANES) {
        store(to, first, take(from, load(places, first), lanes(places, first)));
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn scatter(to: &mut [u32], places: &[u32], from: &[u32]) {
    for first in (0..places.len()).step_by(LANES) {
        put(to, load(places, first), lanes(places, first), load(from, first));
    }
}

/// Adds sixteen words at once where places ascend and none occurs three times among them: the first
/// of two words for one place is added to the second before.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn add(to: &mut [u32], places: &[u32], from: &[u32]) {
    let next = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
    let last = _mm512_setr_epi32(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    for first in (0..places.len()).step_by(LANES) {
        let (vector, words, here) = (load(places, first), load(from, first), lanes(places, first));
        let following = _mm512_permutexvar_epi32(next, vector);
        let followed = here >> 1;
        let ascends = _mm512_cmple_epu32_mask(vector, following);
        let first_of_two = _mm512_mask_cmpeq_epu32_mask(followed, vector, following);
        let second_of_two = first_of_two << 1;
        if ascends & followed == followed && first_of_two & second_of_two == 0 {
            let before = _mm512_permutexvar_epi32(last, words);
            let words = _mm512_mask_add_epi32(words, second_of_two, words, before);
            let here = here & !first_of_two;
            put(to, vector, here, _mm512_add_epi32(take(to, vector, here), words));
        } else {
            for (place, from) in places[first..].iter().zip(&from[first..]).take(LANES) {
                if let Some(to) = to.get_mut(*place as usize) {
                    *to = to.wrapping_add(*from);
                }
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn choose(stamps: &[u32], limit: u32, [new, old]: [&[u32]; 2], to: &mut [u32]) {
    let limit = _mm512_set1_epi32(limit as i32);
    for first in (0..stamps.len()).step_by(LANES) {
        let above = _mm512_cmpgt_epu32_mask(load(stamps, first), limit);
        store(to, first, _mm512_mask_mov_epi32(load(old, first), above, load(new, first)));
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn above(from: &[u32], limit: u32, numbers: &[u32], places: &[u32], mut kept: Kept<'_>) -> usize {
    let limit = _mm512_set1_epi32(limit as i32);
    let mut count = 0;
    for first in (0..places.len()).step_by(LANES) {
        let (place, here) = (load(places, first), lanes(places, first));
        let words = take(from, place, here);
        let above = _mm512_mask_cmpgt_epu32_mask(here, words, limit);
        if above != 0 {
            count += keep(&mut kept, count, above, [load(numbers, first), place, words]);
        }
    }
    count
}

/// Appends the lanes of a mask to lists that have `count` entries; gives how many there were.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn keep(kept: &mut Kept<'_>, count: usize, mask: __mmask16, lanes: [__m512i; 3]) -> usize {
    let [numbers, places, words] = lanes.map(|lanes| _mm512_maskz_compress_epi32(mask, lanes));
    store(kept.numbers, count, numbers);
    store(kept.places, count, places);
    store(kept.words, count, words);
    mask.count_ones() as usize
}

/// One gather brings both words of a target.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn newest(
    from: &[[u32; 2]],
    limit: u32,
    places: &[u32],
    newest: &mut [u32],
    mut kept: Kept<'_>,
) -> usize {
    let limit = _mm512_set1_epi32(limit as i32);
    let lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let end = _mm512_set1_epi32(from.len().min(1 << 31) as u32 as i32);
    let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    let mut count = 0;
    for first in (0..places.len()).step_by(LANES) {
        let (place, here) = (load(places, first), lanes(places, first));
        let within = _mm512_mask_cmplt_epu32_mask(here, place, end);
        let half = |within: u16, places: __m256i| {
            // SAFETY: every place of the mask lies in the table.
            unsafe {
                let base = from.as_ptr().cast();
                let zero = _mm512_setzero_si512();
                _mm512_mask_i32gather_epi64::<8>(zero, within as u8, places, base)
            }
        };
        let low = half(within, _mm512_castsi512_si256(place));
        let high = half(within >> 8, _mm512_extracti64x4_epi64::<1>(place));
        store(newest, first, _mm512_permutex2var_epi32(low, even, high));
        let words = _mm512_permutex2var_epi32(low, odd, high);
        let above = _mm512_mask_cmpgt_epu32_mask(here, words, limit);
        if above != 0 {
            let numbers = _mm512_add_epi32(lane, _mm512_set1_epi32(first as i32));
            count += keep(&mut kept, count, above, [numbers, place, words]);
        }
    }
    count
}

/// Looks most factors up in registers, 32 words each: a permutation takes five bits of a number.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn decay(trace: &Trace<'_>, stamps: &[u32], to: &mut [u32]) -> usize {
    let [ones, tens, ..] = trace.decay.tables().map(|table| {
        let words = bytemuck::cast_slice(table);
        [0, LANES].map(|first| _mm512_castsi512_ps(load(words, first)))
    });
    let near: &[u32] = bytemuck::cast_slice(trace.decay.near());
    let (last, limit) =
        (_mm512_set1_epi32(trace.last as i32), _mm512_set1_epi32(trace.limit as i32));
    let (before, after) = (_mm512_set1_ps(trace.before), _mm512_set1_ps(trace.after));
    let mut old = 0;
    for first in (0..stamps.len()).step_by(LANES) {
        let stamp = load(stamps, first);
        let events = _mm512_cmpgt_epu32_mask(stamp, limit);
        let age = _mm512_maskz_sub_epi32(events, stamp, last);
        let factor = if _mm512_cmpge_epu32_mask(age, _mm512_set1_epi32(1024)) == 0 {
            let one = _mm512_permutex2var_ps(ones[0], age, ones[1]);
            let ten = _mm512_permutex2var_ps(tens[0], _mm512_srli_epi32::<5>(age), tens[1]);
            flush(_mm512_mul_ps(one, ten))
        } else {
            let reached = within(near, age, u16::MAX);
            old += reached.count_zeros() as usize;
            _mm512_castsi512_ps(take(near, age, reached))
        };
        let left = flush(_mm512_mul_ps(after, factor));
        let same_step = _mm512_testn_epi32_mask(age, age);
        let words = _mm512_mask_mov_ps(left, same_step, before);
        store(to, first, _mm512_castps_si512(words));
    }
    old
}

/// `base::numeric::flush` of sixteen floats.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn flush(floats: __m512) -> __m512 {
    let words = _mm512_castps_si512(floats);
    let magnitude = _mm512_and_si512(words, _mm512_set1_epi32(MAGNITUDE_BITS as i32));
    let least = _mm512_set1_epi32(FLUSH_BELOW_BITS as i32);
    _mm512_maskz_mov_ps(_mm512_cmpge_epu32_mask(magnitude, least), floats)
}
