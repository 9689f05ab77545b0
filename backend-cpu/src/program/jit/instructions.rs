//! The instructions that generated code consists of, each in two encodings: AVX2 on eight words
//! (`Ymm`) and AVX-512 on sixteen (`Zmm`).

use iced_x86::{Code, Register};

/// How many words an instruction handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// Eight.
    Ymm,
    /// Sixteen.
    Zmm,
}

impl Width {
    /// Bytes of a vector.
    pub fn bytes(self) -> u32 {
        match self {
            Self::Ymm => 32,
            Self::Zmm => 64,
        }
    }

    /// How many vector registers there are.
    pub fn registers(self) -> usize {
        match self {
            Self::Ymm => 16,
            Self::Zmm => 32,
        }
    }

    /// Returns the register that becomes NaN, and stays it, where state that is stored is not
    /// finite.
    pub fn watch(self) -> usize {
        self.registers() - 1
    }

    /// Returns how many vector registers there are for values and scalars: all but the watch and,
    /// in `Zmm`, a zero.
    pub fn free(self) -> usize {
        match self {
            Self::Ymm => self.registers() - 1,
            Self::Zmm => self.registers() - 2,
        }
    }

    /// A vector register.
    pub fn vector(self, n: usize) -> Register {
        match self {
            Self::Ymm => Register::YMM0 + n as u32,
            Self::Zmm => Register::ZMM0 + n as u32,
        }
    }

    /// Returns the encoding of an instruction with this width.
    pub fn pick(self, [ymm, zmm]: [Code; 2]) -> Code {
        match self {
            Self::Ymm => ymm,
            Self::Zmm => zmm,
        }
    }
}

/// Instructions with two sources, the second of which may be in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    AddFloat,
    SubFloat,
    MulFloat,
    DivFloat,
    /// if a < b { a } else { b }
    LesserFloat,
    /// if a > b { a } else { b }
    GreaterFloat,
    Add,
    Sub,
    Mul,
    /// The product of the lower words of each pair, as 64 bits. The second source is a register.
    MulPairs,
    And,
    /// not a and b
    AndNot,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    /// The lesser, unsigned.
    Min,
    /// The greater, unsigned.
    Max,
    /// a == b as a mask of words. `Ymm` only.
    Equal,
    /// a > b, signed, as a mask of words. `Ymm` only.
    Greater,
}

impl Binary {
    /// Both encodings.
    pub fn codes(self) -> [Code; 2] {
        use Code::*;
        match self {
            Self::AddFloat => [VEX_Vaddps_ymm_ymm_ymmm256, EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er],
            Self::SubFloat => [VEX_Vsubps_ymm_ymm_ymmm256, EVEX_Vsubps_zmm_k1z_zmm_zmmm512b32_er],
            Self::MulFloat => [VEX_Vmulps_ymm_ymm_ymmm256, EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er],
            Self::DivFloat => [VEX_Vdivps_ymm_ymm_ymmm256, EVEX_Vdivps_zmm_k1z_zmm_zmmm512b32_er],
            Self::LesserFloat => {
                [VEX_Vminps_ymm_ymm_ymmm256, EVEX_Vminps_zmm_k1z_zmm_zmmm512b32_sae]
            }
            Self::GreaterFloat => {
                [VEX_Vmaxps_ymm_ymm_ymmm256, EVEX_Vmaxps_zmm_k1z_zmm_zmmm512b32_sae]
            }
            Self::Add => [VEX_Vpaddd_ymm_ymm_ymmm256, EVEX_Vpaddd_zmm_k1z_zmm_zmmm512b32],
            Self::Sub => [VEX_Vpsubd_ymm_ymm_ymmm256, EVEX_Vpsubd_zmm_k1z_zmm_zmmm512b32],
            Self::Mul => [VEX_Vpmulld_ymm_ymm_ymmm256, EVEX_Vpmulld_zmm_k1z_zmm_zmmm512b32],
            Self::MulPairs => [VEX_Vpmuludq_ymm_ymm_ymmm256, EVEX_Vpmuludq_zmm_k1z_zmm_zmmm512b64],
            Self::And => [VEX_Vpand_ymm_ymm_ymmm256, EVEX_Vpandd_zmm_k1z_zmm_zmmm512b32],
            Self::AndNot => [VEX_Vpandn_ymm_ymm_ymmm256, EVEX_Vpandnd_zmm_k1z_zmm_zmmm512b32],
            Self::Or => [VEX_Vpor_ymm_ymm_ymmm256, EVEX_Vpord_zmm_k1z_zmm_zmmm512b32],
            Self::Xor => [VEX_Vpxor_ymm_ymm_ymmm256, EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32],
            Self::ShiftLeft => [VEX_Vpsllvd_ymm_ymm_ymmm256, EVEX_Vpsllvd_zmm_k1z_zmm_zmmm512b32],
            Self::ShiftRight => [VEX_Vpsrlvd_ymm_ymm_ymmm256, EVEX_Vpsrlvd_zmm_k1z_zmm_zmmm512b32],
            Self::Min => [VEX_Vpminud_ymm_ymm_ymmm256, EVEX_Vpminud_zmm_k1z_zmm_zmmm512b32],
            Self::Max => [VEX_Vpmaxud_ymm_ymm_ymmm256, EVEX_Vpmaxud_zmm_k1z_zmm_zmmm512b32],
            Self::Equal => [VEX_Vpcmpeqd_ymm_ymm_ymmm256, INVALID],
            Self::Greater => [VEX_Vpcmpgtd_ymm_ymm_ymmm256, INVALID],
        }
    }
}

