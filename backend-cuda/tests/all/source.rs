//! The CUDA C of the main kernels, reviewed as text.

use crate::{listener, tiny};
use isospike_cuda::source;

/// A LIF population that a spike list drives.
#[test]
fn the_kernels_of_a_step() {
    let plan = tiny::plan(tiny::lif(None), 100, &[(0, 0), (4, 1)], &[(0, 3, 9, 2)], &[]);
    for kernel in listener::kernels(&plan) {
        if ["update_1", "deliver", "tick"].contains(&kernel.name.as_str()) {
            insta::assert_snapshot!(kernel.name.clone(), source(&kernel).unwrap());
        }
    }
}
