//! Draws and Poisson counts inside kernels, as `docs/semantics.md` 2.2 and 2.5 number them.

use super::Buffer;
use super::body::Body;
use super::shared::Number;
use crate::base::random::{self, POISSON_OUTCOMES, Tag, counter3};
use crate::connect::permutation::mix;
use crate::connect::{HALF_ROUNDS, HALF_ROUNDS_SMALL, SMALL_N};
use crate::ir::{Op, Val, math};

/// Emits draw `d` of a stream for `[neuron, step, copy]`.
pub fn draw(
    body: &mut Body,
    seed: u64,
    [neuron, step, copy]: [Val; 3],
    stream: Val,
    d: u32,
) -> Val {
    let key = key(body, seed);
    let copy_bits = body.op(Op::UShl(copy, 16));
    math::random_word(body.builder(), key, neuron, step, stream, d, copy_bits)
}

/// Emits the count of a Poisson table whose words start at `base` of the constants.
pub fn poisson(
    body: &mut Body,
    seed: u64,
    [neuron, step, copy]: [Val; 3],
    stream: Val,
    base: Number,
) -> Val {
    let half = sixteen_bits(body, seed, [neuron, step, copy], stream);
    let columns = body.u32(POISSON_OUTCOMES as u32 - 1);
    let column = body.op(Op::UAnd(half, columns));
    let level = body.op(Op::UShr(half, 5));
    let at = base.add_to(body, column, 0);
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
        let at = base.add_to(body, column, POISSON_OUTCOMES as u32);
        let fine = body.load(Buffer::Constants, at);
        let below = body.op(Op::ULt(high, fine));
        let exact = body.op(Op::Select(below, own, alias));
        body.set(result, exact);
    });
    body.get(result)
}

/// Emits the number of events of a count that thinning by the word `keep` leaves.
pub fn kept(
    body: &mut Body,
    seed: u64,
    [neuron, step, copy]: [Val; 3],
    stream: Val,
    events: Val,
    keep: Val,
) -> Val {
    let (zero, one, all) = (body.u32(0), body.u32(1), body.u32(u32::MAX));
    let always = body.op(Op::UEq(keep, all));
    let tag = tag_word(body, copy, counter3(Tag::Thinning, 0, 0));
    let (event, result) = (body.var(), body.var());
    body.repeat(|body| {
        let first = body.get(event);
        let more = body.op(Op::ULt(first, events));
        let done = body.op(Op::Not(more));
        body.break_if(done);
        // 256 times the number of the call, each of which has four events.
        let call = body.op(Op::UShl(first, 6));
        let fourth = body.op(Op::UAdd(tag, call));
        let words = philox(body, seed, [neuron, step, stream, fourth]);
        let mut sum = body.get(result);
        for (word, ahead) in words.into_iter().zip(0..) {
            let number = body.add(first, ahead);
            let inside = body.op(Op::ULt(number, events));
            let below = body.op(Op::ULt(word, keep));
            let counts = body.op(Op::Or(below, always));
            let counts = body.op(Op::And(counts, inside));
            let counted = body.op(Op::Select(counts, one, zero));
            sum = body.op(Op::UAdd(sum, counted));
        }
        body.set(result, sum);
        let next = body.add(first, 4);
        body.set(event, next);
    });
    body.get(result)
}

/// Emits the 16 bits that decide a count.
fn sixteen_bits(body: &mut Body, seed: u64, [neuron, step, copy]: [Val; 3], stream: Val) -> Val {
    let lane = body.op(Op::UShr(neuron, 5));
    let block = body.op(Op::UShr(neuron, 7));
    let index = block_index(body, block, neuron);
    let tag = tag_word(body, copy, counter3(Tag::Poisson, 0, 0));
    let words = philox(body, seed, [index, step, stream, tag]);
    let word = pick(body, words, lane);
    // Bit 4 of the neuron selects the half: a shift by 0 or 16.
    let bit = body.u32(16);
    let shift = body.op(Op::UAnd(neuron, bit));
    let shifted = body.op(Op::UShrBy(word, shift));
    let mask = body.u32(0xffff);
    body.op(Op::UAnd(shifted, mask))
}

/// Emits `block * 16 + neuron mod 16`.
fn block_index(body: &mut Body, block: Val, neuron: Val) -> Val {
    let mask = body.u32(15);
    let low = body.op(Op::UAnd(neuron, mask));
    let high = body.op(Op::UShl(block, 4));
    body.op(Op::UOr(high, low))
}

/// Emits `tag + 65536 * copy`.
fn tag_word(body: &mut Body, copy: Val, tag: u32) -> Val {
    let high = body.op(Op::UShl(copy, 16));
    body.add(high, tag)
}

/// Emits word `lane mod 4`.
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

/// Emits Philox4x32-10 with the key of a seed.
pub fn philox(body: &mut Body, seed: u64, counter: [Val; 4]) -> [Val; 4] {
    let key = key(body, seed);
    math::philox(body.builder(), counter, key)
}

fn key(body: &mut Body, seed: u64) -> [Val; 2] {
    random::key(seed).map(|word| body.u32(word))
}

/// Emits the keys of the permutation of `0..n` for row `owner` of `(seed, projection)`.
pub fn permutation_keys(body: &mut Body, site: (u64, u32), owner: Val, n: u32) -> Vec<Val> {
    let (seed, projection) = site;
    let projection = body.u32(projection);
    let tag = body.u32(Tag::Permutation as u32);
    let half_rounds = if n <= SMALL_N { HALF_ROUNDS_SMALL } else { HALF_ROUNDS };
    let mut keys = Vec::with_capacity(half_rounds);
    for call in 0..half_rounds as u32 / 4 {
        let call = body.u32(call);
        keys.extend(philox(body, seed, [call, owner, projection, tag]));
    }
    keys
}

/// Emits the image of `j` under the permutation of `0..n`: passes through the network until the
/// result is below `n`.
pub fn permute(body: &mut Body, keys: &[Val], j: Val, n: u32) -> Val {
    let place = body.var();
    let first = pass(body, keys, j, n);
    body.set(place, first);
    let end = body.u32(n);
    body.repeat(|body| {
        let now = body.get(place);
        let arrived = body.op(Op::ULt(now, end));
        body.break_if(arrived);
        let next = pass(body, keys, now, n);
        body.set(place, next);
    });
    body.get(place)
}

/// Emits one pass through the Feistel network on the least power of two that holds `n`.
fn pass(body: &mut Body, keys: &[Val], x: Val, n: u32) -> Val {
    let bits = u32::BITS - n.saturating_sub(1).leading_zeros();
    let (low_bits, high_bits) = (bits.div_ceil(2), bits / 2);
    let low_mask = body.u32((1 << low_bits) - 1);
    let high_mask = body.u32((1 << high_bits) - 1);
    let mut low = body.op(Op::UAnd(x, low_mask));
    let mut high = body.op(Op::UShr(x, low_bits));
    for keys in keys.chunks_exact(2) {
        let mixed = mix(body.builder(), high, keys[0]);
        let mixed = body.op(Op::UAnd(mixed, low_mask));
        low = body.op(Op::UXor(low, mixed));
        let mixed = mix(body.builder(), low, keys[1]);
        let mixed = body.op(Op::UAnd(mixed, high_mask));
        high = body.op(Op::UXor(high, mixed));
    }
    let high = body.op(Op::UShl(high, low_bits));
    body.op(Op::UOr(high, low))
}
