//! Formats of stored rows: how synapses lie in memory, are built and are added to accumulators.
//!
//! One file for each family of formats. A new format is a type that implements [`RowFormat`], a
//! line of [`crate::synapse::layout::Layout::format`], and a rule of
//! [`crate::synapse::layout`] that chooses it.

pub(crate) mod ascending;
pub(crate) mod bits;
pub(crate) mod chunk;
pub(crate) mod dense;
pub(crate) mod narrow;
mod placed;
pub(crate) mod segments;
pub(crate) mod single;
pub(crate) mod table;
pub(crate) mod tile;
pub(crate) mod upcoming;

use crate::synapse::arena::Arena;
use crate::synapse::ring::Slots;
use crate::synapse::timing_wheel::Run;
use dense::{Block, Reach};
use table::{Scratch, Table};
use tile::Target;
use upcoming::Upcoming;

/// A format of rows. Its methods are called once for each shard and step, or once for each batch of
/// spikes, never once for each synapse.
pub(crate) trait RowFormat: std::fmt::Debug + Send + Sync {
    /// Returns how many synapses a chunk has, and its bytes; of dense rows, those synapses that
    /// have no place.
    fn chunk(&self) -> (u64, u64);

    /// Returns the blocks that dense rows are made of.
    fn block(&self) -> Option<Block> {
        None
    }

    /// Returns whether targets are kept by their distances.
    fn by_distance(&self) -> bool {
        false
    }

    /// Returns how spikes reach accumulators.
    fn delivery(&self) -> Delivery<'_>;

    /// Returns the memory of a store as a target of rows in the making; `reach` has for each shard
    /// the accumulators that dense rows have places for.
    fn target<'a>(&self, arena: &'a mut Arena, reach: &'a [Reach]) -> Box<dyn Target + 'a>;
}

/// How spikes reach accumulators.
pub(crate) enum Delivery<'f> {
    /// Their runs wait on a timing wheel until the delay has passed.
    Waiting(&'f dyn Waiting),
    /// Their rows are added to a ring of accumulators when they are exchanged.
    AtOnce(&'f dyn AtOnce),
}

impl Delivery<'_> {
    /// Returns whether spikes wait on a timing wheel.
    pub fn waits(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }
}

/// A format whose runs wait on a timing wheel.
pub(crate) trait Waiting {
    /// Adds runs that are due to the accumulators of a shard, step and copy, which come first in
    /// `sums`.
    fn deliver(
        &self,
        rows: &Table,
        shard: u32,
        due: &[Run],
        scratch: &mut Scratch,
        sums: &mut [u32],
    );
}

/// A format whose rows are delivered at once.
pub(crate) trait AtOnce {
    /// Adds runs of spikes of one step and copy to the accumulators of later steps.
    fn deliver(&self, rows: &Table, runs: &[Run], upcoming: &mut Upcoming, slots: &mut Slots<'_>);
}
