//! The conformance cases on the first CUDA device: a GPU, or the stand-in where there is none.

use isospike_conformance::Subject;
use isospike_cuda::open;

fn main() {
    isospike_conformance::main(&[Subject::new("cuda", "cuda", || Ok(Box::new(open(None)?)))])
}
