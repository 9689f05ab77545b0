//! The table of a fixed in-degree, source by source (3.6): targets draw their sources, rows are
//! read by source. It lives as long as the plan, so it is small: each synapse is the distance of
//! its target from the one before, a byte or two, and which of its target's draws it is where
//! weights or delays need to know. It is made by drawing all sources twice, first to measure the
//! rows, then to write them; in parallel, and no thread can change a number.

use super::RowSite;
use super::batch::{self, LANES};
use super::permutation::Permutation;
use crate::base::progress;
use crate::base::random::{self, Tag};
use rayon::prelude::*;
use std::ops::Range;

/// See the module. Row `i` has its synapses in order of target, then j; weight and delay come from
/// the counter `(j, target, projection, 5)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTable {
    /// How many synapses come before each row; one more than rows.
    starts: Vec<u64>,
    /// The start of each row in `bytes`.
    places: Vec<u64>,
    /// For each synapse the distance from the target before (the first: from 0), then j if
    /// `has_draws`: seven bits in a byte, lowest first, the highest bit set in all but the last.
    bytes: Vec<u8>,
    has_draws: bool,
}

/// A place in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    place: usize,
    target: u32,
}

impl SourceTable {
    /// Draws the sources of all targets.
    pub(super) fn new(site: &RowSite, degree: u32, multapses: bool) -> Self {
        let drawing = Drawing::new(site, degree, multapses);
        progress::begin("drawing the sources of each target", 2 * u64::from(site.targets));
        let has_draws = site.draws_values();
        let mut rows = vec![Row::default(); site.rows as usize];
        drawing.sweep(&mut rows, &mut [], |row, _, target, j| {
            row.bytes += length(target - row.last);
            row.bytes += if has_draws { length(j) } else { 0 };
            row.synapses += 1;
            row.last = target;
        });
        let (mut starts, mut places) = (vec![0], vec![0]);
        let (mut synapses, mut bytes) = (0, 0);
        for row in &mut rows {
            synapses += row.synapses;
            bytes += row.bytes;
            starts.push(synapses);
            places.push(bytes);
            (row.last, row.written) = (0, 0);
        }
        let mut bytes = vec![0; bytes as usize];
        drawing.sweep(&mut rows, &mut bytes, |row, bytes, target, j| {
            write(target - row.last, bytes, &mut row.written);
            if has_draws {
                write(j, bytes, &mut row.written);
            }
            row.last = target;
        });
        Self { starts, places, bytes, has_draws }
    }

    /// The number of synapses of a row.
    pub(super) fn len(&self, row: u32) -> u32 {
        (self.starts[row as usize + 1] - self.starts[row as usize]) as u32
    }

    /// Whether the table says which of its target's draws a synapse is.
    pub(super) fn has_draws(&self) -> bool {
        self.has_draws
    }

    /// The start of a row.
    pub(super) fn reader(&self, row: u32) -> Reader {
        Reader { place: self.places[row as usize] as usize, target: 0 }
    }

    /// The next synapse of a row that has one: its target, and which of its draws it is (0 where
    /// the table does not know).
    #[inline(always)]
    pub(super) fn next(&self, reader: &mut Reader) -> (u32, u32) {
        reader.target += self.word(&mut reader.place);
        let j = if self.has_draws { self.word(&mut reader.place) } else { 0 };
        (reader.target, j)
    }

    #[inline(always)]
    fn word(&self, place: &mut usize) -> u32 {
        let (mut word, mut shift) = (0, 0);
        loop {
            let byte = self.bytes[*place];
            *place += 1;
            word |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return word;
            }
            shift += 7;
        }
    }
}

/// How many bytes a word takes.
fn length(word: u32) -> u64 {
    u64::from((32 - (word | 1).leading_zeros()).div_ceil(7))
}

fn write(mut word: u32, bytes: &mut [u8], place: &mut usize) {
    while word >= 0x80 {
        bytes[*place] = word as u8 | 0x80;
        *place += 1;
        word >>= 7;
    }
    bytes[*place] = word as u8;
    *place += 1;
}

/// A row in the making.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    synapses: u64,
    bytes: u64,
    /// The last target.
    last: u32,
    /// How many of its bytes are written.
    written: usize,
}

/// How the sources of targets are drawn.
struct Drawing<'a> {
    site: &'a RowSite,
    candidates: u32,
    degree: usize,
    multapses: bool,
}

/// About how many synapses are drawn before they are handed to their rows.
const BATCH: usize = 1 << 20;

impl<'a> Drawing<'a> {
    fn new(site: &'a RowSite, degree: u32, multapses: bool) -> Self {
        let candidates = site.rows - u32::from(site.skip_self);
        let degree = if multapses { degree } else { degree.min(candidates) };
        let degree = if candidates == 0 { 0 } else { degree as usize };
        Self { site, candidates, degree, multapses }
    }

