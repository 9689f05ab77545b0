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
}

#[derive(Debug)]
enum Growing {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Builder {
    /// Makes room for rows onto so many targets.
    pub fn new(targets: usize) -> Self {
        let short = targets <= usize::from(u16::MAX) + 1;
        let targets = if short { Growing::Short(Vec::new()) } else { Growing::Long(Vec::new()) };
        let (delays, lengths) = (Vec::new(), Vec::new());
        Self { sources: vec![0], delays, starts: vec![0], lengths, targets }
    }

    /// Adds the row of the next source: the delay and target of each synapse, those of one delay
    /// together, each in order of its place in the row.
    pub fn add(&mut self, row: &[(u32, u32)]) {
        for segment in row.chunk_by(|a, b| a.0 == b.0) {
            self.delays.push(segment[0].0);
            self.lengths.push(segment.len() as u32);
            let padded = segment.len().next_multiple_of(LANES);
            // Padding has a target that is there; nothing of it is added.
            let targets = segment.iter().map(|synapse| synapse.1);
            let padding = std::iter::repeat_n(segment[0].1, padded - segment.len());
            let targets = targets.chain(padding);
            match &mut self.targets {
                Growing::Short(all) => all.extend(targets.map(|target| target as u16)),
                Growing::Long(all) => all.extend(targets),
            }
            let start = self.starts.last().copied().unwrap_or(0);
            self.starts.push(start + (padded / LANES) as u32);
        }
        self.sources.push(self.delays.len() as u32);
    }

    /// All rows.
    pub fn finish(self) -> Rows {
        let targets = match self.targets {
            Growing::Short(all) => Targets::Short(Pieces::new(all)),
            Growing::Long(all) => Targets::Long(Pieces::new(all)),
        };
        let Self { sources, delays, starts, lengths, .. } = self;
        Rows { sources, delays, starts, lengths, targets }
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

    /// Copies the targets of a segment.
    pub fn targets(&self, segment: usize, to: &mut Vec<u32>) {
        to.clear();
        let first = self.starts[segment] as usize * LANES;
        let words = first..first + self.lengths[segment] as usize;
        match &self.targets {
            Targets::Short(all) => to.extend(all[words].iter().map(|target| u32::from(*target))),
            Targets::Long(all) => to.extend_from_slice(&all[words]),
        }
    }

    /// Prefetches the targets of some lanes of a segment.
    pub fn prefetch(&self, segment: usize, lanes: Range<usize>) {
        let first = self.starts[segment] as usize;
        let lanes = first + lanes.start..first + lanes.end;
        match &self.targets {
            // A cache line has two lanes of short numbers.
            Targets::Short(all) => lanes.step_by(2).for_each(|lane| prefetch(all, lane * LANES)),
            Targets::Long(all) => lanes.for_each(|lane| prefetch(all, lane * LANES)),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let targets = match &self.targets {
            Targets::Short(all) => size_of_val(&**all),
            Targets::Long(all) => size_of_val(&**all),
        };
        let tables = [&self.sources, &self.delays, &self.starts, &self.lengths];
        let tables: usize = tables.into_iter().map(|table| size_of_val(&**table)).sum();
        (targets + tables) as u64
    }
}
