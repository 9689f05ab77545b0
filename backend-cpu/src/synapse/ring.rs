//! The accumulators of a shard: a ring of slots, one for each step that a row can reach at once.

use crate::arch::{LANES, Lanes};

/// The accumulators of one step and copy, and whatever follows them: as many as 16 bits can name.
pub(crate) type Accumulators = [u32; 65_536];

/// Slots of accumulators; each slot has the accumulators of all copies, each followed by words
/// that padding is added to.
#[derive(Debug)]
pub(crate) struct Ring {
    lanes: Vec<Lanes>,
    /// One less than the number of slots, a power of two.
    mask: u32,
    slot_lanes: usize,
    copy_lanes: usize,
}

/// Lanes that 16 bits can reach beyond the first word of a copy: the last copy of the last slot
/// must be followed by that many.
const REACH: usize = size_of::<Accumulators>() / size_of::<Lanes>();

impl Ring {
    /// A ring for rows with delays of 1 to `max_delay_steps`. The spikes of some steps, at most as
    /// many as the least delay, are delivered before the next step; so that many slots are enough.
    pub fn new(max_delay_steps: u32, copies: u32, copy_lanes: usize) -> Self {
        let slots = max_delay_steps.max(1).next_power_of_two();
        let copy_lanes = copy_lanes + 1;
        let slot_lanes = slot_lanes(copies, copy_lanes);
        Self {
            lanes: vec![Lanes::ZERO; slot_lanes * slots as usize + REACH],
            mask: slots - 1,
            slot_lanes,
            copy_lanes,
        }
    }

    /// How many bytes such a ring takes.
    pub fn bytes_for(max_delay_steps: u32, copies: u32, copy_lanes: usize) -> u64 {
        let slots = u64::from(max_delay_steps.max(1).next_power_of_two());
        let lanes = slots * slot_lanes(copies, copy_lanes + 1) as u64 + REACH as u64;
        lanes * size_of::<Lanes>() as u64
    }

    /// All slots, for rows of spikes emitted at `step` in `copy`.
    #[inline(always)]
    pub fn slots(&mut self, step: u32, copy: u32) -> Slots<'_> {
        let base = copy as usize * self.copy_lanes * LANES;
        Slots {
            words: &mut Lanes::words_mut(&mut self.lanes)[base..],
            step,
            mask: self.mask,
            slot_words: self.slot_lanes * LANES,
        }
    }

    /// The accumulators of a step and copy, which the update clears.
    #[inline(always)]
    pub fn now(&mut self, step: u32, copy: u32) -> &mut [Lanes] {
        let first = self.first(step, copy);
        &mut self.lanes[first..first + self.copy_lanes]
    }

    /// Clears all accumulators.
    pub fn clear(&mut self) {
        self.lanes.fill(Lanes::ZERO);
    }

    /// The words from the first accumulator of a step and copy on.
    #[inline(always)]
    pub fn words(&mut self, step: u32, copy: u32) -> &mut [u32] {
        let first = self.first(step, copy);
        Lanes::words_mut(&mut self.lanes[first..])
    }

    /// The accumulator, among those of a copy, that padding in lane `lane` of a chunk is added to.
    pub fn padding(copy_lanes: usize, lane: usize) -> u32 {
        (copy_lanes * LANES + lane % LANES) as u32
    }

    #[inline(always)]
    fn first(&self, step: u32, copy: u32) -> usize {
        (step & self.mask) as usize * self.slot_lanes + copy as usize * self.copy_lanes
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        size_of_val(&*self.lanes) as u64
    }
}

/// An odd number of cache lines: slots that are a power of two apart would share cache sets.
fn slot_lanes(copies: u32, copy_lanes: usize) -> usize {
    (copy_lanes * copies as usize) | 1
}

/// The slots of a ring as seen from one step and copy.
pub(crate) struct Slots<'a> {
    words: &'a mut [u32],
    step: u32,
    mask: u32,
    slot_words: usize,
}

impl Slots<'_> {
    /// Adds a weight to an accumulator some steps later.
    #[inline(always)]
    pub fn add(&mut self, delay_steps: u32, accumulator: usize, weight: i32) {
        let slot = (self.step.wrapping_add(delay_steps) & self.mask) as usize * self.slot_words;
        let sum = &mut self.words[slot + accumulator];
        *sum = sum.wrapping_add(weight.cast_unsigned());
    }
}
