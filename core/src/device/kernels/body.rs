//! A kernel under construction, with its buffers by name.

use super::{Buffer, Role, Stage};
use crate::ir::build::Builder;
use crate::ir::kernel::KernelBuilder;
use crate::ir::{Access, Atomic, Guarantees, Op, Val, Var};

/// Builds a kernel for a part of a step, and its launch with this number of groups.
pub fn build(
    (role, name): (Role, &str),
    buffers: &[(Buffer, Access)],
    group_size: u32,
    guarantees: Guarantees,
    groups: u32,
    inner: impl FnOnce(&mut Body),
) -> Stage {
    let mut kernel = KernelBuilder::new(name, group_size, guarantees);
    for (buffer, access) in buffers {
        kernel.bind(buffer.name(), *access);
    }
    let buffers: Vec<Buffer> = buffers.iter().map(|(buffer, _)| *buffer).collect();
    inner(&mut Body { kernel: &mut kernel, buffers: &buffers });
    Stage { kernel: kernel.finish(), buffers, groups, role }
}

/// The innermost open block of a kernel.
pub struct Body<'a> {
    kernel: &'a mut KernelBuilder,
    buffers: &'a [Buffer],
}

impl Body<'_> {
    /// Emits an operation, or its emulation on a device without the guarantee; once in a scope.
    pub fn op(&mut self, op: Op) -> Val {
        self.kernel.emit(op)
    }

    /// Returns the builder, for sequences of [`crate::ir::math`].
    pub fn builder(&mut self) -> &mut Builder {
        self.kernel
    }

    /// Emits a constant.
    pub fn u32(&mut self, value: u32) -> Val {
        self.kernel.u32(value)
    }

    /// Emits `a + n`.
    pub fn add(&mut self, a: Val, n: u32) -> Val {
        if n == 0 {
            return a;
        }
        let n = self.u32(n);
        self.kernel.uadd(a, n)
    }

    /// Emits `copy` and `rest` of a value `copy * width + rest`, for `batch` copies.
    pub fn split(&mut self, value: Val, width: u32, batch: u32) -> (Val, Val) {
        if batch == 1 {
            return (self.u32(0), value);
        }
        (self.kernel.udiv(value, width), self.kernel.urem(value, width))
    }

    /// Loads a word of a buffer.
    pub fn load(&mut self, buffer: Buffer, index: Val) -> Val {
        let position = self.position(buffer);
        self.kernel.load(position, index)
    }

    /// Loads a word of a buffer at a constant index.
    pub fn load_at(&mut self, buffer: Buffer, index: u32) -> Val {
        let index = self.u32(index);
        self.load(buffer, index)
    }

    /// Stores a word.
    pub fn store(&mut self, buffer: Buffer, index: Val, value: Val) {
        let position = self.position(buffer);
        self.kernel.store(position, index, value);
    }

    /// Combines a word with one in memory.
    pub fn atomic(&mut self, op: Atomic, buffer: Buffer, index: Val, value: Val) {
        let position = self.position(buffer);
        self.kernel.atomic(op, position, index, value, None);
    }

    /// Combines a word with one in memory and returns the word before.
    pub fn atomic_old(&mut self, op: Atomic, buffer: Buffer, index: Val, value: Val) -> Val {
        let position = self.position(buffer);
        let old = self.var();
        self.kernel.atomic(op, position, index, value, Some(old));
        self.get(old)
    }

    /// Declares a variable. It is 0 at the start of the thread, not of each pass of a loop.
    pub fn var(&mut self) -> Var {
        self.kernel.var()
    }

    /// Gives a variable a value.
    pub fn set(&mut self, var: Var, value: Val) {
        self.kernel.set(var, value);
    }

    /// Returns the present value of a variable.
    pub fn get(&mut self, var: Var) -> Val {
        self.kernel.get(var)
    }

    /// Emits `if condition { ... }`.
    pub fn when(&mut self, condition: Val, inner: impl FnOnce(&mut Body)) {
        let buffers = self.buffers;
        self.kernel.when(condition, |kernel| inner(&mut Body { kernel, buffers }));
    }

    /// Emits a loop, which [`Body::break_if`] ends.
    pub fn repeat(&mut self, inner: impl FnOnce(&mut Body)) {
        let buffers = self.buffers;
        self.kernel.repeat(|kernel| inner(&mut Body { kernel, buffers }));
    }

    /// Ends the innermost loop if the condition holds.
    pub fn break_if(&mut self, condition: Val) {
        self.kernel.break_if(condition);
    }

    /// Emits `inner` for `first`, `first + stride`, ... below `end`.
    pub fn strided(
        &mut self,
        first: Val,
        end: Val,
        stride: Val,
        inner: impl FnOnce(&mut Body, Val),
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

    /// Returns the position of a buffer in the bindings. Every buffer that a kernel uses is
    /// declared at its beginning; a missing one gives a position that the verifier refuses.
    fn position(&self, buffer: Buffer) -> u32 {
        let found = self.buffers.iter().position(|b| *b == buffer);
        found.map_or(u32::MAX, |position| position as u32)
    }
}
