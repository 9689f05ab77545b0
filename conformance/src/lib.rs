//! Conformance: the cases that every backend must answer with the same bits.
//!
//! A backend joins with one call from a test without harness:
//!
//! ```no_run
//! use isospike_conformance::{Subject, main};
//! use isospike_core::reference::model::ModelBackend;
//!
//! main(&[Subject { name: "reference", require: "cpu", open: || Ok(Box::new(ModelBackend::default())) }]);
//! ```
//!
//! [`device`] has what a device must do before any network runs on it. Then three groups of cases: the example networks, scaled, against committed digests
//! ([`golden`]); small networks of one feature each ([`cases`]) and random networks
//! ([`random`]) against the naive oracle. Equality, never a tolerance. A device that is missing is
//! an ignored test that says so, and a failure where `ISOSPIKE_REQUIRE` names it.

pub mod cases;
pub mod checkpoint;
pub mod device;
pub mod golden;
pub mod random;
pub mod verdict;

use isospike_core::backend::{Backend, BackendError};
use libtest_mimic::{Arguments, Failed, Trial};

/// A backend under test.
#[derive(Clone, Copy)]
pub struct Subject {
    /// `cpu/2 threads/avx2`, `wgpu/vulkan`.
    pub name: &'static str,
    /// The word in `ISOSPIKE_REQUIRE` (a comma-separated list) that makes its absence a failure.
    pub require: &'static str,
    /// Opens it; called once for each test.
    pub open: fn() -> Result<Box<dyn Backend>, BackendError>,
}

impl Subject {
    fn is_required(&self) -> bool {
        let required = std::env::var("ISOSPIKE_REQUIRE").unwrap_or_default();
        required.split(',').any(|word| word.trim() == self.require)
    }
}

/// Runs every case on every subject as a test program, and exits.
pub fn main(subjects: &[Subject]) -> ! {
    let arguments = Arguments::from_args();
    let trials = subjects.iter().flat_map(|subject| trials(*subject)).collect();
    libtest_mimic::run(&arguments, trials).exit()
}

/// The tests of one subject; a single one that says why where there is no device.
fn trials(subject: Subject) -> Vec<Trial> {
    if let Err(error) = (subject.open)() {
        let name = format!("MISSING DEVICE {}: {error}", subject.name);
        let required = subject.is_required();
        let fail = move || Err(Failed::from(format!("required, but: {error}")));
        return vec![Trial::test(name, fail).with_ignored_flag(!required)];
    }
    let mut trials = Vec::new();
    for case in golden::cases() {
        let name = format!("{}/example/{}", subject.name, case.name);
        trials.push(Trial::test(name, move || golden::check(subject, &case)));
    }
    for case in cases::all() {
        let name = format!("{}/{}", subject.name, case.name);
        let moved = case.clone();
        trials.push(Trial::test(name, move || verdict::against_oracle(subject, &case)));
        let name = format!("{}/checkpoint/{}", subject.name, moved.name);
        trials.push(Trial::test(name, move || checkpoint::against_oracle(subject, &moved)));
    }
    let name = format!("{}/random networks", subject.name);
    trials.push(Trial::test(name, move || random::check(subject)));
    trials
}
