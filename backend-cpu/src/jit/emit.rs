//! From a body to machine code: each operation as the instructions that give its bits.

use super::assembler::{Assembler, At, Operand};
use super::body::Body;
use super::instructions::{Binary, Compare, MaskOp, Shift, Unary, Width};
use super::registers::{File, Name};
use crate::tape::{Code, Dst, Instruction, Src};
use iced_x86::IcedError;
use isospike_core::ir::Op;
use isospike_core::numeric::{FLUSH_BELOW_BITS, MAGNITUDE_BITS, MIN_NORMAL};

/// |x| < 2^-63 means that none of these bits is set.
const KEPT_BITS: u32 = MAGNITUDE_BITS & !(FLUSH_BELOW_BITS - 1);
/// A normal number, an infinity or NaN has some of these bits.
const EXPONENT_BITS: u32 = MAGNITUDE_BITS & !(MIN_NORMAL.to_bits() - 1);

/// The scalars that encodings need beside those of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literals {
    kept_bits: u32,
    exponent_bits: u32,
    min_normal: u32,
    ones: u32,
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

/// What came out.
#[derive(Debug)]
pub(super) struct Encoded {
    /// The function.
    pub bytes: Vec<u8>,
    /// Vectors of scratch that it uses.
    pub scratch: usize,
    /// The most vector registers that held something at once.
    pub peak: usize,
    /// How often each scalar is used; twice where it must be in a register.
    pub scalar_uses: Vec<u32>,
}

/// Where the scalars are during the loop.
#[derive(Clone, Debug)]
pub(super) struct Scalars {
    /// Those kept in registers.
    pub pinned: Vec<u32>,
    /// Which of them are used at all.
    pub used: Vec<bool>,
}

/// Encodes a body.
pub(super) fn encode(
    body: &Body,
    width: Width,
    literals: Literals,
    scalars: &Scalars,
) -> Result<Encoded, IcedError> {
    let mut emitter = Emitter::new(body, width, literals, scalars);
    for (n, instruction) in body.instructions.iter().enumerate() {
        emitter.position = n as u32;
        emitter.instruction(instruction);
        emitter.end();
    }
    emitter.position = body.instructions.len() as u32;
    if let Some(spike @ Src::Value(_)) = body.spike {
        let condition = emitter.condition(spike);
        emitter.assembler.emit_mask(condition);
    }
    Ok(Encoded {
        bytes: emitter.assembler.finish()?,
        scratch: emitter.slots as usize,
        peak: emitter.vectors.peak,
        scalar_uses: emitter.scalar_uses,
    })
}

struct Emitter<'a> {
    body: &'a Body,
    assembler: Assembler,
    literals: Literals,
    vectors: File,
    /// `Zmm` has mask registers for conditions; in `Ymm` they are vectors.
    masks: File,
    /// Where each scalar is.
    scalar_at: Vec<Operand>,
    scalar_uses: Vec<u32>,
    /// Scratch vectors used so far.
    slots: u32,
    /// Scratch vectors whose value is not needed any more.
    free_slots: Vec<u32>,
    /// The scratch vector of each value that had to leave its register.
    spilled: Vec<Option<u32>>,
    /// Where each name is used.
    uses: Vec<Vec<u32>>,
    position: u32,
}

