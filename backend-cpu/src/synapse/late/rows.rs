//! The targets of synapses that learn in one shard: for each source a segment for each delay, each
//! padded to whole lanes, so that the state of a segment lies in whole vectors.

use crate::arch::{LANES, prefetch};
use crate::synapse::arena::Pieces;
use std::ops::Range;

/// See the module.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The first segment of each source, and the end.
    sources: Vec<u32>,
    delays: Vec<u32>,
    /// The first lanes of each segment, and the end.
    starts: Vec<u32>,
    /// The synapses of each segment.
    lengths: Vec<u32>,
    /// By number among the targets of the shard.
    targets: Targets,
}

/// Numbers of targets.
#[derive(Debug)]
enum Targets {
    /// Every segment has targets 0, 1, 2 and so on.
    InOrder,
    Short(Pieces<u16>),
    Long(Pieces<u32>),
}

/// Rows that are added one after the other.
#[derive(Debug)]
pub(crate) struct Builder {
    sources: Vec<u32>,
    delays: Vec<u32>,
    starts: Vec<u32>,
    lengths: Vec<u32>,
    targets: Growing,
    /// Whether the numbers of targets have 16 bits.
    short: bool,
}

#[derive(Debug)]
enum Growing {
    InOrder,
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Builder {
    /// Makes room for rows onto so many targets.
    pub fn new(targets: usize) -> Self {
        let short = targets <= usize::from(u16::MAX) + 1;
        let (delays, lengths) = (Vec::new(), Vec::new());
        let targets = Growing::InOrder;
        Self { sources: vec![0], delays, starts: vec![0], lengths, targets, short }
    }

    /// Adds the row of the next source: the delay and target of each synapse, those of one delay
    /// together, each in order of its place in the row.
    pub fn add(&mut self, row: &[(u32, u32)]) {
        for segment in row.chunk_by(|a, b| a.0 == b.0) {
            if !segment.iter().map(|synapse| synapse.1).eq(0..segment.len() as u32) {
                self.list_targets();
            }
            self.delays.push(segment[0].0);
            self.lengths.push(segment.len() as u32);
            let padded = segment.len().next_multiple_of(LANES);
            // Padding has a target that is there; nothing of it is added.
            let targets = segment.iter().map(|synapse| synapse.1);
            let padding = std::iter::repeat_n(segment[0].1, padded - segment.len());
            self.targets.extend(targets.chain(padding));
            let start = self.starts.last().copied().unwrap_or(0);
            self.starts.push(start + (padded / LANES) as u32);
        }
        self.sources.push(self.delays.len() as u32);
    }

    /// Lists the targets of all segments so far, if it has not been done.
    fn list_targets(&mut self) {
        if !matches!(self.targets, Growing::InOrder) {
            return;
        }
        let short = self.short;
        self.targets = if short { Growing::Short(Vec::new()) } else { Growing::Long(Vec::new()) };
        for length in &self.lengths {
            let padding = length.next_multiple_of(LANES as u32) - length;
            let padding = std::iter::repeat_n(0, padding as usize);
            self.targets.extend((0..*length).chain(padding));
        }
    }

    /// All rows.
    pub fn finish(self) -> Rows {
        let targets = match self.targets {
            Growing::InOrder => Targets::InOrder,
            Growing::Short(all) => Targets::Short(Pieces::new(all)),
            Growing::Long(all) => Targets::Long(Pieces::new(all)),
        };
        let Self { sources, delays, starts, lengths, .. } = self;
        Rows { sources, delays, starts, lengths, targets }
    }
}

impl Growing {
    fn extend(&mut self, targets: impl Iterator<Item = u32>) {
        match self {
            Self::InOrder => {}
            Self::Short(all) => all.extend(targets.map(|target| target as u16)),
            Self::Long(all) => all.extend(targets),
        }
    }
}

impl Rows {
    /// How many sources there are.
    pub fn sources(&self) -> u32 {
        self.sources.len() as u32 - 1
    }

    /// The segments of a source.
    pub fn of_source(&self, source: u32) -> Range<usize> {
        let source = source as usize;
        self.sources[source] as usize..self.sources[source + 1] as usize
    }

    /// The delay of a segment.
    pub fn delay(&self, segment: usize) -> u32 {
        self.delays[segment]
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        self.delays.len()
    }

    /// How many lanes all segments take.
    pub fn lanes(&self) -> usize {
        self.starts.last().map_or(0, |end| *end as usize)
    }

    /// The lanes of a segment.
    pub fn lanes_of(&self, segment: usize) -> Range<usize> {
        self.starts[segment] as usize..self.starts[segment + 1] as usize
    }

    /// The synapses of the longest segment.
    pub fn longest(&self) -> usize {
        self.lengths.iter().max().map_or(0, |longest| *longest as usize)
    }

    /// Whether every segment has targets 0, 1, 2 and so on, so that none are stored.
    pub fn in_order(&self) -> bool {
        matches!(self.targets, Targets::InOrder)
    }

    /// Copies the targets of a segment.
    pub fn targets(&self, segment: usize, to: &mut Vec<u32>) {
        to.clear();
        let first = self.starts[segment] as usize * LANES;
        let words = first..first + self.lengths[segment] as usize;
        match &self.targets {
            Targets::InOrder => to.extend(0..self.lengths[segment]),
            Targets::Short(all) => to.extend(all[words].iter().map(|target| u32::from(*target))),
            Targets::Long(all) => to.extend_from_slice(&all[words]),
        }
    }

    /// Prefetches the targets of some lanes of a segment.
    pub fn prefetch(&self, segment: usize, lanes: Range<usize>) {
        let first = self.starts[segment] as usize;
        let lanes = first + lanes.start..first + lanes.end;
        match &self.targets {
            Targets::InOrder => {}
            // A cache line has two lanes of short numbers.
            Targets::Short(all) => lanes.step_by(2).for_each(|lane| prefetch(all, lane * LANES)),
            Targets::Long(all) => lanes.for_each(|lane| prefetch(all, lane * LANES)),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let targets = match &self.targets {
            Targets::InOrder => 0,
            Targets::Short(all) => size_of_val(&**all),
            Targets::Long(all) => size_of_val(&**all),
        };
        let tables = [&self.sources, &self.delays, &self.starts, &self.lengths];
        let tables: usize = tables.into_iter().map(|table| size_of_val(&**table)).sum();
        (targets + tables) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[(u32, u32)]]) -> Rows {
        let mut builder = Builder::new(40);
        rows.iter().for_each(|row| builder.add(row));
        builder.finish()
    }

    fn targets(rows: &Rows, segment: usize) -> Vec<u32> {
        let mut targets = Vec::new();
        rows.targets(segment, &mut targets);
        targets
    }

    #[test]
    fn targets_in_order_are_not_stored() {
        let all: Vec<(u32, u32)> = (0..37).map(|target| (3, target)).collect();
        let ordered = rows(&[&all, &all[..5], &[]]);
        assert!(ordered.in_order());
        let listed = rows(&[&all, &all[..5], &[], &all[1..]]);
        assert!(!listed.in_order());
        for rows in [&ordered, &listed] {
            assert_eq!(targets(rows, 0), Vec::from_iter(0..37));
            assert_eq!(targets(rows, 1), Vec::from_iter(0..5));
        }
        assert_eq!(targets(&listed, 2), Vec::from_iter(1..37));
        // 48 + 16 + 48 words of 16 bits, and one more record of each table.
        assert!(listed.bytes() - ordered.bytes() >= 224);
    }
}
