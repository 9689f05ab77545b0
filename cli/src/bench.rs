//! Benchmarks: a workload built, warmed up and measured several times, and held against what the
//! machine can move.

mod limit;
mod machine;
mod measure;
mod row;

pub use machine::{Machine, cores};
pub use measure::{Repetition, Site, measure};
pub use row::row;
