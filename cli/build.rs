//! The commit that the program is built from, for the rows of `isospike bench` and for
//! certificates.

use std::process::Command;

/// The sources of the program: a change there is a change since the commit.
const SOURCES: [&str; 13] = [
    "Cargo.lock",
    "Cargo.toml",
    "backend-cpu",
    "backend-cuda",
    "backend-opencl",
    "backend-wgpu",
    "benches/src",
    "cli",
    "conformance",
    "core",
    "energy",
    "front",
    "session",
];

fn main() {
    println!("cargo:rustc-env=ISOSPIKE_COMMIT={}", commit().unwrap_or_else(|| "unknown".into()));
    for source in SOURCES {
        println!("cargo:rerun-if-changed=../{source}");
    }
    // The folder of git's current commit changes with every commit.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={log}");
    }
}

/// Twelve digits, and `+` where files differ from it; `None` outside of a repository.
fn commit() -> Option<String> {
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let sources = SOURCES.map(|source| format!("../{source}"));
    let status = ["status", "--porcelain", "--"].into_iter();
    let changed = git(&status.chain(sources.iter().map(String::as_str)).collect::<Vec<_>>())?;
    Some(if changed.is_empty() { commit } else { commit + "+" })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
