//! Running the suite with one subject: the same for test programs and for the command line.

use crate::failure::Failure;
use crate::handbuilt;
use crate::subject::{Opened, Subject};
use crate::suite::{Done, Level, Needs, Run, Settings, Test, tests};
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The reason why tests of kernels are not for an engine.
const NO_KERNELS: &str = "not a device with kernels";

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
    /// Its level.
    pub level: Level,
    /// Its name on the level.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// How long it took.
    pub took: Duration,
    /// A command that shows a failure again.
    pub reproduce: Option<String>,
}

/// The results of a subject on the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteRun {
    /// The subject's name.
    pub subject: String,
    /// The subject.
    pub info: BackendInfo,
    /// Every test that was tried, in order.
    pub outcomes: Vec<Outcome>,
    /// Whether the whole suite was tried.
    pub complete: bool,
}

impl SuiteRun {
    /// The lowest level with a failure: the culprit.
    pub fn first_failing(&self) -> Option<Level> {
        self.outcomes.iter().filter(|o| o.status.is_red()).map(|o| o.level).min()
    }
}

/// Which part of the suite, and where what is left of it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Only this level.
    pub level: Option<Level>,
    /// The settings that the tests are made from.
    pub settings: Settings,
    /// The folder for networks that show failures, so that they can be run again.
    pub models: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        let models = std::env::temp_dir().join("isospike-conformance");
        Self { level: None, settings: Settings::default(), models }
    }
}

/// An event of a run of the suite.
pub enum Event<'a> {
    /// The test with this number of so many begins.
    Begins(&'a Test, usize, usize),
    /// It has ended.
    Ended(&'a Outcome),
}

/// Runs the tests of the suite on a subject, the lowest level first. `hear` receives each test;
/// where it says false, the suite_run ends.
///
/// Errors: what opening the subject says.
pub fn run_suite(
    subject: &Subject,
    options: &Options,
    mut hear: impl FnMut(Event<'_>) -> bool,
) -> Result<SuiteRun, BackendError> {
    let opened = (subject.open)()?;
    let offers = Offers::of(&opened, subject);
    let mut suite_run = SuiteRun {
        subject: subject.name.clone(),
        info: opened.backend().info().clone(),
        outcomes: Vec::new(),
        complete: false,
    };
    drop(opened);
    let wanted = |test: &Test| options.level.is_none_or(|level| level == test.level);
    let tests: Vec<Test> = tests(&options.settings).into_iter().filter(wanted).collect();
    for (number, test) in tests.iter().enumerate() {
        if !hear(Event::Begins(test, number, tests.len())) {
            return Ok(suite_run);
        }
        let start = Instant::now();
        let status = match offers.lacks(test.needs) {
            Some(why) => Status::NotApplicable(why.into()),
            None => run_test(subject, test),
        };
        let took = start.elapsed();
        let reproduce = reproduce(&suite_run, test, &status, options);
        let (level, name) = (test.level, test.name.clone());
        let outcome = Outcome { level, name, status, took, reproduce };
        let on = hear(Event::Ended(&outcome));
        suite_run.outcomes.push(outcome);
        if !on {
            return Ok(suite_run);
        }
    }
    suite_run.complete = options.level.is_none();
    Ok(suite_run)
}

/// The command that reproduces a failure. A network that shows it is written to a file.
fn reproduce(
    suite_run: &SuiteRun,
    test: &Test,
    status: &Status,
    options: &Options,
) -> Option<String> {
    let (Status::Failed(failure) | Status::KnownFailure(failure, _)) = status else { return None };
    let Settings { seed, .. } = options.settings;
    let (subject, level) = (&suite_run.subject, test.level.number());
    let again = format!("isospike conformance --backend {subject} --level {level} --seed {seed}");
    let Some(model) = &failure.model else { return Some(again) };
    let name = format!("{subject} {}", test.full_name());
    let path = options
        .models
        .join(format!("{}.toml", name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")));
    let written = fs::create_dir_all(&options.models).and_then(|()| fs::write(&path, &model.text));
    match written {
        Ok(()) => Some(model.command(&path, subject)),
        Err(why) => Some(format!("{again} # {}: {why}", path.display())),
    }
}

/// Runs one test on a backend of its own. A panic is a failure like others.
pub fn run_test(subject: &Subject, test: &Test) -> Status {
    let mut info = BackendInfo::default();
    let verdict = catch_unwind(AssertUnwindSafe(|| {
        let opened = (subject.open)()?;
        info = opened.backend().info().clone();
        match (&test.run, &opened) {
            (Run::Backend(run), _) => run(opened.backend(), subject),
            (Run::Kernels(run), Opened::Device(device)) => run(device.as_ref()),
            (Run::Kernels(_), Opened::Engine(_)) => Err(Failure::new(NO_KERNELS)),
        }
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

/// The parts of a backend that tests use.
#[derive(Clone, Debug)]
pub struct Offers {
    kernels: bool,
    variants: bool,
    /// Why it runs no programs made by hand.
    refusal: Option<String>,
}

impl Offers {
    /// Returns the parts of a backend that was opened.
    pub fn of(opened: &Opened, subject: &Subject) -> Self {
        let refusal = match opened.backend().compile(&handbuilt::smallest()) {
            Err(BackendError::Unsupported(why)) => Some(why),
            // Any other error is one that the tests shall meet.
            _ => None,
        };
        let variants = !subject.variants.is_empty();
        Self { kernels: matches!(opened, Opened::Device(_)), variants, refusal }
    }

    /// Why a test with these needs is not for this backend; `None` where it is.
    pub fn lacks(&self, needs: Needs) -> Option<&str> {
        match needs {
            Needs::Networks => None,
            Needs::Programs => self.refusal.as_deref(),
            Needs::Kernels => (!self.kernels).then_some(NO_KERNELS),
            Needs::Variants => (!self.variants).then_some("there is one way to run it"),
        }
    }
}
