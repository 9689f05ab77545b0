//! The devices of this machine, and kernels small enough to write by hand.

use isospike_core::ir::{Access, Atomic, Binding, Kernel, Op, Stmt, Type, Val};
use isospike_wgpu::{Options, Protection, WgpuDevice, open_unproved};

/// Every path to a device: interface and protection.
pub const PATHS: [(&str, Protection); 3] = [
    ("vulkan", Protection::NoContraction),
    ("vulkan", Protection::FullBarrier),
    ("gl", Protection::FullBarrier),
];

/// Calls `test` with a device for each path that this machine has. What it has not is said, and
/// is a failure where `ISOSPIKE_REQUIRE` (a list with commas) names `wgpu` or `wgpu-gl`.
pub fn on_each(mut test: impl FnMut(&mut WgpuDevice, &str)) {
    for (api, protection) in PATHS {
        if let Some(mut device) = device(api, protection) {
            test(&mut device, &format!("{api}, {}", protection.name()));
        }
    }
}

/// One path, `None` where this machine has no such device.
pub fn device(api: &str, protection: Protection) -> Option<WgpuDevice> {
    match open_unproved(Some(api), Options { protection: Some(protection) }) {
        Ok(device) => Some(device),
        Err(why) => {
            eprintln!("MISSING DEVICE: wgpu/{api} ({why})");
            let name = if api == "gl" { "wgpu-gl" } else { "wgpu" };
            let required = std::env::var("ISOSPIKE_REQUIRE").unwrap_or_default();
            assert!(!required.split(',').any(|r| r.trim() == name), "{name} is required: {why}");
            None
        }
    }
}

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
