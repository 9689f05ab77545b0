//! Shared parts of the benchmarks of isospike: the workloads as data, the bytes that a step has to
//! move, and how fast the machine moves bytes. `isospike bench` measures the one against the other;
//! `docs/performance.md` says how.

mod account;
pub mod bandwidth;
mod workload;

pub use account::Account;
pub use workload::{Goals, Peer, Workload, Workloads};
