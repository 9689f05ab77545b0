//! The one intermediate representation: a closed set of operations whose bits are fixed here.
//!
//! A [`Program`] is straight-line code: what one neuron does in one step. A [`Kernel`] adds
//! buffers, branches and loops: what one thread of a device does. Both hold the same [`Op`]s, each
//! named once (SSA), evaluated in the order of the list. Operations are pure; only [`Stmt`]s write.

pub mod build;
pub mod eval;
pub mod kernel;
pub mod math;
pub mod op;
pub mod text;
pub mod verify;

/// What a device promises about its arithmetic; kernels are lowered to keep within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promises {
    /// `/` on f32 is correctly rounded.
    pub ieee_div: bool,
    /// `sqrt` on f32 is correctly rounded.
    pub ieee_sqrt: bool,
    /// i32 -> f32 rounds to nearest even.
    pub int_to_float_nearest: bool,
    /// There is an instruction for the high word of a product.
    pub mul_hi: bool,
    /// `<`, `<=` and `==` on f32 are false where an operand is NaN, and no compiler makes a minimum,
    /// a maximum or an opposite of them.
    pub ieee_compare: bool,
}

impl Promises {
    /// Every operation is native.
    pub const ALL: Self = Self {
        ieee_div: true,
        ieee_sqrt: true,
        int_to_float_nearest: true,
        mul_hi: true,
        ieee_compare: true,
    };

    /// Only what every device has: sums and products of floats, and integers.
    pub const NONE: Self = Self {
        ieee_div: false,
        ieee_sqrt: false,
        int_to_float_nearest: false,
        mul_hi: false,
        ieee_compare: false,
    };
}

/// The name of a value: an index into `ops`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Val(pub u32);

/// A mutable word of a kernel thread, for loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

/// The type of a value. Every buffer holds 32-bit words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// IEEE binary32.
    F32,
    /// Two's complement, wrapping.
    I32,
    /// Unsigned, wrapping.
    U32,
    /// A condition; never stored.
    Bool,
}

/// An operation. The definition of each one's bits is [`crate::numeric`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    // -- constants (words)
    /// The float with these bits.
    F32(u32),
    /// A signed integer.
    I32(i32),
    /// An unsigned integer.
    U32(u32),
    /// A condition.
    Bool(bool),

    // -- floats: round to nearest even
    /// a + b
    FAdd(Val, Val),
    /// a - b
    FSub(Val, Val),
    /// a * b
    FMul(Val, Val),
    /// a / b correctly rounded; +0 where |a|, |b| or the rounded |a / b| is below 2^-126
    FDiv(Val, Val),
    /// sqrt(a) correctly rounded; +0 where a < 2^-126
    FSqrt(Val),
    /// a < b
    FLt(Val, Val),
    /// a <= b
    FLe(Val, Val),
    /// a == b
    FEq(Val, Val),

    // -- integers: wrapping. I* take and give I32, U* take and give U32
    /// a + b
    IAdd(Val, Val),
    /// a - b
    ISub(Val, Val),
    /// a * b
    IMul(Val, Val),
    /// a >> n, arithmetic, n in 0..32
    ISar(Val, u32),
    /// a < b, signed
    ILt(Val, Val),
    /// a == b, signed
    IEq(Val, Val),
    /// a + b
    UAdd(Val, Val),
    /// a - b
    USub(Val, Val),
    /// a * b, low word
    UMul(Val, Val),
    /// a * b, high word
    UMulHi(Val, Val),
    /// a / n with a constant n > 0
    UDiv(Val, u32),
    /// a % n with a constant n > 0
    URem(Val, u32),
    /// a & b
    UAnd(Val, Val),
    /// a | b
    UOr(Val, Val),
    /// a ^ b
    UXor(Val, Val),
    /// a << n, n in 0..32
    UShl(Val, u32),
    /// a >> n, n in 0..32
    UShr(Val, u32),
    /// a >> b with b a value in 0..32
    UShrBy(Val, Val),
    /// a << b with b a value in 0..32
    UShlBy(Val, Val),
    /// a < b, unsigned
    ULt(Val, Val),
    /// a == b, unsigned
    UEq(Val, Val),

    // -- conditions
    /// a and b, both evaluated
    And(Val, Val),
    /// a or b, both evaluated
    Or(Val, Val),
    /// not a
    Not(Val),
    /// if c { a } else { b }, both evaluated; a and b of one type
    Select(Val, Val, Val),

    // -- between types
    /// F32 -> U32, the same bits
    FToBits(Val),
    /// U32 -> F32, the same bits
    BitsToF(Val),
    /// I32 -> U32, the same bits
    IToU(Val),
    /// U32 -> I32, the same bits
    UToI(Val),
    /// I32 -> F32, nearest even, any value
    IToF(Val),
    /// F32 -> I32, toward zero; only for |a| < 2^31
    FToI(Val),

    // -- leaves of a Program only
    /// F32: state variable n of this neuron at the start of the step
    State(u32),
    /// I32: the refractory counter of this neuron at the start of the step, in steps
    RefractoryCounter,
    /// F32: per-neuron constant n of this neuron
    Constant(u32),
    /// I32: the accumulator of receptor n, before the stimuli of this program are added
    Accumulator(u32),
    /// U32: the word f(seed, neuron, step, stream, draw) of [`crate::random::word`]
    Random {
        /// Stream number, unique in the plan.
        stream: u32,
        /// Which draw of the step, 0..256.
        draw: u32,
    },
    /// U32: the number of events of this Poisson table in this step, [`crate::random::poisson`]
    Poisson {
        /// Index into [`crate::plan::NeuronPlan::poisson`].
        table: u32,
        /// Stream number, unique in the plan.
        stream: u32,
        /// The series whose word says which events count, [`crate::random::kept`]; `None`: all.
        keep: Option<u32>,
    },
    /// U32: the word of series n ([`crate::plan::NeuronPlan::series`]) for this neuron in this step
    Series(u32),
    /// U32: the present step. In kernels it is loaded from the control buffer instead.
    Step,

    // -- leaves of a Kernel only
    /// U32: the word at index b of buffer n (F32 state is loaded as bits)
    Load(u32, Val),
    /// U32: the value of a variable
    Get(Var),
    /// U32: which thread of the launch
    ThreadId,
    /// U32: which thread of its group
    LocalId,
    /// U32: which group of the launch
    GroupId,
    /// U32: how many groups the launch has
    GroupCount,
}

