//! Runs a network and says where two runs part.

use crate::cases::Case;
use crate::failure::Failure;
use crate::ladder::Done;
use isospike_core::backend::{Backend, BackendError};
use isospike_core::check::Limits;
use isospike_core::counters::{Counters, derive};
use isospike_core::file;
use isospike_core::lower::lower;
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_core::reference::model::ModelBackend;
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
pub fn plan(text: &str) -> Result<Plan, Failure> {
    let network = file::parse(text, "case.toml", Path::new("."), &[])?;
    Ok(lower(Arc::new(network.check(Limits::default())?)))
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

/// One case on the backend and on the naive oracle: equal, or where they part. The backend runs
/// in one piece and in three, which must not matter either.
pub fn against_oracle(backend: &dyn Backend, case: &Case) -> Result<Done, Failure> {
    let plan = plan(&case.text)?;
    let oracle = run(&ModelBackend::default(), &plan, &[case.steps])?;
    if case.spikes && oracle.record.spikes.is_empty() {
        let steps = case.steps;
        return Err(Failure::new(format!("the case is toothless: no spike in {steps} steps")));
    }
    counts(&plan, &derive(&plan, &oracle.record), &oracle.counters)?;
    let third = case.steps / 3;
    let mut checked = 0;
    for chunks in [vec![case.steps], vec![third, 1, case.steps - third - 1]] {
        let mine = run(backend, &plan, &chunks)?;
        checked += equal(&plan, &oracle, &mine)?;
    }
    Ok(Done { checked, unit: "words" })
}

/// Whether two outcomes are equal; else the first difference in words. Gives how many spikes and
/// words were compared.
pub fn equal(plan: &Plan, expected: &Outcome, got: &Outcome) -> Result<u64, Failure> {
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
    counts(plan, &expected.counters, &got.counters)?;
    let traces = expected.record.traces.iter().map(Vec::len).sum::<usize>();
    Ok((a.len() + traces + expected.state.len()) as u64)
}

/// Whether two runs counted the same.
pub fn counts(plan: &Plan, expected: &Counters, got: &Counters) -> Result<(), Failure> {
    match expected.first_difference(got, plan) {
        None => Ok(()),
        Some(difference) => Err(Failure::new(format!("expected and got: {difference}"))),
    }
}

fn words(what: &str, expected: &[u32], got: &[u32]) -> Result<(), Failure> {
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
