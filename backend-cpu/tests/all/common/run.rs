//! Plans run on the backend and compared with the oracle.

use super::every_way;
use isospike_conformance::handbuilt::oracle;
use isospike_core::plan::Plan;
use isospike_core::run::backend::Backend as _;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};

/// Runs in chunks.
pub fn run_with(plan: &Plan, options: Options, chunks: &[u32]) -> oracle::Outcome {
    let backend = CpuBackend::new(options).unwrap();
    let mut simulation = backend.compile(plan).unwrap();
    let mut recording = Recording::new(plan);
    for &steps in chunks {
        simulation.run(steps, &mut recording).unwrap();
    }
    oracle::Outcome { recording, state: simulation.state().unwrap() }
}

/// The same with so many threads.
pub fn run(plan: &Plan, threads: usize, chunks: &[u32]) -> oracle::Outcome {
    run_with(plan, Options { threads: Some(threads), ..Options::default() }, chunks)
}

/// Runs a plan in many ways, and expects what the oracle says; gives that.
pub fn assert_same(plan: &Plan, steps: u32) -> oracle::Outcome {
    let expected = oracle::run(plan, steps);
    let same = |options: Options, chunks: &[u32]| {
        let outcome = run_with(plan, options, chunks);
        assert_eq!(outcome.recording.spikes.len(), expected.recording.spikes.len());
        assert!(outcome == expected, "{options:?}, {chunks:?}");
    };
    for threads in [1, 2, 3, 7, 64] {
        same(Options { threads: Some(threads), ..Options::default() }, &[steps]);
    }
    for options in every_way() {
        let options = Options { threads: Some(2), ..options };
        same(options, &[1, 0, steps / 2, steps - steps / 2 - 1]);
    }
    let one = Options { threads: Some(1), ..Options::default() };
    same(one, &vec![1; steps as usize]);
    expected
}
