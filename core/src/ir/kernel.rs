//! Building kernels: statements around the operations of [`Builder`].

use super::build::Builder;
use super::{Access, Atomic, Binding, Guarantees, Kernel, Stmt, Val, Var};
use std::ops::{Deref, DerefMut};

/// Builds one kernel. Operations (through [`Builder`]) and statements go to the innermost open
/// block, in the order of the calls.
#[derive(Clone, Debug)]
pub struct KernelBuilder {
    builder: Builder,
    name: String,
    bindings: Vec<Binding>,
    group_size: u32,
    vars: u32,
}

impl Deref for KernelBuilder {
    type Target = Builder;

    fn deref(&self) -> &Builder {
        &self.builder
    }
}

impl DerefMut for KernelBuilder {
    fn deref_mut(&mut self) -> &mut Builder {
        &mut self.builder
    }
}

impl KernelBuilder {
    /// An empty kernel for a device with these guarantees.
    pub fn new(name: impl Into<String>, group_size: u32, guarantees: Guarantees) -> Self {
        let mut builder = Builder::with_guarantees(guarantees);
        builder.blocks = Some(vec![Vec::new()]);
        Self { builder, name: name.into(), bindings: Vec::new(), group_size, vars: 0 }
    }

    /// Binds a buffer: its position, for loads and stores.
    pub fn bind(&mut self, name: &'static str, access: Access) -> u32 {
        self.bindings.push(Binding { name, access });
        self.bindings.len() as u32 - 1
    }

    /// A new variable. It is 0 at the start of the thread, not at this place.
    pub fn var(&mut self) -> Var {
        self.vars += 1;
        Var(self.vars - 1)
    }

    /// Gives a variable a U32 value.
    pub fn set(&mut self, var: Var, value: Val) {
        self.push(Stmt::Set(var, value));
    }

    /// Stores a U32 word.
    pub fn store(&mut self, buffer: u32, index: Val, value: Val) {
        self.push(Stmt::Store { buffer, index, value });
    }

    /// Combines a U32 word into memory.
    pub fn atomic(&mut self, op: Atomic, buffer: u32, index: Val, value: Val, old: Option<Var>) {
        self.push(Stmt::Atomic { op, buffer, index, value, old });
    }

    /// Runs `body` where the condition holds.
    pub fn when(&mut self, condition: Val, body: impl FnOnce(&mut Self)) {
        self.when_else(condition, body, |_| {});
    }

    /// Runs `yes` where the condition holds, `no` elsewhere.
    pub fn when_else(
        &mut self,
        condition: Val,
        yes: impl FnOnce(&mut Self),
        no: impl FnOnce(&mut Self),
    ) {
        let yes = self.block(yes);
        let no = self.block(no);
        self.push(Stmt::If(condition, yes, no));
    }

    /// Repeats `body` until a [`Self::break_if`] in it holds.
    pub fn repeat(&mut self, body: impl FnOnce(&mut Self)) {
        let body = self.block(body);
        self.push(Stmt::Loop(body));
    }

    /// Leaves the innermost loop where the condition holds.
    pub fn break_if(&mut self, condition: Val) {
        self.push(Stmt::BreakIf(condition));
    }

    /// The kernel.
    pub fn finish(mut self) -> Kernel {
        let body = self.builder.close();
        let (ops, types) = self.builder.take_ops();
        Kernel {
            name: self.name,
            bindings: self.bindings,
            group_size: self.group_size,
            ops,
            types,
            vars: self.vars,
            body,
        }
    }

    fn block(&mut self, body: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        self.builder.open();
        body(self);
        self.builder.close()
    }

    fn push(&mut self, stmt: Stmt) {
        if let Some(block) = self.builder.blocks.as_mut().and_then(|blocks| blocks.last_mut()) {
            block.push(stmt);
        }
    }
}
