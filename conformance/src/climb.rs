//! Climbing the ladder with one subject: the same for test programs and for the command line.

use crate::failure::Failure;
use crate::hand;
use crate::ladder::{Done, Needs, Rung, Settings, Test, tests};
use crate::subject::Subject;
use isospike_core::backend::{Backend, BackendError, BackendInfo};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything was equal.
    Passed(Done),
    /// Something was not.
    Failed(Failure),
    /// It failed, as was known, for this reason.
    KnownFailure(Failure, String),
    /// The subject is not of the kind that it tests, for this reason.
    NotApplicable(String),
}

impl Status {
    /// Whether the subject is not as it should be.
    pub fn is_red(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

/// A test and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its rung.
    pub rung: Rung,
    /// Its name on the rung.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// How long it took.
    pub took: Duration,
}

/// What a subject did on the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Climb {
    /// The subject's name.
    pub subject: String,
    /// What it runs on.
    pub info: BackendInfo,
    /// Every test that was tried, in order.
    pub outcomes: Vec<Outcome>,
}

impl Climb {
    /// The lowest rung with a failure: the culprit.
    pub fn culprit(&self) -> Option<Rung> {
        self.outcomes.iter().filter(|o| o.status.is_red()).map(|o| o.rung).min()
    }
}

/// Which part of the ladder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only this rung.
    pub rung: Option<Rung>,
    /// What the tests are made from.
    pub settings: Settings,
}

/// Runs the tests of the ladder on a subject, the lowest rung first. `each` sees every outcome as
/// it comes; where it says false, the climb ends.
///
/// Errors: what opening the subject says.
pub fn climb(
    subject: &Subject,
    options: &Options,
    mut each: impl FnMut(&Outcome) -> bool,
) -> Result<Climb, BackendError> {
    let backend = (subject.open)()?;
    let offers = Offers::of(backend.as_ref(), subject);
    let mut climb =
        Climb { subject: subject.name.clone(), info: backend.info().clone(), outcomes: Vec::new() };
    drop(backend);
    let wanted = |test: &Test| options.rung.is_none_or(|rung| rung == test.rung);
    for test in tests(&options.settings).iter().filter(|test| wanted(test)) {
        let start = Instant::now();
        let status = match offers.lacks(test.needs) {
            Some(why) => Status::NotApplicable(why.into()),
            None => run(subject, test),
        };
        let (rung, name, took) = (test.rung, test.name.clone(), start.elapsed());
        climb.outcomes.push(Outcome { rung, name, status, took });
        if !each(&climb.outcomes[climb.outcomes.len() - 1]) {
            break;
        }
    }
    Ok(climb)
}

/// Runs one test on a backend of its own. A panic is a failure like others.
pub fn run(subject: &Subject, test: &Test) -> Status {
    let mut info = BackendInfo::default();
    let verdict = catch_unwind(AssertUnwindSafe(|| {
        let backend = (subject.open)()?;
        info = backend.info().clone();
        (test.run)(backend.as_ref(), subject)
    }));
    let verdict = verdict.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Failure::new(format!("panicked: {}", text.unwrap_or("without a message"))))
    });
    match (verdict, subject.known_failure(&info, &test.full_name())) {
        (Ok(done), None) => Status::Passed(done),
        (Ok(_), Some(known)) => Status::Failed(Failure::new(format!(
            "a known failure passes ({}): remove it",
            known.reason
        ))),
        (Err(failure), None) => Status::Failed(failure),
        (Err(failure), Some(known)) => Status::KnownFailure(failure, known.reason.clone()),
    }
}

/// What a backend offers to tests.
#[derive(Clone, Debug)]
pub struct Offers {
    kernels: bool,
    variants: bool,
    /// Why it runs no programs made by hand.
    refusal: Option<String>,
}

impl Offers {
    /// Asks the backend of a subject.
    pub fn of(backend: &dyn Backend, subject: &Subject) -> Self {
        let refusal = match backend.compile(&hand::smallest()) {
            Err(BackendError::Unsupported(why)) => Some(why),
            // Any other error is one that the tests shall meet.
            _ => None,
        };
        let variants = !subject.variants.is_empty();
        Self { kernels: backend.device().is_some(), variants, refusal }
    }

    /// Why a test with these needs is not for this backend; `None` where it is.
    pub fn lacks(&self, needs: Needs) -> Option<&str> {
        match needs {
            Needs::Networks => None,
            Needs::Programs => self.refusal.as_deref(),
            Needs::Kernels => (!self.kernels).then_some("not a device with kernels"),
            Needs::Variants => (!self.variants).then_some("there is one way to run it"),
        }
    }
}
