//! The CUDA C of the main kernels, reviewed as text.

#[path = "../../core/tests/kernels/tiny.rs"]
#[allow(dead_code)]
mod tiny;

use isospike_core::ir::Promises;
use isospike_core::lower::kernels::layout::Layout;
use isospike_core::lower::kernels::{RowFormat, Width, stages};
use isospike_cuda::source;

/// A LIF population that a spike list drives.
#[test]
fn the_kernels_of_a_step() {
    let plan = tiny::plan(tiny::lif(None), 100, &[(0, 0), (4, 1)], &[(0, 3, 9, 2)], &[]);
    let layout = Layout::new(&plan);
    let width = Width { deliver_groups: 1024, clear_groups: 256 };
    let rows = RowFormat { wide: false, parts: 1 };
    for stage in stages(&plan, &layout, rows, width, Promises::ALL) {
        if ["update_1", "deliver", "tick"].contains(&stage.kernel.name.as_str()) {
            insta::assert_snapshot!(stage.kernel.name.clone(), source(&stage.kernel).unwrap());
        }
    }
}
