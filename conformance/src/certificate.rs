//! The certificate: what a subject did on the suite, as JSON and as one page.

mod page;

use crate::golden::{self, Golden};
use crate::run::{Outcome, Status, SuiteRun};
use crate::suite::{Level, Settings};
use isospike_core::run::backend::BackendInfo;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::time::SystemTime;

/// The version of the format; a field may be added without a new one.
pub const FORMAT: u32 = 1;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// [`FORMAT`].
    pub format: u32,
    /// When, UTC, RFC 3339.
    pub date: String,
    /// The version of isospike.
    pub isospike: String,
    /// The commit it was built from, with `+` where files had been changed; `None` where the build
    /// did not know.
    pub commit: Option<String>,
    /// The name of the subject, a selector of the command line.
    pub subject: String,
    /// The subject.
    pub device: Device,
    /// The operating system and architecture of the host.
    pub host: String,
    /// The grade of evidence (`docs/devices.md`).
    pub grade: Grade,
    /// The verdict.
    pub verdict: Verdict,
    /// The lowest red level.
    pub first_failing_level: Option<u32>,
    /// The seed of what was drawn.
    pub seed: u64,
    /// How many random networks were tried.
    pub networks: u32,
    /// Wall time of all tests in seconds.
    pub seconds: f64,
    /// Every level, the lowest first.
    pub levels: Vec<LevelReport>,
    /// The published networks: what they must give and what they gave.
    pub golden: Vec<GoldenReport>,
}

/// The machine and device of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// `cpu`, `wgpu`.
    pub backend: String,
    /// The device.
    pub name: String,
    /// Its driver; empty where there is none.
    pub driver: String,
    /// Whether it is software.
    pub software: bool,
    /// Further notes.
    pub notes: Vec<String>,
}

/// How we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// It ran on the chip named.
    Hardware,
    /// It ran on a software implementation of the interface, or on an oracle.
    Software,
    /// The vendor's compiler made the code, an interpreter ran it.
    StandIn,
    /// The whole suite was not green.
    None,
}

/// The verdict of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every test of every level that is for this subject passed.
    Conforms,
    /// As before, but for failures that are known.
    ConformsWithKnownFailures,
    /// A test failed.
    DoesNotConform,
    /// Not all levels were tried.
    Incomplete,
}

/// A level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelReport {
    /// 1 to 9.
    pub number: u32,
    /// One word.
    pub name: String,
    /// The subject of its tests.
    pub sentence: String,
    /// Tests that passed.
    pub passed: u32,
    /// Tests that failed.
    pub failed: u32,
    /// Tests that failed as was known.
    pub known_failures: u32,
    /// Tests that are not for this subject.
    pub not_applicable: u32,
    /// Words and spikes compared.
    pub checked: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Each test.
    pub tests: Vec<TestReport>,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    /// Its name on the level.
    pub name: String,
    /// How it ended.
    pub status: TestStatus,
    /// Words and spikes compared.
    pub checked: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Why it did not pass: what differs, or why it does not apply.
    pub message: Option<String>,
    /// A command that shows the failure again.
    pub reproduce: Option<String>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestStatus {
    /// Everything was equal.
    Passed,
    /// Something was not.
    Failed,
    /// It failed as was known.
    KnownFailure,
    /// It is not for this subject.
    NotApplicable,
}

/// A published network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenReport {
    /// Its name.
    pub example: String,
    /// The golden pair.
    pub expected: Golden,
    /// The pair that it gave; `None` where it was not run to the end.
    pub got: Option<Golden>,
}

/// Facts about a suite_run that only its caller has.
#[derive(Clone, Debug, PartialEq)]
pub struct Circumstances {
    /// The version of isospike.
    pub isospike: String,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// When.
    pub date: SystemTime,
    /// The settings that the tests were made from.
    pub settings: Settings,
}

/// Writes a date as `2026-02-14T00:28:07Z`. A clock that stands before 1970 gives its first second,
/// and one behind the year 9999 an empty text.
pub fn utc(date: SystemTime) -> String {
    let mut text = String::new();
    let date = humantime::format_rfc3339_seconds(date.max(SystemTime::UNIX_EPOCH));
    match write!(text, "{date}") {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}

impl Certificate {
    /// The certificate of a run of the suite.
    pub fn new(suite_run: &SuiteRun, circumstances: Circumstances) -> Self {
        let Circumstances { isospike, commit, date, settings } = circumstances;
        let levels: Vec<LevelReport> =
            Level::ALL.iter().map(|level| level_report(suite_run, *level)).collect();
        let verdict = verdict(suite_run, &levels);
        let green = matches!(verdict, Verdict::Conforms | Verdict::ConformsWithKnownFailures);
        Self {
            format: FORMAT,
            date: utc(date),
            isospike,
            commit,
            subject: suite_run.subject.clone(),
            device: device(&suite_run.info),
            host: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
            grade: if green { grade(&suite_run.info) } else { Grade::None },
            verdict,
            first_failing_level: suite_run.first_failing().map(Level::number),
            seed: settings.seed,
            networks: settings.networks,
            seconds: levels.iter().map(|level| level.seconds).sum(),
            levels,
            golden: golden(suite_run),
        }
    }

    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a certificate is JSON") + "\n"
    }

    /// As one HTML page that needs nothing beside it.
    pub fn html(&self) -> String {
        page::html(self)
    }
}

