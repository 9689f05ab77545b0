//! The wgpu backend.

pub mod wgsl;
