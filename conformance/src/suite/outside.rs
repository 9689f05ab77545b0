//! Level 10: input from outside. A network whose spike lists are empty, and whose spikes are given
//! to each call, is the network with those lists; for currents see `currents.rs`.

mod currents;

use super::{Done, Level, Test, splitting};
use crate::cases::{self, Case};
use crate::failure::Failure;
use crate::verdict::{self, Outcome};
use isospike_core::describe::checked::PopulationKind;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::input::Input;
use isospike_core::run::record::{Recording, Spike};
use std::sync::Arc;

/// A test for each case that has spike lists or currents that change in time, and six more.
pub fn tests() -> Vec<Test> {
    let has_lists = |case: &Case| case.text.contains("spike_list");
    let as_given = |case: Case| {
        let name = format!("spikes of {} from outside", case.name);
        test(name, case, |backend, case| given(backend, case, |_| false))
    };
    let mut tests: Vec<Test> = cases::all().into_iter().filter(has_lists).map(as_given).collect();
    let case = |name| cases::named(&[name]).remove(0);
    tests.push(test(
        "spikes from outside beside those of lists",
        case("splitting"),
        |backend, case| given_beside(backend, case),
    ));
    tests.push(test("other spikes from outside for each copy", case("delays"), each_copy));
    tests.push(test("spikes from outside that are refused", case("splitting"), refusals));
    let has_series = |case: &Case| case.text.contains("kind = \"steps\"");
    let as_currents = |case: Case| {
        test(format!("currents of {} from outside", case.name), case, currents::in_calls)
    };
    tests.extend(cases::all().into_iter().filter(has_series).map(as_currents));
    let of_external = |name: &str, body: Body| test(name, case("external"), body);
    tests.push(of_external("currents from outside end with their call", currents::ended));
    tests.push(of_external("other currents from outside for each copy", currents::each_copy));
    tests.push(of_external("currents from outside that are refused", currents::refusals));
    tests
}

/// The body of a test.
type Body = fn(&dyn Backend, &Case) -> Result<u64, Failure>;

fn test(name: impl Into<String>, case: Case, body: Body) -> Test {
    Test::new(Level::Splitting, name, move |backend, _| {
        let shown = |failure: Failure| failure.shown_by(case.model());
        body(backend, &case).map(Done::of).map_err(shown)
    })
}

fn given_beside(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    given(backend, case, |entry| entry.is_multiple_of(2))
}

/// All spikes of lists are given from outside, call by call. The lists keep the entries that `keep`
/// picks by number. The recording is taken out after each call, and a checkpoint in the middle
/// has the spikes that are on their way.
fn given(backend: &dyn Backend, case: &Case, keep: fn(usize) -> bool) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let open = with_lists(&plan, |list| {
        let kept = list.iter().enumerate().filter(|(entry, _)| keep(*entry));
        kept.map(|(_, spike)| *spike).collect()
    });
    let spikes = spikes_of_lists(&plan, case.steps);
    let mut simulation = backend.compile(&open)?;
    let (mut record, mut whole) = (Recording::new(&open), Recording::new(&open));
    let third = case.steps / 3;
    for steps in [1, 0, third, case.steps - 1 - third] {
        let now = whole.steps..whole.steps + steps;
        let given: Vec<Spike> =
            spikes.iter().filter(|spike| now.contains(&spike.step)).copied().collect();
        simulation.advance(steps, &Input::spikes(&given), &mut record)?;
        let part = record.take();
        whole.steps = part.steps;
        whole.spikes.extend(part.spikes);
        whole.traces.iter_mut().zip(part.traces).for_each(|(all, new)| all.extend(new));
        let checkpoint = Checkpoint::take(&open, simulation.as_mut(), &whole)?;
        simulation.restore(&checkpoint)?;
    }
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    let got = Outcome { record: whole, state, counters };
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    let checked = verdict::equal(&plan, &expected, &got)?;
    match got.digest() == expected.digest() {
        true => Ok(checked),
        false => Err(Failure::new("the digests differ")),
    }
}

