//! The two oracles.

pub mod machine;
