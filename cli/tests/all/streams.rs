//! Standard output and standard error that cannot be written: the exit code stays what it was.

use crate::common::model;
use std::process::{Command, Output};

/// Runs `isospike WORDS` in a shell, which redirects it; stands in for `$isospike` in `script`.
fn shell(script: &str) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("set -o pipefail; {script}")]);
    shell.env("isospike", env!("CARGO_BIN_EXE_isospike"));
    shell.env("small", model("small")).env("mistakes", model("mistakes"));
    shell.output().unwrap()
}

/// Each command with its exit code.
const COMMANDS: [(&str, i32); 14] = [
    ("run $small --duration '20 ms'", 0),
    ("run $small --duration '20 ms' --json", 0),
    ("run $small --duration '20 ms' --idle '1.1 s'", 0),
    ("inspect $small", 0),
    ("devices", 0),
    ("bench --list", 0),
    ("conformance --list", 0),
    ("--help", 0),
    ("--version", 0),
    ("run $small --backend wgpu:no-such-device", 1),
    ("run $mistakes", 2),
    ("run $mistakes --json", 2),
    ("run $small --seed -1", 2),
    ("plot /nowhere", 4),
];

#[test]
fn standard_error_that_cannot_be_written_changes_no_exit_code() {
    for (words, code) in COMMANDS {
        for redirect in ["2>/dev/full", "2>&-", "2> >(exec 0<&-; sleep 0.3)"] {
            let output = shell(&format!("\"$isospike\" {words} {redirect} >/dev/null"));
            assert_eq!(output.status.code(), Some(code), "{words} {redirect}");
        }
    }
}

#[test]
fn standard_output_that_nobody_reads_changes_no_exit_code() {
    for (words, code) in COMMANDS {
        for redirect in [">&-", "2>&1 | head -c 0", "| head -c 0", ">&- 2>&-"] {
            let output = shell(&format!("\"$isospike\" {words} {redirect}"));
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{words} {redirect}: {text}");
            assert!(!text.contains("panicked"), "{words} {redirect}: {text}");
        }
    }
}

#[test]
fn a_full_standard_output_is_a_failure_of_its_own() {
    for (words, code) in COMMANDS {
        let output = shell(&format!("\"$isospike\" {words} >/dev/full"));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let wanted = if code == 0 { 4 } else { code };
        assert_eq!(output.status.code(), Some(wanted), "{words}: {text}");
        assert!(!text.contains("panicked"), "{words}: {text}");
        if code == 0 {
            let told = "standard output: No space left on device";
            assert!(text.contains(told), "{words}: {text}");
        }
    }
}
