//! Tests of the stand-in beside the suite, as one program.

mod common {
    pub mod driver;
    pub mod nvrtc;
}
// A driver is found by the name of a link, and the compiler with it.
#[cfg(target_os = "linux")]
mod driver;
mod instructions;
#[cfg(target_os = "linux")]
mod nvrtc;
mod races;
