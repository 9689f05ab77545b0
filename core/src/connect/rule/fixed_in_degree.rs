//! Each target draws the same number of sources.

use super::{Arc, Connect, InDegree, Pairs, RowKind, RowSite, SourceTable, many};
use crate::base::hash::Hash;
use crate::base::random::Tag;
use crate::connect::batch::{self, LANES};
use crate::connect::row::{Block, Row};
use crate::connect::sources::Reader;
use crate::connect::targets::Targets;

/// Each target draws this many sources (3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedInDegree {
    /// How many.
    pub degree: u32,
    /// Whether a source may be drawn twice.
    pub multapses: bool,
}

impl Connect for FixedInDegree {
    fn describe(&self) -> String {
        format!("in-degree {}{}", self.degree, many(self.multapses))
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(3);
        hash.word(self.degree);
        hash.flag(self.multapses);
    }

    fn synapses(&self, _: u64, post: u64) -> u64 {
        u64::from(self.degree) * post
    }

    fn in_degree(&self, pairs: Pairs) -> InDegree {
        let degree = u64::from(self.degree);
        InDegree::exact(match (pairs.sources, self.multapses) {
            (0, _) => 0,
            (_, true) => degree,
            (sources, false) => degree.min(sources),
        })
    }

    fn rows(&self, site: &RowSite, _: &dyn Fn(f64) -> i32) -> RowKind {
        RowKind::Sources(Arc::new(SourceTable::new(site, self.degree, self.multapses)))
    }
}

/// The transposed table: rows are looked up, so kernels cannot draw them.
impl Targets for Arc<SourceTable> {
    type Place = Reader;

    fn begin(&self, _: &RowSite, row: u32) -> (u32, Reader) {
        (self.len(row), self.reader(row))
    }

    #[inline(always)]
    fn fill(&self, reader: &mut Reader, row: &mut Row<'_>, block: &mut Block) -> bool {
        if row.take(block).is_none() {
            return false;
        }
        let mut js = [0; LANES];
        for (target, j) in block.target.iter_mut().zip(&mut js).take(block.len) {
            (*target, *j) = self.next(reader);
        }
        if self.has_draws() {
            let (third, fourth) = (row.site.projection, Tag::InDegree as u32);
            batch::philox(&js, &block.target, third, fourth, row.key, &mut block.words);
        }
        row.set_values(block);
        true
    }

    fn may_repeat(&self) -> bool {
        true
    }
}
