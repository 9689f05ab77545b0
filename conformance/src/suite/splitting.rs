//! Level 10: where runs are cut, doubled and continued nothing changes.

use super::networks::{self, Family};
use super::{Done, Level, Needs, Settings, Test};
use crate::cases::{self, Case};
use crate::checkpoint;
use crate::failure::Failure;
use crate::subject::Subject;
use crate::verdict::{self, Outcome};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_core::run::counters::derive;
use isospike_core::run::record::{Recording, Spike};

/// How the 1,000 steps of the case are cut.
const CUTS: [(&str, &[u32]); 4] = [
    ("10 times 100 steps", &[100; 10]),
    ("chunks of every size", &[1, 0, 2, 3, 0, 31, 64, 127, 256, 511, 5]),
    ("the first steps alone", &[1, 1, 1, 1, 996]),
    ("the last steps alone", &[996, 1, 1, 1, 1]),
];

/// How the 330 steps of the case `learning_silent` are cut.
const LEARNING_CUTS: &[u32] = &[1, 0, 2, 3, 0, 31, 64, 127, 100, 2];

/// Copies of a batch.
const COPIES: u32 = 3;

type Body = fn(&dyn Backend, &Subject, &Case) -> Result<u64, Failure>;

/// A test for each seam.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let mut tests: Vec<Test> = CUTS
        .iter()
        .map(|(name, chunks)| {
            test(format!("1,000 steps in {name}"), move |backend, _, case| {
                cut(backend, case, chunks)
            })
        })
        .collect();
    let bodies: [(&str, Body); 5] = [
        ("twice the same", twice),
        ("simulations at once", at_once),
        ("every chunk on another thread", threads),
        ("the first copy of a batch is the network alone", first_copy),
        ("copies without noise are all the same", equal_copies),
    ];
    tests.extend(bodies.map(|(name, body)| test(name, body)));
    let case = cases::named(&["learning_silent"]).remove(0);
    let name = format!("{} in chunks of every size", case.name);
    tests.push(Test::new(Level::Splitting, name, move |backend, _| {
        let checked = cut(backend, &case, LEARNING_CUTS);
        Ok(Done::of(checked.map_err(|failure| failure.shown_by(case.model()))?))
    }));
    let case = cases::named(&["batch"]).remove(0);
    tests.push(Test::new(Level::Splitting, "batch", move |backend, _| case.run(backend)));
    tests.push(test("every other way to run", other_ways).needing(Needs::Variants));
    let checkpoints = |case: Case| {
        let name = format!("checkpoints of {}", case.name);
        Test::new(Level::Splitting, name, move |backend, _| {
            checkpoint::against_oracle(backend, &case)
                .map_err(|failure| failure.shown_by(case.model()))
        })
    };
    tests.extend(cases::all().into_iter().map(checkpoints));
    let Settings { seed, networks } = *settings;
    for family in [Family::Static, Family::Learning] {
        let name = format!("checkpoints of {} of seed {seed}", family.count(networks));
        tests.push(Test::new(Level::Splitting, name, move |backend, _| {
            networks::check(backend, family, seed, networks, checkpoint::against_oracle)
        }));
    }
    tests
}

fn test(
    name: impl Into<String>,
    body: impl Fn(&dyn Backend, &Subject, &Case) -> Result<u64, Failure> + Send + Sync + 'static,
) -> Test {
    let case = cases::named(&["splitting"]).remove(0);
    Test::new(Level::Splitting, name, move |backend, subject| {
        let shown = |failure: Failure| failure.shown_by(case.model());
        let checked = body(backend, subject, &case).map_err(shown)?;
        Ok(Done::of(checked))
    })
}

/// In chunks as in one piece on the oracle.
fn cut(backend: &dyn Backend, case: &Case, chunks: &[u32]) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let steps = chunks.iter().sum();
    let expected = verdict::run(&ModelBackend::default(), &plan, &[steps])?;
    let got = verdict::run(backend, &plan, chunks)?;
    verdict::equal(&plan, &expected, &got)
        .map_err(|failure| verdict::located(failure, &plan, backend, steps))
}

/// Two runs of one backend.
fn twice(backend: &dyn Backend, _: &Subject, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let first = verdict::run(backend, &plan, &[case.steps])?;
    let second = verdict::run(backend, &plan, &[case.steps])?;
    verdict::equal(&plan, &first, &second)
}

