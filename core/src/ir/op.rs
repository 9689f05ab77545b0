//! The table of operations: fields, operand types, result type and class of each.
//!
//! A new operation is a row of the table and a name in a class of [`ops!`](crate::ops). Everything
//! that treats operations one by one matches them without a wildcard, so the compiler lists the
//! places where the new one is missing.

use super::{Input, Type, Val, Var};

/// Names the operations of a class as a pattern, for matches that treat a class alike.
///
/// Each operation is in one of `literal`, `pure`, `input`, `memory` and `thread`. Parts of `pure`
/// are `signed` (signed sums, differences and products), `word` (integers as every language has
/// them), `logic` (of conditions) and `reinterpret` (the same bits as another type).
#[macro_export]
macro_rules! ops {
    (literal) => {
        $crate::ir::Op::F32(..)
            | $crate::ir::Op::I32(..)
            | $crate::ir::Op::U32(..)
            | $crate::ir::Op::Bool(..)
    };
    (pure) => {
        $crate::ir::Op::FAdd(..)
            | $crate::ir::Op::FSub(..)
            | $crate::ir::Op::FMul(..)
            | $crate::ir::Op::FDiv(..)
            | $crate::ir::Op::FSqrt(..)
            | $crate::ir::Op::FLt(..)
            | $crate::ir::Op::FLe(..)
            | $crate::ir::Op::FEq(..)
            | $crate::ir::Op::UMulHi(..)
            | $crate::ir::Op::Select(..)
            | $crate::ir::Op::IToF(..)
            | $crate::ir::Op::FToI(..)
            | $crate::ops!(signed)
            | $crate::ops!(word)
            | $crate::ops!(logic)
            | $crate::ops!(reinterpret)
    };
    (signed) => {
        $crate::ir::Op::IAdd(..) | $crate::ir::Op::ISub(..) | $crate::ir::Op::IMul(..)
    };
    (word) => {
        $crate::ir::Op::ISar(..)
            | $crate::ir::Op::ILt(..)
            | $crate::ir::Op::IEq(..)
            | $crate::ir::Op::UAdd(..)
            | $crate::ir::Op::USub(..)
            | $crate::ir::Op::UMul(..)
            | $crate::ir::Op::UDiv(..)
            | $crate::ir::Op::URem(..)
            | $crate::ir::Op::UAnd(..)
            | $crate::ir::Op::UOr(..)
            | $crate::ir::Op::UXor(..)
            | $crate::ir::Op::UShl(..)
            | $crate::ir::Op::UShr(..)
            | $crate::ir::Op::UShrBy(..)
            | $crate::ir::Op::UShlBy(..)
            | $crate::ir::Op::ULt(..)
            | $crate::ir::Op::UEq(..)
    };
    (logic) => {
        $crate::ir::Op::And(..) | $crate::ir::Op::Or(..) | $crate::ir::Op::Not(..)
    };
    (reinterpret) => {
        $crate::ir::Op::FToBits(..)
            | $crate::ir::Op::BitsToF(..)
            | $crate::ir::Op::IToU(..)
            | $crate::ir::Op::UToI(..)
    };
    (input) => {
        $crate::ir::Op::Input(..)
    };
    (memory) => {
        $crate::ir::Op::Load(..) | $crate::ir::Op::Get(..)
    };
    (thread) => {
        $crate::ir::Op::ThreadId
            | $crate::ir::Op::LocalId
            | $crate::ir::Op::GroupId
            | $crate::ir::Op::GroupCount
    };
}

/// Names the things that an operation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing: a constant.
    Literal,
    /// Its operands only.
    Pure,
    /// An input of its program; in programs only.
    Input,
    /// Memory that may change between two evaluations by one thread; in kernels only.
    Memory,
    /// The numbers of the thread; in kernels only.
    Thread,
}

/// The type of an operand or of a result, as the table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// [`Type::F32`]
    F32,
    /// [`Type::I32`]
    I32,
    /// [`Type::U32`]
    U32,
    /// [`Type::Bool`]
    Bool,
    /// Any type, the same one in all such slots of an operation.
    Any,
}

impl Slot {
    /// The type; `None` for [`Slot::Any`].
    pub fn fixed(self) -> Option<Type> {
        match self {
            Self::F32 => Some(Type::F32),
            Self::I32 => Some(Type::I32),
            Self::U32 => Some(Type::U32),
            Self::Bool => Some(Type::Bool),
            Self::Any => None,
        }
    }
}

/// Describes an operation as the table does, whatever its fields hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the variant.
    pub name: &'static str,
    /// The types of the operands, in order.
    pub operands: &'static [Slot],
    /// The type of the result.
    pub result: Slot,
}

/// A field of an operation: an operand, or a constant that belongs to the operation.
trait Field: Copy {
    /// The field on another operand.
    fn with(self, _: &mut impl FnMut(Val) -> Val) -> Self {
        self
    }

    /// The field, where it is an unsigned constant.
    fn constant(self) -> Option<u32> {
        None
    }

    /// The field as text.
    fn text(self) -> String;
}