impl<'a> Emitter<'a> {
    fn new(body: &'a Body, width: Width, literals: Literals, scalars: &Scalars) -> Self {
        let values = body.conditions.len();
        let mut assembler = Assembler::new(width, body.arrays.len());
        let Scalars { pinned, used } = scalars;
        let first_pinned = width.registers() - pinned.len();
        let mut scalar_at: Vec<Operand> =
            (0..used.len() as u32).map(|slot| Operand::At(At::Scalar(slot))).collect();
        for (n, slot) in pinned.iter().enumerate() {
            scalar_at[*slot as usize] = Operand::Register(first_pinned + n);
        }
        let mut slots = 0;
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
    fn take(&mut self) -> usize {
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
    fn take_mask(&mut self) -> usize {
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

    /// Where a name is in memory.
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

    /// An operand that may be in memory. What is used again is loaded where that is free.
    fn operand(&mut self, src: Src) -> Operand {
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
    fn register(&mut self, src: Src) -> usize {
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
    fn condition(&mut self, src: Src) -> usize {
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
    fn result(&mut self, dst: Dst) -> usize {
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
    fn end(&mut self) {
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

    fn instruction(&mut self, instruction: &Instruction) {
        let (dst, src) = (instruction.dst, instruction.src);
        match (instruction.code, self.body.stored(dst)) {
            (Code::Flush, Some(array)) => {
                let flushed = self.flushed(src[0]);
                self.assembler.store(At::Array(array), flushed);
            }
            (_, Some(array)) => {
                let value = self.register(src[0]);
                self.assembler.store(At::Array(array), value);
            }
            (Code::Op(op), None) => self.operation(op, dst, src),
            (_, None) => {
                let from = self.operand(src[0]);
                let to = self.result(dst);
                self.assembler.unary(Unary::Move, to, from);
            }
        }
    }

    /// A value as it is stored: +0 where it is small.
    fn flushed(&mut self, src: Src) -> usize {
        let value = self.register(src);
        let bits = self.operand(Src::Scalar(self.literals.kept_bits));
        let to = self.take();
        match self.assembler.width {
            Width::Zmm => {
                let mask = self.take_mask();
                self.assembler.compare_to_mask(Compare::Test, None, mask, value, bits);
                let value = Operand::Register(value);
                self.assembler.unary_or_zero(Unary::Move, mask, to, value);
            }
            Width::Ymm => {
                let zero = self.zero();
                self.assembler.binary(Binary::And, to, value, bits);
                self.assembler.binary(Binary::Equal, to, to, Operand::Register(zero));
                self.assembler.binary(Binary::AndNot, to, to, Operand::Register(value));
            }
        }
        to
    }

    fn zero(&mut self) -> usize {
        let zero = self.take();
        self.assembler.binary(Binary::Xor, zero, zero, Operand::Register(zero));
        zero
    }

    fn operation(&mut self, op: Op, dst: Dst, [a, b, c]: [Src; 3]) {
        match op {
            Op::FAdd(..) => self.either_order(Binary::AddFloat, dst, a, b),
            Op::FMul(..) => self.either_order(Binary::MulFloat, dst, a, b),
            Op::IAdd(..) | Op::UAdd(..) => self.either_order(Binary::Add, dst, a, b),
            Op::IMul(..) | Op::UMul(..) => self.either_order(Binary::Mul, dst, a, b),
            Op::UAnd(..) => self.either_order(Binary::And, dst, a, b),
            Op::UOr(..) => self.either_order(Binary::Or, dst, a, b),
            Op::UXor(..) => self.either_order(Binary::Xor, dst, a, b),
            Op::FSub(..) => self.binary(Binary::SubFloat, dst, a, b),
            Op::ISub(..) | Op::USub(..) => self.binary(Binary::Sub, dst, a, b),
            Op::UShlBy(..) => self.binary(Binary::ShiftLeft, dst, a, b),
            Op::UShrBy(..) => self.binary(Binary::ShiftRight, dst, a, b),
            Op::FDiv(..) => self.divide(dst, a, b),
            Op::UMulHi(..) => self.multiply_high(dst, a, b),
            Op::FSqrt(_) => self.square_root(dst, a),
            Op::IToF(_) => self.unary(Unary::IntToFloat, dst, a),
            Op::FToI(_) => self.unary(Unary::FloatToInt, dst, a),
            Op::UShl(_, bits) => self.shift(Shift::Left, dst, a, bits),
            Op::UShr(_, bits) => self.shift(Shift::Right, dst, a, bits),
            Op::ISar(_, bits) => self.shift(Shift::RightSigned, dst, a, bits),
            Op::FLt(..) => self.compare([Compare::FloatLess, Compare::FloatGreater], dst, a, b),
            Op::FLe(..) => {
                self.compare([Compare::FloatLessEqual, Compare::FloatGreaterEqual], dst, a, b);
            }
            Op::FEq(..) => self.compare([Compare::FloatEqual; 2], dst, a, b),
            Op::ILt(..) => self.compare([Compare::IntLess, Compare::IntGreater], dst, a, b),
            Op::ULt(..) => self.compare([Compare::WordLess, Compare::WordGreater], dst, a, b),
            Op::IEq(..) | Op::UEq(..) => self.compare([Compare::IntEqual; 2], dst, a, b),
            Op::And(..) => self.logic(Binary::And, MaskOp::And, dst, a, b),
            Op::Or(..) => self.logic(Binary::Or, MaskOp::Or, dst, a, b),
            Op::Not(_) => self.not(dst, a),
            Op::Select(..) => {
                let (condition, no) = (self.condition(a), self.register(c));
                let yes = self.operand(b);
                let to = self.result(dst);
                self.assembler.select(to, condition, yes, no);
            }
            // Leaves, which are operands; what a body does not have; and what only kernels have.
            _ => {}
        }
    }

    fn unary(&mut self, op: Unary, dst: Dst, a: Src) {
        let a = self.operand(a);
        let to = self.result(dst);
        self.assembler.unary(op, to, a);
    }

    fn shift(&mut self, shift: Shift, dst: Dst, a: Src, bits: u32) {
        let a = self.register(a);
        let to = self.result(dst);
        self.assembler.shift(shift, to, a, bits);
    }

    fn binary(&mut self, op: Binary, dst: Dst, a: Src, b: Src) {
        let a = self.register(a);
        let b = self.operand(b);
        let to = self.result(dst);
        self.assembler.binary(op, to, a, b);
    }

    /// Whether an operand would have to be loaded to be in a register.
    fn is_elsewhere(&self, src: Src) -> bool {
        match (src, self.name(src)) {
            (Src::Scalar(slot), _) => matches!(self.scalar_at[slot as usize], Operand::At(_)),
            (_, Some(name)) => self.vectors.find(name).is_none(),
            _ => false,
        }
    }

    /// An operation whose operands may change places; memory comes second.
    fn either_order(&mut self, op: Binary, dst: Dst, a: Src, b: Src) {
        let (a, b) =
            if self.is_elsewhere(a) && !matches!(b, Src::Scalar(_)) { (b, a) } else { (a, b) };
        self.binary(op, dst, a, b);
    }

    /// A comparison, and what it is called with its operands exchanged.
    fn compare(&mut self, [straight, exchanged]: [Compare; 2], dst: Dst, a: Src, b: Src) {
        let exchange = self.is_elsewhere(a) && !matches!(b, Src::Scalar(_));
        let (compare, a, b) = if exchange { (exchanged, b, a) } else { (straight, a, b) };
        if self.assembler.width == Width::Zmm {
            let a = self.register(a);
            let b = self.operand(b);
            let to = self.result(dst);
            return self.assembler.compare_to_mask(compare, None, to, a, b);
        }
        match compare {
            Compare::IntEqual => self.binary(Binary::Equal, dst, a, b),
            Compare::IntGreater => self.binary(Binary::Greater, dst, a, b),
            Compare::IntLess => self.binary(Binary::Greater, dst, b, a),
            Compare::WordLess => self.not_extreme(Binary::Max, dst, a, b),
            Compare::WordGreater => self.not_extreme(Binary::Min, dst, a, b),
            _ => {
                let a = self.register(a);
                let b = self.operand(b);
                let to = self.result(dst);
                self.assembler.compare_floats(compare, to, a, b);
            }
        }
    }

    /// a is not the greater (a < b) or not the lesser (a > b) of both, without sign.
    fn not_extreme(&mut self, extreme: Binary, dst: Dst, a: Src, b: Src) {
        let a = self.register(a);
        let b = self.operand(b);
        let ones = self.operand(Src::Scalar(self.literals.ones));
        let extreme_of = self.take();
        let to = self.result(dst);
        self.assembler.binary(extreme, extreme_of, a, b);
        self.assembler.binary(Binary::Equal, to, extreme_of, Operand::Register(a));
        self.assembler.binary(Binary::Xor, to, to, ones);
    }

    fn logic(&mut self, vectors: Binary, masks: MaskOp, dst: Dst, a: Src, b: Src) {
        let (a, b) = (self.condition(a), self.condition(b));
        let to = self.result(dst);
        match self.assembler.width {
            Width::Ymm => self.assembler.binary(vectors, to, a, Operand::Register(b)),
            Width::Zmm => self.assembler.mask_binary(masks, to, a, b),
        }
    }

    fn not(&mut self, dst: Dst, a: Src) {
        let a = self.condition(a);
        match self.assembler.width {
            Width::Ymm => {
                let ones = self.operand(Src::Scalar(self.literals.ones));
                let to = self.result(dst);
                self.assembler.binary(Binary::Xor, to, a, ones);
            }
            Width::Zmm => {
                let to = self.result(dst);
                self.assembler.mask_not(to, a);
            }
        }
    }

    /// The quotient where neither an operand nor it is below 2^-126, else +0.
    fn divide(&mut self, dst: Dst, a: Src, b: Src) {
        let (a, b) = (self.register(a), self.register(b));
        let exponent = self.operand(Src::Scalar(self.literals.exponent_bits));
        match self.assembler.width {
            Width::Zmm => {
                let normal = self.take_mask();
                let to = self.result(dst);
                let m = &mut self.assembler;
                m.compare_to_mask(Compare::Test, None, normal, a, exponent);
                m.compare_to_mask(Compare::Test, Some(normal), normal, b, exponent);
                m.binary_or_zero(Binary::DivFloat, normal, to, a, Operand::Register(b));
                m.compare_to_mask(Compare::Test, None, normal, to, exponent);
                m.unary_or_zero(Unary::Move, normal, to, Operand::Register(to));
            }
            Width::Ymm => {
                let (least, other, zero) = (self.take(), self.take(), self.zero());
                let to = self.result(dst);
                let m = &mut self.assembler;
                m.binary(Binary::And, least, a, exponent);
                m.binary(Binary::And, other, b, exponent);
                m.binary(Binary::Min, least, least, Operand::Register(other));
                m.binary(Binary::DivFloat, to, a, Operand::Register(b));
                m.binary(Binary::And, other, to, exponent);
                m.binary(Binary::Min, least, least, Operand::Register(other));
                m.binary(Binary::Equal, least, least, Operand::Register(zero));
                m.binary(Binary::AndNot, to, least, Operand::Register(to));
            }
        }
    }

    /// The root of a number of at least 2^-126, else +0.
    fn square_root(&mut self, dst: Dst, a: Src) {
        let a = self.register(a);
        let limit = self.operand(Src::Scalar(self.literals.min_normal));
        match self.assembler.width {
            Width::Zmm => {
                let normal = self.take_mask();
                let to = self.result(dst);
                let m = &mut self.assembler;
                m.compare_to_mask(Compare::FloatNotLess, None, normal, a, limit);
                m.unary_or_zero(Unary::SquareRoot, normal, to, Operand::Register(a));
            }
            Width::Ymm => {
                let normal = self.take();
                let to = self.result(dst);
                let m = &mut self.assembler;
                m.compare_floats(Compare::FloatNotLess, normal, a, limit);
                m.binary(Binary::And, to, normal, Operand::Register(a));
                m.unary(Unary::SquareRoot, to, Operand::Register(to));
            }
        }
    }

    /// The upper words of products: of the even words, of the odd words, put together.
    fn multiply_high(&mut self, dst: Dst, a: Src, b: Src) {
        let (a, b) = (self.register(a), self.register(b));
        let (even, odd, other) = (self.take(), self.take(), self.take());
        let to = self.result(dst);
        let m = &mut self.assembler;
        m.shift(Shift::PairRight, odd, a, 32);
        m.shift(Shift::PairRight, other, b, 32);
        m.binary(Binary::MulPairs, even, a, Operand::Register(b));
        m.binary(Binary::MulPairs, odd, odd, Operand::Register(other));
        m.shift(Shift::PairRight, even, even, 32);
        m.shift(Shift::PairRight, odd, odd, 32);
        m.shift(Shift::PairLeft, odd, odd, 32);
        m.binary(Binary::Or, to, even, Operand::Register(odd));
    }
}
