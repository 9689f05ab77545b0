//! What each operation takes and gives.

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
    /// The operands, in order.
    pub fn operands(self) -> impl Iterator<Item = Val> {
        let mut operands = [None; 3];
        let mut n = 0;
        self.map_operands(|val| {
            operands[n] = Some(val);
            n += 1;
            val
        });
        operands.into_iter().flatten()
    }

    /// The same operation on other operands.
    pub fn map_operands(self, mut f: impl FnMut(Val) -> Val) -> Self {
        // A macro, because every variant is rebuilt in the same way.
        macro_rules! mapped {
            (one: $($one:ident)*; two: $($two:ident)*; by: $($by:ident)*;) => {
                match self {
                    $(Self::$one(a) => Self::$one(f(a)),)*
                    $(Self::$two(a, b) => {
                        let a = f(a);
                        Self::$two(a, f(b))
                    })*
                    $(Self::$by(a, n) => Self::$by(f(a), n),)*
                    Self::Select(c, a, b) => {
                        let c = f(c);
                        let a = f(a);
                        Self::Select(c, a, f(b))
                    }
                    Self::Load(buffer, index) => Self::Load(buffer, f(index)),
                    leaf => leaf,
                }
            };
        }
        mapped! {
            one: FSqrt Not FToBits BitsToF IToU UToI IToF FToI;
            two: FAdd FSub FMul FDiv FLt FLe FEq IAdd ISub IMul ILt IEq UAdd USub UMul UMulHi
                UAnd UOr UXor UShrBy UShlBy ULt UEq And Or;
            by: ISar UDiv URem UShl UShr;
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

    /// The type of the result; `None` for `Select`, which gives what it is given.
    pub fn result_type(self) -> Option<Type> {
        Some(match self {
            Self::Select(..) => return None,
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
            _ => Type::U32,
        })
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
            | Self::Series(_)
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

    /// Whether its value can change between two evaluations by one thread in one launch.
    pub fn is_volatile(self) -> bool {
        matches!(self, Self::Load(..) | Self::Get(_))
    }
}
