//! Dense rows of one weight and one delay: a bit says whether there is a synapse. A step counts
//! for each target in how many rows its bit is set, 32 targets in a word, and multiplies once.

use super::Waiting;
use super::chunk::add_targets;
use super::dense::{Block, Places, Reach, Span};
use super::table::{Scratch, Table};
use super::upcoming::Upcoming;
use crate::arch::{LANES, Lanes, Task, dispatch, prefetch};
use crate::synapse::timing_wheel::Run;

/// How many words are counted at once: loops over a fixed number, not too small, are vectorised
/// best.
const WORDS: usize = 32;

/// How many chunks that is.
const CHUNKS: usize = WORDS / LANES;

type Words = [u32; WORDS];

/// A bit in each place: in a span of `n` words, bit `b` of word `w` is place `b n + w`, so that
/// equal bits of neighbouring words are neighbours. All synapses have this weight.
#[derive(Debug)]
pub(crate) struct Bits {
    /// The quantised weight.
    pub weight: i32,
}

impl Places for Bits {
    const BLOCK: Block = Block { places: WORDS * 32, chunks: CHUNKS };

    type Listed = u16;

    fn put(span: &mut [Lanes], place: usize, _: i32) -> bool {
        let words = Lanes::words_mut(span);
        let (bit, word) = (1 << (place / words.len()), place % words.len());
        let free = words[word] & bit == 0;
        words[word] |= bit;
        free
    }

    fn listed(accumulator: u32, _: i32) -> u16 {
        accumulator as u16
    }
}

impl Waiting for Bits {
    fn deliver(
        &self,
        rows: &Table,
        shard: u32,
        due: &[Run],
        scratch: &mut Scratch,
        sums: &mut [u32],
    ) {
        let Some(reach) = rows.reach.get(shard as usize) else { return };
        let Scratch { isa, upcoming, runs: listed, counts } = scratch;
        let (chunks, weight) = (rows.chunks(), self.weight.cast_unsigned());
        let task = AddBits { chunks, rows: due, weight, reach, upcoming, listed, counts, sums };
        dispatch(*isa, task);
    }
}

/// Adds rows of [`Bits`] to the accumulators of a step and copy, which come first in `sums`.
pub(crate) struct AddBits<'a> {
    pub chunks: &'a [Lanes],
    pub rows: &'a [Run],
    pub weight: u32,
    pub reach: &'a Reach,
    pub upcoming: &'a mut Upcoming,
    pub listed: &'a mut Vec<Run>,
    pub counts: &'a mut Vec<u32>,
    pub sums: &'a mut [u32],
}

impl Task for AddBits<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { chunks, rows, weight, reach, upcoming, listed, counts, sums } = self;
        // A count of rows is a byte.
        for rows in rows.chunks(255) {
            for span in reach.spans() {
                let rows = Rows { chunks, rows, span };
                rows.count(counts);
                multiply(counts, weight, &mut sums[span.accumulators.start..]);
            }
        }
        listed.clear();
        listed.extend(reach.listed(rows));
        let Some(sums) = sums.first_chunk_mut() else { return };
        upcoming.for_each(chunks, listed, |chunk| {
            let parts: &[[u32; 4]; 4] = bytemuck::cast_ref(chunk);
            parts.iter().for_each(|part| add_targets(part, weight, sums));
        });
    }
}

/// Each byte's lowest bit.
const LOWEST: u32 = 0x0101_0101;

/// A span of some rows.
struct Rows<'a> {
    chunks: &'a [Lanes],
    rows: &'a [Run],
    span: &'a Span,
}

impl Rows<'_> {
    /// How often each place is set, as bytes: with `n` words in a span, byte `k` of
    /// `counts[b n + w]` belongs to bit `8 k + b` of word `w`.
    #[inline(always)]
    fn count(&self, counts: &mut Vec<u32>) {
        counts.resize(8 * self.span.chunks.len() * LANES, 0);
        match self.rows.len() {
            0..8 => self.count_up_to::<3>(counts),
            8..32 => self.count_up_to::<5>(counts),
            _ => self.count_up_to::<8>(counts),
        }
    }

    /// The same, where the number of rows has at most `PLANES` binary digits.
    #[inline(always)]
    fn count_up_to<const PLANES: usize>(&self, counts: &mut [u32]) {
        let words = counts.len() / 8;
        self.rows.iter().for_each(|row| self.ask(row, 0));
        for first in (0..words).step_by(WORDS) {
            // In plane p the digits of worth 2^p.
            let mut planes = [NONE; PLANES];
            for seven in self.rows.chunks(7) {
                seven.iter().for_each(|row| self.ask(row, first + WORDS));
                let of = |k| seven.get(k).map_or(&NONE, |row| self.words(row, first));
                add_seven(&mut planes, std::array::from_fn(of));
            }
            for (bit, counts) in counts.chunks_exact_mut(words).enumerate() {
                let Some(counts) = counts[first..].first_chunk_mut() else { return };
                *counts = digits_to_bytes(&planes, bit as u32);
            }
        }
    }

    #[inline(always)]
    fn words(&self, row: &Run, first: usize) -> &Words {
        let words = Lanes::words(self.span.of(self.chunks, row));
        words[first..].first_chunk().unwrap_or(&NONE)
    }

    /// Asks for what comes next.
    #[inline(always)]
    fn ask(&self, row: &Run, first: usize) {
        let chunk = row.start as usize + self.span.chunks.start + first / LANES;
        (0..CHUNKS).for_each(|k| prefetch(self.chunks, chunk + k));
    }
}

