//! Level 10: a simulation that is entered between two steps. Values that are read and written
//! there, and a reset, are the same on every backend.

use super::{Done, Level, Test};
use crate::cases::{self, Case};
use crate::failure::Failure;
use crate::verdict::{self, Outcome};
use isospike_core::describe::checked::{Checked, PerNeuron, Population, PopulationKind};
use isospike_core::ir::Type;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::checkpoint::{Checkpoint, Saved};
use isospike_core::run::quantity::{Place, Quantity, QuantityError};
use isospike_core::run::record::Recording;
use std::ops::Range;
use std::sync::Arc;

/// Two tests for each case, two more where neurons have parameters of their own, some with
/// parameters in slots, and one of what is refused.
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
    for case in cases::all().into_iter().filter(has_parameters) {
        let other = case.clone();
        tests.push(test(format!("parameters of {} read and written", case.name), move |backend| {
            parameters(backend, &case).map_err(|failure| failure.shown_by(case.model()))
        }));
        let name = format!("checkpoints of written parameters of {}", other.name);
        tests.push(test(name, move |backend| {
            saved_parameters(backend, &other).map_err(|failure| failure.shown_by(other.model()))
        }));
    }
    for case in cases::named(&[
        "crossing",
        "currents",
        "custom_model",
        "locals",
        "models_current",
        "models_conductance",
        "series",
    ]) {
        let name = format!("slots of parameters of {}", case.name);
        tests.push(test(name, move |backend| {
            slots(backend, &case).map_err(|failure| failure.shown_by(case.model()))
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
    for quantity in Quantity::states(plan) {
        let words = read(plan, simulation, &quantity, &state, 0)?;
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
    Test::new(Level::Splitting, name, move |backend, _| body(backend).map(Done::of))
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
            exchange(&plan, simulation.as_mut(), record.steps)?;
        }
        let (state, counters) = (simulation.state()?, simulation.counters()?);
        Ok::<_, Failure>(Outcome { record, state, counters })
    };
    let expected = run(&ModelBackend::default())?;
    verdict::equal(&plan, &expected, &run(backend)?)
}

/// Gives each neuron and each synapse the state of the one before it, the first one that of the
/// last, and each copy the signals of the one before, when a run has carried out so many steps.
fn exchange(plan: &Plan, simulation: &mut dyn Simulation, steps: u32) -> Result<(), Failure> {
    let mut state = simulation.state()?;
    let synapses = Quantity::synapses(plan).into_iter().chain(Quantity::signals(plan));
    for quantity in Quantity::states(plan).into_iter().chain(synapses) {
        let mut words = read(plan, simulation, &quantity, &state, steps)?;
        let by = 1.min(words.len());
        words.rotate_right(by);
        simulation.write(&quantity, &words)?;
        match quantity.place(plan)? {
            // Its synapses are as after an event, if any of their variables decays.
            Place::Synapse(place) => place.write(plan, &mut state, &words, steps),
            _ => state[place(plan, &quantity)?].copy_from_slice(&words),
        }
        read(plan, simulation, &quantity, &state, steps)?;
    }
    match simulation.state()? == state {
        true => Ok(()),
        false => Err(Failure::new("the state is not the one that was written")),
    }
}

/// The words of a quantity, which must be those among all state words: what is left of those that
/// decay when a run has carried out so many steps.
fn read(
    plan: &Plan,
    simulation: &mut dyn Simulation,
    quantity: &Quantity,
    state: &[u32],
    steps: u32,
) -> Result<Vec<u32>, Failure> {
    let words = simulation.read(quantity)?;
    let expected = match quantity.place(plan)? {
        Place::Synapse(place) => place.read(plan, state, steps),
        _ => state[place(plan, quantity)?].to_vec(),
    };
    match words == expected {
        true => Ok(words),
        false => Err(Failure::new(format!("{quantity}: other words are read than the state has"))),
    }
}

/// The place of the words of a quantity among all state words.
fn place(plan: &Plan, quantity: &Quantity) -> Result<Range<usize>, Failure> {
    let words = match quantity.place(plan)? {
        Place::State(place) => place.words,
        Place::Synapse(place) => place.words,
        Place::Signal(place) => place.words,
        Place::Parameter(_) | Place::Weights(_) => {
            return Err(Failure::new(format!("{quantity} is not state")));
        }
    };
    Ok(words.start as usize..words.end as usize)
}

/// Each parameter that is the same for all neurons is in a slot: the run is that of the network
/// that has the value of the slot for each neuron. So it is after other values were written.
fn slots(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let open = with_parameters(&plan, |_, value| match value {
        PerNeuron::All(x) => PerNeuron::Slot(*x),
        other => other.clone(),
    });
    let each = |population: &Population, value: &PerNeuron| match value {
        PerNeuron::Slot(x) => PerNeuron::Each(vec![*x; population.size as usize].into()),
        other => other.clone(),
    };
    let oracle = ModelBackend::default();
    let mut simulation = backend.compile(&open)?;
    let mut record = Recording::new(&open);
    simulation.run(case.steps, &mut record)?;
    let expected = verdict::run(&oracle, &with_parameters(&open, each), &[case.steps])?;
    let got = outcome(simulation.as_mut(), record)?;
    let mut checked = verdict::equal(&open, &expected, &got)?;
    // Some values are refused, by the bounds of the model or because the program would change.
    let mut network = Checked::clone(&open.network);
    let mut count = 0;
    for quantity in Quantity::parameters(&open) {
        let [word] = simulation.read(&quantity)?[..] else { continue };
        let Place::Parameter(place) = quantity.place(&open)? else { continue };
        let new = f32::from_bits(word) * 1.0625;
        match simulation.write(&quantity, &[new.to_bits()]) {
            Ok(()) => {}
            Err(BackendError::Quantity(_)) => continue,
            Err(error) => return Err(error.into()),
        }
        if simulation.read(&quantity)? != [new.to_bits()] {
            return Err(Failure::new(format!("{quantity}: another word is read than was written")));
        }
        let kind = &mut network.populations[place.population.index()].kind;
        if let PopulationKind::Neurons { parameters, .. } = kind {
            parameters[place.parameter] = PerNeuron::Slot(new.into());
        }
        count += 1;
    }
    if count == 0 {
        return Err(Failure::new("no slot can be written"));
    }
    simulation.reset()?;
    let written = lower(Arc::new(network));
    for quantity in Quantity::states(&open) {
        let initial = written.initial_state();
        simulation.write(&quantity, &initial[place(&open, &quantity)?])?;
    }
    let mut record = Recording::new(&open);
    simulation.run(case.steps, &mut record)?;
    let expected = verdict::run(&oracle, &with_parameters(&written, each), &[case.steps])?;
    checked += verdict::equal(&open, &expected, &outcome(simulation.as_mut(), record)?)?;
    Ok(checked)
}

/// The network with other values of its parameters.
fn with_parameters(plan: &Plan, change: impl Fn(&Population, &PerNeuron) -> PerNeuron) -> Plan {
    let mut network = Checked::clone(&plan.network);
    for (population, old) in network.populations.iter_mut().zip(&plan.network.populations) {
        if let PopulationKind::Neurons { parameters, .. } = &mut population.kind {
            parameters.iter_mut().for_each(|value| *value = change(old, value));
        }
    }
    lower(Arc::new(network))
}

/// Whether some neurons of a case have a value of a parameter for each.
fn has_parameters(case: &Case) -> bool {
    let each = |value: &PerNeuron| matches!(value, PerNeuron::Each(_));
    let network = verdict::plan(&case.text).map(|plan| plan.network);
    network.is_ok_and(|network| {
        network.populations.iter().any(|population| match &population.kind {
            PopulationKind::Neurons { parameters, .. } => parameters.iter().any(each),
            PopulationKind::SpikeList(_) => false,
        })
    })
}

/// Parameters move from neuron to neuron before step 0: the run is that of the network that has
/// them. Then they move in the middle, as on the oracle.
fn parameters(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let mut simulation = backend.compile(&plan)?;
    let (written, network) = exchange_parameters(&plan, simulation.as_mut())?;
    if written.is_empty() {
        return Err(Failure::new("no parameter can be written"));
    }
    simulation.run(case.steps / 4, &mut Recording::new(&plan))?;
    // A reset keeps parameters; state that followed from them before step 0 is that of the plan.
    simulation.reset()?;
    let initial = network.initial_state();
    for quantity in Quantity::states(&plan) {
        simulation.write(&quantity, &initial[place(&plan, &quantity)?])?;
    }
    let mut record = Recording::new(&plan);
    simulation.run(case.steps, &mut record)?;
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    let expected = verdict::run(&ModelBackend::default(), &network, &[case.steps])?;
    let got = Outcome { record, state, counters };
    let checked = verdict::equal(&network, &expected, &got)?;
    let run = |backend: &dyn Backend| {
        let mut simulation = backend.compile(&plan)?;
        let mut record = Recording::new(&plan);
        simulation.run(case.steps / 3, &mut record)?;
        let (written, _) = exchange_parameters(&plan, simulation.as_mut())?;
        simulation.run(case.steps - case.steps / 3, &mut record)?;
        let (state, counters) = (simulation.state()?, simulation.counters()?);
        Ok::<_, Failure>((written, Outcome { record, state, counters }))
    };
    let (expected_names, expected) = run(&ModelBackend::default())?;
    let (names, got) = run(backend)?;
    if names != expected_names {
        return Err(Failure::new("other parameters can be written than on the oracle"));
    }
    Ok(checked + verdict::equal(&plan, &expected, &got)?)
}

/// Gives each neuron the parameters of the one before it, where they can be written. Returns which
/// those are, and the plan of the network that has them.
fn exchange_parameters(
    plan: &Plan,
    simulation: &mut dyn Simulation,
) -> Result<(Vec<Quantity>, Plan), Failure> {
    let (mut written, mut network) = (Vec::new(), (*plan.network).clone());
    for quantity in Quantity::parameters(plan) {
        let before = simulation.read(&quantity)?;
        let mut words = before.clone();
        let by = 1.min(words.len());
        words.rotate_right(by);
        let result = simulation.write(&quantity, &words);
        let Place::Parameter(place) = quantity.place(plan)? else { continue };
        match &mut network.populations[place.population.index()].kind {
            PopulationKind::Neurons { parameters, .. } if result.is_ok() => {
                let values = words.iter().map(|word| f64::from(f32::from_bits(*word)));
                parameters[place.parameter] = PerNeuron::Each(values.collect());
                written.push(quantity.clone());
            }
            _ => words = before,
        }
        match result {
            Ok(()) | Err(BackendError::Quantity(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if simulation.read(&quantity)? != words {
            return Err(Failure::new(format!("{quantity}: other words are read than it has")));
        }
    }
    Ok((written, lower(Arc::new(network))))
}

/// A checkpoint holds the parameters that were written before it, as that of the oracle does, and
/// a simulation that had others goes on with them. One without any goes back to those of the plan.
fn saved_parameters(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let third = case.steps / 3;
    let take = |backend: &dyn Backend| {
        let mut simulation = backend.compile(&plan)?;
        let mut record = Recording::new(&plan);
        exchange_parameters(&plan, simulation.as_mut())?;
        simulation.run(third, &mut record)?;
        let checkpoint = Checkpoint::take(&plan, simulation.as_mut(), &record)?;
        Ok::<_, Failure>((checkpoint, record, simulation))
    };
    let (expected, _, mut oracle) = take(&ModelBackend::default())?;
    let (taken, record, mut simulation) = take(backend)?;
    if taken != expected || taken.parameters.is_empty() {
        return Err(Failure::new("another checkpoint is taken than by the oracle"));
    }
    let saved = Saved { checkpoint: taken, every_steps: third, logs: Vec::new() };
    let read = Saved::decode(&saved.encode());
    let read = read.map_err(|error| Failure::new(format!("the file of it: {error}")))?.checkpoint;
    // Twice written, the parameters are others than at the checkpoint.
    exchange_parameters(&plan, simulation.as_mut())?;
    simulation.run(1, &mut Recording::new(&plan))?;
    let rest = case.steps - third;
    let mut checked = 0;
    let (mut right, mut whole) = (record.clone(), record.clone());
    oracle.run(rest, &mut right)?;
    let right = outcome(oracle.as_mut(), right)?;
    let mut fresh = backend.compile(&plan)?;
    for simulation in [&mut simulation, &mut fresh] {
        simulation.restore(&read)?;
        if simulation.written_parameters() != read.parameters {
            return Err(Failure::new("the parameters are not those of the checkpoint"));
        }
        whole.clone_from(&record);
        simulation.run(rest, &mut whole)?;
        checked += verdict::equal(&plan, &right, &outcome(simulation.as_mut(), whole.clone())?)?;
    }
    fresh.restore(&Checkpoint::start(&plan))?;
    let mut record = Recording::new(&plan);
    fresh.run(case.steps, &mut record)?;
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    Ok(checked + verdict::equal(&plan, &expected, &outcome(fresh.as_mut(), record)?)?)
}

fn outcome(simulation: &mut dyn Simulation, record: Recording) -> Result<Outcome, Failure> {
    let (state, counters) = (simulation.state()?, simulation.counters()?);
    Ok(Outcome { record, state, counters })
}

/// A run after a reset is the run that nothing was before.
fn reset(backend: &dyn Backend, case: &Case) -> Result<u64, Failure> {
    let plan = verdict::plan(&case.text)?;
    let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
    let mut simulation = backend.compile(&plan)?;
    let steps = case.steps / 2 + 1;
    simulation.run(steps, &mut Recording::new(&plan))?;
    exchange(&plan, simulation.as_mut(), steps)?;
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
    let first = Quantity::states(&plan).remove(0);
    let Quantity::State { population, .. } = &first else { unreachable!("{first} is state") };
    for name in [Quantity::state("nobody", "v"), Quantity::state(population, "nothing")] {
        let refused = |error| matches!(error, BackendError::Quantity(QuantityError::Name { .. }));
        if !simulation.read(&name).is_err_and(refused) {
            return Err(Failure::new(format!("{name} is read")));
        }
        if !simulation.write(&name, &[]).is_err_and(refused) {
            return Err(Failure::new(format!("{name} is written")));
        }
    }
    for quantity in Quantity::states(&plan) {
        let words = simulation.read(&quantity)?;
        let mut wrong = vec![words[1..].to_vec(), [&words[..], &[0]].concat()];
        let forbidden = [f32::NAN.to_bits(), f32::NEG_INFINITY.to_bits(), 0x8000_0001];
        let Place::State(place) = quantity.place(&plan)? else { continue };
        let counts = place.ty == Type::I32;
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
