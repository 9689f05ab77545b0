//! The real NVRTC, where it is installed.

use cudarc::nvrtc::{CompileError, CompileOptions, Ptx, compile_ptx_with_opts};
use isospike_conformance::missing::lack;

/// Whether NVRTC is there. If not it is said, and a failure where `ISOSPIKE_REQUIRE` (a list with
/// commas) has `nvrtc`.
pub fn has_nvrtc() -> bool {
    // SAFETY: only loads the library.
    if unsafe { cudarc::nvrtc::sys::is_culib_present() } {
        return true;
    }
    lack("nvrtc", "no libnvrtc.so can be loaded");
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
