//! Connectivity: a row source gives the synapses of source neuron `i` from (seed, projection, i)
//! alone, in any order and in parallel. Section 3 of `docs/semantics.md` says which synapses;
//! `docs/connectivity.md` what each rule costs.

mod batch;
mod distribution;
mod draw;
mod list;
pub mod permutation;
mod row;
pub mod rule;
mod sources;
mod targets;

pub use distribution::Distribution;
pub use draw::{Draw, RealDraw, TABLE_LEN, delay_steps};
pub use list::{ExplicitSynapse, Listed, SynapseColumns, SynapseList};
pub use permutation::{HALF_ROUNDS, HALF_ROUNDS_SMALL, Permutation, SMALL_N};
pub use rule::Rule;
pub use sources::SourceTable;
pub use targets::{InKernels, KernelRow, RowKind};

use crate::base::progress;
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
    site: RowSite,
    kind: RowKind,
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
#[derive(Clone, Debug, PartialEq)]
pub struct RowSite {
    /// The seed of the network: the key of every Philox call.
    pub seed: u64,
    /// The projection's index: word 2 of every counter.
    pub projection: u32,
    /// The size of the pre population.
    pub rows: u32,
    /// The size of the post population.
    pub targets: u32,
    /// Row `i` may not have target `i`; only where pre and post are one population.
    pub skip_self: bool,
    /// Weights, from word 1.
    pub weight: Draw,
    /// Delays in steps, every value at least 1, from word 2.
    pub delay: Draw,
}

impl RowSite {
    /// How many targets a source can choose from.
    pub fn candidates(&self) -> u32 {
        self.targets - u32::from(self.skip_self)
    }

    /// How many pairs of a source and a target there are to choose from.
    fn pairs(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.candidates())
    }

    /// Whether weights or delays differ from synapse to synapse, so that words are drawn for them.
    fn draws_values(&self) -> bool {
        !(self.weight.is_constant() && self.delay.is_constant())
    }
}

impl RowSource {
    /// The rows of a rule. Prepares what the rule needs (in parallel): row lengths of a fixed total
    /// number, the table of a fixed in-degree. `quantise` gives the integer of an explicit weight.
    pub fn new(mut site: RowSite, rule: &Rule, quantise: impl Fn(f64) -> i32) -> Self {
        site.skip_self &= site.targets > 0;
        let kind = rule.rows(&site, &quantise);
        let (lengths, total) = (OnceLock::new(), OnceLock::new());
        Self { inner: Arc::new(Inner { site, kind, lengths, total }) }
    }

    /// Returns rows with the same targets and delays and with these weights, which are in order of
    /// row, then of the synapses in it. They are kept in full, 12 bytes a synapse.
    pub fn with_weights(&self, weights: &[i32]) -> Self {
        let mut weights = weights.iter();
        self.listed(|synapse| {
            let weight = weights.next().copied().unwrap_or(synapse.weight);
            Synapse { weight, ..synapse }
        })
    }

    /// Returns rows with the same weights, and with these targets and delays in the same order.
    pub fn with_targets(&self, targets: &[u32], delays_steps: &[u32]) -> Self {
        let mut all = targets.iter().zip(delays_steps);
        self.listed(|synapse| match all.next() {
            Some((&target, &delay_steps)) => Synapse { target, delay_steps, ..synapse },
            None => synapse,
        })
    }

    /// Returns rows in full, of synapses that `change` makes of these, in order.
    fn listed(&self, mut change: impl FnMut(Synapse) -> Synapse) -> Self {
        let mut starts = Vec::with_capacity(self.rows() as usize + 1);
        let mut synapses = Vec::new();
        starts.push(0);
        for row in 0..self.rows() {
            self.for_each(row, |synapse| synapses.push(change(synapse)));
            starts.push(synapses.len() as u64);
        }
        let listed = Listed { starts: starts.into(), synapses: synapses.into() };
        let (lengths, total) = (OnceLock::new(), OnceLock::new());
        let (site, kind) = (self.inner.site.clone(), RowKind::List(listed));
        Self { inner: Arc::new(Inner { site, kind, lengths, total }) }
    }

    /// The populations that the rule connects, and the draws of values.
    pub fn site(&self) -> &RowSite {
        &self.inner.site
    }

    /// Which targets the rows have, for those who draw rows themselves.
    pub fn kind(&self) -> &RowKind {
        &self.inner.kind
    }

    fn cursor(&self, row: u32) -> Cursor<'_> {
        Cursor::new(&self.inner.site, &self.inner.kind, row)
    }

    /// How many rows: the size of the pre population.
    pub fn rows(&self) -> u32 {
        self.inner.site.rows
    }

    /// Calls `f` for every synapse of row `i`, in the row's order.
    #[inline]
    pub fn for_each(&self, i: u32, mut f: impl FnMut(Synapse)) {
        let mut cursor = self.cursor(i);
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
            None => self.cursor(i).count(),
        }
    }

    /// Whether the length of a row is drawn with its targets, so that to count it is to draw it.
    pub fn draws_lengths(&self) -> bool {
        self.inner.kind.drawn_probability().is_some()
    }

    /// Counts the synapses of each row where lengths are drawn: once, in parallel, then remembered.
    pub fn count(&self) {
        if self.draws_lengths() {
            let length = |row| {
                progress::advance(1);
                self.cursor(row).count()
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
        match self.inner.kind.drawn_probability() {
            Some(p) => libm::round(p * self.inner.site.pairs() as f64) as u64,
            None => self.synapses(),
        }
    }

    /// The least and the largest delay that the rows can have, in steps.
    pub fn delays_steps(&self) -> (u32, u32) {
        let Some(synapses) = self.inner.kind.listed() else {
            let delay = &self.inner.site.delay;
            return (delay.min() as u32, delay.max() as u32);
        };
        let delays = || synapses.iter().map(|synapse| synapse.delay_steps);
        (delays().min().unwrap_or(1), delays().max().unwrap_or(1))
    }

    /// The largest |weight| that the rows can have.
    pub fn max_weight(&self) -> u32 {
        let Some(synapses) = self.inner.kind.listed() else {
            return self.inner.site.weight.max_abs();
        };
        synapses.iter().map(|synapse| synapse.weight.unsigned_abs()).max().unwrap_or(0)
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
