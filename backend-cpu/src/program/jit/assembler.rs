//! Instructions to bytes: which registers a generated function uses for what, its frame, its loop.

use super::instructions::{Binary, Compare, MaskOp, Shift, Unary, Width};
use iced_x86::{
    BlockEncoder, BlockEncoderOptions, Code, IcedError, Instruction, InstructionBlock,
    MemoryOperand, Register,
};

/// A place in memory that holds a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The present words of an array.
    Array(u32),
    /// A vector of the scratch area.
    Scratch(u32),
    /// A scalar, repeated as it is read. `Zmm` only.
    Scalar(u32),
}

impl At {
    /// The vector of the scratch area that receives the watch at the end.
    pub const WATCH_SLOT: u32 = 0;
}

/// An operand that may be in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// A vector register.
    Register(usize),
    /// Memory.
    At(At),
}

// General registers. The caller keeps `RDI`; the index counts from minus the size of the arrays
// up to 0, so that their ends are the bases.
const FRAME: Register = Register::RDI;
const INDEX: Register = Register::RAX;
const MASKS: Register = Register::RDX;
const SCRATCH: Register = Register::RSI;
const SCALARS: Register = Register::R8;
const SPARE: Register = Register::RCX;
/// Bases of the first arrays; those of the others are loaded where they are used.
const BASES: [Register; 9] = [
    Register::R9,
    Register::R10,
    Register::R11,
    Register::RBX,
    Register::RBP,
    Register::R12,
    Register::R13,
    Register::R14,
    Register::R15,
];
/// The first of [`BASES`] that a callee must restore.
const KEPT: usize = 3;

/// The words of a frame before the arrays: scalars, scratch, masks, minus the bytes of an array.
pub(super) const FRAME_HEAD: usize = 4;

/// A list of instructions in the making.
#[derive(Debug)]
pub(super) struct Assembler {
    pub width: Width,
    arrays: usize,
    list: Vec<Instruction>,
    error: Option<IcedError>,
    top: usize,
}

impl Assembler {
    /// For a program over this many arrays.
    pub fn new(width: Width, arrays: usize) -> Self {
        let mut assembler = Self { width, arrays, list: Vec::new(), error: None, top: 0 };
        let saved = arrays.clamp(KEPT, BASES.len());
        for base in &BASES[KEPT..saved] {
            assembler.push(Instruction::with1(Code::Push_r64, *base));
        }
        for (n, to) in [SCALARS, SCRATCH, MASKS, INDEX].into_iter().enumerate() {
            assembler.load_word(to, n);
        }
        for (n, base) in BASES.into_iter().take(arrays).enumerate() {
            assembler.load_word(base, FRAME_HEAD + n);
        }
        assembler
    }

    fn push(&mut self, instruction: Result<Instruction, IcedError>) {
        match instruction {
            Ok(instruction) => self.list.push(instruction),
            Err(error) => self.error = Some(error),
        }
    }

    fn push_masked(&mut self, made: Result<Instruction, IcedError>, mask: Option<(usize, bool)>) {
        self.push(made.map(|mut instruction| {
            if let Some((k, zero)) = mask {
                instruction.set_op_mask(mask_register(k));
                instruction.set_zeroing_masking(zero);
            }
            instruction
        }));
    }

    /// Loads a word of the frame.
    fn load_word(&mut self, to: Register, n: usize) {
        let from = memory(FRAME, 8 * n as i64, false);
        self.push(Instruction::with2(Code::Mov_r64_rm64, to, from));
    }

    fn at(&mut self, at: At) -> MemoryOperand {
        match at {
            At::Array(n) => {
                let base = match BASES.get(n as usize) {
                    Some(base) => *base,
                    None => {
                        self.load_word(SPARE, FRAME_HEAD + n as usize);
                        SPARE
                    }
                };
                MemoryOperand::new(base, INDEX, 1, 0, 0, false, Register::None)
            }
            At::Scratch(n) => memory(SCRATCH, i64::from(n * self.width.bytes()), false),
            At::Scalar(n) => memory(SCALARS, 4 * i64::from(n), true),
        }
    }

    /// dst = a op b
    pub fn binary(&mut self, op: Binary, dst: usize, a: usize, b: Operand) {
        self.binary_masked(op, dst, a, b, None);
    }

    /// dst = a op b where the mask register is set, else zero. `Zmm` only.
    pub fn binary_or_zero(&mut self, op: Binary, mask: usize, dst: usize, a: usize, b: Operand) {
        self.binary_masked(op, dst, a, b, Some((mask, true)));
    }

    fn binary_masked(
        &mut self,
        op: Binary,
        dst: usize,
        a: usize,
        b: Operand,
        mask: Option<(usize, bool)>,
    ) {
        let (code, dst, a) = (op.codes(), self.width.vector(dst), self.width.vector(a));
        let code = self.width.pick(code);
        let made = match b {
            Operand::Register(b) => Instruction::with3(code, dst, a, self.width.vector(b)),
            Operand::At(b) => {
                let b = self.at(b);
                Instruction::with3(code, dst, a, b)
            }
        };
        self.push_masked(made, mask);
    }

