//! Runs a network and says where two runs part.

use crate::cases::Case;
use crate::difference::{Search, first_spike, first_state};
use crate::failure::Failure;
use crate::suite::Done;
use isospike_core::base::words::count;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_core::run::counters::{Counters, derive};
use isospike_core::run::record::Recording;
use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;
use std::sync::Arc;

/// The results of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Spikes and traces.
    pub record: Recording,
    /// Final state words.
    pub state: Vec<u32>,
    /// Its counts.
    pub counters: Counters,
}

impl Outcome {
    /// The digest of spikes and state.
    pub fn digest(&self) -> String {
        self.record.digest(&self.state)
    }

    /// How many spikes and words there are to compare.
    pub fn words(&self) -> u64 {
        let traces: usize = self.record.traces.iter().map(Vec::len).sum();
        (self.record.spikes.len() + traces + self.state.len()) as u64
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

/// One case on the backend and on the naive oracle, in one piece: equal, or where they part.
pub fn against_oracle(backend: &dyn Backend, case: &Case) -> Result<Done, Failure> {
    let plan = plan(&case.text)?;
    let oracle = run(&ModelBackend::default(), &plan, &[case.steps])?;
    if case.spikes && oracle.record.spikes.is_empty() {
        let steps = count(case.steps, "step");
        return Err(Failure::new(format!("the case is toothless: no spike in {steps}")));
    }
    counted(&plan, &oracle)?;
    let mine = run(backend, &plan, &[case.steps])?;
    let checked = equal(&plan, &oracle, &mine)
        .map_err(|failure| located(failure, &plan, backend, case.steps))?;
    Ok(Done::of(checked))
}

/// The same failure, with the first state word that differs from the naive oracle's within
/// `steps` steps, if a second run finds it.
pub fn located(failure: Failure, plan: &Plan, backend: &dyn Backend, steps: u32) -> Failure {
    let oracle = ModelBackend::default();
    let note = match first_state(plan, [&oracle, backend], steps, &|| false) {
        Ok(Search::Found(found)) => return Failure { difference: Some(found), ..failure },
        Ok(Search::NotRepeated) => format!(
            "the states of a second run agree up to step {steps}: the backend is not deterministic, \
             or what it records is not what it computes"
        ),
        Ok(Search::Lengths(a, b)) => {
            format!("the states have {}, not {a}", count(b as u64, "word"))
        }
        Ok(Search::Interrupted) => "the search was interrupted".to_owned(),
        Err(error) => format!("a second run failed: {error}"),
    };
    Failure { message: format!("{}; {note}", failure.message), ..failure }
}

/// Whether two outcomes are equal; else the first difference in words. Gives how many spikes and
/// words were compared.
pub fn equal(plan: &Plan, expected: &Outcome, got: &Outcome) -> Result<u64, Failure> {
    if let Some(found) = first_spike(&expected.record, &got.record) {
        let (a, b) = (&expected.record.spikes, &got.record.spikes);
        let neurons = plan.neurons().max(1);
        let (population, neuron) = plan.locate(found.spike.neuron % neurons);
        return Err(Failure::new(format!(
            "spikes part at step {}: population {}, neuron {neuron}, copy {}: {} ({} \
             expected in all, {} got)",
            found.spike.step,
            plan.populations[population.index()].name,
            found.spike.neuron / neurons,
            if found.in_first { "its spike is missing" } else { "it should not spike" },
            count(a.len() as u64, "spike"),
            b.len(),
        )));
    }
    for (probe, (a, b)) in expected.record.traces.iter().zip(&got.record.traces).enumerate() {
        let name = plan.probe_name(probe).unwrap_or_default();
        words(&format!("trace of probe {name}"), a, b)?;
    }
    words("final state", &expected.state, &got.state)?;
    if expected.record.steps != got.record.steps {
        let (a, b) = (expected.record.steps, got.record.steps);
        return Err(Failure::new(format!("recorded: {}, of {a} that were run", count(b, "step"))));
    }
    counts(plan, &expected.counters, &got.counters)?;
    Ok(expected.words())
}

/// Whether a run has the counts that its spikes imply. Post events that a condition makes do not
/// follow from spikes: two runs are compared for these.
pub fn counted(plan: &Plan, outcome: &Outcome) -> Result<(), Failure> {
    let found = outcome.counters.clone().of_spikes(plan);
    counts(plan, &derive(plan, &outcome.record), &found)
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
        let (a, b) = (expected.len(), got.len());
        return Err(Failure::new(format!("{what}: {} expected, {b} got", count(a as u64, "word"))));
    }
    match expected.iter().zip(got).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(i) => Err(Failure::new(format!(
            "{what}: word {i} is {:#010x} ({:e}), expected {:#010x} ({:e})",
            got[i],
            f32::from_bits(got[i]),
            expected[i],
            f32::from_bits(expected[i]),
        ))),
    }
}
