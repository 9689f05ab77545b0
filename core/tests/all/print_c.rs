//! The two dialects of C: the same text but for their own words.

use crate::tiny;
use isospike_core::base::random::PoissonTable;
use isospike_core::device::kernels::layout::Layout;
use isospike_core::device::kernels::share::{ROUNDS, Sharing};
use isospike_core::device::kernels::{RowFormat, Stage, Width, stages};
use isospike_core::ir::Guarantees;
use isospike_core::print::c::{CUDA_C, OPENCL_C};
use isospike_core::print::{ContractionGuard, numbered, print};

/// The kernels of a noisy LIF population that a spike list drives, probed.
fn kernels() -> Vec<Stage> {
    let cells = tiny::lif(Some(PoissonTable::new(0.9)));
    let mut plan = tiny::plan(cells, 100, &[(0, 0), (0, 1), (4, 1)], &[(0, 3, 9, 2)], &[]);
    plan.probes = vec![tiny::probe(&[5, 6], 10)];
    let width = Width { deliver_groups: 32, learn_groups: 4, clear_groups: 16 };
    let parts = vec![Sharing::new(&[1, 0], ROUNDS, 102, 1)];
    let rows = RowFormat { wide: false, parts };
    stages(&plan, &Layout::new(&plan), &rows, &[], width, Guarantees::ALL)
}

#[test]
fn a_kernel_with_atomics() {
    let all = kernels();
    let emit = all.iter().find(|stage| stage.kernel.name.starts_with("emit")).unwrap();
    let text = |dialect| print(&emit.kernel, dialect, ContractionGuard::None).unwrap();
    insta::assert_snapshot!("emit-opencl", text(&OPENCL_C));
    insta::assert_snapshot!("emit-cuda", text(&CUDA_C));
}

#[test]
fn every_float_operation_passes_the_barrier() {
    for stage in kernels() {
        let bare = print(&stage.kernel, &OPENCL_C, ContractionGuard::None).unwrap();
        let barred = print(&stage.kernel, &OPENCL_C, ContractionGuard::FullBarrier).unwrap();
        let floats = bare.lines().filter(|l| {
            l.contains("const float")
                && (l.contains(" + ")
                    || l.contains(" - ")
                    || l.contains(" * ")
                    || l.contains(" / ")
                    || l.contains("sqrt("))
        });
        assert_eq!(floats.count(), barred.matches(" + zz)").count(), "{}", stage.kernel.name);
        assert!(barred.contains("zero[0]"));
    }
}

#[test]
fn lines_are_numbered_from_one() {
    assert_eq!(numbered("a\n  b\n"), "   1 | a\n   2 |   b");
}
