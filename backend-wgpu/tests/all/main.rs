//! Tests of the wgpu backend beside the suite, as one program.

mod common;
mod device;
mod self_test;
mod source;
#[path = "../../../core/tests/all/tiny.rs"]
mod tiny;
