//! From a body to machine code: each operation as the instructions that give its bits.

use super::assembler::{At, Operand};
use super::body::Body;
use super::instructions::{Binary, Compare, MaskOp, Shift, Unary, Width};
use super::operands::{Emitter, Literals, Scalars};
use crate::program::bytecode::{Code, Dst, Instruction, Src};
use iced_x86::IcedError;
use isospike_core::ir::Op;
use isospike_core::ops;

/// The result.
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

impl Emitter<'_> {
    fn instruction(&mut self, instruction: &Instruction) {
        let (dst, src) = (instruction.dst, instruction.src);
        match (instruction.code, self.body.stored(dst)) {
            (Code::Flush, Some(array)) => {
                let flushed = self.flushed(src[0]);
                self.store(dst, array, flushed);
            }
            (_, Some(array)) => {
                let value = self.register(src[0]);
                self.store(dst, array, value);
            }
            (Code::Op(op), None) => self.operation(op, dst, src),
            (Code::Lesser, None) => self.binary(Binary::LesserFloat, dst, src[0], src[1]),
            (Code::Greater, None) => self.binary(Binary::GreaterFloat, dst, src[0], src[1]),
            (_, None) => {
                let from = self.operand(src[0]);
                let to = self.result(dst);
                self.assembler.unary(Unary::Move, to, from);
            }
        }
    }

    /// Stores a vector to an array, and watches it where it is state.
    fn store(&mut self, dst: Dst, array: u32, value: usize) {
        self.assembler.store(At::Array(array), value);
        if let Dst::State(_) = dst {
            let spare = (self.assembler.width == Width::Ymm).then(|| self.take());
            self.assembler.watch(value, spare);
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

    #[deny(clippy::wildcard_enum_match_arm)]
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
            // The same bits, and leaves: operands. A body has no division of integers.
            Op::FToBits(_) | Op::BitsToF(_) | Op::IToU(_) | Op::UToI(_) => {}
            Op::UDiv(..) | Op::URem(..) => {}
            ops!(literal) | ops!(input) | ops!(memory) | ops!(thread) => {}
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
