//! Helpers that the micro-benchmarks share: networks from text, run on one thread.

use criterion::Criterion;
use isospike_core::describe::checked::Checked;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Simulation as _;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, CpuSimulation, Isa, Options};
use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Short: all micro-benchmarks together take a few minutes. `--measurement-time` of the command
/// line makes them longer.
pub fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(20)
        .configure_from_args()
}

/// A network of a model file's text, which is ours and without mistakes.
pub fn network(text: &str) -> Arc<Checked> {
    let read = file::parse(text, "benchmark", Path::new(""), &[]);
    match read.and_then(|described| described.check(Limits { memory_bytes: None })) {
        Ok(network) => Arc::new(network),
        Err(diagnostics) => panic!("{diagnostics}\n{text}"),
    }
}

/// The engine with one thread, and the widest instruction set where none is named.
pub fn engine(isa: Option<Isa>, interpret: bool) -> CpuBackend {
    let options = Options { threads: Some(1), isa, interpret };
    CpuBackend::new(options).expect("the instruction set is there")
}

/// A network ready to run, after `warm_up` steps.
pub fn ready(text: &str, engine: &CpuBackend, warm_up: u32) -> CpuSimulation {
    let plan = lower(network(text));
    let mut simulation = engine.prepare(&plan).expect("the network is small");
    run(&mut simulation, warm_up);
    simulation
}

/// Runs steps; gives the time that took.
pub fn run(simulation: &mut CpuSimulation, steps: u32) -> Duration {
    let mut recording = Recording::default();
    let start = Instant::now();
    simulation.run(steps, &mut recording).expect("the state stays finite");
    start.elapsed()
}
