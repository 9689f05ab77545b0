//! The contents of a row source: the rule with every number it needs, for those who draw rows
//! themselves.

use super::{Draw, SourceTable, Synapse};
use crate::base::numeric;
use crate::base::random;
use std::sync::Arc;

/// A rule in plain numbers. Together with section 3 of `docs/semantics.md` this says what every
/// row is, so a device can draw rows itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RowShape {
    /// The seed of the network: the key of every Philox call.
    pub seed: u64,
    /// The projection's index: word 2 of every counter.
    pub projection: u32,
    /// The size of the pre population.
    pub rows: u32,
    /// The size of the post population.
    pub targets: u32,
    /// Autapses are excluded, and pre = post: row `i` has no target `i`.
    pub skip_self: bool,
    /// Weights, from word 1.
    pub weight: Draw,
    /// Delays in steps, from word 2. Unused by [`RowKind::List`], as `weight`.
    pub delay: Draw,
    /// Which targets.
    pub kind: RowKind,
}

impl RowShape {
    /// How many targets a source can choose from.
    pub fn candidates(&self) -> u32 {
        self.targets - u32::from(self.skip_self)
    }

    /// How many pairs of a source and a target there are to choose from.
    pub(super) fn pairs(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.candidates())
    }

    /// Whether weights or delays differ from synapse to synapse, so that words are drawn for them.
    pub(super) fn draws_values(&self) -> bool {
        !(self.weight.is_constant() && self.delay.is_constant())
    }

    /// Whether rows can be drawn from this description and a counter alone, without a table.
    pub fn is_drawable(&self) -> bool {
        !matches!(self.kind, RowKind::Sources(_) | RowKind::List { .. })
    }
}

/// Which targets a row has.
#[derive(Clone, Debug, PartialEq)]
pub enum RowKind {
    /// Every candidate, in order; j counts candidates (3.2).
    All,
    /// Target `i` of row `i`, j = 0; none where autapses are excluded (3.2).
    OneToOne,
    /// `length` picks with repetition, from word 0 (3.3, 3.7).
    Picks(Lengths),
    /// `permute(j)` for j below `degree`, which is at most the number of candidates (3.4).
    Distinct {
        /// How many.
        degree: u32,
    },
    /// Each candidate with a probability, by geometric gaps from word 0 (3.5).
    Gaps(Gaps),
    /// The transposed table of a fixed in-degree (3.6).
    Sources(Arc<SourceTable>),
    /// Synapses in full: row `i` is `synapses[starts[i]..starts[i + 1]]`.
    List {
        /// The start of each row; one more than rows.
        starts: Arc<[u64]>,
        /// All synapses, row by row.
        synapses: Arc<[Synapse]>,
    },
}

/// How many synapses each row has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// The same in all rows.
    Same(u32),
    /// One each.
    Each(Arc<[u32]>),
}

/// Geometric gaps between the targets of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaps {
    /// Candidates of one segment, a power of two ([`segment_size`]).
    pub segment_size: u32,
    /// The probability of a pair, between 0 and 1.
    pub probability: f64,
    /// `1 / ln(1 - p)` rounded to f32: the gap is `trunc(ln(u) * scale)`, and one of at least
    /// `segment_size` ends the segment.
    pub scale: f32,
}

impl Gaps {
    /// The gaps of a probability between 0 and 1.
    pub fn new(p: f64) -> Self {
        // Bounded so that `ln(u) * scale` is finite.
        let scale = (1.0 / libm::log1p(-p)).max(-1e30) as f32;
        Self { segment_size: segment_size(p), probability: p, scale }
    }

    /// How many candidates a draw skips, at most the size of a segment.
    #[inline(always)]
    pub fn gap(self, word: u32) -> u32 {
        let gap = numeric::function::log(random::uniform(word)) * self.scale;
        // Below 2^30 the conversion is exact truncation; a longer gap ends any segment.
        if gap < self.segment_size as f32 { gap as i32 as u32 } else { self.segment_size }
    }

    /// Replaces each word by its gap.
    #[inline(always)]
    pub(super) fn gap_lanes(self, words: &mut [u32]) {
        for word in words {
            *word = self.gap(*word);
        }
    }
}

/// The least power of two that is at least 32 / p and 256, at most 2^30: long enough that the one
/// draw that leaves each segment is a small part, short enough that a row has several segments.
pub fn segment_size(p: f64) -> u32 {
    (8..30).map(|bits| 1_u32 << bits).find(|&size| f64::from(size) * p >= 32.0).unwrap_or(1 << 30)
}
