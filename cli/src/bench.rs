//! Benchmarks: a workload built, warmed up and measured several times, and held against what the
//! machine can move.

mod beside;
mod busy;
mod limit;
mod machine;
mod measure;
mod row;

pub use beside::Beside;
pub use machine::Machine;
pub use measure::{Repetition, Site, measure};
pub use row::row;
