//! WGSL as a [`Dialect`] of the kernel printer.

#![deny(clippy::wildcard_enum_match_arm)]

use isospike_core::ir::{Access, Atomic, Binding, Kernel, Op, Type};
use isospike_core::ops;
use isospike_core::print::Dialect;
use std::fmt::Write as _;

/// WGSL: storage buffers in group 0 by position, one `let` for each operation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wgsl;

impl Dialect for Wgsl {
    fn open(&self, kernel: &Kernel, zero: bool) -> String {
        let mut text = String::new();
        for (position, binding) in kernel.bindings.iter().enumerate() {
            let (access, element) = match binding.access {
                Access::Read => ("read", "u32"),
                Access::ReadWrite => ("read_write", "u32"),
                Access::Atomic => ("read_write", "atomic<u32>"),
            };
            let _ = writeln!(
                text,
                "@group(0) @binding({position}) var<storage, {access}> {}: array<{element}>;",
                buffer(binding)
            );
        }
        if zero {
            let position = kernel.bindings.len();
            let _ = writeln!(text, "@group(0) @binding({position}) var<uniform> zero: vec4<u32>;");
        }
        let _ = writeln!(text, "\n@compute @workgroup_size({})", kernel.group_size);
        let _ = writeln!(
            text,
            "fn main(\n    @builtin(global_invocation_id) thread: vec3<u32>,\n    \
             @builtin(local_invocation_id) local: vec3<u32>,\n    \
             @builtin(workgroup_id) group: vec3<u32>,\n    \
             @builtin(num_workgroups) groups: vec3<u32>,\n) {{"
        );
        if zero {
            text.push_str("    let zz = zero.x;\n");
        }
        text
    }

    fn template(&self, op: &Op) -> Option<&str> {
        Some(match op {
            // Integer arithmetic of WGSL wraps, signed too.
            Op::IAdd(..) => "$0 + $1",
            Op::ISub(..) => "$0 - $1",
            Op::IMul(..) => "$0 * $1",
            Op::Select(..) => "select($2, $1, $0)",
            Op::FToBits(_) | Op::IToU(_) => "bitcast<u32>($0)",
            Op::BitsToF(_) => "bitcast<f32>($0)",
            Op::UToI(_) => "bitcast<i32>($0)",
            Op::IToF(_) => "f32($0)",
            Op::FToI(_) => "i32($0)",
            Op::ThreadId => "thread.x",
            Op::LocalId => "local.x",
            Op::GroupId => "group.x",
            Op::GroupCount => "groups.x",
            Op::FAdd(..)
            | Op::FSub(..)
            | Op::FMul(..)
            | Op::FDiv(..)
            | Op::FSqrt(..)
            | Op::FLt(..)
            | Op::FLe(..)
            | Op::FEq(..)
            | Op::UMulHi(..)
            | ops!(word)
            | ops!(logic)
            | ops!(literal)
            | ops!(input)
            | ops!(memory) => return None,
        })
    }

    fn literal(&self, ty: Type, bits: u32) -> String {
        match ty {
            // A constant expression that is not finite is an error in WGSL, so such a literal
            // depends on something known only when the kernel runs.
            Type::F32 if bits & 0x7f80_0000 == 0x7f80_0000 => {
                format!("bitcast<f32>({bits:#010x}u | (groups.x & 0u))")
            }
            Type::F32 => format!("bitcast<f32>({bits:#010x}u)"),
            Type::I32 if bits >> 31 == 0 => format!("{bits}i"),
            // -2147483648i is not a literal, so all negative numbers are given by their bits.
            Type::I32 => format!("bitcast<i32>({bits:#010x}u)"),
            Type::U32 => format!("{bits}u"),
            Type::Bool => (bits != 0).to_string(),
        }
    }

    fn constant(&self, name: &str, _: Type) -> String {
        format!("let {name}")
    }

    fn variable(&self, name: &str) -> String {
        format!("var {name}: u32 = 0u")
    }

    fn load(&self, binding: &Binding, index: &str) -> String {
        match binding.access {
            Access::Atomic => format!("atomicLoad(&{}[{index}])", buffer(binding)),
            Access::Read | Access::ReadWrite => format!("{}[{index}]", buffer(binding)),
        }
    }

    fn store(&self, binding: &Binding, index: &str, value: &str) -> String {
        match binding.access {
            Access::Atomic => format!("atomicStore(&{}[{index}], {value})", buffer(binding)),
            Access::Read | Access::ReadWrite => format!("{}[{index}] = {value}", buffer(binding)),
        }
    }

    fn atomic(&self, op: Atomic, binding: &Binding, index: &str, value: &str) -> String {
        let function = match op {
            Atomic::Add => "atomicAdd",
            Atomic::Or => "atomicOr",
        };
        format!("{function}(&{}[{index}], {value})", buffer(binding))
    }

    fn endless(&self) -> &str {
        "loop {"
    }
}

/// The name of a buffer, kept apart from the words of the language.
fn buffer(binding: &Binding) -> String {
    format!("b_{}", binding.name)
}
