//! Tests of the OpenCL backend that need no process of their own, as one program.

mod common;
mod device;
mod source;
#[path = "../../../core/tests/all/tiny.rs"]
mod tiny;
