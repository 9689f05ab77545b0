//! Drawing one row, a block of synapses at a time.

use super::Synapse;
use super::batch::{self, LANES, Lanes};
use super::permutation::Permutation;
use super::shape::{Gaps, Lengths, RowKind, RowShape};
use super::sources::Reader;
use crate::base::random::{self, Tag};

/// Up to [`LANES`] synapses of a row.
pub(super) struct Block {
    /// How many of the lanes below hold synapses.
    pub len: usize,
    target: Lanes,
    weight: [i32; LANES],
    delay_steps: [i32; LANES],
    /// The words that the lanes were drawn from.
    words: [Lanes; 4],
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
    shape: &'a RowShape,
    key: [u32; 2],
    row: u32,
    /// Candidates for targets: all of the post population, or all but the row's own neuron.
    candidates: u32,
    /// Targets from here on are shifted by one.
    shift_from: u32,
    /// The next j of the row, or of the segment.
    j: u32,
    /// The j at which the row ends, where that is known beforehand.
    end: u32,
    /// The place in the list of j = 0.
    start: usize,
    /// The place in the in-degree table.
    reader: Option<Reader>,
    /// For gaps: the first candidate of the segment, and the first not yet passed, relative to it.
    segment_start: u32,
    passed: u32,
    permutation: Option<Permutation>,
}

impl<'a> Cursor<'a> {
    /// The start of row `row`.
    pub fn new(shape: &'a RowShape, row: u32) -> Self {
        let candidates = shape.candidates();
        let (mut start, mut permutation, mut reader) = (0, None, None);
        let end = match &shape.kind {
            RowKind::All => candidates,
            RowKind::OneToOne => u32::from(!shape.skip_self),
            RowKind::Gaps(_) => u32::MAX,
            RowKind::Picks(Lengths::Same(degree)) => *degree,
            RowKind::Picks(Lengths::Each(lengths)) => lengths[row as usize],
            RowKind::Distinct { degree } => {
                let (seed, projection) = (shape.seed, shape.projection);
                permutation = Some(Permutation::new(seed, row, projection, candidates));
                *degree
            }
            RowKind::Sources(table) => {
                reader = Some(table.reader(row));
                table.len(row)
            }
            RowKind::List { starts, .. } => {
                start = starts[row as usize] as usize;
                (starts[row as usize + 1] - starts[row as usize]) as u32
            }
        };
        Self {
            shape,
            key: random::key(shape.seed),
            row,
            candidates,
            shift_from: if shape.skip_self { row } else { u32::MAX },
            j: 0,
            end,
            start,
            reader,
            segment_start: 0,
            passed: 0,
            permutation,
        }
    }

    /// Draws the next synapses; false at the end of the row. A block may be empty before the end.
    pub fn fill(&mut self, block: &mut Block) -> bool {
        if let RowKind::Gaps(gaps) = &self.shape.kind {
            return self.fill_gaps(*gaps, block);
        }
        if self.j >= self.end {
            return false;
        }
        block.len = ((self.end - self.j) as usize).min(LANES);
        match &self.shape.kind {
            RowKind::All => {
                for (lane, target) in block.target.iter_mut().enumerate() {
                    *target = self.shifted(self.j.wrapping_add(lane as u32));
                }
                self.draw_values(block);
            }
            RowKind::OneToOne => {
                block.target[0] = self.row;
                self.draw_values(block);
            }
            RowKind::Picks(_) => {
                self.draw_words(0, block);
                for (target, word) in block.target.iter_mut().zip(&block.words[0]) {
                    *target = self.shifted(random::pick(*word, self.candidates));
                }
                self.set_values(block);
            }
            RowKind::Distinct { .. } => {
                if let Some(permutation) = &self.permutation {
                    let js = lanes(|lane| self.j + lane.min(block.len as u32 - 1));
                    block.target = js;
                    batch::permute(permutation, &mut block.target);
                }
                for target in &mut block.target {
                    *target = self.shifted(*target);
                }
                self.draw_values(block);
            }
            RowKind::Sources(table) => {
                let mut js = [0; LANES];
                if let Some(reader) = &mut self.reader {
                    for (target, j) in block.target.iter_mut().zip(&mut js).take(block.len) {
                        (*target, *j) = table.next(reader);
                    }
                }
                if table.has_draws() {
                    let (third, fourth) = (self.shape.projection, Tag::InDegree as u32);
                    batch::philox(&js, &block.target, third, fourth, self.key, &mut block.words);
                }
                self.set_values(block);
            }
            RowKind::List { synapses, .. } => {
                let from = self.start + self.j as usize;
                for (lane, synapse) in synapses[from..from + block.len].iter().enumerate() {
                    block.target[lane] = synapse.target;
                    block.weight[lane] = synapse.weight;
                    block.delay_steps[lane] = synapse.delay_steps as i32;
                }
            }
            RowKind::Gaps(_) => {}
        }
        self.j += block.len as u32;
        true
    }

    /// How many synapses there are from here to the end of the row.
    pub fn count(mut self) -> u32 {
        let RowKind::Gaps(gaps) = self.shape.kind else {
            return self.end - self.j;
        };
        let (mut count, mut block) = (0, Block::new());
        while self.next_targets(gaps, &mut block) {
            count += block.len as u32;
        }
        count
    }

    /// A batch of draws of the present segment.
    fn fill_gaps(&mut self, gaps: Gaps, block: &mut Block) -> bool {
        let any = self.next_targets(gaps, block);
        self.set_values(block);
        any
    }

    /// The targets of a batch of draws; where the segment ends, the next call starts the next one.
    /// False at the end of the row.
    fn next_targets(&mut self, gaps: Gaps, block: &mut Block) -> bool {
        if self.segment_start >= self.candidates {
            return false;
        }
        let length = gaps.segment_size.min(self.candidates - self.segment_start);
        self.draw_words(self.segment_start / gaps.segment_size, block);
        let mut steps = block.words[0];
        batch::gaps(gaps, &mut steps);
        block.len = 0;
        for gap in steps {
            let place = self.passed + gap;
            if place >= length {
                break;
            }
            block.target[block.len] = self.shifted(self.segment_start + place);
            block.len += 1;
            self.passed = place + 1;
        }
        if block.len == LANES {
            self.j += LANES as u32;
        } else {
            (self.j, self.passed) = (0, 0);
            self.segment_start += length;
        }
        true
    }

    /// The words of the next batch of a row.
    fn draw_words(&self, segment: u32, block: &mut Block) {
        let fourth = (Tag::Row as u32).wrapping_add(segment.wrapping_shl(8));
        let first = lanes(|lane| self.j.wrapping_add(lane));
        let second = [self.row; LANES];
        let third = self.shape.projection;
        batch::philox(&first, &second, third, fourth, self.key, &mut block.words);
    }

    /// Weights and delays of a rule that does not draw its targets.
    fn draw_values(&self, block: &mut Block) {
        if self.shape.draws_values() {
            self.draw_words(0, block);
        }
        self.set_values(block);
    }

    /// Weights and delays of the words of a batch.
    fn set_values(&self, block: &mut Block) {
        self.shape.weight.fill(&block.words[1], &mut block.weight);
        self.shape.delay.fill(&block.words[2], &mut block.delay_steps);
    }

    /// The target that a candidate stands for.
    #[inline(always)]
    fn shifted(&self, candidate: u32) -> u32 {
        candidate.wrapping_add(u32::from(candidate >= self.shift_from))
    }
}

#[inline(always)]
fn lanes(f: impl Fn(u32) -> u32) -> Lanes {
    std::array::from_fn(|lane| f(lane as u32))
}