/// Each copy gets the spikes of the lists a few steps later than the copy before, and is the
/// network alone with such lists.
fn each_copy(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let batch = verdict::plan(&splitting::batched(&case.text))?;
    let open = with_lists(&batch, |_| Vec::new());
    let plan = verdict::plan(&case.text)?;
    let alone = |copy: u32| {
        with_lists(&plan, |list| list.iter().map(|(step, i)| (step + 3 * copy, *i)).collect())
    };
    let mut spikes: Vec<Spike> = Vec::new();
    for copy in 0..batch.batch {
        let own = spikes_of_lists(&alone(copy), case.steps).into_iter();
        spikes.extend(own.map(|s| Spike { neuron: s.neuron + copy * plan.neurons(), ..s }));
    }
    spikes.sort_unstable();
    let mut simulation = backend.compile(&open)?;
    let mut record = Recording::new(&open);
    simulation.advance(case.steps, &Input::spikes(&spikes), &mut record)?;
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    let all = Outcome { record, state, counters };
    let mut checked = 0;
    for copy in 0..batch.batch {
        let single = alone(copy);
        let expected = verdict::run(&ModelBackend::default(), &single, &[case.steps])?;
        checked += verdict::equal(&single, &expected, &splitting::copy(&single, &all, copy))
            .map_err(|failure| Failure::new(format!("copy {copy}: {}", failure.message)))?;
    }
    Ok(checked)
}

/// Input that does not fit is an error, and the run goes on as if it had not been given.
fn refusals(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    let mut record = Recording::new(&plan);
    simulation.run(20, &mut record)?;
    let list = plan.populations.iter().find(|p| p.state_words() == 0).expect("there is a list");
    let model = plan.populations.iter().find(|p| p.state_words() > 0).expect("there are neurons");
    let (first, neuron) = (list.first_neuron, model.first_neuron);
    let wrong: [&[(u32, u32)]; 6] = [
        &[(22, first), (21, first)],
        &[(21, first), (21, first)],
        &[(19, first)],
        &[(30, first)],
        &[(21, neuron)],
        &[(21, plan.neurons() * plan.batch)],
    ];
    for spikes in wrong {
        let given: Vec<Spike> =
            spikes.iter().map(|&(step, neuron)| Spike { step, neuron }).collect();
        let result = simulation.advance(10, &Input::spikes(&given), &mut record);
        if !matches!(result, Err(BackendError::Input(_))) {
            return Err(Failure::new(format!("{given:?} is taken for steps 20 to 29")));
        }
    }
    simulation.run(case.steps - 20, &mut record)?;
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    verdict::equal(&plan, &expected, &Outcome { record, state, counters })
}

/// The same network with other spike lists.
fn with_lists(plan: &Plan, change: impl Fn(&[(u32, u32)]) -> Vec<(u32, u32)>) -> Plan {
    let mut network = (*plan.network).clone();
    for population in &mut network.populations {
        if let PopulationKind::SpikeList(list) = &mut population.kind {
            *list = change(list).into();
        }
    }
    lower(Arc::new(network))
}

/// The spikes of all lists in all copies within so many steps, in canonical order.
fn spikes_of_lists(plan: &Plan, steps: u32) -> Vec<Spike> {
    let mut spikes = Vec::new();
    for (population, place) in plan.network.populations.iter().zip(&plan.populations) {
        let PopulationKind::SpikeList(list) = &population.kind else { continue };
        for copy in 0..plan.batch {
            let base = copy * plan.neurons() + place.first_neuron;
            let now = list.iter().filter(|(step, _)| *step < steps);
            spikes.extend(now.map(|&(step, i)| Spike { step, neuron: base + i }));
        }
    }
    spikes.sort_unstable();
    spikes
}
