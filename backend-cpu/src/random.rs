//! Random words for blocks of neurons: Philox4x32-10 on sixteen counters at a time, in the layout
//! of `docs/semantics.md`, section 2, which lets every result be stored where it belongs.

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

/// Sixteen words.
type Words = [u32; LANES];

impl Draws<'_> {
    /// Draw `draw` of stream `stream` for the neurons of a block, from lanes `first` of the slice.
    /// Fills whole groups of 64 neurons.
    #[inline(always)]
    pub fn words(&self, stream: u32, draw: u32, first: usize, to: &mut [Lanes]) {
        let fourth = random::counter3(Tag::Draw, draw, self.copy);
        let group = (self.first_neuron / 64) + (first / 4) as u32;
        for (k, four) in to.chunks_exact_mut(4).enumerate() {
            let words = self.philox((group + k as u32) * LANES as u32, stream, fourth);
            for (lanes, words) in four.iter_mut().zip(words) {
                *lanes = Lanes(words);
            }
        }
    }

    /// The Poisson counts of a block of neurons. Fills whole groups of 128 neurons.
    #[inline(always)]
    pub fn poisson(&self, table: u32, stream: u32, first: usize, to: &mut [Lanes]) {
        let table = &self.tables[table as usize];
        let fourth = random::counter3(Tag::Poisson, 0, self.copy);
        let group = (self.first_neuron / 128) + (first / 8) as u32;
        for (k, eight) in to.chunks_exact_mut(8).enumerate() {
            let counter = (group + k as u32) * LANES as u32;
            let words = self.philox(counter, stream, fourth);
            let mut ties = [0; LANES];
            for (pair, words) in eight.chunks_exact_mut(2).zip(words) {
                let (low, high) = pair.split_at_mut(1);
                counts(&table.packed, words.map(|w| w & 0xffff), &mut low[0], &mut ties);
                counts(&table.packed, words.map(|w| w >> 16), &mut high[0], &mut ties);
            }
            if ties.iter().fold(0, |any, tie| any | tie) != 0 {
                self.settle(table, stream, counter * 8, &words, eight);
            }
        }
    }

    /// Refines the counts of a group that its 16 bits do not decide: one in 2,048.
    #[cold]
    #[inline(never)]
    fn settle(
        &self,
        table: &Table,
        stream: u32,
        neuron: u32,
        words: &[Words; 4],
        to: &mut [Lanes],
    ) {
        for (i, count) in Lanes::words_mut(to).iter_mut().enumerate() {
            let half = words[i / 32][i % 16] >> (i / 16 % 2 * 16);
            *count = table.source.count(half as u16, || {
                let tie = random::counter3(Tag::PoissonTie, 0, self.copy);
                let counter = [neuron + i as u32, self.step, stream, tie];
                (random::philox(counter, random::key(self.seed))[0] >> 16) as u16
            });
        }
    }

    /// Philox of the counters `first..first + 16`.
    #[inline(always)]
    fn philox(&self, first: u32, stream: u32, fourth: u32) -> [Words; 4] {
        // 64-bit lanes with the upper half clear: the form in which vector units multiply.
        let low = |words: [u64; LANES]| words.map(|w| w & 0xffff_ffff);
        let mut x0: [u64; LANES] = std::array::from_fn(|i| u64::from(first + i as u32));
        let mut x1 = [u64::from(self.step); LANES];
        let mut x2 = [u64::from(stream); LANES];
        let mut x3 = [u64::from(fourth); LANES];
        let [mut k0, mut k1] = random::key(self.seed);
        for _ in 0..ROUNDS {
            let a = x0.map(|x| x * u64::from(MULTIPLIERS[0]));
            let b = x2.map(|x| x * u64::from(MULTIPLIERS[1]));
            x0 = std::array::from_fn(|i| (b[i] >> 32) ^ x1[i] ^ u64::from(k0));
            x2 = std::array::from_fn(|i| (a[i] >> 32) ^ x3[i] ^ u64::from(k1));
            x1 = low(b);
            x3 = low(a);
            k0 = k0.wrapping_add(KEY_INCREMENTS[0]);
            k1 = k1.wrapping_add(KEY_INCREMENTS[1]);
        }
        [x0, x1, x2, x3].map(|words| words.map(|w| w as u32))
    }
}

/// Sixteen counts, and where the halves did not decide.
#[inline(always)]
fn counts(packed: &[u32; 32], halves: Words, to: &mut Lanes, ties: &mut Words) {
    let columns = halves.map(|half| packed[(half & 31) as usize]);
    for i in 0..LANES {
        let (high, threshold) = (halves[i] >> 5, columns[i] >> 10);
        let (own, alias) = (columns[i] & 31, columns[i] >> 5 & 31);
        to.0[i] = word::select(word::mask(high < threshold), own, alias);
        ties[i] |= word::mask(high == threshold);
    }
}
