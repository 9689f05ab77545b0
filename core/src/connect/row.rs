//! Drawing one row, a block of synapses at a time.

use super::batch::{self, LANES, Lanes};
use super::targets::{Place, RowKind};
use super::{RowSite, Synapse};
use crate::base::random::{self, Tag};

/// Up to [`LANES`] synapses of a row.
pub(super) struct Block {
    /// How many of the lanes below hold synapses.
    pub len: usize,
    /// Targets.
    pub target: Lanes,
    /// Weights.
    pub weight: [i32; LANES],
    /// Delays in steps.
    pub delay_steps: [i32; LANES],
    /// The words that the lanes were drawn from.
    pub words: [Lanes; 4],
}

impl Block {
    /// A block with no synapse.
    pub fn new() -> Self {
        Self {
            len: 0,
            target: [0; LANES],
            weight: [0; LANES],
            delay_steps: [0; LANES],
            words: [[0; LANES]; 4],
        }
    }

    /// Calls `f` for each synapse.
    #[inline(always)]
    pub fn for_each(&self, f: &mut impl FnMut(Synapse)) {
        for lane in 0..self.len.min(LANES) {
            f(Synapse {
                target: self.target[lane],
                weight: self.weight[lane],
                delay_steps: self.delay_steps[lane] as u32,
            });
        }
    }
}

/// A place in a row.
pub(super) struct Cursor<'a> {
    kind: &'a RowKind,
    row: Row<'a>,
    place: Place,
}

impl<'a> Cursor<'a> {
    /// The start of row `number`.
    pub fn new(site: &'a RowSite, kind: &'a RowKind, number: u32) -> Self {
        let (end, place) = kind.begin(site, number);
        Self { kind, row: Row::new(site, number, end), place }
    }

    /// Draws the next synapses; false at the end of the row. A block may be empty before the end.
    #[inline(always)]
    pub fn fill(&mut self, block: &mut Block) -> bool {
        self.kind.fill(&mut self.place, &mut self.row, block)
    }

    /// How many synapses there are from here to the end of the row.
    pub fn count(self) -> u32 {
        self.kind.count(self.place, &self.row)
    }
}

/// A row, and how many of its synapses are drawn.
pub(super) struct Row<'a> {
    /// The site of the rule.
    pub site: &'a RowSite,
    /// The key of every Philox call.
    pub key: [u32; 2],
    /// The number of the row.
    pub number: u32,
    /// Candidates for targets: all of the post population, or all but the row's own neuron.
    pub candidates: u32,
    /// Targets from here on are shifted by one.
    shift_from: u32,
    /// The next j.
    next: u32,
    /// The j at which the row ends, where that is known beforehand.
    end: u32,
}

impl<'a> Row<'a> {
    fn new(site: &'a RowSite, number: u32, end: u32) -> Self {
        Self {
            site,
            key: random::key(site.seed),
            number,
            candidates: site.candidates(),
            shift_from: if site.skip_self { number } else { u32::MAX },
            next: 0,
            end,
        }
    }

    /// The synapses not yet drawn, where the end of the row is known.
    pub fn left(&self) -> u32 {
        self.end - self.next
    }

    /// Takes the next synapses for a block, as many as it holds: their first j; `None` at the end.
    #[inline(always)]
    pub fn take(&mut self, block: &mut Block) -> Option<u32> {
        if self.next >= self.end {
            return None;
        }
        let first = self.next;
        block.len = ((self.end - first) as usize).min(LANES);
        self.next += block.len as u32;
        Some(first)
    }

    /// Draws the words of synapses `first` and following, or of draws of a segment.
    pub fn draw_words(&self, first: u32, segment: u32, block: &mut Block) {
        let fourth = (Tag::Row as u32).wrapping_add(segment.wrapping_shl(8));
        let first = std::array::from_fn(|lane| first.wrapping_add(lane as u32));
        let second = [self.number; LANES];
        let third = self.site.projection;
        batch::philox(&first, &second, third, fourth, self.key, &mut block.words);
    }

    /// Draws weights and delays for a form that does not draw its targets.
    pub fn draw_values(&self, first: u32, block: &mut Block) {
        if self.site.draws_values() {
            self.draw_words(first, 0, block);
        }
        self.set_values(block);
    }

    /// Sets weights and delays from the words of a block.
    pub fn set_values(&self, block: &mut Block) {
        self.site.weight.fill(&block.words[1], &mut block.weight);
        self.site.delay.fill(&block.words[2], &mut block.delay_steps);
    }

    /// The target that a candidate stands for.
    #[inline(always)]
    pub fn shifted(&self, candidate: u32) -> u32 {
        candidate.wrapping_add(u32::from(candidate >= self.shift_from))
    }
}
