//! The machine below: instruction sets, sixteen words at a time, random words. All `unsafe` of this
//! crate is here, but for the call of generated code (`program/jit/code.rs`).
//!
//! Vector code elsewhere is plain Rust over [`Lanes`], written so that it vectorises. A [`Task`]
//! holds such code; [`dispatch`] compiles it once for each instruction set and calls the one that
//! the machine has. The operations are IEEE and integer ones, never contracted by the compiler, so
//! every instruction set gives the same bits.

mod dispatch;
mod isa;
mod lanes;
pub(crate) mod philox;
mod prefetch;
pub(crate) mod row;
pub(crate) mod word;

pub use isa::Isa;

pub(crate) use dispatch::{Task, dispatch, fill};
pub(crate) use isa::Detected;
pub(crate) use lanes::{BLOCK, LANES, Lanes, lanes_of};
pub(crate) use prefetch::prefetch;
