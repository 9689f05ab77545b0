//! The conformance cases on each software platform, with the full barrier on one, and on the
//! hardware of this machine.

use isospike_conformance::{Opened, Subject};
use isospike_core::device::cache::Cache;
use isospike_core::run::backend::BackendError;
use isospike_opencl::{ContractionGuard, Options, devices, open_with};

fn open(
    selector: Option<&str>,
    contraction_guard: Option<ContractionGuard>,
) -> Result<Opened, BackendError> {
    let options = Options { contraction_guard, cache: Cache::from_environment() };
    Ok(Opened::device(open_with(selector, options)?))
}

fn protected(selector: &str, contraction_guard: ContractionGuard) -> Result<Opened, BackendError> {
    open(Some(selector), Some(contraction_guard))
}

fn main() {
    let mut subjects = vec![
        Subject::new("opencl/pocl", "opencl-pocl", || {
            protected("pocl", ContractionGuard::NoContraction)
        }),
        Subject::new("opencl/pocl/full barrier", "opencl-pocl", || {
            protected("pocl", ContractionGuard::FullBarrier)
        }),
        Subject::new("opencl/rusticl", "opencl-rusticl", || {
            protected("rusticl", ContractionGuard::NoContraction)
        }),
        // Some releases of this compiler rearrange floats, so the self-test chooses.
        Subject::new("opencl/intel", "opencl-intel", || open(Some("intel"), None)),
    ];
    // The preferred device: hardware where there is some. Software has had its turn, and where
    // there is nothing at all this is the subject that says so.
    if devices().devices.first().is_none_or(|d| !d.software) {
        subjects.push(Subject::new("opencl", "opencl", || open(None, None)));
    }
    isospike_conformance::main(&subjects)
}
