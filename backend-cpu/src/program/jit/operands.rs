//! Operands of the instruction that is being made: found, loaded, spilled, forgotten.

use super::assembler::{Assembler, At, Operand};
use super::body::Body;
use super::instructions::{Compare, Unary, Width};
use super::registers::{File, Name};
use crate::program::bytecode::{Dst, Src};
use isospike_core::base::numeric::{FLUSH_BELOW_BITS, MAGNITUDE_BITS, MIN_NORMAL};

/// |x| < 2^-63 means that none of these bits is set.
const KEPT_BITS: u32 = MAGNITUDE_BITS & !(FLUSH_BELOW_BITS - 1);
/// A normal number, an infinity or NaN has some of these bits.
const EXPONENT_BITS: u32 = MAGNITUDE_BITS & !(MIN_NORMAL.to_bits() - 1);

/// The scalars that encodings need beside those of the program, by slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literals {
    /// Bits, of which a number that is stored as itself has some.
    pub kept_bits: u32,
    /// Bits, of which a normal number has some.
    pub exponent_bits: u32,
    /// 2^-126.
    pub min_normal: u32,
    /// All bits.
    pub ones: u32,
}

impl Literals {
    /// Gives a scalar to each.
    pub fn new(mut literal: impl FnMut(u32) -> u32) -> Self {
        Self {
            kept_bits: literal(KEPT_BITS),
            exponent_bits: literal(EXPONENT_BITS),
            min_normal: literal(MIN_NORMAL.to_bits()),
            ones: literal(u32::MAX),
        }
    }
}

/// The places of the scalars during the loop.
#[derive(Clone, Debug)]
pub(super) struct Scalars {
    /// Those kept in registers.
    pub pinned: Vec<u32>,
    /// Which of them are used at all.
    pub used: Vec<bool>,
}

/// A body on its way to instructions.
pub(super) struct Emitter<'a> {
    pub body: &'a Body,
    pub assembler: Assembler,
    pub literals: Literals,
    pub vectors: File,
    /// `Zmm` has mask registers for conditions; in `Ymm` they are vectors.
    masks: File,
    /// The place of each scalar.
    scalar_at: Vec<Operand>,
    pub scalar_uses: Vec<u32>,
    /// Scratch vectors used so far.
    pub slots: u32,
    /// Scratch vectors whose value is not needed any more.
    free_slots: Vec<u32>,
    /// The scratch vector of each value that had to leave its register.
    spilled: Vec<Option<u32>>,
    /// The uses of each name.
    uses: Vec<Vec<u32>>,
    pub position: u32,
}

impl<'a> Emitter<'a> {
    pub fn new(body: &'a Body, width: Width, literals: Literals, scalars: &Scalars) -> Self {
        let values = body.conditions.len();
        let mut assembler = Assembler::new(width, body.arrays.len());
        let Scalars { pinned, used } = scalars;
        let first_pinned = width.free() - pinned.len();
        let mut scalar_at: Vec<Operand> =
            (0..used.len() as u32).map(|slot| Operand::At(At::Scalar(slot))).collect();
        for (n, slot) in pinned.iter().enumerate() {
            scalar_at[*slot as usize] = Operand::Register(first_pinned + n);
        }
        // The first vector of the scratch area is that of the watch.
        let mut slots = At::WATCH_SLOT + 1;
        if width == Width::Ymm {
            // No operand repeats a scalar here: the scratch area starts with vectors of them.
            for (slot, at) in scalar_at.iter_mut().enumerate().filter(|(slot, _)| used[*slot]) {
                if matches!(at, Operand::At(_)) {
                    assembler.broadcast(0, slot as u32);
                    assembler.store(At::Scratch(slots), 0);
                    *at = Operand::At(At::Scratch(slots));
                    slots += 1;
                }
            }
        }
        for (n, slot) in pinned.iter().enumerate() {
            assembler.broadcast(first_pinned + n, *slot);
        }
        assembler.begin_watch();
        assembler.begin_loop();
        let mut emitter = Self {
            body,
            assembler,
            literals,
            vectors: File::new(first_pinned),
            masks: File::new(7),
            scalar_at,
            scalar_uses: vec![0; used.len()],
            slots,
            free_slots: Vec::new(),
            spilled: vec![None; values],
            uses: vec![Vec::new(); values + body.arrays.len()],
            position: 0,
        };
        emitter.find_uses();
        emitter
    }

    fn find_uses(&mut self) {
        let end = self.body.instructions.len() as u32;
        for (n, instruction) in self.body.instructions.iter().enumerate() {
            for src in instruction.src {
                if let Some(name) = self.name(src) {
                    self.uses[name.0 as usize].push(n as u32);
                }
            }
        }
        if let Some(name) = self.body.spike.and_then(|src| self.name(src)) {
            self.uses[name.0 as usize].push(end);
        }
    }

    /// The name of what an operand is, if it is no scalar.
    fn name(&self, src: Src) -> Option<Name> {
        match (src, self.body.array(src)) {
            (_, Some(array)) => Some(Name(self.body.conditions.len() as u32 + array)),
            (Src::Value(v), None) => Some(Name(v)),
            _ => None,
        }
    }

    fn is_condition(&self, name: Name) -> bool {
        self.body.conditions.get(name.0 as usize).is_some_and(|condition| *condition)
    }

    fn in_mask(&self, name: Name) -> bool {
        self.assembler.width == Width::Zmm && self.is_condition(name)
    }

    /// When a name is used next, from now on.
    fn next_use(uses: &[Vec<u32>], position: u32, name: Name) -> u32 {
        let uses = &uses[name.0 as usize];
        uses.get(uses.partition_point(|at| *at < position)).copied().unwrap_or(u32::MAX)
    }

