//! Tests of the suite itself, as one program; `mutation` and `oracles` have lists of their own.

mod faulty;
mod printed;
#[path = "../common/tampered.rs"]
mod tampered;
