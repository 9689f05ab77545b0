//! Currents from outside: a network whose currents are given to each call is the network that has
//! them as stimuli that change in time.

use super::super::splitting;
use crate::cases::Case;
use crate::failure::Failure;
use crate::verdict::{self, Outcome};
use isospike_core::base::numeric;
use isospike_core::describe::checked::{Checked, Rows, Series, Stimulus, StimulusKind};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::input::{Current, Input};
use isospike_core::run::record::Recording;
use std::ops::Range;
use std::sync::Arc;

/// The current of a stimulus in some steps, as [`Current`] has it.
struct Given {
    stimulus: String,
    steps: Vec<u32>,
    values: Vec<f32>,
}

impl Given {
    /// The current of each copy and neuron in some steps, with a row where it changes.
    fn new(
        plan: &Plan,
        stimulus: &Stimulus,
        steps: Range<u32>,
        value: impl Fn(u32, u32, u32) -> f32,
    ) -> Self {
        let size = plan.network.population(stimulus.population).size;
        let mut last = vec![0.0; (size * plan.batch) as usize];
        let mut given = Self { stimulus: stimulus.name.clone(), steps: vec![], values: vec![] };
        for step in steps {
            let copies = 0..plan.batch;
            let row = copies.flat_map(|copy| (0..size).map(move |n| (copy, n)));
            let row: Vec<f32> = row.map(|(copy, n)| value(step, copy, n)).collect();
            if row != last {
                given.steps.push(step);
                given.values.extend(&row);
                last = row;
            }
        }
        given
    }

    fn current(&self) -> Current<'_> {
        let Self { stimulus, steps, values } = self;
        Current { stimulus, steps, values }
    }
}

/// All stimuli that change in time are given from outside, call by call; checkpoints in between
/// hold nothing of them.
pub fn in_calls(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let open = opened(&plan);
    let mut simulation = backend.compile(&open)?;
    let mut record = Recording::new(&open);
    let third = case.steps / 3;
    for steps in [1, 0, third, case.steps - 1 - third] {
        let now = record.steps..record.steps + steps;
        let given = of_series(&plan, now);
        advance(simulation.as_mut(), steps, &given, &mut record)?;
        let checkpoint = Checkpoint::take(&open, simulation.as_mut(), &record)?;
        simulation.restore(&checkpoint)?;
    }
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    let got = outcome(simulation.as_mut(), record)?;
    let checked = verdict::equal(&plan, &expected, &got)?;
    match got.digest() == expected.digest() {
        true => Ok(checked),
        false => Err(Failure::new("the digests differ")),
    }
}

/// A current ends with the call that gave it, and with a reset nothing of it is left.
pub fn ended(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let third = case.steps / 3;
    let closed = closed(&plan, 0, third);
    let expected = verdict::run(&ModelBackend::default(), &closed, &[case.steps])?;
    let mut simulation = backend.compile(&plan)?;
    let all = of_stimuli(&plan, 0..third, value);
    advance(simulation.as_mut(), third, &all, &mut Recording::new(&plan))?;
    simulation.reset()?;
    let mut record = Recording::new(&plan);
    advance(simulation.as_mut(), third, &all, &mut record)?;
    simulation.run(case.steps - third, &mut record)?;
    let got = outcome(simulation.as_mut(), record)?;
    let checked = verdict::equal(&plan, &expected, &got)?;
    simulation.reset()?;
    let mut record = Recording::new(&plan);
    simulation.run(case.steps, &mut record)?;
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    Ok(checked + verdict::equal(&plan, &expected, &outcome(simulation.as_mut(), record)?)?)
}

/// Each copy gets currents of its own, all in one call, and is the network alone with them.
pub fn each_copy(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let batch = verdict::plan(&splitting::batched(&case.text))?;
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&batch)?;
    let mut record = Recording::new(&batch);
    let all = of_stimuli(&batch, 0..case.steps, value);
    advance(simulation.as_mut(), case.steps, &all, &mut record)?;
    let all = outcome(simulation.as_mut(), record)?;
    let mut checked = 0;
    for copy in 0..batch.batch {
        let closed = closed(&plan, copy, case.steps);
        let expected = verdict::run(&ModelBackend::default(), &closed, &[case.steps])?;
        checked += verdict::equal(&plan, &expected, &splitting::copy(&plan, &all, copy))
            .map_err(|failure| Failure::new(format!("copy {copy}: {}", failure.message)))?;
    }
    Ok(checked)
}

