//! Neuron programs: compiled to a bytecode, then interpreted in blocks or made machine code.

mod bytecode;
pub(crate) mod compiled;
pub(crate) mod interpreter;
#[cfg(target_arch = "x86_64")]
mod jit;
#[cfg(not(target_arch = "x86_64"))]
#[path = "program/jit/none.rs"]
mod jit;

pub(crate) use jit::obstacle;
