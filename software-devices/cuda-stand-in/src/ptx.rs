//! PTX: from text to instructions whose registers are numbered and whose labels are resolved.
//!
//! The part of PTX that this project's kernels need is read here, and nothing else: an instruction,
//! a qualifier or a directive that is not is an error that names its line. The meaning of each
//! instruction is that of the PTX ISA manual, version 9.

mod alu;
mod body;
mod compare;
mod convert;
mod cursor;
mod float;
pub mod instruction;
mod memory;
mod module;
mod register;
mod text;

pub(crate) use alu::insert;
pub use module::{Kernel, Module, Parameter, parse};

/// The device as the reader of PTX sees it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The driver's version, 13050 for 13.5: decides which PTX versions it can read.
    pub driver: u32,
    /// The compute capability, 80 for 8.0.
    pub sm: u32,
    /// Run PTX whose bits are not fixed.
    pub lenient: bool,
    /// The address of the module's variables.
    pub variables_at: u64,
}

/// Why PTX was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The kind of mistake.
    pub kind: LoadErrorKind,
    /// The line of the text, from 1.
    pub line: u32,
    /// The mistake.
    pub what: String,
}

/// The kinds of mistakes that a driver distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadErrorKind {
    /// Not PTX, or PTX for a newer device, or what the stand-in does not know or allow.
    Invalid,
    /// PTX of a version that the driver is too old for.
    Version,
}

impl LoadError {
    /// A mistake in the text.
    pub fn invalid(line: u32, what: impl Into<String>) -> Self {
        Self { kind: LoadErrorKind::Invalid, line, what: what.into() }
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PTX line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for LoadError {}
