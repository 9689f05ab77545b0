//! Targets drawn with repetition: rows of a fixed out-degree with multapses, and of a fixed total
//! number.

use super::{Arc, RowSite};
use crate::base::random;
use crate::connect::row::{Block, Row};
use crate::connect::targets::{InKernels, KernelRow, Targets};
use crate::ir::Op;

/// How many synapses each row has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// The same in all rows.
    Same(u32),
    /// One each.
    Each(Arc<[u32]>),
}

/// Picks with repetition, from word 0 (3.3, 3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picks(pub Lengths);

impl Picks {
    /// No synapse in any row.
    pub const NONE: Self = Self(Lengths::Same(0));
}

impl Targets for Picks {
    type Place = ();

    fn begin(&self, _: &RowSite, row: u32) -> (u32, ()) {
        match &self.0 {
            Lengths::Same(length) => (*length, ()),
            Lengths::Each(lengths) => (lengths[row as usize], ()),
        }
    }

    #[inline(always)]
    fn fill(&self, _: &mut (), row: &mut Row<'_>, block: &mut Block) -> bool {
        let Some(first) = row.take(block) else { return false };
        row.draw_words(first, 0, block);
        for (target, word) in block.target.iter_mut().zip(&block.words[0]) {
            *target = row.shifted(random::pick(*word, row.candidates));
        }
        row.set_values(block);
        true
    }

    fn may_repeat(&self) -> bool {
        true
    }

    fn in_kernels(&self) -> Option<&dyn InKernels> {
        Some(self)
    }
}

impl InKernels for Picks {
    fn items(&self, _: &RowSite) -> Lengths {
        self.0.clone()
    }

    fn draw(&self, row: &mut dyn KernelRow) {
        let end = match &self.0 {
            Lengths::Each(_) => row.length(),
            Lengths::Same(length) => row.u32(*length),
        };
        row.shared(end, &mut |row, j| {
            let words = row.words(j, None);
            let candidates = row.site().candidates();
            let candidates = row.u32(candidates);
            let candidate = row.op(Op::UMulHi(words[0], candidates));
            row.synapse(candidate, words);
        });
    }
}
