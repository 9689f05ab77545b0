//! Rows in the making whose synapses go to the places of their targets; those that find no room to
//! a list.

use super::dense::{Places, Reach};
use super::tile::{Maker, Row, Rows};
use crate::arch::Lanes;
use crate::synapse::ring::Ring;

/// The present row in places.
pub(crate) struct Placed<'a, F: Places> {
    shards: Vec<Shard<'a, F>>,
}

/// The present row in a shard.
struct Shard<'a, F: Places> {
    reach: &'a Reach,
    /// How many lanes the accumulators take.
    lanes: usize,
    places: Vec<Lanes>,
    listed: Vec<F::Listed>,
}

impl<'a, F: Places> Placed<'a, F> {
    /// For shards with such accumulators in reach, of so many lanes.
    pub fn new(reach: &'a [Reach], lanes: &[usize]) -> Self {
        let shard = |(reach, lanes): (&'a Reach, &usize)| {
            let places = vec![Lanes::ZERO; reach.chunks as usize];
            Shard { reach, lanes: *lanes, places, listed: Vec::new() }
        };
        Self { shards: reach.iter().zip(lanes).map(shard).collect() }
    }
}

impl<F: Places> Maker for Placed<'_, F> {
    type Chunk = Lanes;

    fn add(&mut self, row: Row<'_>, to: &mut Rows<Lanes>) {
        row.for_each(|shard, accumulator, synapse| {
            let Shard { reach, places, listed, .. } = &mut self.shards[shard as usize];
            if !reach.put::<F>(places, accumulator, synapse.weight) {
                listed.push(F::listed(accumulator, synapse.weight));
            }
        });
        for Shard { lanes, places, listed, .. } in &mut self.shards {
            to.begin();
            to.chunks.extend_from_slice(places);
            places.fill(Lanes::ZERO);
            let per_chunk = size_of::<Lanes>() / size_of::<F::Listed>();
            for i in listed.len()..listed.len().next_multiple_of(per_chunk) {
                listed.push(F::listed(Ring::padding(*lanes, i), 0));
            }
            for synapses in listed.chunks_exact(per_chunk) {
                let mut chunk = Lanes::ZERO;
                bytemuck::bytes_of_mut(&mut chunk).copy_from_slice(bytemuck::cast_slice(synapses));
                to.chunks.push(chunk);
            }
            listed.clear();
        }
    }
}