/// What one neuron does in one step: evaluate `ops` in order, then take the results.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// The operations, each using only earlier ones.
    pub ops: Vec<Op>,
    /// The type of each.
    pub types: Vec<Type>,
    /// The new value of each state variable (F32), not yet flushed: the store flushes
    /// |x| < 2^-63 to +0 ([`crate::numeric::flush`]).
    pub next_state: Vec<Val>,
    /// The new refractory counter (I32), where the model has one.
    pub next_refractory: Option<Val>,
    /// Whether the neuron spikes (Bool); `None` for a model without threshold.
    pub spike: Option<Val>,
}

/// How a kernel may use a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Loads only.
    Read,
    /// Loads and stores, each word by one thread.
    ReadWrite,
    /// Atomic adds and ors; loads and stores count as atomic too.
    Atomic,
}

/// A buffer that a kernel binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The buffer's name, as in the plan of the device.
    pub name: &'static str,
    /// How it is used.
    pub access: Access,
}

/// What one thread does: statements over SSA values.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// `update_0`, `deliver`.
    pub name: String,
    /// Buffers, bound by position.
    pub bindings: Vec<Binding>,
    /// Threads in a group.
    pub group_size: u32,
    /// All operations of the body; a `Stmt::Let` evaluates one.
    pub ops: Vec<Op>,
    /// The type of each.
    pub types: Vec<Type>,
    /// How many variables (`Var`) there are; each starts as 0.
    pub vars: u32,
    /// The body.
    pub body: Vec<Stmt>,
}

/// An integer atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atomic {
    /// Wrapping add.
    Add,
    /// Bitwise or.
    Or,
}

/// A statement of a kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// Evaluate the operation and name its value.
    Let(Val),
    /// Give a variable a U32 value.
    Set(Var, Val),
    /// Store a U32 word.
    Store {
        /// Position in `bindings`.
        buffer: u32,
        /// Which word.
        index: Val,
        /// What.
        value: Val,
    },
    /// Combine a U32 word into memory; `old` receives the word that was there.
    Atomic {
        /// Add or Or.
        op: Atomic,
        /// Position in `bindings`.
        buffer: u32,
        /// Which word.
        index: Val,
        /// What.
        value: Val,
        /// Receives the previous word.
        old: Option<Var>,
    },
    /// A branch.
    If(Val, Vec<Stmt>, Vec<Stmt>),
    /// Repeat until a `BreakIf` of this body holds.
    Loop(Vec<Stmt>),
    /// Leave the innermost loop if the condition holds.
    BreakIf(Val),
}
