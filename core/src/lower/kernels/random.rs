//! Draws and Poisson counts inside kernels, as `docs/semantics.md` 2.2 and 2.5 number them.

use super::Buffer;
use super::body::Body;
use crate::ir::{Op, Val};
use crate::random::{self, POISSON_OUTCOMES, Tag, counter3};

/// Draw `d` of a stream for `[neuron, step, copy]`.
pub fn draw(
    body: &mut Body,
    seed: u64,
    [neuron, step, copy]: [Val; 3],
    stream: u32,
    d: u32,
) -> Val {
    let lane = body.op(Op::UShr(neuron, 4));
    let block = body.op(Op::UShr(neuron, 6));
    let index = block_index(body, block, neuron);
    let stream = body.u32(stream);
    let tag = tag_word(body, copy, counter3(Tag::Draw, d, 0));
    let words = philox(body, seed, [index, step, stream, tag]);
    pick(body, words, lane)
}

/// The count of a Poisson table whose words start at `base` of the constants.
pub fn poisson(
    body: &mut Body,
    seed: u64,
    [neuron, step, copy]: [Val; 3],
    stream: u32,
    base: u32,
) -> Val {
    let stream = body.u32(stream);
    let half = sixteen_bits(body, seed, [neuron, step, copy], stream);
    let columns = body.u32(POISSON_OUTCOMES as u32 - 1);
    let column = body.op(Op::UAnd(half, columns));
    let level = body.op(Op::UShr(half, 5));
    let at = body.add(column, base);
    let packed = body.load(Buffer::Constants, at);
    let threshold = body.op(Op::UShr(packed, 16));
    let byte = body.u32(255);
    let own = body.op(Op::UAnd(packed, byte));
    let alias = body.op(Op::UShr(packed, 8));
    let alias = body.op(Op::UAnd(alias, byte));
    let below = body.op(Op::ULt(level, threshold));
    let result = body.var();
    let coarse = body.op(Op::Select(below, own, alias));
    body.set(result, coarse);
    let tie = body.op(Op::UEq(level, threshold));
    body.when(tie, |body| {
        let tag = tag_word(body, copy, counter3(Tag::PoissonTie, 0, 0));
        let [word, ..] = philox(body, seed, [neuron, step, stream, tag]);
        let high = body.op(Op::UShr(word, 16));
        let at = body.add(column, base + POISSON_OUTCOMES as u32);
        let fine = body.load(Buffer::Constants, at);
        let below = body.op(Op::ULt(high, fine));
        let exact = body.op(Op::Select(below, own, alias));
        body.set(result, exact);
    });
    body.get(result)
}

/// The 16 bits that decide a count.
fn sixteen_bits(
    body: &mut Body,
    seed: u64,
    [neuron, step, copy]: [Val; 3],
    stream: Val,
) -> Val {
    let lane = body.op(Op::UShr(neuron, 5));
    let block = body.op(Op::UShr(neuron, 7));
    let index = block_index(body, block, neuron);
    let tag = tag_word(body, copy, counter3(Tag::Poisson, 0, 0));
    let words = philox(body, seed, [index, step, stream, tag]);
    let word = pick(body, words, lane);
    // Bit 4 of the neuron says which half: shift by 0 or 16.
    let bit = body.u32(16);
    let shift = body.op(Op::UAnd(neuron, bit));
    let shifted = body.op(Op::UShrBy(word, shift));
    let mask = body.u32(0xffff);
    body.op(Op::UAnd(shifted, mask))
}

/// `block * 16 + neuron mod 16`.
fn block_index(body: &mut Body, block: Val, neuron: Val) -> Val {
    let mask = body.u32(15);
    let low = body.op(Op::UAnd(neuron, mask));
    let high = body.op(Op::UShl(block, 4));
    body.op(Op::UOr(high, low))
}

/// `tag + 65536 * copy`.
fn tag_word(body: &mut Body, copy: Val, tag: u32) -> Val {
    let high = body.op(Op::UShl(copy, 16));
    body.add(high, tag)
}

/// Word `lane mod 4`.
fn pick(body: &mut Body, words: [Val; 4], lane: Val) -> Val {
    let (one, two, zero) = (body.u32(1), body.u32(2), body.u32(0));
    let low = body.op(Op::UAnd(lane, one));
    let even = body.op(Op::UEq(low, zero));
    let high = body.op(Op::UAnd(lane, two));
    let lower = body.op(Op::UEq(high, zero));
    let a = body.op(Op::Select(even, words[0], words[1]));
    let b = body.op(Op::Select(even, words[2], words[3]));
    body.op(Op::Select(lower, a, b))
}

/// Philox4x32-10 of [`crate::random::philox`] on values.
fn philox(body: &mut Body, seed: u64, counter: [Val; 4]) -> [Val; 4] {
    let [mut k0, mut k1] = random::key(seed);
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let m0 = body.u32(random::MULTIPLIERS[0]);
    let m1 = body.u32(random::MULTIPLIERS[1]);
    for _ in 0..random::ROUNDS {
        let (key0, key1) = (body.u32(k0), body.u32(k1));
        let high0 = body.op(Op::UMulHi(c0, m0));
        let low0 = body.op(Op::UMul(c0, m0));
        let high1 = body.op(Op::UMulHi(c2, m1));
        let low1 = body.op(Op::UMul(c2, m1));
        let mixed = body.op(Op::UXor(high1, c1));
        c0 = body.op(Op::UXor(mixed, key0));
        c1 = low1;
        let mixed = body.op(Op::UXor(high0, c3));
        c2 = body.op(Op::UXor(mixed, key1));
        c3 = low0;
        k0 = k0.wrapping_add(random::KEY_INCREMENTS[0]);
        k1 = k1.wrapping_add(random::KEY_INCREMENTS[1]);
    }
    [c0, c1, c2, c3]
}
