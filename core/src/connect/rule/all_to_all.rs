//! Every pair of a source and a target.

use super::{Connect, InDegree, Lengths, Pairs, RowKind, RowSite};
use crate::base::hash::Hash;
use crate::connect::row::{Block, Row};
use crate::connect::targets::{InKernels, KernelRow, Targets};

/// Every pair (3.2). As a form of rows: every candidate, in order; j counts candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllToAll;

impl Connect for AllToAll {
    fn describe(&self) -> String {
        "all to all".into()
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(0);
    }

    fn synapses(&self, pre: u64, post: u64) -> u64 {
        pre * post
    }

    fn in_degree(&self, pairs: Pairs) -> InDegree {
        InDegree::exact(pairs.sources)
    }

    fn rows(&self, _: &RowSite, _: &dyn Fn(f64) -> i32) -> RowKind {
        RowKind::All(Self)
    }
}

impl Targets for AllToAll {
    type Place = ();

    fn begin(&self, site: &RowSite, _: u32) -> (u32, ()) {
        (site.candidates(), ())
    }

    #[inline(always)]
    fn fill(&self, _: &mut (), row: &mut Row<'_>, block: &mut Block) -> bool {
        let Some(first) = row.take(block) else { return false };
        for (lane, target) in block.target.iter_mut().enumerate() {
            *target = row.shifted(first.wrapping_add(lane as u32));
        }
        row.draw_values(first, block);
        true
    }

    fn in_kernels(&self) -> Option<&dyn InKernels> {
        Some(self)
    }
}

impl InKernels for AllToAll {
    fn items(&self, site: &RowSite) -> Lengths {
        Lengths::Same(site.candidates())
    }

    fn draw(&self, row: &mut dyn KernelRow) {
        let candidates = row.site().candidates();
        let end = row.u32(candidates);
        row.shared(end, &mut |row, j| {
            let words = row.words(j, None);
            row.synapse(j, words);
        });
    }
}
