//! Dense rows: synapses go to the places of their targets, those that find no room to a list.

use super::Site;
use super::plan::Spec;
use super::row::{Tile, append, draw_row};
use crate::arena::Space;
use crate::dense::{Format, Reach};
use crate::ring::Ring;
use crate::simd::Lanes;
use isospike_core::backend::BackendError;
use isospike_core::connect::AccumulatorSums;

/// A tile of such rows.
pub(super) struct Dense<'a, 's, F: Format> {
    site: &'a Site<'a>,
    spec: &'a Spec,
    space: &'a Space<'s, Lanes>,
    reach: &'a [Reach],
    /// The chunks of the tile.
    chunks: Vec<Lanes>,
    /// Where each row starts in each shard among `chunks`, and its end.
    starts: Vec<u32>,
    /// The present row in each shard.
    parts: Vec<Part<F>>,
}

struct Part<F: Format> {
    places: Vec<Lanes>,
    listed: Vec<F::Listed>,
}

impl<'a, 's, F: Format> Dense<'a, 's, F> {
    pub fn new(
        site: &'a Site<'a>,
        spec: &'a Spec,
        space: &'a Space<'s, Lanes>,
        reach: &'a [Reach],
    ) -> Self {
        let places = |reach: &Reach| vec![Lanes::ZERO; reach.chunks as usize];
        let part = |reach| Part { places: places(reach), listed: Vec::new() };
        let parts = reach.iter().map(part).collect();
        Self { site, spec, space, reach, chunks: Vec::new(), starts: Vec::new(), parts }
    }
}

impl<F: Format> Tile for Dense<'_, '_, F> {
    fn draw(
        &mut self,
        population: usize,
        row: u32,
        degrees: &mut [u32],
        sums: &mut AccumulatorSums,
    ) {
        let (parts, reach) = (&mut self.parts, self.reach);
        draw_row(
            self.site,
            self.spec,
            population,
            row,
            degrees,
            sums,
            |shard, accumulator, synapse| {
                let (part, reach) = (&mut parts[shard as usize], &reach[shard as usize]);
                if !reach.put::<F>(&mut part.places, accumulator, synapse.weight) {
                    part.listed.push(F::listed(accumulator, synapse.weight));
                }
            },
        );
        for (part, lanes) in self.parts.iter_mut().zip(self.site.lanes) {
            self.starts.push(self.chunks.len() as u32);
            self.chunks.extend_from_slice(&part.places);
            part.places.fill(Lanes::ZERO);
            let per_chunk = size_of::<Lanes>() / size_of::<F::Listed>();
            for i in part.listed.len()..part.listed.len().next_multiple_of(per_chunk) {
                part.listed.push(F::listed(Ring::padding(*lanes, i), 0));
            }
            for chunk in part.listed.chunks_exact(per_chunk) {
                let mut lanes = Lanes::ZERO;
                bytemuck::bytes_of_mut(&mut lanes).copy_from_slice(bytemuck::cast_slice(chunk));
                self.chunks.push(lanes);
            }
            part.listed.clear();
        }
        self.starts.push(self.chunks.len() as u32);
    }

    fn finish(&mut self, starts: &mut [u32]) -> Result<(), BackendError> {
        append(self.space, &self.chunks, &self.starts, starts)?;
        self.chunks.clear();
        self.starts.clear();
        Ok(())
    }
}
