//! A stand-in for the CUDA driver library: it runs the PTX of the real NVRTC on the CPU.
//!
//! Loaded under the name `libcuda.so.1` it answers the driver calls of an unmodified `cudarc`, so
//! that the CUDA backend and its kernels can be tested where there is no GPU. It proves bits,
//! never speed. `README.md` says what that means and which environment variables there are.
//!
//! PTX text ──[`ptx::parse`]──▶ [`ptx::Module`] ──[`machine::run`]──▶ words in a
//! [`memory::Memory`]; [`driver`] is the C interface around them.
//!
//! Absent: everything that this project's kernels do not need (textures, doubles, local memory,
//! exchange between the lanes of a warp, several contexts per device). An absent one is refused
//! by name, never guessed.

#![deny(unsafe_code)] // but for `driver::pointer`, and the exported names of `driver::abi`

pub mod driver;
pub mod lanes;
pub mod machine;
pub mod memory;
pub mod ptx;
pub mod race;
pub mod settings;

/// Prints a line that says where it comes from.
pub fn say(what: impl std::fmt::Display) {
    use std::io::Write as _;
    // A closed standard error is no reason to stop.
    _ = writeln!(std::io::stderr(), "CUDA STAND-IN: {what}");
}
