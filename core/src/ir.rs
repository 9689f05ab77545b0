//! The one intermediate representation: a closed set of operations whose bits are fixed here.
//!
//! A [`Program`] is straight-line code: what one neuron does in one step. A [`Kernel`] adds
//! buffers, branches and loops: what one thread of a device does. Both hold the same [`Op`]s, each
//! named once (SSA), evaluated in the order of the list. [`op`] has the table of operations.
//! Operations are pure; only [`Stmt`]s write.

#![deny(clippy::wildcard_enum_match_arm)]

mod arithmetic;
pub mod build;
pub mod eval;
pub mod kernel;
pub mod math;
pub mod op;
pub mod signature;
pub mod text;
pub mod verify;

pub use op::Op;
pub use signature::{Input, Output, neuron_outputs};

/// The arithmetic that a device promises; kernels are lowered to keep within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarantees {
    /// `/` on f32 is correctly rounded.
    pub ieee_div: bool,
    /// `sqrt` on f32 is correctly rounded.
    pub ieee_sqrt: bool,
    /// i32 -> f32 rounds to nearest even.
    pub int_to_float_nearest: bool,
    /// There is an instruction for the high word of a product.
    pub mul_hi: bool,
    /// `<`, `<=` and `==` on f32 are false where an operand is NaN, and no compiler makes a
    /// minimum, a maximum or an opposite of them.
    pub ieee_compare: bool,
}

impl Guarantees {
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

/// Straight-line code by its signature: read `inputs`, evaluate `ops` in order, give `outputs`. A
/// neuron's program is what one neuron does in one step.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// The inputs, each once, in the order in which it is first read.
    pub inputs: Vec<Input>,
    /// The operations, each using only earlier ones.
    pub ops: Vec<Op>,
    /// The type of each.
    pub types: Vec<Type>,
    /// The outputs, each once.
    pub outputs: Vec<(Output, Val)>,
}

impl Program {
    /// A program of these operations, whose inputs are those that they read.
    pub fn new(ops: Vec<Op>, types: Vec<Type>, outputs: Vec<(Output, Val)>) -> Self {
        let mut inputs = Vec::new();
        ops.iter().for_each(|op| name_input(&mut inputs, op));
        Self { inputs, ops, types, outputs }
    }

    /// Adds an operation, with its input to the signature.
    pub fn push(&mut self, op: Op, ty: Type) -> Val {
        name_input(&mut self.inputs, &op);
        self.ops.push(op);
        self.types.push(ty);
        Val(self.ops.len() as u32 - 1)
    }

    /// The value of an output, if the program gives it.
    pub fn output(&self, output: Output) -> Option<Val> {
        self.outputs.iter().find(|(given, _)| *given == output).map(|(_, val)| *val)
    }

    /// The new values of state: the number of the variable, whether it is one that counts (I32),
    /// and the value.
    pub fn next_state(&self) -> impl Iterator<Item = (u32, bool, Val)> {
        self.outputs.iter().filter_map(|(output, val)| {
            Some((output.state()?, matches!(output, Output::Integer(_)), *val))
        })
    }

    /// The integers that a synapse sends: the number of the receptor, and the integer (I32).
    pub fn sent(&self) -> impl Iterator<Item = (u32, Val)> {
        self.outputs.iter().filter_map(|(output, val)| match output {
            Output::Sent(n) => Some((*n, *val)),
            Output::State(_) | Output::Integer(_) | Output::Spike => None,
        })
    }

    /// Whether there is a spike (Bool); `None` for a model without threshold.
    pub fn spike(&self) -> Option<Val> {
        self.output(Output::Spike)
    }
}

/// Adds the input that an operation reads, unless it is named.
fn name_input(inputs: &mut Vec<Input>, op: &Op) {
    if let Op::Input(input) = op
        && !inputs.contains(input)
    {
        inputs.push(*input);
    }
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

/// The work of one thread: statements over SSA values.
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
        /// The word.
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
        /// The word.
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