impl Grade {
    /// As `docs/devices.md` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Software => "software",
            Self::StandIn => "stand-in",
            Self::None => "none",
        }
    }

    /// Explains the verdict.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Hardware => "the suite ran on the chip named",
            Self::Software => "a software implementation ran the suite: it proves bits, not a chip",
            Self::StandIn => "an interpreter ran what the vendor's compiler made",
            Self::None => "no evidence: the suite is not green",
        }
    }
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::ConformsWithKnownFailures => "conforms, with known failures",
            Self::DoesNotConform => "does not conform",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The grade that a green suite has on this device. A stand-in calls itself so in its name.
fn grade(info: &BackendInfo) -> Grade {
    let text = format!("{} {}", info.backend, info.device).to_lowercase();
    match info.software {
        _ if text.contains("stand-in") => Grade::StandIn,
        true => Grade::Software,
        false => Grade::Hardware,
    }
}

fn verdict(suite_run: &SuiteRun, levels: &[LevelReport]) -> Verdict {
    if suite_run.first_failing().is_some() {
        Verdict::DoesNotConform
    } else if !suite_run.complete || levels.iter().any(|level| level.tests.is_empty()) {
        Verdict::Incomplete
    } else if levels.iter().any(|level| level.known_failures > 0) {
        Verdict::ConformsWithKnownFailures
    } else {
        Verdict::Conforms
    }
}

fn device(info: &BackendInfo) -> Device {
    let BackendInfo { backend, device, driver, software, notes } = info.clone();
    Device { backend, name: device, driver, software, notes }
}

fn level_report(suite_run: &SuiteRun, level: Level) -> LevelReport {
    let outcomes = suite_run.outcomes.iter().filter(|outcome| outcome.level == level);
    let tests: Vec<TestReport> = outcomes.map(test_report).collect();
    let count = |status| tests.iter().filter(|test| test.status == status).count() as u32;
    LevelReport {
        number: level.number(),
        name: level.name().into(),
        sentence: level.sentence().into(),
        passed: count(TestStatus::Passed),
        failed: count(TestStatus::Failed),
        known_failures: count(TestStatus::KnownFailure),
        not_applicable: count(TestStatus::NotApplicable),
        checked: tests.iter().map(|test| test.checked).sum(),
        seconds: tests.iter().map(|test| test.seconds).sum(),
        tests,
    }
}

fn test_report(outcome: &Outcome) -> TestReport {
    let (status, checked, message) = match &outcome.status {
        Status::Passed(done) => (TestStatus::Passed, done.checked, None),
        Status::Failed(failure) => (TestStatus::Failed, 0, Some(failure.to_string())),
        Status::KnownFailure(failure, reason) => {
            (TestStatus::KnownFailure, 0, Some(format!("{reason}\n{failure}")))
        }
        Status::NotApplicable(why) => (TestStatus::NotApplicable, 0, Some(why.clone())),
    };
    TestReport {
        name: outcome.name.clone(),
        status,
        checked,
        seconds: outcome.took.as_secs_f64(),
        message,
        reproduce: outcome.reproduce.clone(),
    }
}

/// Every published network, whether it was run or not.
fn golden(suite_run: &SuiteRun) -> Vec<GoldenReport> {
    let expected = golden::read();
    let report = |example: golden::Example| {
        let same = |o: &&Outcome| o.level == Level::Examples && o.name == example.name;
        let got = suite_run.outcomes.iter().find(same).and_then(|outcome| match &outcome.status {
            Status::Passed(done) => done.golden.clone(),
            Status::Failed(failure) | Status::KnownFailure(failure, _) => failure.golden.clone(),
            Status::NotApplicable(_) => None,
        });
        let expected = expected.get(example.name)?.clone();
        Some(GoldenReport { example: example.name.into(), expected, got })
    };
    golden::cases().into_iter().filter_map(report).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_clock_has_a_date_or_none() {
        let start = SystemTime::UNIX_EPOCH;
        assert_eq!(utc(start + Duration::from_millis(951_827_696_900)), "2000-02-29T12:34:56Z");
        assert_eq!(utc(start - Duration::from_secs(1)), "1970-01-01T00:00:00Z");
        assert_eq!(utc(start + Duration::from_secs(300_000_000_000)), "");
    }
}
