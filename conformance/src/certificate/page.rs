//! The certificate as a page: nothing is loaded from anywhere, light and dark, printable.

use super::{Certificate, GoldenReport, LevelReport, TestReport, TestStatus, Verdict};
use crate::suite::Level;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn html(certificate: &Certificate) -> String {
    let device = &certificate.device;
    let mood = match certificate.verdict {
        Verdict::Conforms | Verdict::ConformsWithKnownFailures => "good",
        Verdict::DoesNotConform => "bad",
        Verdict::Incomplete => "open",
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "isospike conformance: " (device.name) }
                style { (PreEscaped(STYLE)) }
            }
            body class=(mood) {
                (first(certificate))
                div.sheet {
                    (failures(certificate))
                    (networks(&certificate.golden))
                    (tests(&certificate.levels))
                    (reading(certificate))
                }
            }
        }
    };
    page.into_string()
}

/// The page that one would frame.
fn first(certificate: &Certificate) -> Markup {
    let Certificate { device, verdict, .. } = certificate;
    let first_failing = certificate.first_failing_level.and_then(Level::from_number);
    let (title, motto) = match verdict {
        Verdict::Conforms | Verdict::ConformsWithKnownFailures => (
            "Certificate of Conformance",
            "one network, one seed, the same spikes, bit for bit, on",
        ),
        Verdict::DoesNotConform => ("Report of Differences", "not the same bits on"),
        Verdict::Incomplete => ("Part of a Certificate", "some levels of the suite on"),
    };
    html! {
        div.sheet.first {
            div.frame {
                header {
                    div.over { "isospike" }
                    h1 { (title) }
                    div.motto { (motto) }
                    div.device { (device.name) }
                    div.under {
                        "backend " code { (certificate.subject) }
                        @if !device.driver.is_empty() { ", driver " (device.driver) }
                    }
                    div.verdict {
                        strong { (verdict.words()) }
                        @if let Some(level) = first_failing {
                            ": the lowest red level is " strong { (level) }
                        }
                        ", evidence grade "
                        strong { (certificate.grade.name()) }
                        span.soft { " (" (certificate.grade.sentence()) ")" }
                    }
                }
                ol.suite reversed {
                    @for level in certificate.levels.iter().rev() { (level_line(level)) }
                }
                div.foot {
                    dl {
                        dt { "date" } dd { (certificate.date) }
                        dt { "seed" }
                        dd { (certificate.seed) ", " (certificate.networks) " random networks" }
                        dt { "time" } dd { (seconds(certificate.seconds)) }
                    }
                    (seal(*verdict))
                    dl {
                        dt { "isospike" } dd { (certificate.isospike) }
                        dt { "commit" }
                        dd.mono { (certificate.commit.as_deref().unwrap_or("not known")) }
                        dt { "host" } dd { (certificate.host) }
                    }
                }
            }
        }
    }
}

fn level_line(level: &LevelReport) -> Markup {
    let tried = level.passed + level.failed + level.known_failures;
    let class = match level {
        _ if level.failed > 0 => "failed",
        _ if level.known_failures > 0 => "known",
        _ if tried == 0 => "absent",
        _ => "passed",
    };
    html! {
        li class=(class) {
            span.level { (level.number) }
            span.name { (level.name) }
            span.what { (level.sentence) }
            span.count {
                @if level.failed > 0 {
                    (level.failed) " of " (tried) " failed"
                } @else if tried > 0 {
                    (level.passed) " of " (tried) " passed"
                } @else if level.not_applicable > 0 {
                    "not applicable"
                } @else {
                    "not tried"
                }
                small {
                    @if level.checked > 0 { (thousands(level.checked)) " words, " }
                    @if tried > 0 { (seconds(level.seconds)) }
                }
            }
        }
    }
}

/// A round seal: a spike between two rails.
fn seal(verdict: Verdict) -> Markup {
    let words = match verdict {
        Verdict::Conforms | Verdict::ConformsWithKnownFailures => "EQUAL BIT FOR BIT",
        Verdict::DoesNotConform => "BITS DIFFER",
        Verdict::Incomplete => "NOT ALL RUNGS TRIED",
    };
    html! {
        svg.seal viewBox="0 0 120 120" role="img" aria-label=(words) {
            g fill="none" stroke="currentColor" {
                circle cx="60" cy="60" r="57" stroke-width="2" {}
                circle cx="60" cy="60" r="53.5" stroke-width=".7" {}
                circle cx="60" cy="60" r="36" stroke-width=".7" {}
                path d="M34 66 h13 l4 -6 l5 6 l4.5 -32 l6 46 l4 -14 h16" stroke-width="2.4"
                    stroke-linejoin="round" stroke-linecap="round" {}
                path id="over" d="M18.5 60 a41.5 41.5 0 0 1 83 0" stroke="none" {}
                path id="below" d="M12.5 60 a47.5 47.5 0 0 0 95 0" stroke="none" {}
            }
            g fill="currentColor" text-anchor="middle" {
                text font-size="9.2" letter-spacing="1.3" font-weight="600" {
                    textPath href="#over" startOffset="50%" { (words) }
                }
                text font-size="8.4" letter-spacing="2.6" {
                    textPath href="#below" startOffset="50%" { "ISOSPIKE" }
                }
            }
        }
    }
}

