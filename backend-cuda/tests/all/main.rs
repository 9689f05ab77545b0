//! Tests of the CUDA backend that need no process of their own, as one program.

mod cache;
mod common;
mod compile;
mod device;
mod listener;
mod memory;
mod source;
#[allow(dead_code)]
#[path = "../../../core/tests/all/tiny.rs"]
mod tiny;
