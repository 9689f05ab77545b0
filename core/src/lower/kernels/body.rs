//! A kernel under construction: values in scopes, statements in blocks.

use super::{Buffer, Stage};
use crate::device::Promises;
use crate::ir::build::Emit;
use crate::ir::{Access, Atomic, Binding, Kernel, Op, Stmt, Val, Var};
use std::collections::HashMap;

/// Builds the body of one kernel. Pure operations are named once for each scope.
pub struct Body {
    kernel: Kernel,
    buffers: Vec<Buffer>,
    promises: Promises,
    /// Open blocks, the innermost last, each with the pure operations named in it.
    scopes: Vec<(Vec<Stmt>, HashMap<Op, Val>)>,
}

impl Body {
    /// An empty body.
    pub fn new(
        name: &str,
        buffers: Vec<(Buffer, Access)>,
        group_size: u32,
        promises: Promises,
    ) -> Self {
        let binding =
            |&(buffer, access): &(Buffer, Access)| Binding { name: buffer.name(), access };
        let kernel = Kernel {
            name: name.to_string(),
            bindings: buffers.iter().map(binding).collect(),
            group_size,
            ops: Vec::new(),
            types: Vec::new(),
            vars: 0,
            body: Vec::new(),
        };
        let buffers = buffers.into_iter().map(|(buffer, _)| buffer).collect();
        Self { kernel, buffers, promises, scopes: vec![Default::default()] }
    }

    /// The finished kernel, launched with this many groups.
    pub fn finish(mut self, groups: u32) -> Stage {
        if let Some((body, _)) = self.scopes.pop() {
            self.kernel.body = body;
        }
        Stage { kernel: self.kernel, buffers: self.buffers, groups }
    }

    /// `a + n`.
    pub fn add(&mut self, a: Val, n: u32) -> Val {
        if n == 0 {
            return a;
        }
        let n = self.u32(n);
        self.op(Op::UAdd(a, n))
    }

    /// `copy` and the rest of `copy * width + rest`, for `batch` copies.
    pub fn split(&mut self, value: Val, width: u32, batch: u32) -> (Val, Val) {
        if batch == 1 {
            return (self.u32(0), value);
        }
        let copy = self.op(Op::UDiv(value, width));
        let rest = self.op(Op::URem(value, width));
        (copy, rest)
    }

    /// A word of a buffer.
    pub fn load(&mut self, buffer: Buffer, index: Val) -> Val {
        let position = self.position(buffer);
        self.name(Op::Load(position, index))
    }

    /// A word of a buffer at a constant index.
    pub fn load_at(&mut self, buffer: Buffer, index: u32) -> Val {
        let index = self.u32(index);
        self.load(buffer, index)
    }

    /// Stores a word.
    pub fn store(&mut self, buffer: Buffer, index: Val, value: Val) {
        let buffer = self.position(buffer);
        self.stmt(Stmt::Store { buffer, index, value });
    }

    /// Combines a word into memory.
    pub fn atomic(&mut self, op: Atomic, buffer: Buffer, index: Val, value: Val) {
        let buffer = self.position(buffer);
        self.stmt(Stmt::Atomic { op, buffer, index, value, old: None });
    }

    /// Combines a word into memory; the value is the word before.
    pub fn atomic_old(&mut self, op: Atomic, buffer: Buffer, index: Val, value: Val) -> Val {
        let buffer = self.position(buffer);
        let old = self.var();
        self.stmt(Stmt::Atomic { op, buffer, index, value, old: Some(old) });
        self.get(old)
    }

    /// A new variable. It is 0 when the thread starts, not when a loop comes round again.
    pub fn var(&mut self) -> Var {
        self.kernel.vars += 1;
        Var(self.kernel.vars - 1)
    }

    /// Gives a variable a value.
    pub fn set(&mut self, var: Var, value: Val) {
        self.stmt(Stmt::Set(var, value));
    }

    /// The value of a variable now.
    pub fn get(&mut self, var: Var) -> Val {
        self.name(Op::Get(var))
    }

    /// `if condition { ... }`.
    pub fn when(&mut self, condition: Val, inner: impl FnOnce(&mut Self)) {
        let block = self.block(inner);
        self.stmt(Stmt::If(condition, block, Vec::new()));
    }

    /// A loop; leave it with [`Body::break_if`].
    pub fn repeat(&mut self, inner: impl FnOnce(&mut Self)) {
        let block = self.block(inner);
        self.stmt(Stmt::Loop(block));
    }

    /// Leaves the innermost loop if the condition holds.
    pub fn break_if(&mut self, condition: Val) {
        self.stmt(Stmt::BreakIf(condition));
    }

    /// `inner` for `first`, `first + stride`, ... below `end`.
    pub fn strided(
        &mut self,
        first: Val,
        end: Val,
        stride: Val,
        inner: impl FnOnce(&mut Self, Val),
    ) {
        let counter = self.var();
        self.set(counter, first);
        self.repeat(|body| {
            let now = body.get(counter);
            let more = body.op(Op::ULt(now, end));
            let done = body.op(Op::Not(more));
            body.break_if(done);
            inner(body, now);
            let next = body.op(Op::UAdd(now, stride));
            body.set(counter, next);
        });
    }

    /// The operand that a sum with 0 or a product with 1 is.
    fn trivial(&self, op: Op) -> Option<Val> {
        let is = |val: Val, n| self.kernel.ops[val.0 as usize] == Op::U32(n);
        match op {
            Op::UAdd(a, b) if is(b, 0) => Some(a),
            Op::UAdd(a, b) if is(a, 0) => Some(b),
            Op::UMul(a, b) if is(b, 1) || is(a, 0) => Some(a),
            Op::UMul(a, b) if is(a, 1) || is(b, 0) => Some(b),
            Op::UShl(a, _) if is(a, 0) => Some(a),
            _ => None,
        }
    }

    fn name(&mut self, op: Op) -> Val {
        let val = Val(self.kernel.ops.len() as u32);
        let ty = op.result(&self.kernel.types);
        self.kernel.ops.push(op);
        self.kernel.types.push(ty);
        self.stmt(Stmt::Let(val));
        val
    }

    fn block(&mut self, inner: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        self.scopes.push(Default::default());
        inner(self);
        self.scopes.pop().map(|(block, _)| block).unwrap_or_default()
    }

    fn stmt(&mut self, stmt: Stmt) {
        if let Some((block, _)) = self.scopes.last_mut() {
            block.push(stmt);
        }
    }

    /// The position of a buffer in the bindings. Every buffer that a kernel uses is declared when
    /// it is begun; a missing one gives a position that the verifier refuses.
    fn position(&self, buffer: Buffer) -> u32 {
        let found = self.buffers.iter().position(|b| *b == buffer);
        found.map_or(u32::MAX, |position| position as u32)
    }
}

impl Emit for Body {
    fn native(&mut self, op: Op) -> Val {
        if let Some(val) = self.trivial(op) {
            return val;
        }
        if let Some(val) = self.scopes.iter().rev().find_map(|(_, known)| known.get(&op)) {
            return *val;
        }
        let val = self.name(op);
        if let Some((_, known)) = self.scopes.last_mut() {
            known.insert(op, val);
        }
        val
    }

    fn promises(&self) -> Promises {
        self.promises
    }
}
