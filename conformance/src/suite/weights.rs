//! Level 10: weights that are read and written between two steps are the same on every backend.

use super::{Done, Level, Test};
use crate::cases::{self, Case};
use crate::failure::Failure;
use crate::verdict::{self, Outcome};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::{Plan, ProjectionPlan};
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::quantity::{Quantity, QuantityError};
use isospike_core::run::record::Recording;

/// Weights that are written, a reset after that, and what is refused.
pub fn tests() -> Vec<Test> {
    vec![
        test("weights read and written", |backend, case| run_both(backend, case, written)),
        test("weights stay where a run is reset", |backend, case| run_both(backend, case, reset)),
        test("weights that are refused", refusals),
        test("checkpoints of written weights are refused", no_checkpoint),
    ]
}

fn test(name: &str, body: fn(&dyn Backend, &Case) -> Result<u64, Failure>) -> Test {
    let case = cases::named(&["written_weights"]).remove(0);
    Test::new(Level::Splitting, name, move |backend, _| {
        body(backend, &case).map(Done::of).map_err(|failure| failure.shown_by(case.model()))
    })
}

/// Does the same with the oracle and with a backend.
fn run_both(
    backend: &dyn Backend,
    case: &Case,
    body: fn(&Plan, &Case, &mut dyn Simulation) -> Result<Recording, Failure>,
) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let run = |backend: &dyn Backend| {
        let mut simulation = backend.compile(&plan)?;
        let record = body(&plan, case, simulation.as_mut())?;
        let (state, counters) = (simulation.state()?, simulation.counters()?);
        Ok::<_, Failure>(Outcome { record, state, counters })
    };
    let expected = run(&ModelBackend::default())?;
    verdict::equal(&plan, &expected, &run(backend)?)
}

/// Weights move before step 0, and twice while spikes are on their way.
fn written(
    plan: &Plan,
    case: &Case,
    simulation: &mut dyn Simulation,
) -> Result<Recording, Failure> {
    let mut record = Recording::new(plan);
    for projection in &plan.projections {
        if !projection.procedural && read(simulation, projection)? != drawn(projection) {
            let name = &projection.name;
            return Err(Failure::new(format!("weights of {name}: not those of its rows")));
        }
    }
    for steps in [0, case.steps / 3, case.steps / 3, case.steps - 2 * (case.steps / 3)] {
        simulation.run(steps, &mut record)?;
        exchange(plan, simulation)?;
    }
    Ok(record)
}

/// A reset run has the weights that were written last.
fn reset(plan: &Plan, case: &Case, simulation: &mut dyn Simulation) -> Result<Recording, Failure> {
    simulation.run(case.steps / 4, &mut Recording::new(plan))?;
    exchange(plan, simulation)?;
    simulation.reset()?;
    let mut record = Recording::new(plan);
    simulation.run(case.steps, &mut record)?;
    Ok(record)
}

/// Gives each synapse the weight of the one before it, and some of them a bound.
fn exchange(plan: &Plan, simulation: &mut dyn Simulation) -> Result<(), Failure> {
    for projection in &plan.projections {
        let Some(bounds) = projection.weight_bounds else { continue };
        let mut words = read(simulation, projection)?;
        let by = 1.min(words.len());
        words.rotate_right(by);
        for (at, word) in words.iter_mut().enumerate() {
            match at % 11 {
                3 => *word = bounds.largest.cast_unsigned(),
                7 => *word = bounds.least.cast_unsigned(),
                _ => {}
            }
        }
        simulation.write(&Quantity::weights(&projection.name), &words)?;
        if read(simulation, projection)? != words {
            let name = &projection.name;
            return Err(Failure::new(format!("weights of {name}: not those that were written")));
        }
    }
    Ok(())
}

/// The weights of the rows of a plan, in canonical order.
fn drawn(projection: &ProjectionPlan) -> Vec<u32> {
    let mut words = Vec::new();
    for row in 0..projection.rows.rows() {
        projection.rows.for_each(row, |synapse| words.push(synapse.weight.cast_unsigned()));
    }
    words
}

fn read(
    simulation: &mut dyn Simulation,
    projection: &ProjectionPlan,
) -> Result<Vec<u32>, BackendError> {
    simulation.read(&Quantity::weights(&projection.name))
}

/// A checkpoint after weights were written would lose them; one after they were written back is
/// that of a run without writes.
fn no_checkpoint(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    let mut record = Recording::new(&plan);
    simulation.run(case.steps / 2, &mut record)?;
    let before = Checkpoint::take(&plan, simulation.as_mut(), &record)?;
    exchange(&plan, simulation.as_mut())?;
    match Checkpoint::take(&plan, simulation.as_mut(), &record) {
        Err(BackendError::Unsupported(_)) => {}
        other => return Err(Failure::new(format!("a checkpoint without weights: {other:?}"))),
    }
    for projection in plan.projections.iter().filter(|p| p.weight_bounds.is_some()) {
        simulation.write(&Quantity::weights(&projection.name), &drawn(projection))?;
    }
    match Checkpoint::take(&plan, simulation.as_mut(), &record)? == before {
        true => Ok(before.state.len() as u64),
        false => Err(Failure::new("a checkpoint after weights were written back is another one")),
    }
}

/// A refused write changes nothing.
fn refusals(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    let mut record = Recording::new(&plan);
    let half = case.steps / 2;
    simulation.run(half, &mut record)?;
    let mut refused =
        |name: &str, words: &[u32], right: fn(&QuantityError) -> bool| match simulation
            .write(&Quantity::weights(name), words)
        {
            Err(BackendError::Quantity(error)) if right(&error) => Ok(()),
            other => Err(Failure::new(format!("weights of {name}: written, with {other:?}"))),
        };
    for projection in &plan.projections {
        let (name, words) = (&projection.name, drawn(projection));
        let Some(bounds) = projection.weight_bounds else {
            refused(name, &words, |error| matches!(error, QuantityError::Folded { .. }))?;
            continue;
        };
        let lengths = |error: &QuantityError| matches!(error, QuantityError::Length { .. });
        refused(name, &words[1..], lengths)?;
        refused(name, &[&words[..], &[0]].concat(), lengths)?;
        for wrong in [bounds.least - 1, bounds.largest + 1] {
            let mut words = words.clone();
            *words.last_mut().expect("a projection has synapses") = wrong.cast_unsigned();
            refused(name, &words, |error| matches!(error, QuantityError::Weight { .. }))?;
        }
    }
    refused("nobody", &[], |error| matches!(error, QuantityError::Name { .. }))?;
    let procedural = plan.projections.iter().find(|projection| projection.procedural);
    let procedural = Quantity::weights(&procedural.expect("the case has one").name);
    if !matches!(simulation.read(&procedural), Err(BackendError::Quantity(_))) {
        return Err(Failure::new(format!("{procedural}: read, though nothing is stored")));
    }
    simulation.run(case.steps - half, &mut record)?;
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    verdict::equal(&plan, &expected, &Outcome { record, state, counters })
}