/// Three simulations take turns, two of them of one plan, in chunks of different sizes; each as if
/// it were alone.
fn at_once(backend: &dyn Backend, _: &Subject, case: &Case) -> Result<u64, Failure> {
    let other = cases::named(&["batch"]).remove(0);
    let (plan, other) = (verdict::plan(&case.text)?, verdict::plan(&other.text)?);
    let plans = [&plan, &other, &plan];
    let mut records = plans.map(Recording::new);
    let simulations: Result<Vec<_>, _> = plans.iter().map(|plan| backend.compile(plan)).collect();
    let mut simulations = simulations?;
    for chunk in [7, 50, 1, 130, 12] {
        for (simulation, record) in simulations.iter_mut().zip(&mut records) {
            simulation.run(chunk, record)?;
        }
    }
    let mut checked = 0;
    for ((plan, simulation), record) in plans.iter().zip(&mut simulations).zip(records) {
        let expected = verdict::run(&ModelBackend::default(), plan, &[record.steps])?;
        let (state, counters) = (simulation.state()?, simulation.counters()?);
        let got = Outcome { record, state, counters };
        checked += verdict::equal(plan, &expected, &got)?;
    }
    Ok(checked)
}

/// Moves a simulation to a new thread for each chunk.
fn threads(backend: &dyn Backend, _: &Subject, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    let mut record = Recording::new(&plan);
    for chunk in [3, 40, 1, 156] {
        (simulation, record) = elsewhere(move || {
            simulation.run(chunk, &mut record)?;
            Ok((simulation, record))
        })?;
    }
    let (state, counters) = elsewhere(move || Ok((simulation.state()?, simulation.counters()?)))?;
    let expected = verdict::run(&ModelBackend::default(), &plan, &[record.steps])?;
    verdict::equal(&plan, &expected, &Outcome { record, state, counters })
}

/// Calls `work` on a thread of its own.
fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackendError> + Send + 'static,
) -> Result<T, Failure> {
    let done = std::thread::spawn(work).join();
    Ok(done.map_err(|_| Failure::new("a thread that ran some steps panicked"))??)
}

/// Copy 0 draws as a network does that has no copies.
fn first_copy(backend: &dyn Backend, _: &Subject, case: &Case) -> Result<u64, Failure> {
    let (single, batch) = (verdict::plan(&case.text)?, verdict::plan(&batched(&case.text))?);
    let expected = verdict::run(backend, &single, &[case.steps])?;
    let all = verdict::run(backend, &batch, &[case.steps])?;
    verdict::equal(&single, &expected, &copy(&single, &all, 0))
}

/// Without noise nothing distinguishes copies.
fn equal_copies(backend: &dyn Backend, _: &Subject, _: &Case) -> Result<u64, Failure> {
    let case = cases::named(&["delays"]).remove(0);
    let (single, batch) = (verdict::plan(&case.text)?, verdict::plan(&batched(&case.text))?);
    let expected = verdict::run(&ModelBackend::default(), &single, &[case.steps])?;
    let all = verdict::run(backend, &batch, &[case.steps])?;
    let mut checked = 0;
    for number in 0..COPIES {
        checked += verdict::equal(&single, &expected, &copy(&single, &all, number))
            .map_err(|failure| Failure::new(format!("copy {number}: {}", failure.message)))?;
    }
    Ok(checked)
}

/// The same backend with other numbers of threads, or whatever else must not matter.
fn other_ways(backend: &dyn Backend, subject: &Subject, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let expected = verdict::run(backend, &plan, &[case.steps])?;
    let mut checked = 0;
    for (name, open) in &subject.variants {
        let named = |error: BackendError| Failure::new(format!("{name}: {error}"));
        let variant = open().map_err(named)?;
        let got = verdict::run(variant.backend(), &plan, &[case.steps]).map_err(named)?;
        checked += verdict::equal(&plan, &expected, &got)
            .map_err(|failure| Failure::new(format!("{name}: {}", failure.message)))?;
    }
    Ok(checked)
}

/// The same model file with copies.
pub(super) fn batched(text: &str) -> String {
    text.replacen("[network]", &format!("[network]\nbatch = {COPIES}"), 1)
}

/// The recording of one copy of a batch, as if it were alone.
pub(super) fn copy(single: &Plan, all: &Outcome, number: u32) -> Outcome {
    let neurons = single.neurons();
    let own = all.record.spikes.iter().filter(|spike| spike.neuron / neurons == number);
    let spikes = own.map(|spike| Spike { neuron: spike.neuron % neurons, ..*spike }).collect();
    let traces = all.record.traces.iter().enumerate().map(|(trace, words)| {
        let width = single.sample_width(trace) as usize;
        let samples = words.chunks(width * COPIES as usize);
        samples.flat_map(|sample| &sample[number as usize * width..][..width]).copied().collect()
    });
    let record = Recording { steps: all.record.steps, spikes, traces: traces.collect() };
    let state = crate::state::StateLayout::new(single).of_copy(&all.state, COPIES, number);
    // Counts are of all copies together: those of one follow from its spikes.
    let counters = derive(single, &record);
    Outcome { record, state, counters }
}
