//! Kernels small enough to write by hand.

use isospike_core::ir::{Access, Atomic, Binding, Kernel, Op, Stmt, Type, Val};

/// A kernel under construction, 64 threads in a group.
pub struct Writer {
    kernel: Kernel,
}

impl Writer {
    /// A kernel over these buffers.
    pub fn new(name: &str, bindings: &[(&'static str, Access)]) -> Self {
        let binding = |&(name, access)| Binding { name, access };
        Self {
            kernel: Kernel {
                name: name.into(),
                bindings: bindings.iter().map(binding).collect(),
                group_size: 64,
                ops: Vec::new(),
                types: Vec::new(),
                vars: 0,
                body: Vec::new(),
            },
        }
    }

    /// Evaluates an operation.
    pub fn op(&mut self, ty: Type, op: Op) -> Val {
        let val = Val(self.kernel.ops.len() as u32);
        self.kernel.ops.push(op);
        self.kernel.types.push(ty);
        self.kernel.body.push(Stmt::Let(val));
        val
    }

    /// Stores a word.
    pub fn store(&mut self, buffer: u32, index: Val, value: Val) {
        self.kernel.body.push(Stmt::Store { buffer, index, value });
    }

    /// Adds to a word.
    pub fn add(&mut self, buffer: u32, index: Val, value: Val) {
        let op = Atomic::Add;
        self.kernel.body.push(Stmt::Atomic { op, buffer, index, value, old: None });
    }

    /// The kernel.
    pub fn done(self) -> Kernel {
        self.kernel
    }
}
