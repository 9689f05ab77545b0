//! Counter-based randomness: Philox4x32-10 (Salmon et al. 2011), `f(seed, stream, index, step,
//! draw)`, no state anywhere. Which counter serves what is section 2 of `docs/semantics.md`.

use super::numeric::{Host, sequence};

/// The multipliers of Philox4x32.
pub const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];

/// The words that are added to the key after each round of Philox4x32.
pub const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// How many rounds are made.
pub const ROUNDS: u32 = 10;

/// How many outcomes (and columns) a [`PoissonTable`] has: counts 0..=31.
pub const POISSON_OUTCOMES: usize = 32;

/// The largest mean of one [`PoissonTable`], in events per step.
pub const POISSON_MEAN_MAX: f64 = 8.0;

/// The purpose of a counter: the low byte of its word 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Draws of neuron programs.
    Draw = 1,
    /// Poisson counts.
    Poisson = 2,
    /// The refinement of Poisson counts.
    PoissonTie = 3,
    /// The synapses of a row.
    Row = 4,
    /// The sources of a target with fixed in-degree.
    InDegree = 5,
    /// The sources of a fixed total number of synapses.
    Total = 6,
    /// Keyed permutations.
    Permutation = 7,
    /// Initial values and per-neuron parameters.
    Initial = 8,
    /// Which events of a rate that changes in time are kept.
    Thinning = 9,
    /// Initial values of synapses.
    SynapseInitial = 11,
    /// Candidates of rewirings.
    Rewire = 12,
}

/// Philox4x32-10: four words from a counter and a key.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    sequence::philox(&mut Host, counter, key)
}

/// The key of a seed: its low word, its high word.
pub fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// Word 3 of a counter: `tag + 256 * d + 65536 * copy`, with `d < 256` and `copy < 65536`.
pub fn counter3(tag: Tag, d: u32, copy: u32) -> u32 {
    debug_assert!(d < 256 && copy < 65536);
    tag as u32 | d << 8 | copy << 16
}

/// Draw `draw` of neuron `neuron` in `step`: the meaning of [`crate::ir::Input::Random`].
pub fn word(seed: u64, neuron: u32, step: u32, stream: u32, draw: u32, copy: u32) -> u32 {
    let counter = [(neuron / 64) * 16 + neuron % 16, step, stream, counter3(Tag::Draw, draw, copy)];
    philox(counter, key(seed))[(neuron / 16 % 4) as usize]
}

/// One of `n` things: `(word * n) div 2^32`, below `n` (0 where `n` is 0).
pub fn pick(word: u32, n: u32) -> u32 {
    ((u64::from(word) * u64::from(n)) >> 32) as u32
}

/// A uniform number in (0, 1], a multiple of 2^-24: `((word >> 8) + 1) * 2^-24`, exactly.
pub fn uniform(word: u32) -> f32 {
    sequence::uniform(&mut Host, word)
}

/// How many of 2^32 equally likely words an event of this probability gets: p * 2^32 rounded to
/// nearest, 0 for less than 0 or not a number, 2^32 for more than 1. It happens where the word is
/// below.
pub fn bernoulli_threshold(p: f64) -> u64 {
    const ALL: u64 = 1 << 32;
    (libm::round(p * ALL as f64) as u64).min(ALL)
}

/// A uniform number in [0, 1), a multiple of 2^-53: random call `d` of the values of a population
/// (`docs/semantics.md` 2.7).
pub fn initial_uniform(seed: u64, neuron: u32, d: u32, population: u32) -> f64 {
    unit(philox([neuron, d, population, counter3(Tag::Initial, 0, 0)], key(seed)))
}

/// A uniform number in [0, 1), a multiple of 2^-53, from the first two of four random words: the
/// high 26 bits of one, the high 27 bits of the other.
pub fn unit(words: [u32; 4]) -> f64 {
    let integer = u64::from(words[0] >> 6) << 27 | u64::from(words[1] >> 5);
    integer as f64 * libm::ldexp(1.0, -53)
}

/// The words of the initial value of state variable `variable` of synapse `j` of a row
/// (`docs/semantics.md` 8.19).
pub fn synapse_initial(seed: u64, j: u32, row: u32, projection: u32, variable: u32) -> [u32; 4] {
    let tag = counter3(Tag::SynapseInitial, variable % 256, variable / 256);
    philox([j, row, projection, tag], key(seed))
}

/// The key of the candidates of a rewiring when so many steps have been (`docs/semantics.md` 9.4).
pub fn rewire_key(seed: u64, steps: u32, projection: u32) -> [u32; 2] {
    let words = philox([steps, 0, projection, counter3(Tag::Rewire, 0, 0)], key(seed));
    [words[0], words[1]]
}

/// The words of candidate `n` of a row with that key.
pub fn rewire_candidate(key: [u32; 2], n: u32, row: u32, projection: u32) -> [u32; 4] {
    philox([n, row, projection, counter3(Tag::Rewire, 0, 0)], key)
}

/// The count of one Poisson source in one step: the meaning of [`crate::ir::Input::Poisson`].
pub fn poisson(
    table: &PoissonTable,
    seed: u64,
    neuron: u32,
    step: u32,
    stream: u32,
    copy: u32,
) -> u32 {
    let first = (neuron / 128) * 16 + neuron % 16;
    let words = philox([first, step, stream, counter3(Tag::Poisson, 0, copy)], key(seed));
    let half = words[(neuron / 32 % 4) as usize] >> (neuron / 16 % 2 * 16);
    table.count(half as u16, || {
        let tie = counter3(Tag::PoissonTie, 0, copy);
        (philox([neuron, step, stream, tie], key(seed))[0] >> 16) as u16
    })
}

