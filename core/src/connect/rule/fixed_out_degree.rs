//! Each source draws the same number of targets.

use super::{Connect, InDegree, Lengths, Pairs, Picks, RowKind, RowSite, many};
use crate::base::hash::Hash;
use crate::connect::batch::{self, LANES};
use crate::connect::permutation::Permutation;
use crate::connect::row::{Block, Row};
use crate::connect::targets::{InKernels, KernelRow, Targets};

/// Each source draws this many targets (3.3, 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedOutDegree {
    /// How many.
    pub degree: u32,
    /// Whether a target may be drawn twice.
    pub multapses: bool,
}

impl Connect for FixedOutDegree {
    fn describe(&self) -> String {
        format!("out-degree {}{}", self.degree, many(self.multapses))
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(4);
        hash.word(self.degree);
        hash.flag(self.multapses);
    }

    fn synapses(&self, pre: u64, _: u64) -> u64 {
        u64::from(self.degree) * pre
    }

    fn in_degree(&self, pairs: Pairs) -> InDegree {
        let (degree, candidates) = (u64::from(self.degree), pairs.candidates);
        match (candidates, self.multapses) {
            (0, _) => InDegree::exact(0),
            (_, true) => {
                InDegree::binomial(pairs.sources.saturating_mul(degree), 1.0 / candidates as f64)
            }
            (_, false) => {
                let p = degree.min(candidates) as f64 / candidates as f64;
                InDegree::binomial(pairs.sources, p)
            }
        }
    }

    fn rows(&self, site: &RowSite, _: &dyn Fn(f64) -> i32) -> RowKind {
        match (site.candidates(), self.multapses) {
            (candidates, false) => {
                RowKind::Distinct(Distinct { degree: self.degree.min(candidates) })
            }
            (0, true) => RowKind::Picks(Picks::NONE),
            (_, true) => RowKind::Picks(Picks(Lengths::Same(self.degree))),
        }
    }
}

/// `permute(j)` for j below `degree`, which is at most the number of candidates (3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distinct {
    /// How many.
    pub degree: u32,
}

impl Targets for Distinct {
    type Place = Permutation;

    fn begin(&self, site: &RowSite, row: u32) -> (u32, Permutation) {
        (self.degree, Permutation::new(site.seed, row, site.projection, site.candidates()))
    }

    #[inline(always)]
    fn fill(&self, permutation: &mut Permutation, row: &mut Row<'_>, block: &mut Block) -> bool {
        let Some(first) = row.take(block) else { return false };
        let last = block.len.min(LANES) as u32 - 1;
        block.target = std::array::from_fn(|lane| first + last.min(lane as u32));
        batch::permute(permutation, &mut block.target);
        for target in &mut block.target {
            *target = row.shifted(*target);
        }
        row.draw_values(first, block);
        true
    }

    fn in_kernels(&self) -> Option<&dyn InKernels> {
        Some(self)
    }
}

impl InKernels for Distinct {
    fn items(&self, _: &RowSite) -> Lengths {
        Lengths::Same(self.degree)
    }

    fn draw(&self, row: &mut dyn KernelRow) {
        let end = row.u32(self.degree);
        let keys = row.permutation_keys();
        row.shared(end, &mut |row, j| {
            let words = row.words(j, None);
            let candidate = row.permute(&keys, j);
            row.synapse(candidate, words);
        });
    }
}
