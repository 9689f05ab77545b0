//! Passes over the synapses of a row: between arrays that follow the row and tables that follow its
//! targets.
//!
//! A place behind the end of its table is no mistake here: it reads as 0 and writes nothing, so
//! that no list of places can reach memory that is not its table's.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
mod portable;
#[cfg(test)]
mod tests;

use super::dispatch::{dispatch, pass};
use super::{Detected, LANES};
use isospike_core::base::numeric::decay::Decay;

/// One pass.
pub(crate) enum Pass<'a> {
    /// Copies words of a table. Both lists are equally long.
    Gather { from: &'a [u32], places: &'a [u32], to: &'a mut [u32] },
    /// Copies words into a table, at places that differ from each other.
    Scatter { to: &'a mut [u32], places: &'a [u32], from: &'a [u32] },
    /// Adds words to those of a table, at places that may occur several times.
    Add { to: &'a mut [u32], places: &'a [u32], from: &'a [u32] },
    /// Adds words to those of a table, each to that of its own number.
    AddInOrder { to: &'a mut [u32], from: &'a [u32] },
    /// Takes the words of `new` where a stamp is above a limit, else those of `old`. All are as
    /// long as the stamps.
    Choose { stamps: &'a [u32], limit: u32, new: &'a [u32], old: &'a [u32], to: &'a mut [u32] },
    /// Copies the first word of each place, and keeps what has a second word above a limit.
    Newest {
        from: &'a [[u32; 2]],
        limit: u32,
        places: &'a [u32],
        /// As long as `places`.
        newest: &'a mut [u32],
        /// Numbers are those of `places`.
        kept: Kept<'a>,
    },
    /// Keeps of a list what has a word above a limit.
    Above { from: &'a [u32], limit: u32, numbers: &'a [u32], places: &'a [u32], kept: Kept<'a> },
    /// Computes a trace at many events of the other side.
    Decay { trace: &'a Trace<'a>, stamps: &'a [u32], to: &'a mut [u32] },
}

/// Receives what is kept of a list; each has room for the whole list, rounded up to whole lanes.
pub(crate) struct Kept<'a> {
    /// The numbers of the list.
    pub numbers: &'a mut [u32],
    /// Its places.
    pub places: &'a mut [u32],
    /// The words at these places.
    pub words: &'a mut [u32],
}

/// A trace after the last spike of its side.
#[derive(Clone, Copy)]
pub(crate) struct Trace<'a> {
    /// The stamp of that spike.
    pub last: u32,
    /// The trace at events of the same step.
    pub before: f32,
    /// The trace that decays after it.
    pub after: f32,
    /// Stamps up to this one stand for no event; any word is written there.
    pub limit: u32,
    /// Its factors.
    pub decay: &'a Decay,
}

impl Pass<'_> {
    /// Carries it out. `Above` and `Newest` give how many are kept, `Decay` how many events were
    /// older than [`Decay::near`] reaches, whose words are not right; all others give 0.
    pub fn run(self, isa: Detected) -> usize {
        match &self {
            Self::Gather { places, to, .. } => assert_eq!(places.len(), to.len()),
            Self::Scatter { places, from, .. } | Self::Add { places, from, .. } => {
                assert_eq!(places.len(), from.len());
            }
            // Words without a place are not added.
            Self::AddInOrder { .. } => {}
            Self::Choose { stamps, new, old, to, .. } => {
                assert_eq!([stamps.len(); 3], [new.len(), old.len(), to.len()]);
            }
            Self::Above { numbers, places, kept, .. } => {
                assert_eq!(numbers.len(), places.len());
                kept.assert_room(places.len());
            }
            Self::Newest { places, newest, kept, .. } => {
                assert_eq!(newest.len(), places.len());
                kept.assert_room(places.len());
            }
            Self::Decay { stamps, to, .. } => assert_eq!(stamps.len(), to.len()),
        }
        pass(isa, self)
    }
}

impl Kept<'_> {
    fn assert_room(&self, count: usize) {
        let room = self.numbers.len().min(self.places.len()).min(self.words.len());
        assert!(count.next_multiple_of(LANES) <= room);
    }
}

/// Carries out a pass by plain loops.
pub(super) fn portable(isa: Detected, pass: Pass<'_>) -> usize {
    let mut count = 0;
    dispatch(isa, portable::Portable { pass, count: &mut count });
    count
}
