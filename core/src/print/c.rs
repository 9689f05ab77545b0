//! C for kernels. [`CUDA_C`] and [`OPENCL_C`] are the same language twice: what differs stands in
//! the two values below, field by field, and nowhere else.

use super::Dialect;
use crate::ir::{Access, Atomic, Binding, Kernel, Op, Type};
use crate::ops;
use std::fmt::Write as _;

/// The words in which one C for kernels differs from another. `$0` and `$1` are operands, `$b` is
/// a buffer and `$i` an index into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct C {
    /// Before everything else.
    prologue: &'static str,
    /// Up to the kernel's name; `$g` is the group size.
    kernel: &'static str,
    /// The type of a buffer that is only loaded from.
    read: &'static str,
    /// The type of a buffer of which each word belongs to one thread.
    read_write: &'static str,
    /// The type of a buffer with atomics.
    atomic: &'static str,
    thread_id: &'static str,
    local_id: &'static str,
    group_id: &'static str,
    group_count: &'static str,
    float_to_bits: &'static str,
    bits_to_float: &'static str,
    float_of_bits: &'static str,
    int_to_float: &'static str,
    mul_hi: &'static str,
    fadd: &'static str,
    fsub: &'static str,
    fmul: &'static str,
    fdiv: &'static str,
    fsqrt: &'static str,
    /// A load that sees what other threads of the launch did.
    atomic_load: &'static str,
    atomic_add: &'static str,
    atomic_or: &'static str,
}

/// OpenCL C 1.2. Contraction is forbidden by the pragma; division and square root round correctly
/// where the device promises it and the program is built so.
pub const OPENCL_C: C = C {
    prologue: "#pragma OPENCL FP_CONTRACT OFF\n",
    kernel: "__kernel __attribute__((reqd_work_group_size($g, 1, 1)))\nvoid ",
    read: "__global const uint *restrict ",
    read_write: "__global uint *",
    atomic: "volatile __global uint *",
    thread_id: "(uint)get_global_id(0)",
    local_id: "(uint)get_local_id(0)",
    group_id: "(uint)get_group_id(0)",
    group_count: "(uint)get_num_groups(0)",
    float_to_bits: "as_uint($0)",
    bits_to_float: "as_float($0)",
    float_of_bits: "as_float(",
    int_to_float: "convert_float($0)",
    mul_hi: "mul_hi($0, $1)",
    fadd: "$0 + $1",
    fsub: "$0 - $1",
    fmul: "$0 * $1",
    fdiv: "$0 / $1",
    fsqrt: "sqrt($0)",
    atomic_load: "$b[$i]",
    atomic_add: "atomic_add(&$b[$i], $0)",
    atomic_or: "atomic_or(&$b[$i], $0)",
};

/// CUDA C. Float operations are named with their rounding, so that no flag can contract them.
pub const CUDA_C: C = C {
    prologue: "typedef unsigned int uint;\n",
    kernel: "extern \"C\" __global__ __launch_bounds__($g)\nvoid ",
    read: "const uint *__restrict__ ",
    read_write: "uint *",
    atomic: "uint *",
    thread_id: "blockIdx.x * blockDim.x + threadIdx.x",
    local_id: "threadIdx.x",
    group_id: "blockIdx.x",
    group_count: "gridDim.x",
    float_to_bits: "__float_as_uint($0)",
    bits_to_float: "__uint_as_float($0)",
    float_of_bits: "__uint_as_float(",
    int_to_float: "__int2float_rn($0)",
    mul_hi: "__umulhi($0, $1)",
    fadd: "__fadd_rn($0, $1)",
    fsub: "__fsub_rn($0, $1)",
    fmul: "__fmul_rn($0, $1)",
    fdiv: "__fdiv_rn($0, $1)",
    fsqrt: "__fsqrt_rn($0)",
    atomic_load: "*(volatile uint *)&$b[$i]",
    atomic_add: "atomicAdd(&$b[$i], $0)",
    atomic_or: "atomicOr(&$b[$i], $0)",
};

