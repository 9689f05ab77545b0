//! The conformance cases on each software platform, and with the full barrier on one.

use isospike_conformance::Subject;
use isospike_core::backend::{Backend, BackendError};
use isospike_core::device::cache::Cache;
use isospike_opencl::{Options, Protection, open_with};

fn open(selector: &str, protection: Protection) -> Result<Box<dyn Backend>, BackendError> {
    let options = Options { protection: Some(protection), cache: Cache::from_environment() };
    Ok(Box::new(open_with(Some(selector), options)?))
}

fn main() {
    let subject = |name, require, open| Subject { name, require, open };
    isospike_conformance::main(&[
        subject("opencl/pocl", "opencl-pocl", || open("pocl", Protection::NoContraction)),
        subject("opencl/pocl/full barrier", "opencl-pocl", || {
            open("pocl", Protection::FullBarrier)
        }),
        subject("opencl/rusticl", "opencl-rusticl", || open("rusticl", Protection::NoContraction)),
        subject("opencl/intel", "opencl-intel", || open("intel", Protection::NoContraction)),
    ])
}
