//! Tells the program which commit it is built from, where git is there to say.

use std::process::Command;

fn main() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    };
    // The log of HEAD changes with every commit and checkout.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    if let Some(commit) = git(&["describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"]) {
        println!("cargo::rustc-env=ISOSPIKE_COMMIT={commit}");
    }
}
