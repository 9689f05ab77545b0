//! `isospike conformance` as a program.

use crate::common::{Folder, code, isospike, json, stderr, stdout};
use serde_json::Value;

#[test]
fn the_ladder_is_listed_from_the_lowest_level() {
    let output = isospike(&["conformance", "--list"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    let number = |line: &str| line.split(' ').next().and_then(|word| word.parse().ok());
    let levels: Vec<u32> = text.lines().filter_map(number).collect();
    assert!(levels.is_sorted() && levels[0] == 1 && levels.ends_with(&[10]), "{text}");
    let one = json(&["conformance", "--list", "--level", "2"]);
    assert!(one["tests"].as_array().unwrap().iter().any(|name| name == "2 functions/exp"));
}

#[test]
fn a_rung_makes_a_certificate_that_says_what_is_missing() {
    let folder = Folder::new("certificate");
    let report = folder.argument();
    let output =
        isospike(&["conformance", "--backend", "cpu:1", "--level", "2", "--report", report]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = std::fs::read_to_string(folder.file("certificate.json")).unwrap();
    let certificate: Value = serde_json::from_str(&text).unwrap();
    // One level is no evidence for a device.
    assert_eq!(certificate["verdict"], "incomplete");
    assert_eq!(certificate["grade"], "none");
    assert_eq!(certificate["levels"][1]["failed"], 0);
    assert!(certificate["levels"][1]["checked"].as_u64().unwrap() > 100_000);
    let page = std::fs::read_to_string(folder.file("certificate.html")).unwrap();
    assert!(page.contains("Part of a Certificate") && page.contains("not tried"));
    for outside in ["src=", "http://", "https://", "url(", "@import"] {
        assert!(!page.contains(outside), "the page loads something: {outside}");
    }
}

#[test]
fn what_does_not_apply_and_what_is_not_there_is_said() {
    let report = json(&["conformance", "--backend", "cpu:1", "--level", "4"]);
    let level = &report["certificates"][0]["levels"][3];
    assert!(level["not_applicable"].as_u64().unwrap() > 10 && level["passed"] == 0);
    assert_eq!(level["tests"][0]["message"], "not a device with kernels");
    let output = isospike(&["conformance", "--backend", "opencl:no-such-device", "--level", "1"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let output = isospike(&["conformance", "--level", "11"]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
}
