//! Random words for blocks of neurons: Philox4x32-10 on sixteen counters at a time, in the layout
//! of `docs/semantics.md`, section 2, which lets every result be stored where it belongs.

use crate::simd::{LANES, Lanes};
use isospike_core::plan::NeuronPlan;
use isospike_core::random::{self, KEY_INCREMENTS, MULTIPLIERS, ROUNDS, Tag};

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
    /// The tables of the population.
    pub tables: &'a [Table<'a>],
}

/// A Poisson table, and the same packed: one word per column.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    source: random::PoissonTable,
    /// `own + 32 * alias + 1024 * threshold`.
    packed: [u32; 32],
}
