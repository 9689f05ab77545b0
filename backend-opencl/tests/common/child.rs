//! Tests of what the environment of a process decides: this test program, started again.

use std::process::{Command, Output};

/// The variable that tells a child what to do.
const ROLE: &str = "ISOSPIKE_TEST_ROLE";

/// What this process was started to do; `None` in the test program itself.
pub fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// This program in a role. The cache is off unless the caller names one.
pub fn command(role: &str) -> Command {
    let this = std::env::current_exe().expect("a running program has a path");
    let mut command = Command::new(this);
    command.env(ROLE, role).env("ISOSPIKE_CACHE", "off");
    command
}

/// What a child wrote; it must have ended well.
pub fn text(output: Output) -> Result<String, String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{}\n{text}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