fn failures(certificate: &Certificate) -> Markup {
    let of = |wanted: TestStatus| {
        let levels = certificate.levels.iter();
        let all = levels.flat_map(|level| level.tests.iter().map(move |test| (level, test)));
        all.filter(move |(_, test)| test.status == wanted)
    };
    let failed: Vec<_> = of(TestStatus::Failed).chain(of(TestStatus::KnownFailure)).collect();
    let absent: Vec<_> = certificate.levels.iter().flat_map(not_applicable).collect();
    html! {
        @if !failed.is_empty() {
            section {
                h2 { "Failures" }
                p { "The lowest red level names the culprit; what is red above it says little." }
                @for (level, test) in &failed {
                    h3 {
                        (level.number) " " (level.name) "/" (test.name)
                        @if test.status == TestStatus::KnownFailure { " (known)" }
                    }
                    @if let Some(message) = &test.message { pre { (message) } }
                    @if let Some(command) = &test.reproduce { pre.again { (command) } }
                }
            }
        }
        @if !absent.is_empty() {
            section {
                h2 { "Not applicable" }
                table { tbody {
                    @for (level, tests, why) in &absent {
                        tr {
                            td { strong { (level.number) " " (level.name) } }
                            td { (tests.join(", ")) }
                            td.soft { (why) }
                        }
                    }
                } }
            }
        }
        @if !certificate.device.notes.is_empty() {
            section {
                h2 { "Notes of the device" }
                @for note in &certificate.device.notes { p { (note) } }
            }
        }
    }
}

/// The tests of a level that are not for the subject, by the reason.
fn not_applicable(level: &LevelReport) -> Vec<(&LevelReport, Vec<&str>, &str)> {
    let mut all: Vec<(&LevelReport, Vec<&str>, &str)> = Vec::new();
    for test in level.tests.iter().filter(|test| test.status == TestStatus::NotApplicable) {
        let why = test.message.as_deref().unwrap_or_default();
        match all.iter_mut().find(|(_, _, known)| *known == why) {
            Some((_, tests, _)) => tests.push(&test.name),
            None => all.push((level, vec![&test.name], why)),
        }
    }
    all
}

fn networks(golden: &[GoldenReport]) -> Markup {
    html! {
        section {
            h2 { "Published networks" }
            p {
                "Scaled to run in seconds. The digest is SHA-256 over every spike and every final "
                "state word; the expected ones are committed with the sources."
            }
            table {
                thead { tr {
                    th { "network" } th.number { "spikes" } th { "digest" } th { "" }
                } }
                tbody { @for report in golden { (network(report)) } }
            }
        }
    }
}

fn network(report: &GoldenReport) -> Markup {
    let GoldenReport { example, expected, got } = report;
    html! {
        tr {
            td { (example) }
            td.number {
                (thousands(expected.spikes as u64))
                @if let Some(got) = got && got.spikes != expected.spikes {
                    br; span.no { (thousands(got.spikes as u64)) }
                }
            }
            td.mono {
                (expected.digest)
                @if let Some(got) = got && got.digest != expected.digest {
                    br; span.no { (got.digest) }
                }
            }
            @match got {
                Some(got) if got == expected => td.yes { "equal" },
                Some(_) => td.no { "differs" },
                None => td.soft { "not run" },
            }
        }
    }
}

fn tests(levels: &[LevelReport]) -> Markup {
    html! {
        section {
            h2 { "Every test" }
            @for level in levels {
                details open[level.failed > 0] {
                    summary {
                        strong { (level.number) " " (level.name) }
                        span.soft {
                            (level.tests.len()) " tests, " (thousands(level.checked)) " words, "
                            (seconds(level.seconds))
                        }
                    }
                    table { tbody { @for test in &level.tests { (test_line(test)) } } }
                }
            }
        }
    }
}

fn test_line(test: &TestReport) -> Markup {
    let (class, words) = match test.status {
        TestStatus::Passed => ("yes", "passed"),
        TestStatus::Failed => ("no", "failed"),
        TestStatus::KnownFailure => ("no", "known failure"),
        TestStatus::NotApplicable => ("soft", "not applicable"),
    };
    html! {
        tr {
            td { (test.name) }
            td.number { @if test.checked > 0 { (thousands(test.checked)) } }
            td.number { (seconds(test.seconds)) }
            td class=(class) { (words) }
        }
    }
}

fn reading(certificate: &Certificate) -> Markup {
    let again = format!(
        "isospike conformance --backend {} --seed {} --report DIR",
        certificate.subject, certificate.seed
    );
    html! {
        section {
            h2 { "What this says" }
            p {
                "Every word that a passed test counts was compared and was equal; there is no "
                "tolerance. A grade "
                "of hardware holds for the chip and the driver named and for no other. The suite "
                "samples: it does not prove that no network differs."
            }
            pre.again { (again) }
        }
    }
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if s >= 100.0 => format!("{s:.0} s"),
        s if s >= 1.0 => format!("{s:.1} s"),
        s => format!("{:.0} ms", 1000.0 * s),
    }
}
