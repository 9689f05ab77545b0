//! The suite on backends that are wrong on purpose. Each has one fault, and the suite must catch
//! it on the level whose matter it is: that the lowest red level names the culprit is shown here.
//!
//! The faults are test code, beside the suite and not in it: nothing that a user can install is
//! wrong on purpose. They are real backends around real machines; no part of core mentions them.
//!
//! `cargo test --release --workspace --test mutation` prints the table of `docs/mutation.md`.

mod arithmetic;
mod delivery;
mod device;
#[path = "../common/double.rs"]
mod double;
mod fast_math;
mod learning;
mod networks;
mod neurons;
mod random;
mod splitting;
#[path = "../common/tampered.rs"]
mod tampered;
mod wrong;

use isospike_conformance::run::{Event, Options, Outcome, Status, SuiteRun, run_suite};
use isospike_conformance::suite::{Level, Settings};
use isospike_conformance::{Opened, Subject};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use libtest_mimic::{Arguments, Failed, Trial};
use std::sync::{Arc, Mutex};

/// A backend with one fault.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its name here.
    name: &'static str,
    /// The fault, in one sentence.
    what: &'static str,
    /// The lowest level that is red.
    expected: Level,
    /// Makes it.
    backend: fn() -> Opened,
}

/// Every fault, the lowest level first.
fn mutants() -> Vec<Mutant> {
    [
        arithmetic::ALL,
        random::ALL,
        device::ALL,
        neurons::ALL,
        delivery::ALL,
        learning::ALL,
        networks::ALL,
        splitting::ALL,
    ]
    .concat()
}

/// The test that caught a mutant.
struct Caught {
    mutant: Mutant,
    by: Outcome,
    seconds: f64,
}

fn main() {
    let arguments = Arguments::from_args();
    let settings = Settings::from_environment().expect("seed and number of networks are numbers");
    // Mutants panic inside of tests, where that is a failure like others.
    std::panic::set_hook(Box::new(|_| {}));
    let caught = Arc::new(Mutex::new(Vec::new()));
    let of_mutants = (Arc::clone(&caught), settings.clone());
    let mutant_trials = mutants().into_iter().map(|mutant| {
        let (caught, settings) = of_mutants.clone();
        Trial::test(mutant.name, move || {
            let found = is_caught(mutant, settings)?;
            caught.lock().expect("no trial panics here").push(found);
            Ok(())
        })
    });
    let right = Trial::test("a device that takes its liberties is right", || is_right(settings));
    // The longest climbs first.
    let mut trials: Vec<Trial> = mutant_trials.chain([right]).collect();
    trials.reverse();
    let conclusion = libtest_mimic::run(&arguments, trials);
    table(&mut caught.lock().expect("no trial panics here"));
    conclusion.exit()
}

/// Climbs until the first failure: it must be on the expected level. All random networks are for
/// the faults that nothing else shows: others pass a part of them on their way up.
fn is_caught(mutant: Mutant, settings: Settings) -> Result<Caught, Failed> {
    let networks = match mutant.expected {
        Level::Networks => settings.networks,
        _ => settings.networks.div_ceil(6),
    };
    let settings = Settings { networks, ..settings };
    let subject = subject(mutant.name, mutant.backend);
    let suite_run = run_of(&subject, settings)?;
    let seconds = suite_run.outcomes.iter().map(|outcome| outcome.took.as_secs_f64()).sum();
    let by = suite_run.outcomes.into_iter().find(|outcome| outcome.status.is_red());
    let by = by.ok_or("no level is red: the suite has a hole")?;
    if by.level != mutant.expected {
        let (expected, status) = (mutant.expected, &by.status);
        let why = format!("{}/{} is red and not {expected}: {status:?}", by.level, by.name);
        return Err(why.into());
    }
    Ok(Caught { mutant, by, seconds })
}

/// Climbs to the top: nothing may be red, and nothing left out.
fn is_right(settings: Settings) -> Result<(), Failed> {
    let machine = || Ok(Opened::engine(MachineBackend::new(Guarantees::NONE)));
    let subject = subject("liberal", fast_math::liberal).variant("the machine", machine);
    let suite_run = run_of(&subject, settings)?;
    let wrong = |outcome: &&Outcome| !matches!(outcome.status, Status::Passed(_));
    match suite_run.outcomes.iter().find(wrong) {
        None => Ok(()),
        Some(Outcome { level, name, status, .. }) => {
            Err(format!("{level}/{name}: {status:?}").into())
        }
    }
}

fn subject(name: &str, open: fn() -> Opened) -> Subject {
    Subject::new(name, "machine", move || Ok(open()))
}

/// A suite_run that ends at the first failure.
fn run_of(subject: &Subject, settings: Settings) -> Result<SuiteRun, Failed> {
    let options = Options { settings, ..Options::default() };
    let hear = |event: Event<'_>| match event {
        Event::Begins(..) => true,
        Event::Ended(outcome) => !outcome.status.is_red(),
    };
    Ok(run_suite(subject, &options, hear)?)
}

/// Prints who was caught by what.
fn table(caught: &mut [Caught]) {
    let place = |name| mutants().iter().position(|mutant| mutant.name == name);
    caught.sort_by_key(|caught| place(caught.mutant.name));
    println!("| fault | what is wrong | caught by level | with the test | s |");
    println!("| --- | --- | --- | --- | --: |");
    for Caught { mutant, by, seconds } in &*caught {
        let Mutant { name, what, .. } = mutant;
        println!("| {name} | {what} | {} | {} | {seconds:.1} |", by.level, by.name);
    }
    println!("\n{} of {} faults were caught.\n", caught.len(), mutants().len());
}
