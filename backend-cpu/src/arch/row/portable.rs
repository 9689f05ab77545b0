//! Plain loops, for instruction sets without gathers worth their time.

use super::{Kept, Pass, Trace};
use crate::arch::Task;
use isospike_core::base::numeric::flush;

/// A pass, compiled for an instruction set.
pub(super) struct Portable<'a, 'b> {
    pub pass: Pass<'a>,
    /// Receives what the pass gives.
    pub count: &'b mut usize,
}

impl Task for Portable<'_, '_> {
    #[inline(always)]
    fn run(self) {
        *self.count = run(self.pass);
    }
}

#[inline(always)]
fn run(pass: Pass<'_>) -> usize {
    match pass {
        Pass::Gather { from, places, to } => {
            for (to, place) in to.iter_mut().zip(places) {
                *to = from.get(*place as usize).copied().unwrap_or(0);
            }
        }
        Pass::Scatter { to, places, from } => {
            for (from, place) in from.iter().zip(places) {
                if let Some(to) = to.get_mut(*place as usize) {
                    *to = *from;
                }
            }
        }
        Pass::Add { to, places, from } => {
            for (from, place) in from.iter().zip(places) {
                if let Some(to) = to.get_mut(*place as usize) {
                    *to = to.wrapping_add(*from);
                }
            }
        }
        Pass::AddInOrder { to, from } => add_in_order(to, from),
        Pass::Choose { stamps, limit, new, old, to } => {
            let words = stamps.iter().zip(new).zip(old);
            for (to, ((stamp, new), old)) in to.iter_mut().zip(words) {
                *to = if *stamp > limit { *new } else { *old };
            }
        }
        Pass::Above { from, limit, numbers, places, kept } => {
            return above(from, limit, numbers, places, kept);
        }
        Pass::Newest { from, limit, places, newest, kept } => {
            return self::newest(from, limit, places, newest, kept);
        }
        Pass::Decay { trace, stamps, to } => return decay(trace, stamps, to),
    }
    0
}

/// Without a branch: half of a list is kept, in no order.
#[inline(always)]
fn above(from: &[u32], limit: u32, numbers: &[u32], places: &[u32], kept: Kept<'_>) -> usize {
    let mut count = 0;
    for (number, place) in numbers.iter().zip(places) {
        let word = from.get(*place as usize).copied().unwrap_or(0);
        kept.numbers[count] = *number;
        kept.places[count] = *place;
        kept.words[count] = word;
        count += usize::from(word > limit);
    }
    count
}

#[inline(always)]
fn newest(
    from: &[[u32; 2]],
    limit: u32,
    places: &[u32],
    newest: &mut [u32],
    kept: Kept<'_>,
) -> usize {
    let mut count = 0;
    for (number, (place, newest)) in (0..).zip(places.iter().zip(newest)) {
        let [first, second] = from.get(*place as usize).copied().unwrap_or([0; 2]);
        *newest = first;
        kept.numbers[count] = number;
        kept.places[count] = *place;
        kept.words[count] = second;
        count += usize::from(second > limit);
    }
    count
}

#[inline(always)]
fn decay(trace: &Trace<'_>, stamps: &[u32], to: &mut [u32]) -> usize {
    let (near, mut old) = (trace.decay.near(), 0);
    for (to, stamp) in to.iter_mut().zip(stamps) {
        let age = if *stamp > trace.limit { stamp.wrapping_sub(trace.last) } else { 0 };
        let factor = near.get(age as usize);
        old += usize::from(factor.is_none());
        let left = flush(trace.after * factor.unwrap_or(&0.0));
        *to = if age == 0 { trace.before } else { left }.to_bits();
    }
    old
}

/// Adds words to those of a table, each to that of its own number.
#[inline(always)]
pub(super) fn add_in_order(to: &mut [u32], from: &[u32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = to.wrapping_add(*from);
    }
}
