//! Each pair with a probability, independently.

use super::{AllToAll, Connect, InDegree, Lengths, Pairs, Picks, RowKind, RowSite};
use crate::base::hash::Hash;
use crate::base::numeric::{Arithmetic, Host, sequence};
use crate::connect::batch::{self, LANES};
use crate::connect::row::{Block, Row};
use crate::connect::targets::{InKernels, KernelRow, Targets};
use crate::ir::Op;

/// Each pair with this probability, between 0 and 1 (3.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedProbability(pub f64);

impl Connect for FixedProbability {
    fn describe(&self) -> String {
        format!("probability {}", self.0)
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(2);
        hash.float(self.0);
    }

    fn synapses(&self, pre: u64, post: u64) -> u64 {
        libm::ceil(self.0 * pre as f64 * post as f64) as u64
    }

    fn in_degree(&self, pairs: Pairs) -> InDegree {
        InDegree::binomial(pairs.sources, self.0)
    }

    fn rows(&self, _: &RowSite, _: &dyn Fn(f64) -> i32) -> RowKind {
        match self.0 {
            p if p >= 1.0 => RowKind::All(AllToAll),
            p if p > 0.0 => RowKind::Gaps(Gaps::new(p)),
            _ => RowKind::Picks(Picks::NONE),
        }
    }
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

    /// How many candidates a draw skips, at most the size of a segment: `trunc(ln(u) * scale)`.
    #[inline(always)]
    fn gap<A: Arithmetic>(self, a: &mut A, word: A::Word) -> A::Word {
        let uniform = sequence::uniform(a, word);
        let log = sequence::log(a, uniform);
        let scale = a.f32(self.scale);
        let gap = a.fmul(log, scale);
        // A power of two up to 2^30, so exact, as is the truncation below it; a longer gap ends any
        // segment.
        let size = a.f32(self.segment_size as f32);
        let inside = a.flt(gap, size);
        let bounded = a.select_float(inside, gap, size);
        let integer = a.f_to_i(bounded);
        a.i_to_u(integer)
    }

    /// Replaces each word by its gap.
    #[inline(always)]
    pub(crate) fn gap_lanes(self, words: &mut [u32]) {
        for word in words {
            *word = self.gap(&mut Host, *word);
        }
    }
}

/// The least power of two that is at least 32 / p and 256, at most 2^30: long enough that the one
/// draw that leaves each segment is a small part, short enough that a row has several segments.
pub fn segment_size(p: f64) -> u32 {
    (8..30).map(|bits| 1_u32 << bits).find(|&size| f64::from(size) * p >= 32.0).unwrap_or(1 << 30)
}

/// A place among the segments of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct SegmentPlace {
    /// The first candidate of the segment.
    start: u32,
    /// The number of the next draw.
    draw: u32,
    /// The first candidate not yet passed, relative to the start.
    passed: u32,
}

impl Gaps {
    /// Finds the targets of a batch of draws; where the segment ends, the next call starts the next
    /// one. False at the end of the row. A block may be empty before the end.
    fn next_targets(self, place: &mut SegmentPlace, row: &Row<'_>, block: &mut Block) -> bool {
        if place.start >= row.candidates {
            return false;
        }
        let length = self.segment_size.min(row.candidates - place.start);
        row.draw_words(place.draw, place.start / self.segment_size, block);
        let mut gaps = block.words[0];
        batch::gaps(self, &mut gaps);
        block.len = 0;
        for gap in gaps {
            let target = place.passed + gap;
            if target >= length {
                break;
            }
            block.target[block.len] = row.shifted(place.start + target);
            block.len += 1;
            place.passed = target + 1;
        }
        if block.len == LANES {
            place.draw += LANES as u32;
        } else {
            *place = SegmentPlace { start: place.start + length, ..SegmentPlace::default() };
        }
        true
    }
}

impl Targets for Gaps {
    type Place = SegmentPlace;

    fn begin(&self, _: &RowSite, _: u32) -> (u32, SegmentPlace) {
        (u32::MAX, SegmentPlace::default())
    }

    #[inline(always)]
    fn fill(&self, place: &mut SegmentPlace, row: &mut Row<'_>, block: &mut Block) -> bool {
        let any = self.next_targets(place, row, block);
        row.set_values(block);
        any
    }

    fn count(&self, mut place: SegmentPlace, row: &Row<'_>) -> u32 {
        let (mut count, mut block) = (0, Block::new());
        while self.next_targets(&mut place, row, &mut block) {
            count += block.len as u32;
        }
        count
    }

    fn drawn_probability(&self) -> Option<f64> {
        Some(self.probability)
    }

    fn has_lawful_in_degrees(&self) -> bool {
        self.probability >= GAP_PROBABILITY_MIN
    }

    fn in_kernels(&self) -> Option<&dyn InKernels> {
        Some(self)
    }
}

/// Gaps of a lower probability, drawn from 24 bits, are too coarse for the binomial law.
const GAP_PROBABILITY_MIN: f64 = 1.0 / 65_536.0;

impl InKernels for Gaps {
    /// The segments: where targets are found one after another a row is entered at these only.
    fn items(&self, site: &RowSite) -> Lengths {
        Lengths::Same(site.candidates().div_ceil(self.segment_size))
    }

    fn has_long_items(&self) -> bool {
        true
    }

    fn draw(&self, row: &mut dyn KernelRow) {
        let candidates = row.site().candidates();
        let segments = row.u32(candidates.div_ceil(self.segment_size));
        let (j, passed) = (row.var(), row.var());
        row.shared(segments, &mut |row, segment| {
            let size = row.u32(self.segment_size);
            let start = row.op(Op::UMul(segment, size));
            let all = row.u32(candidates);
            let left = row.op(Op::USub(all, start));
            let short = row.op(Op::ULt(left, size));
            let length = row.op(Op::Select(short, left, size));
            let zero = row.u32(0);
            row.set(j, zero);
            row.set(passed, zero);
            row.repeat(&mut |row| {
                let number = row.get(j);
                let words = row.words(number, Some(segment));
                let gap = self.gap(row.builder(), words[0]);
                let before = row.get(passed);
                let place = row.op(Op::UAdd(before, gap));
                let inside = row.op(Op::ULt(place, length));
                let over = row.op(Op::Not(inside));
                row.break_if(over);
                let candidate = row.op(Op::UAdd(start, place));
                row.synapse(candidate, words);
                let next = row.add(number, 1);
                row.set(j, next);
                let next = row.add(place, 1);
                row.set(passed, next);
            });
        });
    }
}
