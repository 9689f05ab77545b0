//! Conformance: what every backend must answer with the same bits.
//!
//! A backend joins with one call from a test without harness:
//!
//! ```no_run
//! use isospike_conformance::{Opened, Subject, main};
//! use isospike_core::oracle::network::ModelBackend;
//!
//! let open = || Ok(Opened::engine(ModelBackend::default()));
//! main(&[Subject::new("reference", "cpu", open)]);
//! ```
//!
//! The tests form a [`suite`]: operations, functions, random numbers, kernels, neurons, delivery,
//! synapses that learn, published networks, random networks, splitting. The lowest red level names
//! the culprit.
//! Equality, never a tolerance. [`run_suite()`] runs them; [`main`] makes a test program of it, the
//! command line a report. A device that is missing is an ignored test that says so, and a failure
//! where `ISOSPIKE_REQUIRE` names it.

pub mod cases;
pub mod certificate;
pub mod checkpoint;
pub mod device;
pub mod difference;
pub mod failure;
pub mod golden;
pub mod handbuilt;
pub mod missing;
pub mod run;
pub mod state;
pub mod subject;
pub mod suite;
pub mod verdict;

pub use run::run_suite;
pub use subject::{Opened, Subject};

use isospike_core::base::console::note;
use libtest_mimic::{Arguments, Failed, Trial};
use run::{Offers, Status};
use std::process::exit;
use std::sync::Arc;
use suite::{Settings, tests};

/// Runs the whole suite on every subject as a test program, and exits.
pub fn main(subjects: &[Subject]) -> ! {
    let arguments = Arguments::from_args();
    let settings = Settings::from_environment().unwrap_or_else(|why| {
        note(format!("error: {why}"));
        exit(2)
    });
    let trials = subjects.iter().flat_map(|subject| trials(subject, &settings)).collect();
    libtest_mimic::run(&arguments, trials).exit()
}

/// The tests of one subject; a single one that says why where there is no device.
fn trials(subject: &Subject, settings: &Settings) -> Vec<Trial> {
    let offers = match (subject.open)() {
        Ok(opened) => Offers::of(&opened, subject),
        Err(error) => {
            let name = format!("MISSING DEVICE {}: {error}", subject.name);
            let fail = move || Err(Failed::from(format!("required, but: {error}")));
            return vec![Trial::test(name, fail).with_ignored_flag(!subject.is_required())];
        }
    };
    let subject = Arc::new(subject.clone());
    let trial = |test: suite::Test| {
        let name = format!("{}/{}", subject.name, test.full_name());
        if let Some(why) = offers.lacks(test.needs) {
            let never = || Err(Failed::from("not for this backend"));
            return Trial::test(format!("{name}: NOT APPLICABLE: {why}"), never)
                .with_ignored_flag(true);
        }
        let subject = Arc::clone(&subject);
        Trial::test(name, move || match run::run_test(&subject, &test) {
            Status::Failed(failure) => Err(failure.into()),
            Status::KnownFailure(failure, reason) => {
                note(format!("KNOWN FAILURE {}: {reason}\n{failure}", test.full_name()));
                Ok(())
            }
            Status::Passed(_) | Status::NotApplicable(_) => Ok(()),
        })
    };
    tests(settings).into_iter().map(trial).collect()
}