    /// dst = op a
    pub fn unary(&mut self, op: Unary, dst: usize, a: Operand) {
        self.unary_masked(op, dst, a, None);
    }

    /// dst = op a where the mask register is set, else zero. `Zmm` only.
    pub fn unary_or_zero(&mut self, op: Unary, mask: usize, dst: usize, a: Operand) {
        self.unary_masked(op, dst, a, Some((mask, true)));
    }

    fn unary_masked(&mut self, op: Unary, dst: usize, a: Operand, mask: Option<(usize, bool)>) {
        let (code, dst) = (self.width.pick(op.codes()), self.width.vector(dst));
        let made = match a {
            Operand::Register(a) => Instruction::with2(code, dst, self.width.vector(a)),
            Operand::At(At::Scalar(slot)) if op == Unary::Move => {
                return self.broadcast_to(dst, slot);
            }
            Operand::At(a) => {
                let a = self.at(a);
                Instruction::with2(code, dst, a)
            }
        };
        self.push_masked(made, mask);
    }

    fn broadcast_to(&mut self, dst: Register, slot: u32) {
        use Code::*;
        let code = self.width.pick([VEX_Vbroadcastss_ymm_m32, EVEX_Vbroadcastss_zmm_k1z_xmmm32]);
        let from = memory(SCALARS, 4 * i64::from(slot), false);
        self.push(Instruction::with2(code, dst, from));
    }

    /// dst = a scalar, repeated.
    pub fn broadcast(&mut self, dst: usize, slot: u32) {
        self.broadcast_to(self.width.vector(dst), slot);
    }

    /// dst = a shifted
    pub fn shift(&mut self, shift: Shift, dst: usize, a: usize, bits: u32) {
        let (code, dst, a) = (shift.codes(), self.width.vector(dst), self.width.vector(a));
        self.push(Instruction::with3(self.width.pick(code), dst, a, bits));
    }

    /// A vector to memory.
    pub fn store(&mut self, at: At, a: usize) {
        use Code::*;
        let code = self.width.pick([VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm]);
        let to = self.at(at);
        self.push(Instruction::with2(code, to, self.width.vector(a)));
    }

    /// Mask register dst = a compared with b, and only where `among` is set. `Zmm` only.
    pub fn compare_to_mask(
        &mut self,
        compare: Compare,
        among: Option<usize>,
        dst: usize,
        a: usize,
        b: Operand,
    ) {
        let (code, predicate) = compare.masked();
        let (dst, a) = (mask_register(dst), self.width.vector(a));
        let made = match (b, predicate) {
            (Operand::Register(b), Some(p)) => {
                Instruction::with4(code, dst, a, self.width.vector(b), p)
            }
            (Operand::Register(b), None) => Instruction::with3(code, dst, a, self.width.vector(b)),
            (Operand::At(b), predicate) => {
                let b = self.at(b);
                match predicate {
                    Some(p) => Instruction::with4(code, dst, a, b, p),
                    None => Instruction::with3(code, dst, a, b),
                }
            }
        };
        self.push_masked(made, among.map(|k| (k, false)));
    }

    /// Words of dst all ones where a compared with b holds, floats only. `Ymm` only.
    pub fn compare_floats(&mut self, compare: Compare, dst: usize, a: usize, b: Operand) {
        let code = Code::VEX_Vcmpps_ymm_ymm_ymmm256_imm8;
        let predicate = compare.float_predicate().unwrap_or(0);
        let (dst, a) = (self.width.vector(dst), self.width.vector(a));
        let made = match b {
            Operand::Register(b) => {
                Instruction::with4(code, dst, a, self.width.vector(b), predicate)
            }
            Operand::At(b) => {
                let b = self.at(b);
                Instruction::with4(code, dst, a, b, predicate)
            }
        };
        self.push(made);
    }

    /// dst = if condition { a } else { b }; the condition is a mask register (`Zmm`) or a vector of
    /// all ones and zeros (`Ymm`).
    pub fn select(&mut self, dst: usize, condition: usize, a: Operand, b: usize) {
        use Code::*;
        let (to, b) = (self.width.vector(dst), self.width.vector(b));
        let a = match a {
            Operand::Register(a) => Ok(self.width.vector(a)),
            Operand::At(a) => Err(self.at(a)),
        };
        match self.width {
            Width::Zmm => {
                let code = EVEX_Vblendmps_zmm_k1z_zmm_zmmm512b32;
                let made = match a {
                    Ok(a) => Instruction::with3(code, to, b, a),
                    Err(a) => Instruction::with3(code, to, b, a),
                };
                self.push_masked(made, Some((condition, false)));
            }
            Width::Ymm => {
                let (code, condition) =
                    (VEX_Vblendvps_ymm_ymm_ymmm256_ymm, self.width.vector(condition));
                self.push(match a {
                    Ok(a) => Instruction::with4(code, to, b, a, condition),
                    Err(a) => Instruction::with4(code, to, b, a, condition),
                });
            }
        }
    }

