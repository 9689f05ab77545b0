//! The two oracles. [`model`] simulates the checked network as naively as possible; [`machine`]
//! interprets the kernels that devices run. With only the second, a mistake in lowering would be a
//! unanimous vote.

mod connectivity;
pub mod machine;
pub mod model;
mod value;
