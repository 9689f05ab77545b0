//! The accumulators of a shard: a ring of slots, one for each step that a synapse can reach.

use crate::layout::Format;
use crate::simd::{LANES, Lanes};

/// Slots of accumulators; each slot has the accumulators of all copies.
#[derive(Debug)]
pub(crate) struct Ring {
    lanes: Vec<Lanes>,
    /// One less than the number of slots, a power of two.
    mask: u32,
    slot_lanes: usize,
    copy_lanes: usize,
}

impl Ring {
    /// A ring for delays of 1 to `max_delay_steps`. A spike is delivered before the first step that
    /// it can reach is updated, so that many slots are enough.
    pub fn new(max_delay_steps: u32, copies: u32, copy_lanes: usize) -> Self {
        let slots = max_delay_steps.max(1).next_power_of_two();
        // An odd number of cache lines: slots that are a power of two apart would share cache sets.
        let slot_lanes = (copy_lanes * copies as usize) | 1;
        Self {
            lanes: vec![Lanes::ZERO; slot_lanes * slots as usize],
            mask: slots - 1,
            slot_lanes,
            copy_lanes,
        }
    }

    /// How many bytes such a ring takes.
    pub fn bytes_for(max_delay_steps: u32, copies: u32, copy_lanes: usize) -> u64 {
        let slots = u64::from(max_delay_steps.max(1).next_power_of_two());
        slots * ((copy_lanes as u64 * u64::from(copies)) | 1) * size_of::<Lanes>() as u64
    }

    /// Adds a row of synapses for a spike emitted at `step` in `copy`.
    #[inline(always)]
    pub fn deliver<F: Format>(&mut self, step: u32, copy: u32, row: &[F]) {
        let (mask, slot_words) = (self.mask, self.slot_lanes * LANES);
        let base = copy as usize * self.copy_lanes * LANES;
        let words = &mut Lanes::words_mut(&mut self.lanes)[base..];
        for synapse in row {
            let slot = step.wrapping_add(synapse.delay_steps()) & mask;
            let word = &mut words[slot as usize * slot_words + synapse.accumulator() as usize];
            *word = word.wrapping_add(synapse.weight() as u32);
        }
    }

    /// Adds one synapse for a spike emitted at `step` in `copy`.
    #[inline(always)]
    pub fn add(&mut self, step: u32, copy: u32, delay_steps: u32, accumulator: u32, weight: i32) {
        let slot = (step.wrapping_add(delay_steps) & self.mask) as usize * self.slot_lanes;
        let first = (slot + copy as usize * self.copy_lanes) * LANES;
        let word = &mut Lanes::words_mut(&mut self.lanes)[first + accumulator as usize];
        *word = word.wrapping_add(weight as u32);
    }

    /// The accumulators of a step and copy, which the update clears.
    #[inline(always)]
    pub fn now(&mut self, step: u32, copy: u32) -> &mut [Lanes] {
        let slot = (step & self.mask) as usize * self.slot_lanes;
        let first = slot + copy as usize * self.copy_lanes;
        &mut self.lanes[first..first + self.copy_lanes]
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        size_of_val(&*self.lanes) as u64
    }
}
