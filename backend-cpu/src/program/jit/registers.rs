//! Places of the values of a loop body: in registers while there are enough, else in memory.
//!
//! The body is straight-line code, so the next use of everything is known. The value that leaves a
//! register is the one that is used last.

/// The content of a register: a value, or the present words of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(pub u32);

/// The registers of one class.
#[derive(Debug)]
pub(super) struct File {
    holder: Vec<Option<Name>>,
    /// In use by the instruction that is being made.
    locked: Vec<bool>,
    /// The most that held something at once.
    pub peak: usize,
}

impl File {
    /// So many registers, all free.
    pub fn new(registers: usize) -> Self {
        Self { holder: vec![None; registers], locked: vec![false; registers], peak: 0 }
    }

    /// A register to write to, and who had it. It stays locked. Free ones first, then that whose
    /// content is used last. `None` where all are locked.
    pub fn take(&mut self, next_use: impl Fn(Name) -> u32) -> Option<(usize, Option<Name>)> {
        let distance = |r: &usize| self.holder[*r].map_or(u32::MAX, &next_use);
        let open = (0..self.holder.len()).filter(|r| !self.locked[*r]);
        // Among equals the first, so that few registers are touched.
        let chosen = open.rev().max_by_key(|r| (self.holder[*r].is_none(), distance(r)))?;
        let before = self.holder[chosen].take();
        self.locked[chosen] = true;
        let used = (0..self.holder.len()).filter(|r| self.locked[*r] || self.holder[*r].is_some());
        self.peak = self.peak.max(used.count());
        Some((chosen, before))
    }

    /// Whether a register is free.
    pub fn has_free(&self) -> bool {
        (0..self.holder.len()).any(|r| self.holder[r].is_none() && !self.locked[r])
    }

    /// Says what a register holds from now on.
    pub fn hold(&mut self, register: usize, name: Name) {
        self.holder[register] = Some(name);
    }

    /// The place of a value.
    pub fn find(&self, name: Name) -> Option<usize> {
        self.holder.iter().position(|holder| *holder == Some(name))
    }

    /// Keeps a register for the instruction that is being made.
    pub fn lock(&mut self, register: usize) {
        self.locked[register] = true;
    }

    /// The content of these is not needed any more: the result may go there.
    pub fn release(&mut self, dead: impl Fn(Name) -> bool) {
        for (holder, locked) in self.holder.iter_mut().zip(&mut self.locked) {
            if holder.is_some_and(&dead) {
                (*holder, *locked) = (None, false);
            }
        }
    }

    /// The instruction is made.
    pub fn unlock(&mut self) {
        self.locked.fill(false);
    }
}
