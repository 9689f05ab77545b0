//! Plans run on the backend and compared with the oracle.

use super::oracle;
use isospike_core::backend::Backend as _;
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_cpu::{CpuBackend, Isa, Options};

/// Runs in chunks.
pub fn run(plan: &Plan, threads: usize, isa: Isa, chunks: &[u32]) -> oracle::Outcome {
    let backend =
        CpuBackend::new(Options { threads: Some(threads), isa: Some(isa), ..Options::default() })
            .unwrap();
    let mut simulation = backend.compile(plan).unwrap();
    let mut recording = Recording::new(plan);
    for &steps in chunks {
        simulation.run(steps, &mut recording).unwrap();
    }
    oracle::Outcome { recording, state: simulation.state().unwrap() }
}

/// Runs a plan in many ways, and expects what the oracle says; gives that.
pub fn assert_same(plan: &Plan, steps: u32) -> oracle::Outcome {
    let expected = oracle::run(plan, steps);
    let same = |threads, isa, chunks: &[u32]| {
        let outcome = run(plan, threads, isa, chunks);
        assert_eq!(outcome.recording.spikes.len(), expected.recording.spikes.len());
        assert!(outcome == expected, "{threads} threads, {isa:?}, {chunks:?}");
    };
    for threads in [1, 2, 3, 7, 64] {
        same(threads, Isa::best(), &[steps]);
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        same(2, isa, &[1, 0, steps / 2, steps - steps / 2 - 1]);
    }
    same(1, Isa::best(), &vec![1; steps as usize]);
    expected
}