/// Instructions with one source, which may be in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Move,
    SquareRoot,
    IntToFloat,
    FloatToInt,
}

impl Unary {
    /// Both encodings.
    pub fn codes(self) -> [Code; 2] {
        use Code::*;
        match self {
            Self::Move => [VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512],
            Self::SquareRoot => [VEX_Vsqrtps_ymm_ymmm256, EVEX_Vsqrtps_zmm_k1z_zmmm512b32_er],
            Self::IntToFloat => [VEX_Vcvtdq2ps_ymm_ymmm256, EVEX_Vcvtdq2ps_zmm_k1z_zmmm512b32_er],
            Self::FloatToInt => {
                [VEX_Vcvttps2dq_ymm_ymmm256, EVEX_Vcvttps2dq_zmm_k1z_zmmm512b32_sae]
            }
        }
    }
}

/// Shifts of a register by a number of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Left,
    Right,
    RightSigned,
    /// Works on pairs of words.
    PairLeft,
    /// Works on pairs of words.
    PairRight,
}

impl Shift {
    /// Both encodings.
    pub fn codes(self) -> [Code; 2] {
        use Code::*;
        match self {
            Self::Left => [VEX_Vpslld_ymm_ymm_imm8, EVEX_Vpslld_zmm_k1z_zmmm512b32_imm8],
            Self::Right => [VEX_Vpsrld_ymm_ymm_imm8, EVEX_Vpsrld_zmm_k1z_zmmm512b32_imm8],
            Self::RightSigned => [VEX_Vpsrad_ymm_ymm_imm8, EVEX_Vpsrad_zmm_k1z_zmmm512b32_imm8],
            Self::PairLeft => [VEX_Vpsllq_ymm_ymm_imm8, EVEX_Vpsllq_zmm_k1z_zmmm512b64_imm8],
            Self::PairRight => [VEX_Vpsrlq_ymm_ymm_imm8, EVEX_Vpsrlq_zmm_k1z_zmmm512b64_imm8],
        }
    }
}

/// Comparisons of a register with an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    FloatEqual,
    FloatLess,
    FloatLessEqual,
    FloatGreater,
    FloatGreaterEqual,
    /// Or not a number.
    FloatNotLess,
    IntEqual,
    IntLess,
    IntGreater,
    WordLess,
    WordGreater,
    /// Some bit is set in both.
    Test,
}

impl Compare {
    /// The instruction for `Zmm` and its predicate.
    pub fn masked(self) -> (Code, Option<u32>) {
        use Code::*;
        let float = EVEX_Vcmpps_kr_k1_zmm_zmmm512b32_imm8_sae;
        let int = EVEX_Vpcmpd_kr_k1_zmm_zmmm512b32_imm8;
        let word = EVEX_Vpcmpud_kr_k1_zmm_zmmm512b32_imm8;
        match self {
            Self::IntEqual => (int, Some(0)),
            Self::IntLess => (int, Some(1)),
            Self::IntGreater => (int, Some(6)),
            Self::WordLess => (word, Some(1)),
            Self::WordGreater => (word, Some(6)),
            Self::Test => (EVEX_Vptestmd_kr_k1_zmm_zmmm512b32, None),
            _ => (float, self.float_predicate()),
        }
    }

    /// The predicate of a comparison of floats.
    pub fn float_predicate(self) -> Option<u32> {
        match self {
            Self::FloatEqual => Some(0x00),
            Self::FloatLess => Some(0x11),
            Self::FloatLessEqual => Some(0x12),
            Self::FloatGreater => Some(0x1e),
            Self::FloatGreaterEqual => Some(0x1d),
            Self::FloatNotLess => Some(0x15),
            _ => None,
        }
    }
}

/// Operations on mask registers. `Zmm` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MaskOp {
    And,
    Or,
}