const NONE: Words = [0; WORDS];

/// Three digits of one worth are two digits: the sum, and the carry, worth twice as much.
#[inline(always)]
fn digits(a: u32, b: u32, c: u32) -> (u32, u32) {
    (a ^ b ^ c, (a & b) | (c & (a | b)))
}

#[inline(always)]
fn add_seven<const PLANES: usize>(planes: &mut [Words; PLANES], rows: [&Words; 7]) {
    let [a, b, c, d, e, f, g] = rows;
    for w in 0..WORDS {
        let (x, x2) = digits(a[w], b[w], c[w]);
        let (y, y2) = digits(d[w], e[w], f[w]);
        let (one, z2) = digits(x, y, g[w]);
        let (two, four) = digits(x2, y2, z2);
        let mut carry = 0;
        for (plane, digit) in planes.iter_mut().zip([one, two, four, 0, 0, 0, 0, 0]) {
            (plane[w], carry) = digits(plane[w], digit, carry);
        }
    }
}

/// The counts of one bit in eight, as bytes.
#[inline(always)]
fn digits_to_bytes<const PLANES: usize>(planes: &[Words; PLANES], bit: u32) -> Words {
    let mut counts = NONE;
    for w in 0..WORDS {
        for (worth, plane) in planes.iter().enumerate() {
            counts[w] |= (plane[w] >> bit & LOWEST) << worth;
        }
    }
    counts
}

/// Adds counts times the weight to the sums.
#[inline(always)]
fn multiply(counts: &[u32], weight: u32, sums: &mut [u32]) {
    let words = counts.len() / 8;
    for (k, sums) in sums.chunks_exact_mut(8 * words).take(4).enumerate() {
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = sum.wrapping_add(weight.wrapping_mul(count >> (8 * k) & 0xff));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{Detected, Isa, dispatch};
    use isospike_core::base::random::philox;

    /// Rows over two spans against adding synapse by synapse, for every number of rows around
    /// those where something changes.
    #[test]
    fn counts_are_those_of_single_bits() {
        const SUMS: usize = 65_536 + 4096;
        let reach = Reach::new(vec![32..1500, 2000..2010], Bits::BLOCK);
        assert_eq!(reach.chunks as usize, 3 * CHUNKS);
        let count = reach.chunks + 1;
        for rows in [0, 1, 6, 7, 8, 31, 32, 255, 256, 600_u32] {
            let mut chunks = vec![Lanes::ZERO; (rows * count) as usize];
            let mut expected = vec![5_u32; SUMS];
            let weight = 70_001_u32.wrapping_neg();
            for (r, row) in (0..).zip(chunks.chunks_exact_mut(count as usize)) {
                for a in (32..1500).chain(2000..2010) {
                    if !philox([a, r, 0, 0], [1, 2])[0].is_multiple_of(3) {
                        assert!(reach.put::<Bits>(row, a, 0) && !reach.put::<Bits>(row, a, 0));
                        expected[a as usize] = expected[a as usize].wrapping_add(weight);
                    }
                }
                let listed: &mut [u16; 32] = bytemuck::cast_mut(&mut row[count as usize - 1]);
                *listed = std::array::from_fn(|i| (40 + i as u32 % 7 + r) as u16);
                for a in listed {
                    let sum = &mut expected[usize::from(*a)];
                    *sum = sum.wrapping_add(weight);
                }
            }
            let rows: Vec<Run> = (0..rows).map(|r| Run { start: r * count, count }).collect();
            for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                let mut sums = vec![5_u32; SUMS];
                let task = AddBits {
                    chunks: &chunks,
                    rows: &rows,
                    weight,
                    reach: &reach,
                    upcoming: &mut Upcoming::default(),
                    listed: &mut Vec::new(),
                    counts: &mut Vec::new(),
                    sums: &mut sums,
                };
                dispatch(Detected::new(Some(isa)).unwrap(), task);
                assert!(sums == expected, "{} rows, {isa:?}", rows.len());
            }
        }
    }
}
