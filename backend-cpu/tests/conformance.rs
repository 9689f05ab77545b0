//! The conformance cases on the CPU engine: with one thread, two, and more than there are cores; as
//! machine code of each width, and interpreted.

use isospike_conformance::{Opened, Subject};
use isospike_core::run::backend::BackendError;
use isospike_cpu::{CpuBackend, Isa, Options};

fn open(options: Options) -> Result<Opened, BackendError> {
    Ok(Opened::engine(CpuBackend::new(options)?))
}

fn threads(threads: usize) -> Result<Opened, BackendError> {
    open(Options { threads: Some(threads), ..Options::default() })
}

fn one(isa: Option<Isa>, interpret: bool) -> Result<Opened, BackendError> {
    open(Options { threads: Some(1), isa, interpret })
}

fn main() {
    isospike_conformance::main(&[
        Subject::new("cpu/1 thread", "cpu", || threads(1))
            .variant("3 threads", || threads(3))
            .variant("64 threads", || threads(64)),
        Subject::new("cpu/2 threads", "cpu", || threads(2)),
        Subject::new("cpu/7 threads", "cpu", || threads(7)),
        Subject::new("cpu/baseline", "cpu", || one(Some(Isa::Baseline), true)),
        Subject::new("cpu/interpreter", "cpu", || one(None, true)),
        Subject::new("cpu/AVX2", "cpu-avx2", || one(Some(Isa::Avx2), false)),
        Subject::new("cpu/AVX-512", "cpu-avx512", || one(Some(Isa::Avx512), false)),
    ])
}
