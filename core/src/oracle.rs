//! The two oracles. [`network`] simulates the checked network as naively as possible; [`kernel`]
//! interprets the kernels that devices run. With only the second, a mistake in lowering would be a
//! unanimous vote.

mod connectivity;
pub mod function;
pub mod kernel;
pub mod network;
mod value;
