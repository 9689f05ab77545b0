//! Rung 9: a simulation that is entered between two steps. Values that are read and written there,
//! and a reset, are the same on every backend.

use super::{Done, Rung, Test};
use crate::cases::{self, Case};
use crate::failure::Failure;
use crate::verdict::{self, Outcome};
use isospike_core::ir::Type;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::quantity::{Quantity, QuantityError};
use isospike_core::run::record::Recording;

/// Two tests for each case, and one of what is refused.
pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for case in cases::all() {
        let other = case.clone();
        tests.push(test(format!("state of {} read and written", case.name), move |backend| {
            exchanged(backend, &case).map_err(|failure| failure.shown_by(case.model()))
        }));
        tests.push(test(format!("reset of {}", other.name), move |backend| {
            reset(backend, &other).map_err(|failure| failure.shown_by(other.model()))
        }));
    }
    tests.push(test("names and values that are refused".into(), refusals));
    tests
}

/// Whether a simulation whose state is not finite shows it, takes no other, and can be reset.
pub fn after_failure(
    plan: &Plan,
    simulation: &mut dyn Simulation,
    error: &BackendError,
) -> Result<(), Failure> {
    let state = simulation.state()?;
    for quantity in Quantity::all(plan) {
        let words = read(plan, simulation, &quantity, &state)?;
        if simulation.write(&quantity, &words) != Err(error.clone()) {
            return Err(Failure::new(format!("{quantity} is written after the error")));
        }
    }
    simulation.reset()?;
    if simulation.state()? != plan.initial_state() {
        return Err(Failure::new("a reset after the error leaves other state than at the start"));
    }
    Ok(simulation.run(1, &mut Recording::new(plan))?)
}

fn test(
    name: String,
    body: impl Fn(&dyn Backend) -> Result<u64, Failure> + Send + Sync + 'static,
) -> Test {
    Test::new(Rung::Seams, name, move |backend, _| body(backend).map(Done::of))
}

/// State moves from neuron to neuron before step 0 and after a third of the steps, as on the
/// oracle.
fn exchanged(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let chunks = [0, case.steps / 3, case.steps - case.steps / 3];
    let run = |backend: &dyn Backend| {
        let mut simulation = backend.compile(&plan)?;
        let mut record = Recording::new(&plan);
        for steps in chunks {
            simulation.run(steps, &mut record)?;
            exchange(&plan, simulation.as_mut())?;
        }
        let (state, counters) = (simulation.state()?, simulation.counters()?);
        Ok::<_, Failure>(Outcome { record, state, counters })
    };
    let expected = run(&ModelBackend::default())?;
    verdict::equal(&plan, &expected, &run(backend)?)
}

/// Gives each neuron the state of the one before it, the first one that of the last.
fn exchange(plan: &Plan, simulation: &mut dyn Simulation) -> Result<(), Failure> {
    let mut state = simulation.state()?;
    for quantity in Quantity::all(plan) {
        let mut words = read(plan, simulation, &quantity, &state)?;
        words.rotate_right(1);
        simulation.write(&quantity, &words)?;
        let place = quantity.place(plan)?.words;
        state[place.start as usize..place.end as usize].copy_from_slice(&words);
        read(plan, simulation, &quantity, &state)?;
    }
    match simulation.state()? == state {
        true => Ok(()),
        false => Err(Failure::new("the state is not the one that was written")),
    }
}

/// The words of a quantity, which must be those among all state words.
fn read(
    plan: &Plan,
    simulation: &mut dyn Simulation,
    quantity: &Quantity,
    state: &[u32],
) -> Result<Vec<u32>, Failure> {
    let words = simulation.read(quantity)?;
    match words == quantity.place(plan)?.of(state) {
        true => Ok(words),
        false => Err(Failure::new(format!("{quantity}: other words are read than the state has"))),
    }
}

/// A run after a reset is the run that nothing was before.
fn reset(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    let mut simulation = backend.compile(&plan)?;
    simulation.run(case.steps / 2 + 1, &mut Recording::new(&plan))?;
    exchange(&plan, simulation.as_mut())?;
    simulation.reset()?;
    let mut record = Recording::new(&plan);
    simulation.run(case.steps, &mut record)?;
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    verdict::equal(&plan, &expected, &Outcome { record, state, counters })
}

/// A refused value changes nothing; one that is too small to be stored is stored as 0.
fn refusals(backend: &dyn Backend) -> Result<u64, Failure> {
    let case = cases::named(&["crossing"]).remove(0);
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    simulation.run(40, &mut Recording::new(&plan))?;
    let state = simulation.state()?;
    let first = Quantity::all(&plan).remove(0);
    let Quantity::State { population, .. } = &first;
    for name in [Quantity::state("nobody", "v"), Quantity::state(population, "nothing")] {
        let refused = |error| matches!(error, BackendError::Quantity(QuantityError::Name { .. }));
        if !simulation.read(&name).is_err_and(refused) {
            return Err(Failure::new(format!("{name} is read")));
        }
        if !simulation.write(&name, &[]).is_err_and(refused) {
            return Err(Failure::new(format!("{name} is written")));
        }
    }
    for quantity in Quantity::all(&plan) {
        let words = simulation.read(&quantity)?;
        let mut wrong = vec![words[1..].to_vec(), [&words[..], &[0]].concat()];
        let forbidden = [f32::NAN.to_bits(), f32::NEG_INFINITY.to_bits(), 0x8000_0001];
        let counts = quantity.place(&plan)?.ty == Type::I32;
        for word in forbidden.into_iter().skip(if counts { 1 } else { 0 }) {
            let mut words = words.clone();
            *words.last_mut().expect("a population has neurons") = word;
            wrong.push(words);
        }
        if !counts {
            // The last one is small, not wrong.
            let small = wrong.pop().expect("it was pushed");
            simulation.write(&quantity, &small)?;
            if simulation.read(&quantity)?.last() != Some(&0) {
                return Err(Failure::new(format!("{quantity}: a number below 2^-63 is stored")));
            }
            simulation.write(&quantity, &words)?;
        }
        for words in wrong {
            let refused = |error| matches!(error, BackendError::Quantity(_));
            if !simulation.write(&quantity, &words).is_err_and(refused) {
                return Err(Failure::new(format!("{quantity}: words that do not fit are taken")));
            }
        }
    }
    match simulation.state()? == state {
        true => Ok(state.len() as u64),
        false => Err(Failure::new("what was refused has changed the state")),
    }
}