/// The word that decides which events a rate keeps, of those drawn at the largest rate
/// (`docs/semantics.md` 2.9): the ratio in units of 2^-32; all ones keeps every event.
pub fn keep_word(rate: f64, largest: f64) -> u32 {
    if largest <= 0.0 {
        return 0;
    }
    let units = libm::floor(rate / largest * 4_294_967_296.0 + 0.5);
    if units >= f64::from(u32::MAX) { u32::MAX } else { units as u32 }
}

/// How many of the events that a Poisson table gave a neuron in a step this word keeps.
pub fn kept(
    events: u32,
    keep: u32,
    seed: u64,
    neuron: u32,
    step: u32,
    stream: u32,
    copy: u32,
) -> u32 {
    if keep == u32::MAX {
        return events;
    }
    let mut kept = 0;
    for first in (0..events).step_by(4) {
        let fourth = counter3(Tag::Thinning, first / 4, copy);
        let words = philox([neuron, step, stream, fourth], key(seed));
        let some = (events - first).min(4) as usize;
        kept += words[..some].iter().filter(|word| **word < keep).count() as u32;
    }
    kept
}

/// The tables of a Poisson source: [`poisson_table_count`] equal ones. Their counts add.
pub fn poisson_tables(events_per_step: f64) -> Vec<PoissonTable> {
    let tables = poisson_table_count(events_per_step);
    vec![PoissonTable::new(events_per_step / tables as f64); tables as usize]
}

/// How many tables a Poisson source has: `ceil(mean / 8)`, at least one.
pub fn poisson_table_count(events_per_step: f64) -> u64 {
    libm::ceil(events_per_step / POISSON_MEAN_MAX).max(1.0) as u64
}

/// Alias table of a Poisson count on 16-bit words, see `docs/semantics.md` 2.5.
///
/// Each column holds 2^27 of the 2^32 equally likely (16 bits, 16 bits more) and splits them
/// between two outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonTable {
    /// 11-bit threshold of each of the 32 columns; 2048 where the column has one outcome.
    pub threshold: [u16; 32],
    /// 16 more bits of the threshold, for ties.
    pub fine: [u32; 32],
    /// The count below the threshold.
    pub own: [u16; 32],
    /// The count above it.
    pub alias: [u16; 32],
}

impl PoissonTable {
    /// The table of a mean from 0 to [`POISSON_MEAN_MAX`] events per step. Each outcome's
    /// probability is a multiple of 2^-32 and less than 2^-32 from the truncated law.
    pub fn new(events_per_step: f64) -> Self {
        debug_assert!((0.0..=POISSON_MEAN_MAX).contains(&events_per_step));
        let column = 1_u64 << 27;
        let mut rest = shares(events_per_step);
        let mut table = Self { threshold: [2048; 32], fine: [0; 32], own: [0; 32], alias: [0; 32] };
        for i in 0..POISSON_OUTCOMES {
            table.own[i] = i as u16;
            table.alias[i] = i as u16;
        }
        // Vose's method on integers: an outcome with less than a column gets its own column, filled
        // up by one that has more. Lists are stacks, so the order is fixed.
        let mut small: Vec<usize> = (0..POISSON_OUTCOMES).filter(|&i| rest[i] < column).collect();
        let mut large: Vec<usize> = (0..POISSON_OUTCOMES).filter(|&i| rest[i] > column).collect();
        while let (Some(s), Some(&l)) = (small.pop(), large.last()) {
            table.threshold[s] = (rest[s] >> 16) as u16;
            table.fine[s] = (rest[s] & 0xffff) as u32;
            table.alias[s] = l as u16;
            rest[l] -= column - rest[s];
            if rest[l] <= column {
                large.pop();
                if rest[l] < column {
                    small.push(l);
                }
            }
        }
        table
    }

    /// The count that 16 random bits give; `tie` supplies 16 more where they do not decide.
    pub fn count(&self, half: u16, tie: impl FnOnce() -> u16) -> u32 {
        let column = usize::from(half & 31);
        let high = half >> 5;
        let below = match high.cmp(&self.threshold[column]) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => u32::from(tie()) < self.fine[column],
        };
        u32::from(if below { self.own[column] } else { self.alias[column] })
    }
}

/// How many of 2^32 equally likely words each outcome gets: differences of the rounded cumulative
/// law, so they sum to 2^32 exactly.
fn shares(mean: f64) -> [u64; POISSON_OUTCOMES] {
    // Relative to outcome 0; the truncated law is renormalised, so exp(-mean) is not needed.
    let mut terms = [1.0_f64; POISSON_OUTCOMES];
    for n in 1..POISSON_OUTCOMES {
        terms[n] = terms[n - 1] * mean / n as f64;
    }
    let sum: f64 = terms.iter().sum();
    let mut shares = [0; POISSON_OUTCOMES];
    let (mut cumulative, mut before) = (0.0, 0);
    for n in 0..POISSON_OUTCOMES {
        cumulative += terms[n];
        let now = libm::round(cumulative / sum * 4_294_967_296.0) as u64;
        shares[n] = now - before;
        before = now;
    }
    shares
}
