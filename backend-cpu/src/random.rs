//! Random words for blocks of neurons: Philox4x32-10 on sixteen counters at a time, in the layout
//! of `docs/semantics.md`, section 2, which lets every result be stored where it belongs.

use crate::block::BLOCK;
use crate::simd::{LANES, Lanes};
use crate::word;
use isospike_core::random::{self, KEY_INCREMENTS, MULTIPLIERS, PoissonTable, ROUNDS, Tag};

/// Where the random words of one slice, step and copy come from.
#[derive(Clone, Copy)]
pub(crate) struct Draws<'a> {
    /// The plan's seed.
    pub seed: u64,
    /// The step.
    pub step: u32,
    /// The copy of the batch.
    pub copy: u32,
    /// The number in the population of the slice's first neuron, a multiple of 128.
    pub first_neuron: u32,
    /// The Poisson tables of the population.
    pub tables: &'a [Table],
}

/// A Poisson table, and the same with one word for each column.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    source: PoissonTable,
    /// `own + 32 * alias + 1024 * threshold`.
    packed: [u32; 32],
}

impl Table {
    /// Packs a table.
    pub fn new(source: &PoissonTable) -> Self {
        let column = |c: usize| {
            let (own, alias) = (u32::from(source.own[c]), u32::from(source.alias[c]));
            own | alias << 5 | u32::from(source.threshold[c]) << 10
        };
        Self { source: source.clone(), packed: std::array::from_fn(column) }
    }
}

/// The most counters that a block needs: one for each four neurons.
const COUNTERS: usize = BLOCK * LANES / 4;

/// Four words of each of many counters.
type Words = [[u32; COUNTERS]; 4];

impl Draws<'_> {
    /// Draw `draw` of stream `stream` for the neurons of a block, from lanes `first` of the slice.
    /// Fills whole groups of 64 neurons.
    #[inline(always)]
    pub fn words(&self, stream: u32, draw: u32, first: usize, to: &mut [Lanes]) {
        let fourth = random::counter3(Tag::Draw, draw, self.copy);
        let counter = (self.first_neuron as usize + first * LANES) / 64 * LANES;
        let mut words = [[0; COUNTERS]; 4];
        self.philox(counter as u32, stream, fourth, to.len() / 4 * LANES, &mut words);
        for (l, lanes) in to.iter_mut().enumerate() {
            let from = l / 4 * LANES;
            lanes.0.copy_from_slice(&words[l % 4][from..from + LANES]);
        }
    }

    /// The Poisson counts of a block of neurons. Fills whole groups of 128 neurons.
    #[inline(always)]
    pub fn poisson(&self, table: u32, stream: u32, first: usize, to: &mut [Lanes]) {
        let table = &self.tables[table as usize];
        let fourth = random::counter3(Tag::Poisson, 0, self.copy);
        let neuron = self.first_neuron as usize + first * LANES;
        let counters = to.len() / 8 * LANES;
        let mut words = [[0; COUNTERS]; 4];
        self.philox((neuron / 128 * LANES) as u32, stream, fourth, counters, &mut words);
        let mut ties = 0;
        for half in 0..8 {
            let mut counts = [0; COUNTERS];
            let from = &words[half / 2][..counters];
            ties |= table.counts(from, half as u32 % 2 * 16, &mut counts[..counters]);
            for (group, counts) in counts[..counters].chunks_exact(LANES).enumerate() {
                to[group * 8 + half].0.copy_from_slice(counts);
            }
        }
        if ties != 0 {
            self.settle(table, stream, neuron as u32, &words, to);
        }
    }

    /// Counts again, with the refinement of those that 16 bits do not decide: one in 2,048.
    #[cold]
    #[inline(never)]
    fn settle(&self, table: &Table, stream: u32, neuron: u32, words: &Words, to: &mut [Lanes]) {
        for (i, count) in Lanes::words_mut(to).iter_mut().enumerate() {
            let half = words[i / 32 % 4][i / 128 * 16 + i % 16] >> (i / 16 % 2 * 16);
            *count = table.source.count(half as u16, || {
                let tie = random::counter3(Tag::PoissonTie, 0, self.copy);
                let counter = [neuron + i as u32, self.step, stream, tie];
                (random::philox(counter, random::key(self.seed))[0] >> 16) as u16
            });
        }
    }

    /// Philox of the counters `first..first + count`.
    #[inline(always)]
    fn philox(&self, first: u32, stream: u32, fourth: u32, count: usize, words: &mut Words) {
        let [w0, w1, w2, w3] = words;
        let outputs = w0[..count].iter_mut().zip(&mut w1[..count]);
        let outputs = outputs.zip(&mut w2[..count]).zip(&mut w3[..count]);
        let key = random::key(self.seed);
        for (i, (((w0, w1), w2), w3)) in outputs.enumerate() {
            // 64 bits with the upper half clear: the form in which vector units multiply.
            let mut x0 = u64::from(first.wrapping_add(i as u32));
            let (mut x1, mut x2) = (u64::from(self.step), u64::from(stream));
            let mut x3 = u64::from(fourth);
            let [mut k0, mut k1] = key;
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
}

impl Table {
    /// The counts of a half of each word; not 0 where some half did not decide.
    #[inline(always)]
    fn counts(&self, words: &[u32], shift: u32, to: &mut [u32]) -> u32 {
        let mut ties = 0;
        for (to, word) in to.iter_mut().zip(words) {
            let half = word >> shift & 0xffff;
            let column = self.packed[(half & 31) as usize];
            let (high, threshold) = (half >> 5, column >> 10);
            let (own, alias) = (column & 31, column >> 5 & 31);
            *to = word::select(word::mask(high < threshold), own, alias);
            ties |= word::mask(high == threshold);
        }
        ties
    }
}
