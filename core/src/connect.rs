//! Connectivity: a row source gives the synapses of source neuron `i` from (seed, projection, i)
//! alone, in any order and in parallel. Section 3 of `docs/semantics.md` says which synapses;
//! `docs/connectivity.md` what each rule costs.

mod batch;
mod bound;
mod draw;
pub mod permutation;
mod prepare;
mod row;
mod shape;
mod sources;

pub use bound::AccumulatorSums;
pub use draw::{Draw, RealDraw, TABLE_LEN, delay_steps};
pub use permutation::{HALF_ROUNDS, HALF_ROUNDS_SMALL, Permutation, SMALL_N};
pub use shape::{Gaps, Lengths, RowKind, RowShape, segment_size};
pub use sources::SourceTable;

use crate::base::progress;
use crate::describe::checked::Rule;
use rayon::prelude::*;
use row::{Block, Cursor};
use std::iter::Sum;
use std::sync::{Arc, OnceLock};

/// One synapse of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synapse {
    /// Target neuron within the post population.
    pub target: u32,
    /// Quantised weight.
    pub weight: i32,
    /// Delay in steps, at least 1.
    pub delay_steps: u32,
}

/// The rows of one projection. Cheap to clone: copies share what was prepared.
#[derive(Clone, Debug)]
pub struct RowSource {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shape: RowShape,
    /// The length of each row, once counted; only where lengths are drawn.
    lengths: OnceLock<Vec<u32>>,
    total: OnceLock<u64>,
}

/// A number of synapses: known, or expected where to know it would take a draw of all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SynapseCount {
    /// How many.
    pub synapses: u64,
    /// False where it is the expected number.
    pub is_exact: bool,
}

impl Sum for SynapseCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self { synapses: 0, is_exact: true }, |sum, count| Self {
            synapses: sum.synapses + count.synapses,
            is_exact: sum.is_exact && count.is_exact,
        })
    }
}

/// The populations that a rule connects, and how the values of its synapses are drawn.
#[derive(Clone, Debug)]
pub struct RowSite {
    /// The seed of the network.
    pub seed: u64,
    /// The projection's index.
    pub projection: u32,
    /// The size of the pre population.
    pub rows: u32,
    /// The size of the post population.
    pub targets: u32,
    /// Row `i` may not have target `i`; only where pre and post are one population.
    pub skip_self: bool,
    /// Weights.
    pub weight: Draw,
    /// Delays in steps, every value at least 1.
    pub delay: Draw,
}

impl RowSource {
    /// The rows of a rule. Prepares what the rule needs (in parallel): row lengths of a fixed total
    /// number, the table of a fixed in-degree. `quantise` gives the integer of an explicit weight.
    pub fn new(site: RowSite, rule: &Rule, quantise: impl Fn(f64) -> i32) -> Self {
        let RowSite { seed, projection, rows, targets, skip_self, weight, delay } = site;
        let skip_self = skip_self && targets > 0;
        let kind = RowKind::Picks(Lengths::Same(0));
        let mut shape =
            RowShape { seed, projection, rows, targets, skip_self, weight, delay, kind };
        let candidates = shape.candidates();
        let some = |degree: u32| if candidates == 0 { 0 } else { degree };
        shape.kind = match *rule {
            Rule::AllToAll => RowKind::All,
            Rule::OneToOne => RowKind::OneToOne,
            Rule::FixedProbability(p) if p >= 1.0 => RowKind::All,
            Rule::FixedProbability(p) if p > 0.0 => RowKind::Gaps(Gaps::new(p)),
            Rule::FixedProbability(_) => RowKind::Picks(Lengths::Same(0)),
            Rule::FixedOutDegree { degree, multapses: true } => {
                RowKind::Picks(Lengths::Same(some(degree)))
            }
            Rule::FixedOutDegree { degree, multapses: false } => {
                RowKind::Distinct { degree: degree.min(candidates) }
            }
            Rule::FixedInDegree { degree, multapses } => {
                RowKind::Sources(Arc::new(SourceTable::new(&shape, degree, multapses)))
            }
            Rule::FixedTotalNumber(_) if candidates == 0 => RowKind::Picks(Lengths::Same(0)),
            Rule::FixedTotalNumber(total) => {
                let lengths = prepare::count_picks(seed, projection, rows, total);
                RowKind::Picks(Lengths::Each(lengths.into()))
            }
            Rule::Explicit(ref list) => {
                let (starts, synapses) = prepare::resolve(&shape, list, quantise);
                RowKind::List { starts: starts.into(), synapses: synapses.into() }
            }
        };
        let (lengths, total) = (OnceLock::new(), OnceLock::new());
        Self { inner: Arc::new(Inner { shape, lengths, total }) }
    }

