//! A few steps of a small network on both oracles and on the CPU: the same bits.

use isospike_core::connect::Rule;
use isospike_core::describe::checked::{Checked, Projection, StimulusKind};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_core::run::counters::Counters;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Isa, Options};
use std::sync::Arc;

/// How far a network is run.
const STEPS: u32 = 3;

/// The largest network that is lowered and run at each input: neurons of all copies, synapses,
/// Poisson events in a step, and accumulators times delays.
const NEURONS: u64 = 400;
const SYNAPSES: u64 = 5_000;
const EVENTS: f64 = 16.0;
const RING: f64 = 1e6;

/// Lowers and runs the network, if it is small.
pub(crate) fn agree(checked: Checked) {
    if !small(&checked) {
        return;
    }
    let plan = lower(Arc::new(checked));
    let expected = outcome(&ModelBackend::default(), &plan);
    for guarantees in [Guarantees::ALL, Guarantees::NONE] {
        same(&expected, outcome(&MachineBackend::new(guarantees), &plan), "the kernels");
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        for interpret in [true, false] {
            let options = Options { threads: Some(1), isa: Some(isa), interpret };
            let backend = CpuBackend::new(options).expect("the instruction set is available");
            same(&expected, outcome(&backend, &plan), isa.name());
        }
    }
}

/// The digest of a run, and what was counted.
type Outcome = Result<(String, Counters), BackendError>;

fn outcome(backend: &dyn Backend, plan: &Plan) -> Outcome {
    let mut simulation = backend.compile(plan)?;
    let mut record = Recording::new(plan);
    simulation.run(STEPS, &mut record)?;
    Ok((record.digest(&simulation.state()?), simulation.counters()?))
}

/// Equal digests and counts; and what one refuses, as a limit of its own, another need not.
fn same(expected: &Outcome, found: Outcome, backend: &str) {
    match (expected, found) {
        (Ok(expected), Ok(found)) => assert_eq!(*expected, found, "{backend}"),
        (_, Err(BackendError::Unsupported(_) | BackendError::OutOfMemory { .. })) => {}
        (_, Err(BackendError::AccumulatorBound(_))) => {}
        // The same variable of the same neuron in the same step.
        (Err(expected @ BackendError::NotFinite { .. }), Err(found)) => {
            assert_eq!(*expected, found, "{backend}");
        }
        (expected, found) => panic!("{backend}: {found:?} instead of {expected:?}"),
    }
}

fn small(checked: &Checked) -> bool {
    let size = |population: usize| u64::from(checked.populations[population].size);
    let neurons: u64 = (0..checked.populations.len()).map(size).sum();
    let synapses = |p: &Projection| {
        let (pre, post) = (size(p.pre.index()), size(p.post.index()));
        match p.rule {
            Rule::FixedProbability(_) => pre * post,
            ref rule => rule.synapses(pre, post),
        }
    };
    let all = checked.projections.iter().map(synapses).fold(0, u64::saturating_add);
    let events: f64 = checked
        .stimuli
        .iter()
        .map(|stimulus| match stimulus.kind {
            StimulusKind::Poisson { events_per_step, .. } => events_per_step,
            _ => 0.0,
        })
        .sum();
    let neurons = neurons * u64::from(checked.batch);
    neurons <= NEURONS
        && all <= SYNAPSES
        && events <= EVENTS
        && neurons as f64 * longest_delay(checked) <= RING
}

/// In steps, of what can be drawn.
fn longest_delay(checked: &Checked) -> f64 {
    use isospike_core::connect::Distribution as D;
    let drawn = |p: &Projection| match p.delay_ms {
        D::Constant(delay) => delay / checked.dt_ms,
        D::Uniform { hi, .. } => hi / checked.dt_ms,
        D::Normal { mean, sd, hi, .. } => hi.min(mean + 10.0 * sd) / checked.dt_ms,
    };
    let listed = |p: &Projection| match &p.rule {
        Rule::Explicit(list) => list.0.iter().filter_map(|s| s.delay_steps).max().unwrap_or(1),
        _ => 1,
    };
    let delay = |p: &Projection| drawn(p).max(f64::from(listed(p)));
    checked.projections.iter().map(delay).fold(1.0, f64::max)
}
