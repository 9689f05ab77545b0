//! Tests of the wgpu backend beside the ladder, as one program.

mod battery;
mod common;
mod device;
mod source;
#[path = "../../../core/tests/all/tiny.rs"]
mod tiny;
