//! The conformance cases on the first CUDA device: a GPU, or the stand-in where there is none.

use isospike_conformance::{Opened, Subject};
use isospike_cuda::open;

fn main() {
    isospike_conformance::main(&[Subject::new("cuda", "cuda", || Ok(Opened::device(open(None)?)))])
}