/// Currents that do not fit are an error, and the run goes on as if they had not been given.
pub fn refusals(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    let mut record = Recording::new(&plan);
    simulation.run(20, &mut record)?;
    let (one, two) = ([1.0; 37], [1.0; 2 * 37]);
    let mut infinite = one;
    infinite[36] = f32::INFINITY;
    let current = |stimulus, steps, values| Current { stimulus, steps, values };
    let twice = [current("window", &[20], &one), current("window", &[25], &one)];
    let wrong: [&[Current<'_>]; 9] = [
        &[current("always", &[20], &one)],
        &[current("nobody", &[20], &one)],
        &twice,
        &[current("window", &[19], &one)],
        &[current("window", &[30], &one)],
        &[current("window", &[22, 21], &two)],
        &[current("window", &[22, 22], &two)],
        &[current("window", &[22], &two)],
        &[current("window", &[22], &infinite)],
    ];
    for currents in wrong {
        let result = simulation.advance(10, &Input::currents(currents), &mut record);
        if !matches!(result, Err(BackendError::Input(_))) {
            return Err(Failure::new(format!("{currents:?} are taken for steps 20 to 29")));
        }
    }
    simulation.run(case.steps - 20, &mut record)?;
    let got = outcome(simulation.as_mut(), record)?;
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    verdict::equal(&plan, &expected, &got)
}

/// Some currents, other ones for each copy and neuron, with pauses. A value too small for a device
/// is 0.
fn value(step: u32, copy: u32, neuron: u32) -> f32 {
    match step / 40 % 3 {
        0 => 0.0,
        1 => (31 * copy + 3 * neuron) as f32 + (step / 7 % 4) as f32 / 3.0,
        _ if neuron % 2 == 1 => f32::from_bits(1),
        _ => 90.0 - (20 * copy + neuron) as f32,
    }
}

fn advance(
    simulation: &mut dyn Simulation,
    steps: u32,
    given: &[Given],
    record: &mut Recording,
) -> Result<(), Failure> {
    let currents: Vec<Current<'_>> = given.iter().map(Given::current).collect();
    Ok(simulation.advance(steps, &Input::currents(&currents), record)?)
}

fn outcome(simulation: &mut dyn Simulation, record: Recording) -> Result<Outcome, Failure> {
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    Ok(Outcome { record, state, counters })
}

/// The network whose stimuli that change in time are given from outside.
fn opened(plan: &Plan) -> Plan {
    with_stimuli(plan, |stimulus| {
        if let StimulusKind::Steps(_) = stimulus.kind {
            stimulus.kind = StimulusKind::External;
        }
    })
}

/// The network that has the currents of a copy before a step as series.
fn closed(plan: &Plan, copy: u32, until: u32) -> Plan {
    with_stimuli(plan, |stimulus| {
        let StimulusKind::External = stimulus.kind else { return };
        let size = plan.network.population(stimulus.population).size;
        let steps = (0..=until).collect::<Vec<u32>>();
        let row = |step: u32| (0..size).map(move |n| f64::from(value(step, copy, n)));
        let mut values: Vec<f64> = (0..until).flat_map(row).collect();
        values.resize(values.len() + size as usize, 0.0);
        let rows = Rows::From(steps.into());
        stimulus.kind = StimulusKind::Steps(Series { rows, width: size, values: values.into() });
    })
}

fn with_stimuli(plan: &Plan, change: impl Fn(&mut Stimulus)) -> Plan {
    let mut network = Checked::clone(&plan.network);
    network.stimuli.iter_mut().for_each(change);
    lower(Arc::new(network))
}

/// The values of the stimuli that change in time.
fn of_series(plan: &Plan, steps: Range<u32>) -> Vec<Given> {
    let given = |stimulus: &Stimulus| {
        let StimulusKind::Steps(series) = &stimulus.kind else { return None };
        let value = |step, _, neuron| numeric::round_host(series.value(step, neuron));
        Some(Given::new(plan, stimulus, steps.clone(), value))
    };
    plan.network.stimuli.iter().filter_map(given).collect()
}

/// The same currents for all stimuli that take them from outside.
fn of_stimuli(plan: &Plan, steps: Range<u32>, value: impl Fn(u32, u32, u32) -> f32) -> Vec<Given> {
    let external = |stimulus: &&Stimulus| matches!(stimulus.kind, StimulusKind::External);
    let stimuli = plan.network.stimuli.iter().filter(external);
    stimuli.map(|stimulus| Given::new(plan, stimulus, steps.clone(), &value)).collect()
}
