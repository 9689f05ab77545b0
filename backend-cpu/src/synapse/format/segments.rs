//! Rows in segments: sorted by shard and delay, each segment in chunks of its own.

use super::chunk::Chunk;
use super::table::header_chunks;
use super::tile::{Delays, Maker, Row, Rows, Site, Spec};
use crate::synapse::ring::Ring;
use isospike_core::connect::Synapse;

/// The present row in segments.
pub(crate) struct Segments<C: Chunk> {
    delays: Delays,
    /// The synapses of the present row as drawn, and the segment of each.
    values: Vec<C::Value>,
    segments: Vec<u32>,
    /// For each segment: how many synapses it has; then where its next synapse goes.
    counts: Vec<usize>,
    /// For each shard: a chunk of nothing but padding.
    padding: Vec<C>,
}

impl<C: Chunk> Segments<C> {
    /// For the rows of a store.
    pub fn new(site: &Site<'_>, spec: &Spec) -> Self {
        let padding = |lanes: &usize| {
            let mut chunk = [C::zeroed()];
            let nothing = Synapse { target: 0, weight: 0, delay_steps: 1 };
            for (lane, value) in bytemuck::cast_slice_mut(&mut chunk).iter_mut().enumerate() {
                *value = C::pack(Ring::padding(*lanes, lane), nothing);
            }
            chunk[0]
        };
        Self {
            delays: spec.delays,
            values: Vec::new(),
            segments: Vec::new(),
            counts: vec![0; site.lanes.len() * spec.delays.count()],
            padding: site.lanes.iter().map(padding).collect(),
        }
    }

    /// Makes room for the segments of the present row: their header, and padding, over which
    /// synapses are written.
    fn lay_out(&mut self, to: &mut Rows<C>) {
        let delays = self.delays.count();
        for (counts, padding) in self.counts.chunks_exact_mut(delays).zip(&self.padding) {
            to.begin();
            let chunks_of = |count: usize| count.div_ceil(C::SYNAPSES);
            if self.delays.has_header() && counts.iter().any(|count| *count > 0) {
                let of_segment = |(i, count): (usize, &usize)| {
                    let delay = self.delays.least + i as u32;
                    entries(delay, chunks_of(*count))
                };
                let length = counts.iter().enumerate().flat_map(of_segment).count();
                let first = to.chunks.len();
                to.chunks.resize(first + header_chunks(size_of::<C>(), length), C::zeroed());
                let words: &mut [u32] = bytemuck::cast_slice_mut(&mut to.chunks[first..]);
                words[0] = length as u32;
                let all = counts.iter().enumerate().flat_map(of_segment);
                words[1..].iter_mut().zip(all).for_each(|(word, entry)| *word = entry);
            }
            for count in counts {
                let first = to.chunks.len();
                to.chunks.resize(first + chunks_of(*count), *padding);
                *count = first * C::SYNAPSES;
            }
        }
    }
}

/// The words of a header for a segment: delay in the low, number of chunks in the high half.
fn entries(delay: u32, chunks: usize) -> impl Iterator<Item = u32> {
    let whole = std::iter::repeat_n(0xffff, chunks / 0xffff);
    let rest = Some((chunks % 0xffff) as u32).filter(|rest| *rest > 0);
    whole.chain(rest).map(move |count| delay | count << 16)
}

impl<C: Chunk> Maker for Segments<C> {
    type Chunk = C;

    fn add(&mut self, row: Row<'_>, to: &mut Rows<C>) {
        let delays = self.delays.count() as u32;
        let min_delay = if self.delays.has_header() { self.delays.least } else { 0 };
        self.values.clear();
        self.segments.clear();
        self.counts.fill(0);
        let by_delay = u32::from(self.delays.has_header());
        let (values, segments) = (&mut self.values, &mut self.segments);
        let counts = self.counts.as_mut_slice();
        row.for_each(|shard, accumulator, synapse| {
            let segment = shard * delays + by_delay * (synapse.delay_steps - min_delay);
            counts[segment as usize] += 1;
            segments.push(segment);
            values.push(C::pack(accumulator, synapse));
        });
        self.lay_out(to);
        let places: &mut [C::Value] = bytemuck::cast_slice_mut(&mut to.chunks);
        for (segment, value) in self.segments.iter().zip(&self.values) {
            let next = &mut self.counts[*segment as usize];
            places[*next] = *value;
            *next += 1;
        }
    }
}
