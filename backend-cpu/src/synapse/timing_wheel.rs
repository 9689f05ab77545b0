//! Runs of a spike that wait until their delay has passed.

/// A run of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first.
    pub start: u32,
    /// How many.
    pub count: u32,
}

/// A list of runs for each copy and each step that a spike can reach. Lists grow as needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimingWheel {
    /// Copy after copy.
    lists: Vec<List>,
    /// One less than the number of lists of a copy, a power of two.
    mask: u32,
}

/// In a cache line of its own: the wheels of other shards may be next to it in memory.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct List(Vec<Run>);

impl TimingWheel {
    /// For delays of 1 to `max_delay_steps`. The spikes of some steps, at most as many as the least
    /// delay, are pushed before the next step is delivered; so that many lists are enough.
    pub fn new(max_delay_steps: u32, copies: u32) -> Self {
        let slots = max_delay_steps.max(1).next_power_of_two();
        Self { lists: vec![List::default(); slots as usize * copies as usize], mask: slots - 1 }
    }

    /// Adds a run that is due at `step` in `copy`.
    #[inline(always)]
    pub fn push(&mut self, step: u32, copy: u32, run: Run) {
        let list = self.at(step, copy);
        self.lists[list].0.push(run);
    }

    /// Returns the runs due at `step` in `copy`, to be cleared by the caller; `None` from a wheel
    /// that nothing is pushed onto.
    #[inline(always)]
    pub fn due(&mut self, step: u32, copy: u32) -> Option<&mut Vec<Run>> {
        let list = self.at(step, copy);
        self.lists.get_mut(list).map(|list| &mut list.0)
    }

    /// Takes out everything.
    pub fn clear(&mut self) {
        self.lists.iter_mut().for_each(|list| list.0.clear());
    }

    #[inline(always)]
    fn at(&self, step: u32, copy: u32) -> usize {
        copy as usize * (self.mask as usize + 1) + (step & self.mask) as usize
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let lists: usize = self.lists.iter().map(|list| list.0.capacity() * size_of::<Run>()).sum();
        (lists + size_of_val(&*self.lists)) as u64
    }
}
