//! Random words for blocks of neurons: Philox4x32-10 on many counters at a time, in the layout of
//! `docs/semantics.md`, section 2, which lets every result be stored where it belongs.
//!
//! [`Draws::fill`] takes the code written for the instruction set, or the plain loops of
//! [`portable`].

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
mod portable;

use super::{Detected, LANES, Lanes, fill};
use isospike_core::base::random::{self, PoissonTable, Tag};
use isospike_core::ir::Input;

/// The source of the random words of one slice, step and copy.
#[derive(Clone, Copy)]
pub(crate) struct Draws<'a> {
    /// How they are made; the words do not depend on it.
    pub isa: Detected,
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

/// A Poisson table in the forms in which it is looked up.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    source: PoissonTable,
    /// `own + 32 * alias + 1024 * threshold` of each column.
    packed: [u32; 32],
    /// 32 half-words each: threshold, own, alias.
    halves: [Lanes; 3],
    /// Bytes, columns 0 to 15 four times, then 16 to 31: threshold's low, its high, own, alias.
    bytes: [[Lanes; 2]; 4],
}

impl Table {
    /// Packs a table.
    pub fn new(source: &PoissonTable) -> Self {
        let PoissonTable { threshold, own, alias, .. } = source;
        let packed =
            |c: usize| u32::from(own[c]) | u32::from(alias[c]) << 5 | u32::from(threshold[c]) << 10;
        let half = |of: &[u16; 32]| {
            Lanes(std::array::from_fn(|i| u32::from(of[2 * i]) | u32::from(of[2 * i + 1]) << 16))
        };
        let byte = |of: &[u16; 32], shift: u32| {
            [0, 16].map(|first| {
                let column = |c: usize| u32::from(of[first + c] >> shift & 0xff);
                let word = |i: usize| (0..4).map(|b| column(i % 4 * 4 + b) << (8 * b)).sum();
                Lanes(std::array::from_fn(word))
            })
        };
        Self {
            packed: std::array::from_fn(packed),
            halves: [threshold, own, alias].map(half),
            bytes: [byte(threshold, 0), byte(threshold, 8), byte(own, 0), byte(alias, 0)],
            source: source.clone(),
        }
    }
}

/// The words that are drawn for a block of neurons.
pub(crate) struct Draw<'a> {
    /// The counter of the first neuron; those of the others follow.
    first: u32,
    /// Words 1 to 3 of all counters.
    rest: [u32; 3],
    key: [u32; 2],
    /// The number in the population of the block's first neuron.
    neuron: u32,
    /// Counts instead of words.
    table: Option<&'a Table>,
    seed: u64,
    copy: u32,
}

impl<'a> Draws<'a> {
    /// The words or counts of a drawn input for the neurons of a block, from lanes `first` of the
    /// slice. Fills whole groups of 128 neurons, at most a block. Gives the sum of
    /// all counts, 0 for words.
    #[inline(always)]
    pub fn fill(&self, input: Input, first: usize, to: &mut [Lanes]) -> u32 {
        let Some(draw) = self.draw(input, first) else { return 0 };
        fill(self.isa, &draw, to).unwrap_or_else(|| portable::fill(&draw, to))
    }

    /// The events of a count of neuron `i` of the slice that a word keeps.
    pub fn kept(&self, count: u32, keep: u32, stream: u32, i: usize) -> u32 {
        let neuron = self.first_neuron + i as u32;
        random::kept(count, keep, self.seed, neuron, self.step, stream, self.copy)
    }

    #[deny(clippy::wildcard_enum_match_arm)]
    fn draw(&self, input: Input, first: usize) -> Option<Draw<'a>> {
        let neuron = self.first_neuron + (first * LANES) as u32;
        let (group, stream, fourth, table) = match input {
            Input::Random { stream, draw } => (64, stream, (Tag::Draw, draw), None),
            Input::Poisson { table, stream, .. } => {
                (128, stream, (Tag::Poisson, 0), Some(&self.tables[table as usize]))
            }
            Input::State(_)
            | Input::Integer(_)
            | Input::Parameter(_)
            | Input::Receptor(_)
            | Input::Series(_)
            | Input::External(_)
            | Input::Trace(..)
            | Input::Target(_)
            | Input::Source(_)
            | Input::Signal(_)
            | Input::Decay(_)
            | Input::Step => return None,
        };
        Some(Draw {
            first: neuron / group * LANES as u32,
            rest: [self.step, stream, random::counter3(fourth.0, fourth.1, self.copy)],
            key: random::key(self.seed),
            neuron,
            table,
            seed: self.seed,
            copy: self.copy,
        })
    }
}

impl Draw<'_> {
    /// The count of a neuron of the block for which 16 bits do not decide: one in 2,048.
    #[cold]
    fn settle(&self, table: &Table, i: usize) -> u32 {
        let [step, stream, _] = self.rest;
        random::poisson(&table.source, self.seed, self.neuron + i as u32, step, stream, self.copy)
    }
}
