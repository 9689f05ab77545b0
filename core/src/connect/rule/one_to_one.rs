//! Source `i` to target `i`.

use super::{Connect, InDegree, Lengths, Pairs, RowKind, RowSite};
use crate::base::hash::Hash;
use crate::connect::row::{Block, Row};
use crate::connect::targets::{InKernels, KernelRow, Targets};

/// `i` to `i`; both sizes are equal (3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneToOne;

impl Connect for OneToOne {
    fn describe(&self) -> String {
        "one to one".into()
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(1);
    }

    fn synapses(&self, pre: u64, _: u64) -> u64 {
        pre
    }

    fn in_degree(&self, pairs: Pairs) -> InDegree {
        // Without autapses there is nothing.
        InDegree::exact(u64::from(pairs.candidates == pairs.targets))
    }

    fn rows(&self, _: &RowSite, _: &dyn Fn(f64) -> i32) -> RowKind {
        RowKind::Same(Same)
    }
}

/// Target `i` of row `i`, j = 0; none where autapses are excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Same;

impl Targets for Same {
    type Place = ();

    fn begin(&self, site: &RowSite, _: u32) -> (u32, ()) {
        (u32::from(!site.skip_self), ())
    }

    fn fill(&self, _: &mut (), row: &mut Row<'_>, block: &mut Block) -> bool {
        let Some(first) = row.take(block) else { return false };
        block.target[0] = row.number;
        row.draw_values(first, block);
        true
    }

    fn in_kernels(&self) -> Option<&dyn InKernels> {
        Some(self)
    }
}

impl InKernels for Same {
    fn items(&self, _: &RowSite) -> Lengths {
        Lengths::Same(1)
    }

    fn draw(&self, row: &mut dyn KernelRow) {
        let length = u32::from(!row.site().skip_self);
        let length = row.u32(length);
        row.shared(length, &mut |row, j| {
            let words = row.words(j, None);
            let target = row.number();
            row.deliver(target, words);
        });
    }
}
