//! One warp: its registers, and which lanes are where.

use super::{Block, Fault, special};
use crate::lanes::{ALL, Longs, Mask, WIDTH, Words, assign_longs, assign_words};
use crate::ptx::insert;
use crate::ptx::instruction::{Action, Files, Guard, Instruction, Width};

/// Lanes at one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Group {
    place: u32,
    lanes: Mask,
}

/// Registers and places of 32 lanes.
pub struct Warp {
    pub words: Vec<Words>,
    pub longs: Vec<Longs>,
    masks: Vec<Mask>,
    /// Results on their way to a register; what they hold between instructions means nothing.
    word_result: Words,
    long_result: Longs,
    /// Number of lane 0's thread in its block.
    pub first_thread: u32,
    /// Lanes that can run, the furthest behind last; no two groups at one place.
    groups: Vec<Group>,
    /// Lanes behind a barrier.
    waiting: Vec<Group>,
}

/// The next place of a warp after an instruction.
enum Next {
    /// On, with all lanes of the group.
    Following,
    /// To this instruction, with all lanes of the group.
    Jump(u32),
    /// On, without these lanes.
    Without(Mask),
    /// These lanes elsewhere.
    Split(Mask, u32),
}

impl Warp {
    /// Registers as `files` says, constants in place.
    pub fn new(files: &Files) -> Self {
        let mut words = vec![[0; WIDTH]; files.words];
        let mut longs = vec![[0; WIDTH]; files.longs];
        let mut masks = vec![0; files.masks];
        for &(slot, bits) in &files.word_constants {
            words[usize::from(slot)] = [bits; WIDTH];
        }
        for &(slot, bits) in &files.long_constants {
            longs[usize::from(slot)] = [bits; WIDTH];
        }
        for &(slot, holds) in &files.mask_constants {
            masks[usize::from(slot)] = if holds { ALL } else { 0 };
        }
        Self {
            words,
            longs,
            masks,
            word_result: [0; WIDTH],
            long_result: [0; WIDTH],
            first_thread: 0,
            groups: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Puts lanes before the first instruction.
    pub fn start(&mut self, first_thread: u32, lanes: Mask) {
        self.first_thread = first_thread;
        self.groups.clear();
        self.waiting.clear();
        self.groups.push(Group { place: 0, lanes });
    }

    /// The instructions before which lanes wait.
    pub fn waiting(&self) -> impl Iterator<Item = u32> {
        self.waiting.iter().map(|group| group.place - 1)
    }

    /// Lets the waiting lanes go on.
    pub fn release(&mut self) {
        for group in std::mem::take(&mut self.waiting) {
            self.join(group);
        }
    }

    /// Runs until every lane has ended or waits.
    pub fn run(&mut self, block: &mut Block<'_>) -> Result<(), Fault> {
        let code = &block.launch.kernel.code[..];
        while let Some(Group { mut place, mut lanes }) = self.groups.pop() {
            let meeting = self.groups.last().map_or(u32::MAX, |group| group.place);
            while lanes != 0 {
                if place >= meeting {
                    self.join(Group { place, lanes });
                    break;
                }
                let instruction = &code[place as usize];
                match self.step(instruction, place, lanes, block)? {
                    Next::Following => place += 1,
                    Next::Jump(target) => place = target,
                    Next::Without(gone) => {
                        lanes &= !gone;
                        place += 1;
                    }
                    Next::Split(parting, target) => {
                        self.join(Group { place: target, lanes: parting });
                        self.join(Group { place: place + 1, lanes: lanes & !parting });
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds lanes to those that can run.
    fn join(&mut self, group: Group) {
        let at = self.groups.partition_point(|other| other.place > group.place);
        match self.groups.get_mut(at) {
            Some(other) if other.place == group.place => other.lanes |= group.lanes,
            _ => self.groups.insert(at, group),
        }
    }

    fn step(
        &mut self,
        instruction: &Instruction,
        place: u32,
        lanes: Mask,
        block: &mut Block<'_>,
    ) -> Result<Next, Fault> {
        let active = match instruction.guard {
            Guard::Always => lanes,
            Guard::If(slot) => lanes & self.masks[usize::from(slot)],
            Guard::Unless(slot) => lanes & !self.masks[usize::from(slot)],
        };
        match instruction.action {
            Action::Branch(_) if active == 0 => {}
            Action::Branch(target) if active == lanes => return Ok(Next::Jump(target)),
            Action::Branch(target) => return Ok(Next::Split(active, target)),
            Action::Exit => return Ok(Next::Without(active)),
            Action::Barrier => {
                self.waiting.push(Group { place: place + 1, lanes: active });
                return Ok(Next::Without(active));
            }
            Action::Fence => {}
            Action::Load { .. } | Action::Store { .. } | Action::Atomic { .. } => {
                self.access(instruction.action, place, active, block)?;
            }
            action => self.compute(action, active, block),
        }
        Ok(Next::Following)
    }

    /// Registers from registers.
    fn compute(&mut self, action: Action, active: Mask, block: &Block<'_>) {
        let Self { words, longs, masks, word_result, long_result, .. } = self;
        let word = |slot: u16| &words[usize::from(slot)];
        let long = |slot: u16| &longs[usize::from(slot)];
        let mask = |slot: u16| masks[usize::from(slot)];
        let (word_to, long_to, mask_to) = match action {
            Action::Word { op, to, from: [a, b, c] } => {
                op(word(a), word(b), word(c), word_result);
                (Some(to), None, None)
            }
            Action::Long { op, to, from: [a, b, c] } => {
                op(long(a), long(b), long(c), long_result);
                (None, Some(to), None)
            }
            Action::Wide { op, to, from: [a, b], add } => {
                op(word(a), word(b), long(add), long_result);
                (None, Some(to), None)
            }
            Action::Shift { op, to, from, count } => {
                op(long(from), word(count), long_result);
                (None, Some(to), None)
            }
            Action::Narrow { op, to, from } => {
                op(long(from), word_result);
                (Some(to), None, None)
            }
            Action::TestWord { op, to, from: [a, b] } => {
                (None, None, Some((to, op(word(a), word(b)))))
            }
            Action::TestLong { op, to, from: [a, b] } => {
                (None, None, Some((to, op(long(a), long(b)))))
            }
            Action::Mask { op, to, from: [a, b] } => (None, None, Some((to, op(mask(a), mask(b))))),
            Action::SelectWord { to, from: [a, b], condition } => {
                *word_result = *word(b);
                assign_words(word_result, word(a), mask(condition));
                (Some(to), None, None)
            }
            Action::SelectLong { to, from: [a, b], condition } => {
                *long_result = *long(b);
                assign_longs(long_result, long(a), mask(condition));
                (None, Some(to), None)
            }
            Action::Insert { to, from: [a, b], at, count } => {
                let (a, b, at, count) = (word(a), word(b), word(at), word(count));
                for lane in 0..WIDTH {
                    word_result[lane] = insert(a[lane], b[lane], at[lane], count[lane]);
                }
                (Some(to), None, None)
            }
            Action::Pack { to, low, high } => {
                let halves = word(low).iter().zip(word(high));
                for (whole, (&low, &high)) in long_result.iter_mut().zip(halves) {
                    *whole = u64::from(high) << 32 | u64::from(low);
                }
                (None, Some(to), None)
            }
            Action::Unpack { low, high, from } => {
                let whole = *long(from);
                for (to, shift) in [(low, 0), (high, 32)] {
                    if let Some(to) = to {
                        let half = whole.map(|whole| (whole >> shift) as u32);
                        assign_words(&mut words[usize::from(to)], &half, active);
                    }
                }
                return;
            }
            Action::Special { to, which } => {
                *word_result = special::value(which, block.launch, block.place, self.first_thread);
                (Some(to), None, None)
            }
            Action::ParameterWord { to, offset, width } => {
                *word_result = [parameter(block, offset, width) as u32; WIDTH];
                (Some(to), None, None)
            }
            Action::ParameterLong { to, offset } => {
                *long_result = [parameter(block, offset, Width::B64); WIDTH];
                (None, Some(to), None)
            }
            Action::Load { .. }
            | Action::Store { .. }
            | Action::Atomic { .. }
            | Action::Branch(_)
            | Action::Exit
            | Action::Barrier
            | Action::Fence => unreachable!("`step` keeps these"),
        };
        if let Some(to) = word_to {
            assign_words(&mut words[usize::from(to)], word_result, active);
        }
        if let Some(to) = long_to {
            assign_longs(&mut longs[usize::from(to)], long_result, active);
        }
        if let Some((to, result)) = mask_to {
            let to = &mut masks[usize::from(to)];
            *to = *to & !active | result & active;
        }
    }
}

/// A kernel parameter, zero-extended.
fn parameter(block: &Block<'_>, offset: u32, width: Width) -> u64 {
    let bytes = &block.launch.parameters[offset as usize..][..width.bytes() as usize];
    let mut whole = [0; 8];
    whole[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(whole)
}
