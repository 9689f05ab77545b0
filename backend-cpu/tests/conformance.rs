//! The conformance cases on the CPU engine, with one thread, two, and more than there are cores.

use isospike_conformance::Subject;
use isospike_core::backend::{Backend, BackendError};
use isospike_cpu::{CpuBackend, Isa, Options};

fn open(threads: usize, isa: Option<Isa>) -> Result<Box<dyn Backend>, BackendError> {
    Ok(Box::new(CpuBackend::new(Options { threads: Some(threads), isa, ..Options::default() })?))
}

fn main() {
    let subject = |name, open| Subject { name, require: "cpu", open };
    isospike_conformance::main(&[
        subject("cpu/1 thread", || open(1, None)),
        subject("cpu/2 threads", || open(2, None)),
        subject("cpu/7 threads", || open(7, None)),
        subject("cpu/baseline", || open(1, Some(Isa::Baseline))),
    ])
}