    /// How often a name is used after this instruction.
    fn uses_left(&self, name: Name) -> usize {
        let uses = &self.uses[name.0 as usize];
        uses.len() - uses.partition_point(|at| *at <= self.position)
    }

    /// A vector register to write to, locked.
    pub fn take(&mut self) -> usize {
        let (uses, position) = (&self.uses, self.position);
        let taken = self.vectors.take(|name| Self::next_use(uses, position, name));
        let (register, before) = taken.expect("an instruction locks five registers at most");
        if let Some(name) = before
            && let Some(slot) = self.spill(name)
        {
            self.assembler.store(At::Scratch(slot), register);
        }
        register
    }

    /// A mask register to write to, locked.
    pub fn take_mask(&mut self) -> usize {
        let (uses, position) = (&self.uses, self.position);
        let taken = self.masks.take(|name| Self::next_use(uses, position, name));
        let (register, before) = taken.expect("an instruction locks four masks at most");
        if let Some(name) = before
            && let Some(slot) = self.spill(name)
        {
            self.assembler.store_mask(slot, register);
        }
        register
    }

    /// The scratch vector to which a name that leaves its register must be written, if any: not
    /// where it is an array, was written before, or is not used again.
    fn spill(&mut self, name: Name) -> Option<u32> {
        let unused = Self::next_use(&self.uses, self.position, name) == u32::MAX;
        if unused || self.spilled.get(name.0 as usize)?.is_some() {
            return None;
        }
        let slot = self.free_slots.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        self.spilled[name.0 as usize] = Some(slot);
        Some(slot)
    }

    /// The place of a name in memory.
    fn home(&self, name: Name) -> At {
        match self.spilled.get(name.0 as usize) {
            Some(slot) => At::Scratch(slot.expect("a value is in a register or was spilled")),
            None => At::Array(name.0 - self.body.conditions.len() as u32),
        }
    }

    fn scalar(&mut self, src: Src, weight: u32) -> Option<Operand> {
        let Src::Scalar(slot) = src else { return None };
        self.scalar_uses[slot as usize] += weight;
        Some(self.scalar_at[slot as usize])
    }

    /// An operand that may be in memory. One that is used again is loaded where that is free.
    pub fn operand(&mut self, src: Src) -> Operand {
        if let Some(scalar) = self.scalar(src, 1) {
            return scalar;
        }
        let Some(name) = self.name(src) else { return Operand::Register(0) };
        if let Some(register) = self.vectors.find(name) {
            self.vectors.lock(register);
            return Operand::Register(register);
        }
        if self.uses_left(name) > 0 && self.vectors.has_free() {
            return Operand::Register(self.load(name));
        }
        Operand::At(self.home(name))
    }

    /// An operand in a register.
    pub fn register(&mut self, src: Src) -> usize {
        match self.scalar(src, 2) {
            Some(Operand::Register(register)) => return register,
            Some(scalar) => {
                let register = self.take();
                self.assembler.unary(Unary::Move, register, scalar);
                return register;
            }
            None => {}
        }
        let Some(name) = self.name(src) else { return 0 };
        match self.vectors.find(name) {
            Some(register) => {
                self.vectors.lock(register);
                register
            }
            None => self.load(name),
        }
    }

    fn load(&mut self, name: Name) -> usize {
        let register = self.take();
        let home = self.home(name);
        self.assembler.unary(Unary::Move, register, Operand::At(home));
        self.vectors.hold(register, name);
        register
    }

    /// A condition: a mask register (`Zmm`) or a vector (`Ymm`).
    pub fn condition(&mut self, src: Src) -> usize {
        if self.assembler.width == Width::Ymm {
            return self.register(src);
        }
        let Some(name) = self.name(src) else {
            let (words, mask) = (self.register(src), self.take_mask());
            let words_again = Operand::Register(words);
            self.assembler.compare_to_mask(Compare::Test, None, mask, words, words_again);
            return mask;
        };
        if let Some(register) = self.masks.find(name) {
            self.masks.lock(register);
            return register;
        }
        let register = self.take_mask();
        if let At::Scratch(slot) = self.home(name) {
            self.assembler.load_mask(register, slot);
        }
        self.masks.hold(register, name);
        register
    }

    /// The register of the result. It may be that of an operand that is not needed any more, so
    /// it is written by the last instruction that reads an operand, or later.
    pub fn result(&mut self, dst: Dst) -> usize {
        let (uses, position) = (&self.uses, self.position);
        let dead = |name: Name| Self::next_use(uses, position + 1, name) == u32::MAX;
        self.vectors.release(dead);
        self.masks.release(dead);
        let name = Name(dst.number());
        if self.in_mask(name) {
            let register = self.take_mask();
            self.masks.hold(register, name);
            register
        } else {
            let register = self.take();
            self.vectors.hold(register, name);
            register
        }
    }

    /// The instruction is made: what is not used again is forgotten.
    pub fn end(&mut self) {
        self.vectors.unlock();
        self.masks.unlock();
        let (uses, position) = (&self.uses, self.position);
        let dead = |name: Name| Self::next_use(uses, position + 1, name) == u32::MAX;
        self.vectors.release(dead);
        self.masks.release(dead);
        for (v, spilled) in self.spilled.iter_mut().enumerate() {
            if spilled.is_some() && dead(Name(v as u32)) {
                self.free_slots.extend(spilled.take());
            }
        }
    }

    /// Whether an operand would have to be loaded to be in a register.
    pub fn is_elsewhere(&self, src: Src) -> bool {
        match (src, self.name(src)) {
            (Src::Scalar(slot), _) => matches!(self.scalar_at[slot as usize], Operand::At(_)),
            (_, Some(name)) => self.vectors.find(name).is_none(),
            _ => false,
        }
    }
}
