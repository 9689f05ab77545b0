//! Traces as they have decayed, for many synapses or neurons at a time.

use crate::arch::row::{Pass, Trace};
use crate::arch::{Detected, Task, dispatch};
use isospike_core::base::numeric::decay::Decay;
use isospike_core::base::numeric::flush;
use isospike_core::plan::synapse::Stamp;

/// A trace before and after the last spike of its side, and when that was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtSpike {
    pub last: Stamp,
    pub before: f32,
    pub after: f32,
}

/// Writes a trace at events of the other side with these stamps, none of them before the last
/// spike: the trace before that spike at events of its step, for these do not pair. A stamp up to
/// `limit` stands for no event; any word is written there.
pub(super) fn at_events(
    isa: Detected,
    decay: &Decay,
    trace: AtSpike,
    (stamps, limit): (&[u32], u32),
    to: &mut [u32],
) {
    let AtSpike { last, before, after } = trace;
    if last == Stamp::NEVER {
        return to.fill(0);
    }
    let last = last.word();
    let trace = &Trace { last, before, after, limit, decay };
    let older = Pass::Decay { trace, stamps, to: &mut *to }.run(isa);
    if older > 0 {
        for (to, stamp) in to.iter_mut().zip(stamps) {
            let age = stamp.wrapping_sub(last);
            if age >= decay.near().len() as u32 {
                *to = decay.apply(after, age).to_bits();
            }
        }
    }
}

/// Writes the traces of many neurons at a step: what is left of the values after their last spikes.
/// `ages` is scratch.
pub(super) fn of_neurons(
    isa: Detected,
    decay: &Decay,
    (values, last): (&[f32], &[Stamp]),
    step: u32,
    ages: &mut Vec<u32>,
    to: &mut [u32],
) {
    let now = Stamp::at(step).word();
    ages.clear();
    ages.extend(last.iter().map(|last| now.wrapping_sub(last.word())));
    factors(isa, decay, ages, to);
    dispatch(isa, Left { values, last, to });
}

/// Writes the factors of so many steps.
pub(super) fn factors(isa: Detected, decay: &Decay, ages: &[u32], to: &mut [u32]) {
    let from: &[u32] = bytemuck::cast_slice(decay.near());
    let reach = from.len() as u32;
    Pass::Gather { from, places: ages, to: &mut *to }.run(isa);
    if largest(isa, ages) >= reach {
        for (factor, age) in to.iter_mut().zip(ages).filter(|(_, age)| **age >= reach) {
            *factor = decay.factor(*age).to_bits();
        }
    }
}

/// Returns the largest of many words.
pub(super) fn largest(isa: Detected, words: &[u32]) -> u32 {
    let mut largest = 0;
    dispatch(isa, Largest { words, largest: &mut largest });
    largest
}

/// Multiplies values with factors; nothing is left of a neuron that has not spiked.
struct Left<'a> {
    values: &'a [f32],
    last: &'a [Stamp],
    to: &'a mut [u32],
}

impl Task for Left<'_> {
    #[inline(always)]
    fn run(self) {
        for ((to, value), last) in self.to.iter_mut().zip(self.values).zip(self.last) {
            let left = flush(value * f32::from_bits(*to));
            *to = if *last == Stamp::NEVER { 0.0 } else { left }.to_bits();
        }
    }
}

struct Largest<'a> {
    words: &'a [u32],
    largest: &'a mut u32,
}

impl Task for Largest<'_> {
    #[inline(always)]
    fn run(self) {
        *self.largest = self.words.iter().fold(0, |largest, word| largest.max(*word));
    }
}
