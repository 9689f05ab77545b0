//! One row after the other, sorted by shard and delay.

use super::plan::Spec;
use super::{Site, TILE};
use crate::arena::Space;
use crate::chunk::Chunk;
use crate::ring::Ring;
use crate::store::header_chunks;
use bytemuck::Pod;
use isospike_core::backend::BackendError;
use isospike_core::connect::{AccumulatorSums, Synapse};

/// A tile in the making, of any format.
pub(super) trait Tile {
    /// Adds the row of a neuron and notes its length for each projection.
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    );

    /// Writes all rows added and notes where: `[row][shard]`, then the end of each row.
    fn finish(&mut self, starts: &mut [u32]) -> Result<(), BackendError>;
}

/// Draws the row of a neuron in all projections of a store: calls `f` with the shard of each synapse
/// and the accumulator there, and notes how many synapses each projection has.
#[inline(always)]
pub(super) fn draw_row(
    site: &Site<'_>,
    spec: &Spec,
    population: usize,
    row: u32,
    degrees: &mut [u32],
    sums: &mut AccumulatorSums,
    mut f: impl FnMut(u32, u32, Synapse),
) {
    for &index in &spec.projections[population] {
        let (projection, places) = (&site.plan.projections[index], &site.places[index]);
        let mut length = 0;
        let mut store = |synapse: Synapse| {
            length += 1;
            let (shard, accumulator) = places.find(synapse.target);
            f(shard, accumulator, synapse);
        };
        if sums.watches(projection.receptor) {
            let first = site.plan.receptors[projection.receptor as usize].first_accumulator;
            projection.rows.for_each(row, |synapse| {
                sums.add(first + synapse.target, synapse.weight);
                store(synapse);
            });
        } else {
            projection.rows.for_each(row, store);
        }
        degrees[site.columns[index]] = length;
    }
}

/// Writes the chunks of a tile to the next free place, and notes where its rows start.
pub(super) fn append<C: Pod>(
    space: &Space<'_, C>,
    chunks: &[C],
    local: &[u32],
    starts: &mut [u32],
) -> Result<(), BackendError> {
    let Some(first) = space.append(chunks) else {
        return Err(BackendError::OutOfMemory {
            what: "rows longer than their rule lets expect".to_string(),
            needed_bytes: size_of_val(chunks) as u64,
            available_bytes: 0,
        });
    };
    for (start, local) in starts.iter_mut().zip(local) {
        *start = first as u32 + local;
    }
    Ok(())
}

/// See [`Tile`].
pub(super) struct Writer<'a, 's, C: Chunk> {
    site: &'a Site<'a>,
    spec: &'a Spec,
    space: &'a Space<'s, C>,
    /// The chunks of the tile.
    chunks: Vec<C>,
    /// Where each row starts in each shard among `chunks`, and its end.
    starts: Vec<u32>,
    /// The synapses of the present row as drawn, and the segment of each.
    values: Vec<C::Value>,
    segments: Vec<u32>,
    /// For each segment: how many synapses it has; then where its next synapse goes.
    counts: Vec<usize>,
    /// For each shard: a chunk of nothing but padding.
    padding: Vec<C>,
}

impl<'a, 's, C: Chunk> Writer<'a, 's, C> {
    pub fn new(site: &'a Site<'a>, spec: &'a Spec, space: &'a Space<'s, C>) -> Self {
        let padding = |lanes: &usize| {
            let mut chunk = [C::zeroed()];
            let nothing = Synapse { target: 0, weight: 0, delay_steps: 1 };
            for (lane, value) in bytemuck::cast_slice_mut(&mut chunk).iter_mut().enumerate() {
                *value = C::pack(Ring::padding(*lanes, lane), nothing);
            }
            chunk[0]
        };
        Self {
            site,
            spec,
            space,
            chunks: Vec::new(),
            starts: Vec::with_capacity(TILE as usize * (site.lanes.len() + 1)),
            values: Vec::new(),
            segments: Vec::new(),
            counts: vec![0; site.lanes.len() * spec.delays()],
            padding: site.lanes.iter().map(padding).collect(),
        }
    }

    /// Makes room for the segments of the present row: their header, and padding, over which
    /// synapses are written.
    fn lay_out(&mut self) {
        let delays = self.spec.delays();
        for (counts, padding) in self.counts.chunks_exact_mut(delays).zip(&self.padding) {
            self.starts.push(self.chunks.len() as u32);
            let chunks_of = |count: usize| count.div_ceil(C::SYNAPSES);
            if self.spec.has_header() && counts.iter().any(|count| *count > 0) {
                let of_segment = |(i, count): (usize, &usize)| {
                    let delay = self.spec.min_delay_steps + i as u32;
                    entries(delay, chunks_of(*count))
                };
                let length = counts.iter().enumerate().flat_map(of_segment).count();
                let first = self.chunks.len();
                self.chunks.resize(first + header_chunks::<C>(length), C::zeroed());
                let words: &mut [u32] = bytemuck::cast_slice_mut(&mut self.chunks[first..]);
                words[0] = length as u32;
                let all = counts.iter().enumerate().flat_map(of_segment);
                words[1..].iter_mut().zip(all).for_each(|(word, entry)| *word = entry);
            }
            for count in counts {
                let first = self.chunks.len();
                self.chunks.resize(first + chunks_of(*count), *padding);
                *count = first * C::SYNAPSES;
            }
        }
        self.starts.push(self.chunks.len() as u32);
    }
}

/// The words of a header for a segment: delay in the low, number of chunks in the high half.
fn entries(delay: u32, chunks: usize) -> impl Iterator<Item = u32> {
    let whole = std::iter::repeat_n(0xffff, chunks / 0xffff);
    let rest = Some((chunks % 0xffff) as u32).filter(|rest| *rest > 0);
    whole.chain(rest).map(move |count| delay | count << 16)
}

impl<C: Chunk> Tile for Writer<'_, '_, C> {
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    ) {
        let delays = self.spec.delays() as u32;
        let min_delay = if self.spec.has_header() { self.spec.min_delay_steps } else { 0 };
        self.values.clear();
        self.segments.clear();
        self.counts.fill(0);
        let by_delay = u32::from(self.spec.has_header());
        let (values, segments) = (&mut self.values, &mut self.segments);
        let counts = self.counts.as_mut_slice();
        draw_row(
            self.site,
            self.spec,
            population,
            row,
            degrees,
            sums,
            |shard, accumulator, synapse| {
                let segment = shard * delays + by_delay * (synapse.delay_steps - min_delay);
                counts[segment as usize] += 1;
                segments.push(segment);
                values.push(C::pack(accumulator, synapse));
            },
        );
        self.lay_out();
        let places: &mut [C::Value] = bytemuck::cast_slice_mut(&mut self.chunks);
        for (segment, value) in self.segments.iter().zip(&self.values) {
            let next = &mut self.counts[*segment as usize];
            places[*next] = *value;
            *next += 1;
        }
    }

    fn finish(&mut self, starts: &mut [u32]) -> Result<(), BackendError> {
        append(self.space, &self.chunks, &self.starts, starts)?;
        self.chunks.clear();
        self.starts.clear();
        Ok(())
    }
}
