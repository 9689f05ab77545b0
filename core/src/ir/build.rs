//! Builders: a value in, a named operation out.
//!
//! [`Emit`] is what anything that collects operations offers: the [`Builder`] of a program, the
//! body of a kernel. The sequences of [`super::math`] are written once over it.

use super::{Op, Program, Type, Val};
use crate::device::Promises;
use std::collections::HashMap;

/// Something that collects operations.
pub trait Emit {
    /// Names the result of an operation as it stands. The same operation on the same values may
    /// be named once.
    fn native(&mut self, op: Op) -> Val;

    /// The operation as the promises allow it: native, or a sequence ([`super::math::expand`]).
    fn op(&mut self, op: Op) -> Val {
        super::math::expand(self, op)
    }

    /// What is native here; the rest is expanded by [`super::math`].
    fn promises(&self) -> Promises;

    /// A float constant.
    fn f32(&mut self, value: f32) -> Val {
        self.op(Op::F32(value.to_bits()))
    }

    /// An unsigned constant.
    fn u32(&mut self, value: u32) -> Val {
        self.op(Op::U32(value))
    }

    /// A signed constant.
    fn i32(&mut self, value: i32) -> Val {
        self.op(Op::I32(value))
    }

    /// I32 -> F32 of an integer up to 2^24 in magnitude: exact, so every device's own conversion.
    fn exact_int_to_float(&mut self, a: Val) -> Val {
        self.native(Op::IToF(a))
    }

    /// a + b
    fn fadd(&mut self, a: Val, b: Val) -> Val {
        self.op(Op::FAdd(a, b))
    }

    /// a - b
    fn fsub(&mut self, a: Val, b: Val) -> Val {
        self.op(Op::FSub(a, b))
    }

    /// a * b
    fn fmul(&mut self, a: Val, b: Val) -> Val {
        self.op(Op::FMul(a, b))
    }

    /// if c { a } else { b }
    fn select(&mut self, c: Val, a: Val, b: Val) -> Val {
        self.op(Op::Select(c, a, b))
    }
}

/// Collects the operations of a [`Program`]. Everything is native: a program is the meaning, and
/// expansions belong to the kernels of a device.
#[derive(Debug, Default)]
pub struct Builder {
    program: Program,
    known: HashMap<Op, Val>,
}

impl Builder {
    /// Says which values are the results of the program.
    pub fn results(&mut self, state: Vec<Val>, refractory: Option<Val>, spike: Option<Val>) {
        self.program.next_state = state;
        self.program.next_refractory = refractory;
        self.program.spike = spike;
    }

    /// The program.
    pub fn finish(self) -> Program {
        self.program
    }

    /// The type of a value.
    pub fn type_of(&self, val: Val) -> Type {
        self.program.types[val.0 as usize]
    }
}

impl Emit for Builder {
    fn op(&mut self, op: Op) -> Val {
        self.native(op)
    }

    fn native(&mut self, op: Op) -> Val {
        // The map is only looked up, never walked, so its order is not observable.
        if let Some(val) = self.known.get(&op) {
            return *val;
        }
        let val = Val(self.program.ops.len() as u32);
        self.program.types.push(op.result(&self.program.types));
        self.program.ops.push(op);
        self.known.insert(op, val);
        val
    }

    fn promises(&self) -> Promises {
        Promises { ieee_div: true, ieee_sqrt: true, int_to_float_nearest: true, mul_hi: true }
    }
}