    /// Calls `f` for all synapses of each row in order of target, then j: with the row, its part of
    /// `bytes` where there are any, target and j. Each task owns a range of rows and looks at all
    /// synapses.
    fn sweep(
        &self,
        rows: &mut [Row],
        bytes: &mut [u8],
        f: impl Fn(&mut Row, &mut [u8], u32, u32) + Sync,
    ) {
        if self.degree == 0 || rows.is_empty() {
            return;
        }
        let mut parts = Part::all(rows, bytes);
        let targets = (BATCH / self.degree).clamp(1, self.site.targets.max(1) as usize);
        let mut sources = vec![0; targets * self.degree];
        for first in (0..self.site.targets).step_by(targets) {
            let targets = targets.min((self.site.targets - first) as usize);
            progress::advance(targets as u64);
            let sources = &mut sources[..targets * self.degree];
            sources
                .par_chunks_mut(self.degree)
                .zip(first..first + targets as u32)
                .for_each(|(sources, target)| self.draw(target, sources));
            let sources = &*sources;
            parts.par_iter_mut().for_each(|part| {
                for (target, sources) in (first..).zip(sources.chunks_exact(self.degree)) {
                    for (j, source) in (0..).zip(sources) {
                        part.visit(*source, |row, bytes| f(row, bytes, target, j));
                    }
                }
            });
        }
    }

    /// The sources of one target, in order of j.
    fn draw(&self, target: u32, sources: &mut [u32]) {
        let Self { site, candidates, .. } = *self;
        let shift_from = if site.skip_self { target } else { u32::MAX };
        let shifted = |candidate: u32| candidate + u32::from(candidate >= shift_from);
        if !self.multapses {
            let permutation = Permutation::new(site.seed, target, site.projection, candidates);
            for (block, sources) in sources.chunks_mut(LANES).enumerate() {
                let last = (block * LANES + sources.len() - 1) as u32;
                let mut js = std::array::from_fn(|lane| last.min((block * LANES + lane) as u32));
                batch::permute(&permutation, &mut js);
                for (source, candidate) in sources.iter_mut().zip(js) {
                    *source = shifted(candidate);
                }
            }
            return;
        }
        let key = random::key(site.seed);
        for (block, sources) in sources.chunks_mut(LANES).enumerate() {
            let js = std::array::from_fn(|lane| (block * LANES + lane) as u32);
            let fourth = Tag::InDegree as u32;
            let mut words = [[0; LANES]; 4];
            batch::philox(&js, &[target; LANES], site.projection, fourth, key, &mut words);
            for (source, word) in sources.iter_mut().zip(words[0]) {
                *source = shifted(random::pick(word, candidates));
            }
        }
    }
}

/// The rows of one task.
struct Part<'a> {
    numbers: Range<u32>,
    rows: &'a mut [Row],
    /// The start of the bytes of each row.
    places: Vec<usize>,
    bytes: &'a mut [u8],
}

impl<'a> Part<'a> {
    /// All rows, cut for as many tasks as there are threads.
    fn all(mut rows: &'a mut [Row], mut bytes: &'a mut [u8]) -> Vec<Self> {
        let (count, tasks) = (rows.len(), rayon::current_num_threads().min(rows.len()));
        let mut parts = Vec::with_capacity(tasks);
        for task in 0..tasks {
            let numbers = count * task / tasks..count * (task + 1) / tasks;
            let (mine, after) = std::mem::take(&mut rows).split_at_mut(numbers.len());
            rows = after;
            let (mut places, mut end) = (Vec::new(), 0);
            if !bytes.is_empty() {
                for row in &*mine {
                    places.push(end);
                    end += row.bytes as usize;
                }
            }
            let (my_bytes, after) = std::mem::take(&mut bytes).split_at_mut(end);
            bytes = after;
            let numbers = numbers.start as u32..numbers.end as u32;
            parts.push(Self { numbers, rows: mine, places, bytes: my_bytes });
        }
        parts
    }

    /// Calls `f` with a row of the part and its bytes.
    #[inline(always)]
    fn visit(&mut self, source: u32, f: impl FnOnce(&mut Row, &mut [u8])) {
        if self.numbers.contains(&source) {
            let row = (source - self.numbers.start) as usize;
            let start = self.places.get(row).copied().unwrap_or(0);
            f(&mut self.rows[row], &mut self.bytes[start..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::Draw;

    #[test]
    fn words_of_every_length_come_back() {
        let words = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 1 << 28, u32::MAX];
        let mut table =
            SourceTable { starts: vec![], places: vec![], bytes: vec![0; 64], has_draws: true };
        let mut end = 0;
        for word in words {
            let start = end;
            write(word, &mut table.bytes, &mut end);
            assert_eq!((end - start) as u64, length(word), "{word}");
        }
        let mut place = 0;
        assert_eq!(words.map(|_| table.word(&mut place)), words);
        assert_eq!(place, end);
    }

    /// A tenth of all pairs: the distance of neighbouring targets fits a byte.
    #[test]
    fn a_table_takes_few_bytes() {
        let bytes = |weight: Draw| {
            let site = RowSite {
                seed: 3,
                projection: 1,
                rows: 2000,
                targets: 3000,
                skip_self: false,
                weight,
                delay: Draw::Constant(1),
            };
            let table = SourceTable::new(&site, 200, true);
            assert_eq!((0..2000).map(|row| table.len(row)).sum::<u32>(), 600_000);
            table.bytes.len() as f64 / 600_000.0
        };
        assert!(bytes(Draw::Constant(5)) < 1.01);
        assert!(bytes(Draw::Uniform { lo: 0, span: 9 }) < 2.4);
    }
}