    /// The rule in plain numbers, for those who draw rows themselves.
    pub fn shape(&self) -> &RowShape {
        &self.inner.shape
    }

    /// How many rows: the size of the pre population.
    pub fn rows(&self) -> u32 {
        self.inner.shape.rows
    }

    /// Calls `f` for every synapse of row `i`, in the row's order.
    #[inline]
    pub fn for_each(&self, i: u32, mut f: impl FnMut(Synapse)) {
        let mut cursor = Cursor::new(&self.inner.shape, i);
        let mut block = Block::new();
        while cursor.fill(&mut block) {
            block.for_each(&mut f);
        }
    }

    /// The number of synapses of row `i`. Draws the row's targets where the rule is a probability
    /// and the rows are not [counted](Self::count) yet; a look-up else.
    pub fn len(&self, i: u32) -> u32 {
        match self.inner.lengths.get() {
            Some(lengths) => lengths[i as usize],
            None => Cursor::new(&self.inner.shape, i).count(),
        }
    }

    /// Whether the length of a row is drawn with its targets, so that to count it is to draw it.
    pub fn draws_lengths(&self) -> bool {
        matches!(self.inner.shape.kind, RowKind::Gaps(_))
    }

    /// Counts the synapses of each row where lengths are drawn: once, in parallel, then remembered.
    pub fn count(&self) {
        if self.draws_lengths() {
            let length = |row| {
                progress::advance(1);
                Cursor::new(&self.inner.shape, row).count()
            };
            self.inner.lengths.get_or_init(|| {
                progress::begin("counting synapses", self.rows().into());
                (0..self.rows()).into_par_iter().map(length).collect()
            });
        }
    }

    /// The number of synapses of all rows. A rule with a probability is [counted](Self::count) for
    /// that, unless somebody who drew all rows [said it](Self::remember_synapses).
    pub fn synapses(&self) -> u64 {
        *self.inner.total.get_or_init(|| {
            self.count();
            (0..self.rows()).into_par_iter().map(|row| u64::from(self.len(row))).sum()
        })
    }

    /// Remembers the number of synapses of all rows, from those who have just drawn them all.
    pub fn remember_synapses(&self, synapses: u64) {
        self.inner.total.get_or_init(|| synapses);
    }

    /// The number of synapses of all rows that the rule makes on average, without a draw: exact for
    /// every rule without a probability. The same whether the rows are counted or not.
    pub fn expected_synapses(&self) -> u64 {
        match self.inner.shape.kind {
            RowKind::Gaps(gaps) => {
                libm::round(gaps.probability * self.inner.shape.pairs() as f64) as u64
            }
            _ => self.synapses(),
        }
    }

    /// The number of synapses of all rows where that costs no draw, else the number expected.
    pub fn count_at_hand(&self) -> SynapseCount {
        let known = self.inner.total.get().is_some() || self.inner.lengths.get().is_some();
        match known || !self.draws_lengths() {
            true => SynapseCount { synapses: self.synapses(), is_exact: true },
            false => SynapseCount { synapses: self.expected_synapses(), is_exact: false },
        }
    }
}
