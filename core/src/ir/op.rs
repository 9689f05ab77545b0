//! What is true of every operation: which values it uses, and the type of its result.

use super::{Op, Type, Val};

/// Where an operation may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In programs and kernels.
    Anywhere,
    /// In programs only: a leaf that names the neuron's own data.
    Program,
    /// In kernels only: a leaf that names memory, variables or threads.
    Kernel,
}

impl Op {
    /// The same operation on other values.
    pub fn map(self, mut f: impl FnMut(Val) -> Val) -> Self {
        match self {
            Self::FAdd(a, b) => Self::FAdd(f(a), f(b)),
            Self::FSub(a, b) => Self::FSub(f(a), f(b)),
            Self::FMul(a, b) => Self::FMul(f(a), f(b)),
            Self::FDiv(a, b) => Self::FDiv(f(a), f(b)),
            Self::FSqrt(a) => Self::FSqrt(f(a)),
            Self::FLt(a, b) => Self::FLt(f(a), f(b)),
            Self::FLe(a, b) => Self::FLe(f(a), f(b)),
            Self::FEq(a, b) => Self::FEq(f(a), f(b)),
            Self::IAdd(a, b) => Self::IAdd(f(a), f(b)),
            Self::ISub(a, b) => Self::ISub(f(a), f(b)),
            Self::IMul(a, b) => Self::IMul(f(a), f(b)),
            Self::ISar(a, n) => Self::ISar(f(a), n),
            Self::ILt(a, b) => Self::ILt(f(a), f(b)),
            Self::IEq(a, b) => Self::IEq(f(a), f(b)),
            Self::UAdd(a, b) => Self::UAdd(f(a), f(b)),
            Self::USub(a, b) => Self::USub(f(a), f(b)),
            Self::UMul(a, b) => Self::UMul(f(a), f(b)),
            Self::UMulHi(a, b) => Self::UMulHi(f(a), f(b)),
            Self::UDiv(a, n) => Self::UDiv(f(a), n),
            Self::URem(a, n) => Self::URem(f(a), n),
            Self::UAnd(a, b) => Self::UAnd(f(a), f(b)),
            Self::UOr(a, b) => Self::UOr(f(a), f(b)),
            Self::UXor(a, b) => Self::UXor(f(a), f(b)),
            Self::UShl(a, n) => Self::UShl(f(a), n),
            Self::UShr(a, n) => Self::UShr(f(a), n),
            Self::UShrBy(a, b) => Self::UShrBy(f(a), f(b)),
            Self::UShlBy(a, b) => Self::UShlBy(f(a), f(b)),
            Self::ULt(a, b) => Self::ULt(f(a), f(b)),
            Self::UEq(a, b) => Self::UEq(f(a), f(b)),
            Self::And(a, b) => Self::And(f(a), f(b)),
            Self::Or(a, b) => Self::Or(f(a), f(b)),
            Self::Not(a) => Self::Not(f(a)),
            Self::Select(c, a, b) => Self::Select(f(c), f(a), f(b)),
            Self::FToBits(a) => Self::FToBits(f(a)),
            Self::BitsToF(a) => Self::BitsToF(f(a)),
            Self::IToU(a) => Self::IToU(f(a)),
            Self::UToI(a) => Self::UToI(f(a)),
            Self::IToF(a) => Self::IToF(f(a)),
            Self::FToI(a) => Self::FToI(f(a)),
            Self::Load(buffer, index) => Self::Load(buffer, f(index)),
            leaf => leaf,
        }
    }

    /// The values it uses, in order.
    pub fn operands(self) -> Vec<Val> {
        let mut operands = Vec::new();
        self.map(|val| {
            operands.push(val);
            val
        });
        operands
    }

    /// The type of its result; `types` are those of the operations before it.
    pub fn result(self, types: &[Type]) -> Type {
        match self {
            Self::F32(_)
            | Self::FAdd(..)
            | Self::FSub(..)
            | Self::FMul(..)
            | Self::FDiv(..)
            | Self::FSqrt(_)
            | Self::BitsToF(_)
            | Self::IToF(_)
            | Self::State(_)
            | Self::Constant(_) => Type::F32,
            Self::I32(_)
            | Self::IAdd(..)
            | Self::ISub(..)
            | Self::IMul(..)
            | Self::ISar(..)
            | Self::UToI(_)
            | Self::FToI(_)
            | Self::RefractoryCounter
            | Self::Accumulator(_) => Type::I32,
            Self::Bool(_)
            | Self::FLt(..)
            | Self::FLe(..)
            | Self::FEq(..)
            | Self::ILt(..)
            | Self::IEq(..)
            | Self::ULt(..)
            | Self::UEq(..)
            | Self::And(..)
            | Self::Or(..)
            | Self::Not(_) => Type::Bool,
            Self::Select(_, a, _) => types[a.0 as usize],
            _ => Type::U32,
        }
    }

    /// The types of the operands; empty for leaves. `Select` takes a Bool, then two of one type,
    /// which is not told here.
    pub fn operand_types(self) -> &'static [Type] {
        use Type::{Bool, F32, I32, U32};
        match self {
            Self::FAdd(..)
            | Self::FSub(..)
            | Self::FMul(..)
            | Self::FDiv(..)
            | Self::FLt(..)
            | Self::FLe(..)
            | Self::FEq(..) => &[F32, F32],
            Self::FSqrt(_) | Self::FToBits(_) | Self::FToI(_) => &[F32],
            Self::IAdd(..) | Self::ISub(..) | Self::IMul(..) | Self::ILt(..) | Self::IEq(..) => {
                &[I32, I32]
            }
            Self::ISar(..) | Self::IToU(_) | Self::IToF(_) => &[I32],
            Self::UAdd(..)
            | Self::USub(..)
            | Self::UMul(..)
            | Self::UMulHi(..)
            | Self::UAnd(..)
            | Self::UOr(..)
            | Self::UXor(..)
            | Self::UShrBy(..)
            | Self::UShlBy(..)
            | Self::ULt(..)
            | Self::UEq(..) => &[U32, U32],
            Self::UDiv(..)
            | Self::URem(..)
            | Self::UShl(..)
            | Self::UShr(..)
            | Self::BitsToF(_)
            | Self::UToI(_)
            | Self::Load(..) => &[U32],
            Self::And(..) | Self::Or(..) => &[Bool, Bool],
            Self::Not(_) | Self::Select(..) => &[Bool],
            _ => &[],
        }
    }

    /// Where it may stand.
    pub fn place(self) -> Place {
        match self {
            Self::State(_)
            | Self::RefractoryCounter
            | Self::Constant(_)
            | Self::Accumulator(_)
            | Self::Random { .. }
            | Self::Poisson { .. }
            | Self::Step => Place::Program,
            Self::Load(..)
            | Self::Get(_)
            | Self::ThreadId
            | Self::LocalId
            | Self::GroupId
            | Self::GroupCount => Place::Kernel,
            _ => Place::Anywhere,
        }
    }
}
