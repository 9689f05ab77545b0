//! Stored synapses: the rows of all projections of one layout.

use crate::arch::prefetch;
use crate::synapse::format::table::{BATCH, Due, Scratch, Table};
use crate::synapse::format::{Delivery, RowFormat};
use crate::synapse::ring::Ring;
use crate::synapse::timing_wheel::{Run, TimingWheel};

/// All synapses of one layout.
#[derive(Debug)]
pub(crate) struct Store {
    /// How rows lie in memory.
    pub format: Box<dyn RowFormat>,
    /// Their places.
    pub rows: Table,
}

impl Store {
    /// Returns whether spikes wait on a timing wheel.
    pub fn waits(&self) -> bool {
        self.format.delivery().waits()
    }

    /// Puts the runs of these spikes onto the wheel of a shard, where they wait.
    pub fn push(&self, shard: u32, due: &[Due], wheel: &mut TimingWheel) {
        if self.waits() {
            self.rows.push(shard, due, wheel);
        }
    }

    /// Adds runs that are due to the accumulators of a shard, step and copy, which come first in
    /// `sums`.
    pub fn deliver(&self, shard: u32, due: &[Run], scratch: &mut Scratch, sums: &mut [u32]) {
        if let Delivery::Waiting(format) = self.format.delivery() {
            format.deliver(&self.rows, shard, due, scratch, sums);
        }
    }

    /// Adds the rows of these spikes to the ring of a shard, where they are delivered at once.
    pub fn deliver_rows(&self, shard: u32, due: &[Due], ring: &mut Ring, scratch: &mut Scratch) {
        let Delivery::AtOnce(format) = self.format.delivery() else { return };
        let (rows, Scratch { upcoming, runs, .. }) = (&self.rows, scratch);
        let of_one = |a: &Due, b: &Due| a.step == b.step && a.copy == b.copy;
        for spikes in due.chunk_by(of_one) {
            runs.clear();
            runs.reserve(spikes.len());
            for batch in spikes.chunks(BATCH) {
                for place in batch.iter().filter_map(|spike| rows.place(spike, shard)) {
                    prefetch(&rows.starts, place);
                }
                runs.extend(batch.iter().filter_map(|spike| rows.row(spike, shard)));
            }
            let mut slots = ring.slots(spikes[0].step, spikes[0].copy);
            format.deliver(rows, runs, upcoming, &mut slots);
        }
    }
}
