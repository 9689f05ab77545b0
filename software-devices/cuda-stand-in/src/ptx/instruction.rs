//! Instructions as the machine runs them.

use super::register::Slot;
use crate::lanes::{Longs, Mask, Words};

pub use super::register::Files;

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// In which lanes it acts.
    pub guard: Guard,
    /// The operation.
    pub action: Action,
    /// Its line in the text.
    pub line: u32,
}

/// `@%p`, `@!%p` or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// No condition.
    Always,
    /// Only while the predicate holds.
    If(Slot),
    /// Only while it does not.
    Unless(Slot),
}

/// Up to three 32-bit operands to a 32-bit result.
pub type WordOp = fn(&Words, &Words, &Words, &mut Words);
/// Up to three 64-bit operands to a 64-bit result.
pub type LongOp = fn(&Longs, &Longs, &Longs, &mut Longs);
/// Two 32-bit operands and a 64-bit one to a 64-bit result.
pub type WideOp = fn(&Words, &Words, &Longs, &mut Longs);
/// A 64-bit operand and a 32-bit one (the count of a shift) to a 64-bit result.
pub type ShiftOp = fn(&Longs, &Words, &mut Longs);
/// A 64-bit operand to a 32-bit result.
pub type NarrowOp = fn(&Longs, &mut Words);
/// A comparison of 32-bit operands.
pub type WordTest = fn(&Words, &Words) -> Mask;
/// A comparison of 64-bit operands.
pub type LongTest = fn(&Longs, &Longs) -> Mask;
/// An operation on predicates.
pub type MaskOp = fn(Mask, Mask) -> Mask;
/// (old, operand, second operand) to new.
pub type AtomicOp = fn(u64, u64, u64) -> u64;

/// An operation. `to` is written, everything else read.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are the operands of the operation's type")]
pub enum Action {
    /// See [`WordOp`].
    Word { op: WordOp, to: Slot, from: [Slot; 3] },
    /// See [`LongOp`].
    Long { op: LongOp, to: Slot, from: [Slot; 3] },
    /// See [`WideOp`].
    Wide { op: WideOp, to: Slot, from: [Slot; 2], add: Slot },
    /// See [`ShiftOp`].
    Shift { op: ShiftOp, to: Slot, from: Slot, count: Slot },
    /// See [`NarrowOp`].
    Narrow { op: NarrowOp, to: Slot, from: Slot },
    /// See [`WordTest`].
    TestWord { op: WordTest, to: Slot, from: [Slot; 2] },
    /// See [`LongTest`].
    TestLong { op: LongTest, to: Slot, from: [Slot; 2] },
    /// See [`MaskOp`].
    Mask { op: MaskOp, to: Slot, from: [Slot; 2] },
    /// The first source where the predicate holds, else the second.
    SelectWord { to: Slot, from: [Slot; 2], condition: Slot },
    /// The first source where the predicate holds, else the second.
    SelectLong { to: Slot, from: [Slot; 2], condition: Slot },
    /// The second source with some bits of the first: of these from which bit on, and how many.
    Insert { to: Slot, from: [Slot; 2], at: Slot, count: Slot },
    /// A 64-bit register from its low and high halves.
    Pack { to: Slot, low: Slot, high: Slot },
    /// The halves of a 64-bit register; `None` is dropped.
    Unpack { low: Option<Slot>, high: Option<Slot>, from: Slot },
    /// Reads a special register.
    Special { to: Slot, which: Special },
    /// A kernel parameter of 32 bits or fewer.
    ParameterWord { to: Slot, offset: u32, width: Width },
    /// A kernel parameter of 64 bits.
    ParameterLong { to: Slot, offset: u32 },
    /// Memory to registers.
    Load { to: Vector, at: Address, width: Width, order: Order },
    /// Registers to memory.
    Store { from: Vector, at: Address, width: Width, order: Order },
    /// Read, change and write as one; `to` receives what was there.
    Atomic { op: AtomicOp, to: Option<Slot>, at: Address, width: Width, from: [Slot; 2] },
    /// Continues at an instruction.
    Branch(u32),
    /// Ends the lanes.
    Exit,
    /// Waits for all threads of the block.
    Barrier,
    /// Nothing that the stand-in's memory model would notice.
    Fence,
}

/// Up to four registers of one file; `None` is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    /// The registers.
    pub slots: [Option<Slot>; 4],
    /// How many are meant.
    pub count: u8,
}

/// The address of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Which memory.
    pub space: Space,
    /// The register with the address.
    pub base: Base,
    /// The number that is added to it.
    pub offset: u64,
}

/// The register with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// 32 bits, for shared memory only.
    Word(Slot),
    /// 64 bits.
    Long(Slot),
}

/// A memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The device's memory; constants too.
    Global,
    /// The block's memory.
    Shared,
}

/// The size of an element in memory; zeros fill a wider register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the PTX types")]
pub enum Width {
    U8,
    U16,
    B32,
    B64,
}

/// The promise of an access about other threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing: a conflict with another thread is a race.
    Plain,
    /// That nobody changes the word during the launch.
    NonCoherent,
    /// Volatile or relaxed: it may meet other such accesses.
    Atomic,
}

/// A register that the device writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// Place in the block, by dimension.
    Thread(usize),
    /// Threads of a block.
    BlockSize(usize),
    /// Place in the grid.
    Block(usize),
    /// Blocks of the grid.
    GridSize(usize),
    /// Lane of the warp.
    Lane,
}

impl Width {
    /// Bytes in memory.
    pub fn bytes(self) -> u64 {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::B32 => 4,
            Self::B64 => 8,
        }
    }
}
