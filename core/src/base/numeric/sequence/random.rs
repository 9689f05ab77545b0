//! Random words from counters, as [`crate::base::random`] numbers them.

use crate::base::numeric::Arithmetic;
use crate::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS, Tag, counter3};

/// Philox4x32-10 on U32 values: four words from a counter and a key.
pub fn philox<A: Arithmetic>(b: &mut A, counter: [A::Word; 4], key: [A::Word; 2]) -> [A::Word; 4] {
    let [mut x0, mut x1, mut x2, mut x3] = counter;
    let [mut k0, mut k1] = key;
    let (m0, m1) = (b.u32(MULTIPLIERS[0]), b.u32(MULTIPLIERS[1]));
    let (i0, i1) = (b.u32(KEY_INCREMENTS[0]), b.u32(KEY_INCREMENTS[1]));
    for _ in 0..ROUNDS {
        let (high0, low0) = (b.umulhi(m0, x0), b.umul(m0, x0));
        let (high1, low1) = (b.umulhi(m1, x2), b.umul(m1, x2));
        let y0 = b.uxor(high1, x1);
        let y2 = b.uxor(high0, x3);
        x0 = b.uxor(y0, k0);
        x1 = low1;
        x2 = b.uxor(y2, k1);
        x3 = low0;
        k0 = b.uadd(k0, i0);
        k1 = b.uadd(k1, i1);
    }
    [x0, x1, x2, x3]
}

/// [`crate::base::random::word`]: draw `draw` of a neuron in a step. All values U32; `copy_bits` is
/// the copy of the batch times 65536.
pub fn random_word<A: Arithmetic>(
    b: &mut A,
    key: [A::Word; 2],
    neuron: A::Word,
    step: A::Word,
    stream: A::Word,
    draw: u32,
    copy_bits: A::Word,
) -> A::Word {
    let block = b.udiv(neuron, 64);
    let block = b.ushl(block, 4);
    let lane = b.urem(neuron, 16);
    let index = b.uadd(block, lane);
    let tag = b.u32(counter3(Tag::Draw, draw, 0));
    let tag = b.uor(tag, copy_bits);
    let words = philox(b, [index, step, stream, tag], key);
    let which = b.ushr(neuron, 4);
    one_of_four(b, words, which)
}

/// [`crate::base::random::uniform`]: a float in (0, 1] from a U32 word.
pub fn uniform<A: Arithmetic>(b: &mut A, word: A::Word) -> A::Float {
    let shifted = b.ushr(word, 8);
    let one = b.u32(1);
    let numerator = b.uadd(shifted, one);
    let numerator = b.u_to_i(numerator);
    let numerator = b.small_int_to_float(numerator);
    let unit = b.f32(f32::from_bits(0x3380_0000));
    b.fmul(numerator, unit)
}

/// A Bool that holds where a U32 word is below `high * 2^16 + low`, two F32 that are integers:
/// `low` in 0..2^16, `high` in 0..=2^16.
pub fn bernoulli<A: Arithmetic>(
    b: &mut A,
    word: A::Word,
    high: A::Float,
    low: A::Float,
) -> A::Truth {
    let all = b.f32(65536.0);
    let always = b.fle(all, high);
    let mut halves = [high, low].map(|half| {
        let half = b.f_to_i(half);
        b.i_to_u(half)
    });
    halves[0] = b.ushl(halves[0], 16);
    let threshold = b.uadd(halves[0], halves[1]);
    let below = b.ult(word, threshold);
    b.or(below, always)
}

/// `words[which mod 4]`.
fn one_of_four<A: Arithmetic>(b: &mut A, words: [A::Word; 4], which: A::Word) -> A::Word {
    let zero = b.u32(0);
    let (low_bit, high_bit) = (b.u32(1), b.u32(2));
    let low = b.uand(which, low_bit);
    let even = b.ueq(low, zero);
    let high = b.uand(which, high_bit);
    let first = b.ueq(high, zero);
    let lower = b.select_word(even, words[0], words[1]);
    let upper = b.select_word(even, words[2], words[3]);
    b.select_word(first, lower, upper)
}
