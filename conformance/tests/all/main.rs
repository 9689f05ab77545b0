//! Tests of the suite itself, as one program; `mutation` and `oracles` have lists of their own.

#[path = "../common/double.rs"]
mod double;
mod faulty;
mod printed;
#[path = "../common/tampered.rs"]
mod tampered;