    /// Mask register dst = a op b. `Zmm` only.
    pub fn mask_binary(&mut self, op: MaskOp, dst: usize, a: usize, b: usize) {
        let code = match op {
            MaskOp::And => Code::VEX_Kandw_kr_kr_kr,
            MaskOp::Or => Code::VEX_Korw_kr_kr_kr,
        };
        let [dst, a, b] = [dst, a, b].map(mask_register);
        self.push(Instruction::with3(code, dst, a, b));
    }

    /// Mask register dst = not a. `Zmm` only.
    pub fn mask_not(&mut self, dst: usize, a: usize) {
        let [dst, a] = [dst, a].map(mask_register);
        self.push(Instruction::with2(Code::VEX_Knotw_kr_kr, dst, a));
    }

    /// A mask register to the scratch area. `Zmm` only.
    pub fn store_mask(&mut self, slot: u32, a: usize) {
        let to = self.at(At::Scratch(slot));
        self.push(Instruction::with2(Code::VEX_Kmovw_m16_kr, to, mask_register(a)));
    }

    /// A mask register from the scratch area. `Zmm` only.
    pub fn load_mask(&mut self, dst: usize, slot: u32) {
        let from = self.at(At::Scratch(slot));
        self.push(Instruction::with2(Code::VEX_Kmovw_kr_km16, mask_register(dst), from));
    }

    /// Writes one bit for each word of a condition, and advances.
    pub fn emit_mask(&mut self, condition: usize) {
        let to = memory(MASKS, 0, false);
        match self.width {
            Width::Zmm => {
                let from = mask_register(condition);
                self.push(Instruction::with2(Code::VEX_Kmovw_m16_kr, to, from));
            }
            Width::Ymm => {
                let from = self.width.vector(condition);
                self.push(Instruction::with2(Code::VEX_Vmovmskps_r32_ymm, Register::ECX, from));
                self.push(Instruction::with2(Code::Mov_rm8_r8, to, Register::CL));
            }
        }
        let bytes = self.width.bytes() / 32;
        self.push(Instruction::with2(Code::Add_rm64_imm8, MASKS, bytes));
    }

    /// Clears the watch, before the loop.
    pub fn begin_watch(&mut self) {
        for register in self.width.free()..self.width.registers() {
            self.binary(Binary::Xor, register, register, Operand::Register(register));
        }
    }

    /// Makes the watch NaN in the words in which a vector is not finite. `spare` is overwritten
    /// where the width has no fused product and sum.
    pub fn watch(&mut self, a: usize, spare: Option<usize>) {
        let watch = self.width.watch();
        match spare {
            // x * 0 + watch
            None => {
                let code = Code::EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er;
                let [to, a, zero] = [watch, a, self.width.free()].map(|n| self.width.vector(n));
                self.push(Instruction::with3(code, to, a, zero));
            }
            // (x - x) | watch
            Some(spare) => {
                self.binary(Binary::SubFloat, spare, a, Operand::Register(a));
                self.binary(Binary::Or, watch, watch, Operand::Register(spare));
            }
        }
    }

    /// The loop starts here.
    pub fn begin_loop(&mut self) {
        self.top = self.list.len();
    }

    /// The end of the loop and of the code: its bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, IcedError> {
        self.push(Instruction::with2(Code::Add_rm64_imm8, INDEX, self.width.bytes()));
        self.push(Instruction::with_branch(Code::Jne_rel32_64, self.top as u64 + 1));
        self.store(At::Scratch(At::WATCH_SLOT), self.width.watch());
        self.push(Ok(Instruction::with(Code::VEX_Vzeroupper)));
        let saved = self.arrays.clamp(KEPT, BASES.len());
        for base in BASES[KEPT..saved].iter().rev() {
            self.push(Instruction::with1(Code::Pop_r64, *base));
        }
        self.push(Ok(Instruction::with(Code::Retnq)));
        if let Some(error) = self.error {
            return Err(error);
        }
        // A branch names its target by the number that was given to it here.
        for (n, instruction) in self.list.iter_mut().enumerate() {
            instruction.set_ip(n as u64 + 1);
        }
        let block = InstructionBlock::new(&self.list, 0);
        Ok(BlockEncoder::encode(64, block, BlockEncoderOptions::NONE)?.code_buffer)
    }
}

fn mask_register(n: usize) -> Register {
    // K0 cannot select lanes.
    Register::K1 + n as u32
}

fn memory(base: Register, displacement: i64, repeated: bool) -> MemoryOperand {
    MemoryOperand::new(base, Register::None, 1, displacement, 1, repeated, Register::None)
}
