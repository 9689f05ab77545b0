//! The real NVRTC, where it is installed.

use cudarc::nvrtc::{CompileError, CompileOptions, Ptx, compile_ptx_with_opts};
use std::io::Write as _;

/// Whether NVRTC is there. If not it is said, and a failure where `ISOSPIKE_REQUIRE` (a list with
/// commas) has `nvrtc`.
pub fn has_nvrtc() -> bool {
    // SAFETY: only loads the library.
    if unsafe { cudarc::nvrtc::sys::is_culib_present() } {
        return true;
    }
    // A terminal that is gone is no reason to fail.
    _ = writeln!(std::io::stderr(), "MISSING DEVICE: nvrtc (no libnvrtc.so can be loaded)");
    let required = std::env::var("ISOSPIKE_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|r| r.trim() == "nvrtc"), "nvrtc is required");
    false
}

/// PTX of a CUDA C text, compiled as this project's kernels are, with other options after.
pub fn compile(source: &str, more: &[&str]) -> Result<Ptx, CompileError> {
    let fixed = [
        "--gpu-architecture=compute_80",
        "--fmad=false",
        "--ftz=false",
        "--prec-div=true",
        "--prec-sqrt=true",
    ];
    let options = fixed.iter().chain(more).map(|&option| option.to_owned()).collect();
    compile_ptx_with_opts(source, CompileOptions { options, ..Default::default() })
}