impl Field for Val {
    fn with(self, f: &mut impl FnMut(Val) -> Val) -> Self {
        f(self)
    }

    fn text(self) -> String {
        format!("%{}", self.0)
    }
}

impl Field for u32 {
    fn constant(self) -> Option<u32> {
        Some(self)
    }

    fn text(self) -> String {
        self.to_string()
    }
}

impl Field for i32 {
    fn text(self) -> String {
        self.to_string()
    }
}

impl Field for bool {
    fn text(self) -> String {
        self.to_string()
    }
}

impl Field for Input {
    fn text(self) -> String {
        self.to_string()
    }
}

impl Field for Var {
    fn text(self) -> String {
        format!("${}", self.0)
    }
}

/// Makes [`Op`] and what follows from its rows:
/// `Name(field: type, ...): [operand types] -> result type, rule of its constants, message;`
macro_rules! operations {
    ($(
        $(#[$doc:meta])*
        $name:ident
            $(($($arg:ident: $arg_type:ty),*))?
            $({ $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)* })?
        : [$($operand:ident),*] -> $result:ident
        $(, $rule:expr, $message:literal)?;
    )*) => {
        /// An operation. The definition of each one's bits is [`crate::base::numeric`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op {
            $(
                $(#[$doc])*
                $name
                    $(($($arg_type),*))?
                    $({ $($(#[$field_doc])* $field: $field_type,)* })?,
            )*
        }

        impl Op {
            /// The row of the table.
            pub fn signature(self) -> Signature {
                match self {
                    $(Self::$name { .. } => Signature {
                        name: stringify!($name),
                        operands: &[$(Slot::$operand),*],
                        result: Slot::$result,
                    },)*
                }
            }

            /// The same operation on other operands.
            pub fn map_operands(self, mut f: impl FnMut(Val) -> Val) -> Self {
                let f = &mut f;
                match self {
                    $(Self::$name $(($($arg),*))? $({ $($field),* })? => {
                        Self::$name $(($($arg.with(f)),*))? $({ $($field: $field.with(f)),* })?
                    })*
                }
            }

            /// The unsigned constant that belongs to the operation, the last where it has several.
            pub fn constant(self) -> Option<u32> {
                match self {
                    $(Self::$name $(($($arg),*))? $({ $($field),* })? => {
                        None $($(.or($arg.constant()))*)? $($(.or($field.constant()))*)?
                    })*
                }
            }

            /// The fields as text: those of a tuple as they are, others with their names.
            pub fn fields(self) -> String {
                match self {
                    $(Self::$name $(($($arg),*))? $({ $($field),* })? => {
                        let fields: &[String] = &[
                            $($($arg.text()),*)?
                            $($(format!("{} {}", stringify!($field), $field.text())),*)?
                        ];
                        fields.join(" ")
                    })*
                }
            }

            /// Why the constants of the operation are not allowed; `None` where they are.
            pub fn fault(self) -> Option<&'static str> {
                match self {
                    $(
                        #[allow(unused_variables)]
                        Self::$name $(($($arg),*))? $({ $($field),* })? => {
                            $(if !($rule) {
                                return Some($message);
                            })?
                            None
                        }
                    )*
                }
            }
        }
    };
}

operations! {
    // -- constants (words)
    /// The float with these bits.
    F32(bits: u32): [] -> F32;
    /// A signed integer.
    I32(value: i32): [] -> I32;
    /// An unsigned integer.
    U32(value: u32): [] -> U32;
    /// A condition.
    Bool(value: bool): [] -> Bool;

    // -- floats: round to nearest even
    /// a + b
    FAdd(a: Val, b: Val): [F32, F32] -> F32;
    /// a - b
    FSub(a: Val, b: Val): [F32, F32] -> F32;
    /// a * b
    FMul(a: Val, b: Val): [F32, F32] -> F32;
    /// a / b correctly rounded; +0 where |a|, |b| or the rounded |a / b| is below 2^-126
    FDiv(a: Val, b: Val): [F32, F32] -> F32;
    /// sqrt(a) correctly rounded; +0 where a < 2^-126
    FSqrt(a: Val): [F32] -> F32;
    /// a < b
    FLt(a: Val, b: Val): [F32, F32] -> Bool;
    /// a <= b
    FLe(a: Val, b: Val): [F32, F32] -> Bool;
    /// a == b
    FEq(a: Val, b: Val): [F32, F32] -> Bool;

    // -- integers: wrapping. I* take and give I32, U* take and give U32
    /// a + b
    IAdd(a: Val, b: Val): [I32, I32] -> I32;
    /// a - b
    ISub(a: Val, b: Val): [I32, I32] -> I32;
    /// a * b
    IMul(a: Val, b: Val): [I32, I32] -> I32;
    /// a >> n, arithmetic, n in 0..32
    ISar(a: Val, n: u32): [I32] -> I32, n < 32, "shifts by 32 or more";
    /// a < b, signed
    ILt(a: Val, b: Val): [I32, I32] -> Bool;
    /// a == b, signed
    IEq(a: Val, b: Val): [I32, I32] -> Bool;
    /// a + b
    UAdd(a: Val, b: Val): [U32, U32] -> U32;
    /// a - b
    USub(a: Val, b: Val): [U32, U32] -> U32;
    /// a * b, low word
    UMul(a: Val, b: Val): [U32, U32] -> U32;
    /// a * b, high word
    UMulHi(a: Val, b: Val): [U32, U32] -> U32;
    /// a / n with a constant n > 0
    UDiv(a: Val, n: u32): [U32] -> U32, n > 0, "divides by 0";
    /// a % n with a constant n > 0
    URem(a: Val, n: u32): [U32] -> U32, n > 0, "divides by 0";
    /// a & b
    UAnd(a: Val, b: Val): [U32, U32] -> U32;
    /// a | b
    UOr(a: Val, b: Val): [U32, U32] -> U32;
    /// a ^ b
    UXor(a: Val, b: Val): [U32, U32] -> U32;
    /// a << n, n in 0..32
    UShl(a: Val, n: u32): [U32] -> U32, n < 32, "shifts by 32 or more";
    /// a >> n, n in 0..32
    UShr(a: Val, n: u32): [U32] -> U32, n < 32, "shifts by 32 or more";
    /// a >> b with b a value in 0..32
    UShrBy(a: Val, b: Val): [U32, U32] -> U32;
    /// a << b with b a value in 0..32
    UShlBy(a: Val, b: Val): [U32, U32] -> U32;
    /// a < b, unsigned
    ULt(a: Val, b: Val): [U32, U32] -> Bool;
    /// a == b, unsigned
    UEq(a: Val, b: Val): [U32, U32] -> Bool;

    // -- conditions
    /// a and b, both evaluated
    And(a: Val, b: Val): [Bool, Bool] -> Bool;
    /// a or b, both evaluated
    Or(a: Val, b: Val): [Bool, Bool] -> Bool;
    /// not a
    Not(a: Val): [Bool] -> Bool;
    /// if c { a } else { b }, both evaluated; a and b of one type
    Select(c: Val, a: Val, b: Val): [Bool, Any, Any] -> Any;

    // -- between types
    /// F32 -> U32, the same bits
    FToBits(a: Val): [F32] -> U32;
    /// U32 -> F32, the same bits
    BitsToF(a: Val): [U32] -> F32;
    /// I32 -> U32, the same bits
    IToU(a: Val): [I32] -> U32;
    /// U32 -> I32, the same bits
    UToI(a: Val): [U32] -> I32;
    /// I32 -> F32, nearest even, any value
    IToF(a: Val): [I32] -> F32;
    /// F32 -> I32, toward zero; only for |a| < 2^31
    FToI(a: Val): [F32] -> I32;

    // -- the leaf of a Program
    /// An input of the program; its type is [`Input::result`]
    Input(input: Input): [] -> Any, input.is_allowed(), "draw number above 255";

    // -- leaves of a Kernel only
    /// U32: the word at index b of buffer n (F32 state is loaded as bits)
    Load(buffer: u32, index: Val): [U32] -> U32;
    /// U32: the value of a variable
    Get(var: Var): [] -> U32;
    /// U32: which thread of the launch
    ThreadId: [] -> U32;
    /// U32: which thread of its group
    LocalId: [] -> U32;
    /// U32: which group of the launch
    GroupId: [] -> U32;
    /// U32: how many groups the launch has
    GroupCount: [] -> U32;
}

impl Op {
    /// Returns its class.
    pub fn class(self) -> Class {
        match self {
            ops!(literal) => Class::Literal,
            ops!(pure) => Class::Pure,
            ops!(input) => Class::Input,
            ops!(memory) => Class::Memory,
            ops!(thread) => Class::Thread,
        }
    }

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

    /// The type of the result; `None` for `Select`, whose result has the type of its last operand.
    pub fn result_type(self) -> Option<Type> {
        if let Self::Input(input) = self {
            return Some(input.result());
        }
        self.signature().result.fixed()
    }

    /// The type of the result on operands of these types; `None` where it takes no such operands.
    pub fn result_on(self, given: &[Type]) -> Option<Type> {
        let Signature { operands, .. } = self.signature();
        let mut any = None;
        let fits = |(slot, &given): (&Slot, &Type)| {
            let expected = slot.fixed().or(any);
            any = any.or(slot.fixed().is_none().then_some(given));
            expected.is_none_or(|expected| expected == given)
        };
        let fit = operands.len() == given.len() && operands.iter().zip(given).all(fits);
        if fit { self.result_type().or(any) } else { None }
    }

    /// Whether it is arithmetic from floats to a float, which a compiler might fuse or reorder.
    pub fn is_float_arithmetic(self) -> bool {
        let Signature { operands, result, .. } = self.signature();
        let floats = operands.iter().all(|slot| *slot == Slot::F32);
        result == Slot::F32 && !operands.is_empty() && floats
    }

    /// Whether its value can change between two evaluations by one thread in one launch.
    pub fn is_volatile(self) -> bool {
        self.class() == Class::Memory
    }
}
