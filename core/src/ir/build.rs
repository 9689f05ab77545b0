//! A typed builder: a method per operation.
//!
//! If the device does not promise an operation's bits, its method appends a sequence that gives
//! them ([`super::math`]). An operation that is in scope already is not appended again.

use super::{Guarantees, Input, Op, Output, Program, Stmt, Type, Val, math};
use crate::ops;
use std::collections::BTreeMap;

/// Appends operations, in a program or in the blocks of a kernel.
#[derive(Clone, Debug)]
pub struct Builder {
    ops: Vec<Op>,
    types: Vec<Type>,
    guarantees: Guarantees,
    /// The operations in scope: one map per open block, the innermost last.
    known: Vec<BTreeMap<Op, Val>>,
    /// The open blocks of a kernel; a program has none.
    pub(super) blocks: Option<Vec<Vec<Stmt>>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

/// Methods `name(a, b) -> Val` for operations that are always native.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $op:ident($($arg:ident: $type:ty),*);)*) => {
        $($(#[$doc])* pub fn $name(&mut self, $($arg: $type),*) -> Val {
            self.append(Op::$op($($arg),*))
        })*
    };
}

impl Builder {
    /// Returns a builder of a [`Program`]: all operations are native, and backends expand them.
    pub fn new() -> Self {
        let native = Guarantees::ALL;
        Self::with_guarantees(native)
    }

    /// Returns a builder for a device with these guarantees.
    pub fn with_guarantees(guarantees: Guarantees) -> Self {
        Self {
            ops: Vec::new(),
            types: Vec::new(),
            guarantees,
            known: vec![BTreeMap::new()],
            blocks: None,
        }
    }

    /// The program: what was appended, and what it gives. Its inputs are those that were appended.
    pub fn program(self, outputs: Vec<(Output, Val)>) -> Program {
        Program::new(self.ops, self.types, outputs)
    }

    /// Appends an input of a program.
    pub fn input(&mut self, input: Input) -> Val {
        self.append(Op::Input(input))
    }

    /// The type of a value.
    pub fn type_of(&self, val: Val) -> Type {
        self.types[val.0 as usize]
    }

    /// Appends any operation on values of this builder, expanded where it is not promised. With
    /// [`Op::map_operands`] this copies a program into a kernel.
    pub fn emit(&mut self, op: Op) -> Val {
        match op {
            Op::FDiv(a, b) => self.fdiv(a, b),
            Op::FSqrt(a) => self.fsqrt(a),
            Op::IToF(a) => self.int_to_float(a),
            Op::UMulHi(a, b) => self.umulhi(a, b),
            Op::FLt(a, b) => self.flt(a, b),
            Op::FLe(a, b) => self.fle(a, b),
            Op::FEq(a, b) => self.feq(a, b),
            Op::FAdd(..)
            | Op::FSub(..)
            | Op::FMul(..)
            | Op::Select(..)
            | Op::FToI(..)
            | ops!(signed)
            | ops!(word)
            | ops!(logic)
            | ops!(reinterpret)
            | ops!(literal)
            | ops!(input)
            | ops!(memory)
            | ops!(thread) => self.append(op),
        }
    }

    /// a / b, see [`Op::FDiv`].
    pub fn fdiv(&mut self, a: Val, b: Val) -> Val {
        if self.guarantees.ieee_div {
            let quotient = self.append(Op::FDiv(a, b));
            if self.is_program() { quotient } else { math::guarded_div(self, quotient, [a, b]) }
        } else {
            math::div_rn_emulated(self, a, b)
        }
    }

    /// sqrt(a), see [`Op::FSqrt`].
    pub fn fsqrt(&mut self, a: Val) -> Val {
        if self.guarantees.ieee_sqrt {
            let root = self.append(Op::FSqrt(a));
            if self.is_program() { root } else { math::guarded_sqrt(self, root, a) }
        } else {
            math::sqrt_rn_emulated(self, a)
        }
    }

    /// I32 -> F32, any value, see [`Op::IToF`].
    pub fn int_to_float(&mut self, a: Val) -> Val {
        if self.guarantees.int_to_float_nearest {
            self.append(Op::IToF(a))
        } else {
            math::int_to_float_split(self, a)
        }
    }

    /// I32 -> F32 for |a| <= 2^24: exact, so every device's own conversion does it.
    pub fn small_int_to_float(&mut self, a: Val) -> Val {
        self.append(Op::IToF(a))
    }

    /// The high word of a product, see [`Op::UMulHi`].
    pub fn umulhi(&mut self, a: Val, b: Val) -> Val {
        if self.guarantees.mul_hi {
            self.append(Op::UMulHi(a, b))
        } else {
            math::mul_hi_split(self, a, b)
        }
    }

    /// a < b
    pub fn flt(&mut self, a: Val, b: Val) -> Val {
        self.compared(Op::FLt(a, b))
    }

    /// a <= b
    pub fn fle(&mut self, a: Val, b: Val) -> Val {
        self.compared(Op::FLe(a, b))
    }

    /// a == b
    pub fn feq(&mut self, a: Val, b: Val) -> Val {
        self.compared(Op::FEq(a, b))
    }

