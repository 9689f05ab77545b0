//! Tests of what the environment of a process decides: this test program, started again.

use std::process::{Command, Output};

/// The variable that gives a child its role.
const ROLE: &str = "ISOSPIKE_TEST_ROLE";

/// The module and the role that this process was started for; `None` in the test program itself.
pub fn role() -> Option<(String, String)> {
    let value = std::env::var(ROLE).ok()?;
    let (module, role) = value.split_once(": ").expect("a module and a role");
    Some((module.to_owned(), role.to_owned()))
}

/// This program in a role of a module. The cache is off unless the caller names one.
pub fn command(module: &str, role: &str) -> Command {
    let this = std::env::current_exe().expect("a running program has a path");
    let mut command = Command::new(this);
    command.env(ROLE, format!("{module}: {role}")).env("ISOSPIKE_CACHE", "off");
    command
}

/// The output of a child; it must have ended well.
pub fn text(output: Output) -> Result<String, String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{}\n{text}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