impl Dialect for C {
    fn open(&self, kernel: &Kernel, zero: bool) -> String {
        let head = self.kernel.replace("$g", &kernel.group_size.to_string());
        let mut text = format!("{}\n{head}{}(", self.prologue, kernel.name);
        let buffers = kernel.bindings.iter().map(|b| (self.pointer(b.access), buffer(b)));
        let zero_buffer = zero.then(|| (self.read, "zero".to_owned()));
        for (position, (ty, name)) in buffers.chain(zero_buffer).enumerate() {
            let comma = if position == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\n    {ty}{name}");
        }
        text.push_str(")\n{\n");
        if zero {
            text.push_str("    const uint zz = zero[0];\n");
        }
        text
    }

    fn template(&self, op: &Op) -> Option<&str> {
        Some(match op {
            Op::FAdd(..) => self.fadd,
            Op::FSub(..) => self.fsub,
            Op::FMul(..) => self.fmul,
            Op::FDiv(..) => self.fdiv,
            Op::FSqrt(_) => self.fsqrt,
            // Signed overflow is undefined in C, unsigned wraps.
            Op::IAdd(..) => "(int)((uint)$0 + (uint)$1)",
            Op::ISub(..) => "(int)((uint)$0 - (uint)$1)",
            Op::IMul(..) => "(int)((uint)$0 * (uint)$1)",
            Op::UMulHi(..) => self.mul_hi,
            Op::Select(..) => "$0 ? $1 : $2",
            Op::FToBits(_) => self.float_to_bits,
            Op::BitsToF(_) => self.bits_to_float,
            Op::IToU(_) => "(uint)$0",
            Op::UToI(_) | Op::FToI(_) => "(int)$0",
            Op::IToF(_) => self.int_to_float,
            Op::ThreadId => self.thread_id,
            Op::LocalId => self.local_id,
            Op::GroupId => self.group_id,
            Op::GroupCount => self.group_count,
            Op::FLt(..)
            | Op::FLe(..)
            | Op::FEq(..)
            | ops!(word)
            | ops!(logic)
            | ops!(literal)
            | ops!(input)
            | ops!(memory) => return None,
        })
    }

    fn literal(&self, ty: Type, bits: u32) -> String {
        match ty {
            Type::F32 => format!("{}{bits:#010x}u)", self.float_of_bits),
            Type::I32 if bits >> 31 == 0 => bits.to_string(),
            // -2147483648 is not a literal of C, so all negative numbers are given by their bits.
            Type::I32 => format!("(int){bits:#010x}u"),
            Type::U32 => format!("{bits}u"),
            Type::Bool => (bits != 0).to_string(),
        }
    }

    fn constant(&self, name: &str, ty: Type) -> String {
        let ty = match ty {
            Type::F32 => "float",
            Type::I32 => "int",
            Type::U32 => "uint",
            Type::Bool => "bool",
        };
        format!("const {ty} {name}")
    }

    fn variable(&self, name: &str) -> String {
        format!("uint {name} = 0u")
    }

    fn load(&self, binding: &Binding, index: &str) -> String {
        match binding.access {
            Access::Atomic => word(self.atomic_load, binding, index),
            Access::Read | Access::ReadWrite => word("$b[$i]", binding, index),
        }
    }

    fn store(&self, binding: &Binding, index: &str, value: &str) -> String {
        format!("{} = {value}", self.load(binding, index))
    }

    fn atomic(&self, op: Atomic, binding: &Binding, index: &str, value: &str) -> String {
        let template = match op {
            Atomic::Add => self.atomic_add,
            Atomic::Or => self.atomic_or,
        };
        word(template, binding, index).replace("$0", value)
    }

    fn endless(&self) -> &str {
        "for (;;) {"
    }
}

impl C {
    fn pointer(&self, access: Access) -> &'static str {
        match access {
            Access::Read => self.read,
            Access::ReadWrite => self.read_write,
            Access::Atomic => self.atomic,
        }
    }
}

fn word(template: &str, binding: &Binding, index: &str) -> String {
    template.replace("$b", &buffer(binding)).replace("$i", index)
}

/// The name of a buffer, kept apart from the words of the language.
fn buffer(binding: &Binding) -> String {
    format!("b_{}", binding.name)
}
