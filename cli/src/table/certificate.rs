//! `conformance`: a certificate as a table.

use super::inspect::missing;
use super::{Table, fit, thousands};
use crate::report::ConformanceReport;
use isospike_conformance::certificate::{Certificate, LevelReport, TestStatus};
use isospike_conformance::suite::Level;
use std::fmt::Write as _;

/// A row for each level, then what failed.
pub fn certificate(certificate: &Certificate, width: usize) -> String {
    let device = &certificate.device;
    let mut text = format!("{}  {}\n", certificate.subject, device.name);
    if !device.driver.is_empty() {
        let _ = writeln!(text, "  driver {}", device.driver);
    }
    for note in &device.notes {
        let _ = writeln!(text, "  {note}");
    }
    let columns = ["passed", "failed", "known", "not applicable", "words", "seconds"];
    let mut table = Table::new(["level"], columns);
    for level in certificate.levels.iter().filter(|level| !level.tests.is_empty()) {
        table.row(row(level));
    }
    text += &table.lines(width);
    for level in &certificate.levels {
        for test in &level.tests {
            let word = match test.status {
                TestStatus::Failed => "FAILED",
                TestStatus::KnownFailure => "KNOWN FAILURE",
                TestStatus::Passed | TestStatus::NotApplicable => continue,
            };
            let message = test.message.as_deref().unwrap_or_default().replace('\n', "\n  ");
            let _ = writeln!(text, "{word} {} {}/{}", level.number, level.name, test.name);
            let _ = writeln!(text, "  {message}");
            if let Some(command) = &test.reproduce {
                let _ = writeln!(text, "{}{command}", fit::COMMAND);
            }
        }
    }
    let culprit = match certificate.first_failing_level.and_then(Level::from_number) {
        Some(level) => format!("; the lowest red level is {level}: {}", level.sentence()),
        None => String::new(),
    };
    let (verdict, grade) = (certificate.verdict.words(), certificate.grade.name());
    let _ = writeln!(text, "{verdict}, evidence grade {grade}{culprit}\n");
    fit::page(&text, width)
}

/// The missing parts, and the files.
pub fn conformance(report: &ConformanceReport, width: usize) -> String {
    let mut text = String::new();
    missing(&mut text, &report.missing);
    for file in &report.files {
        let _ = writeln!(text, "wrote {file}");
    }
    fit::page(&text, width)
}

fn row(level: &LevelReport) -> [String; 7] {
    let count = |n: u32| if n == 0 { String::new() } else { n.to_string() };
    [
        format!("{} {}", level.number, level.name),
        count(level.passed),
        count(level.failed),
        count(level.known_failures),
        count(level.not_applicable),
        thousands(level.checked),
        format!("{:.1}", level.seconds),
    ]
}