    fn compared(&mut self, comparison: Op) -> Val {
        if self.guarantees.ieee_compare {
            self.append(comparison)
        } else {
            math::compare_by_bits(self, comparison)
        }
    }

    /// The bits of a float constant.
    pub(super) fn literal(&self, val: Val) -> Option<u32> {
        let Op::F32(bits) = self.ops[val.0 as usize] else { return None };
        Some(bits)
    }

    /// A float constant.
    pub fn f32(&mut self, value: f32) -> Val {
        self.append(Op::F32(value.to_bits()))
    }

    methods! {
        /// A signed constant.
        i32 = I32(value: i32);
        /// An unsigned constant.
        u32 = U32(value: u32);
        /// A condition that is known.
        bool = Bool(value: bool);
        /// a + b
        fadd = FAdd(a: Val, b: Val);
        /// a - b
        fsub = FSub(a: Val, b: Val);
        /// a * b
        fmul = FMul(a: Val, b: Val);
        /// a + b
        iadd = IAdd(a: Val, b: Val);
        /// a - b
        isub = ISub(a: Val, b: Val);
        /// a * b
        imul = IMul(a: Val, b: Val);
        /// a >> n, arithmetic
        isar = ISar(a: Val, n: u32);
        /// a < b
        ilt = ILt(a: Val, b: Val);
        /// a == b
        ieq = IEq(a: Val, b: Val);
        /// a + b
        uadd = UAdd(a: Val, b: Val);
        /// a - b
        usub = USub(a: Val, b: Val);
        /// a * b, low word
        umul = UMul(a: Val, b: Val);
        /// a / n
        udiv = UDiv(a: Val, n: u32);
        /// a % n
        urem = URem(a: Val, n: u32);
        /// a & b
        uand = UAnd(a: Val, b: Val);
        /// a | b
        uor = UOr(a: Val, b: Val);
        /// a ^ b
        uxor = UXor(a: Val, b: Val);
        /// a << n
        ushl = UShl(a: Val, n: u32);
        /// a >> n
        ushr = UShr(a: Val, n: u32);
        /// a >> b
        ushr_by = UShrBy(a: Val, b: Val);
        /// a << b
        ushl_by = UShlBy(a: Val, b: Val);
        /// a < b
        ult = ULt(a: Val, b: Val);
        /// a == b
        ueq = UEq(a: Val, b: Val);
        /// a and b
        and = And(a: Val, b: Val);
        /// a or b
        or = Or(a: Val, b: Val);
        /// not a
        not = Not(a: Val);
        /// if c { a } else { b }
        select = Select(c: Val, a: Val, b: Val);
        /// The bits of a float
        f_to_bits = FToBits(a: Val);
        /// The float of bits
        bits_to_f = BitsToF(a: Val);
        /// I32 -> U32, the same bits
        i_to_u = IToU(a: Val);
        /// U32 -> I32, the same bits
        u_to_i = UToI(a: Val);
        /// F32 -> I32 toward zero, |a| < 2^31
        f_to_i = FToI(a: Val);
        /// The word at an index of a buffer
        load = Load(buffer: u32, index: Val);
        /// The value of a variable
        get = Get(var: super::Var);
    }

    /// Opens a block: what is appended in it is not in scope after [`Self::close`].
    pub(super) fn open(&mut self) {
        self.known.push(BTreeMap::new());
        if let Some(blocks) = &mut self.blocks {
            blocks.push(Vec::new());
        }
    }

    /// Closes the innermost block and gives its statements.
    pub(super) fn close(&mut self) -> Vec<Stmt> {
        self.known.pop();
        self.blocks.as_mut().and_then(Vec::pop).unwrap_or_default()
    }

    /// Everything appended, for the kernel that is being built.
    pub(super) fn take_ops(&mut self) -> (Vec<Op>, Vec<Type>) {
        (std::mem::take(&mut self.ops), std::mem::take(&mut self.types))
    }

    /// A program has operations with all their rules. In a kernel a division or root is the
    /// device's own, so what the rules add to it is written out.
    fn is_program(&self) -> bool {
        self.blocks.is_none()
    }

    fn append(&mut self, op: Op) -> Val {
        if !op.is_volatile()
            && let Some(&val) = self.known.iter().rev().find_map(|known| known.get(&op))
        {
            return val;
        }
        debug_assert!(
            op.result_on(&self.operand_types(op)).is_some(),
            "{op:?} on {:?}",
            self.operand_types(op)
        );
        // A choice has the type of what it chooses between.
        let chosen = || op.operands().last().map_or(Type::U32, |val| self.type_of(val));
        let result = op.result_type().unwrap_or_else(chosen);
        let val = Val(self.ops.len() as u32);
        self.ops.push(op);
        self.types.push(result);
        if let Some(block) = self.blocks.as_mut().and_then(|blocks| blocks.last_mut()) {
            block.push(Stmt::Let(val));
        }
        if let Some(known) = self.known.last_mut() {
            known.insert(op, val);
        }
        val
    }

    fn operand_types(&self, op: Op) -> Vec<Type> {
        op.operands().map(|v| self.type_of(v)).collect()
    }
}
