//! Runs a network and says where two runs part.

use crate::Subject;
use crate::cases::Case;
use isospike_core::backend::{Backend, BackendError};
use isospike_core::check::Limits;
use isospike_core::counters::{Counters, derive};
use isospike_core::file;
use isospike_core::lower::lower;
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_core::reference::model::ModelBackend;
use libtest_mimic::Failed;
use std::path::Path;
use std::sync::Arc;

/// What a run left.
pub struct Outcome {
    /// Spikes and traces.
    pub record: Recording,
    /// Final state words.
    pub state: Vec<u32>,
    /// What was counted.
    pub counters: Counters,
}

impl Outcome {
    /// The digest of spikes and state.
    pub fn digest(&self) -> String {
        self.record.digest(&self.state)
    }
}

/// The plan of a model file's text; mistakes are a failure of the case.
pub fn plan(text: &str) -> Result<Plan, Failed> {
    let network = file::parse(text, "case.toml", Path::new("."), &[]).map_err(failed)?;
    Ok(lower(Arc::new(network.check(Limits::default()).map_err(failed)?)))
}

/// Runs a plan in the given chunks of steps.
pub fn run(backend: &dyn Backend, plan: &Plan, chunks: &[u32]) -> Result<Outcome, BackendError> {
    let mut simulation = backend.compile(plan)?;
    let mut record = Recording::new(plan);
    for &steps in chunks {
        simulation.run(steps, &mut record)?;
    }
    Ok(Outcome { record, state: simulation.state()?, counters: simulation.counters()? })
}

/// One case on the subject and on the naive oracle: equal, or where they part. The subject runs
/// in one piece and in three, which must not matter either.
pub fn against_oracle(subject: Subject, case: &Case) -> Result<(), Failed> {
    let plan = plan(&case.text)?;
    let backend = (subject.open)().map_err(failed)?;
    let oracle = run(&ModelBackend::default(), &plan, &[case.steps]).map_err(failed)?;
    if case.spikes && oracle.record.spikes.is_empty() {
        return Err(format!("the case is toothless: no spike in {} steps", case.steps).into());
    }
    counts(&plan, &derive(&plan, &oracle.record), &oracle.counters)?;
    let third = case.steps / 3;
    for chunks in [vec![case.steps], vec![third, 1, case.steps - third - 1]] {
        let mine = run(backend.as_ref(), &plan, &chunks).map_err(failed)?;
        equal(&plan, &oracle, &mine)?;
    }
    Ok(())
}

/// Whether two outcomes are equal; else the first difference in words.
pub fn equal(plan: &Plan, expected: &Outcome, got: &Outcome) -> Result<(), Failed> {
    let (a, b) = (&expected.record.spikes, &got.record.spikes);
    if a != b {
        let at = a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
        let (x, y) = (a.get(at), b.get(at));
        let first = x.into_iter().chain(y).min().expect("one train has a spike here");
        let (population, neuron) = plan.locate(first.neuron % plan.neurons());
        return Err(format!(
            "spikes part at step {}: population {}, neuron {neuron}, copy {}; expected {x:?}, \
             got {y:?} ({} and {} spikes in all)",
            first.step,
            plan.populations[population.index()].name,
            first.neuron / plan.neurons(),
            a.len(),
            b.len(),
        )
        .into());
    }
    for (probe, (a, b)) in expected.record.traces.iter().zip(&got.record.traces).enumerate() {
        words(&format!("trace of probe {}", plan.probes[probe].name), a, b)?;
    }
    words("final state", &expected.state, &got.state)?;
    counts(plan, &expected.counters, &got.counters)
}

/// Whether two runs counted the same.
pub fn counts(plan: &Plan, expected: &Counters, got: &Counters) -> Result<(), Failed> {
    match expected.first_difference(got, plan) {
        None => Ok(()),
        Some(difference) => Err(format!("expected and got: {difference}").into()),
    }
}

fn words(what: &str, expected: &[u32], got: &[u32]) -> Result<(), Failed> {
    if expected.len() != got.len() {
        return Err(format!("{what}: {} words expected, {} got", expected.len(), got.len()).into());
    }
    match expected.iter().zip(got).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(i) => Err(format!(
            "{what}: word {i} is {:#010x} ({}), expected {:#010x} ({})",
            got[i],
            f32::from_bits(got[i]),
            expected[i],
            f32::from_bits(expected[i]),
        )
        .into()),
    }
}

/// Any error as a failed test.
pub fn failed(error: impl std::fmt::Display) -> Failed {
    Failed::from(error.to_string())
}
