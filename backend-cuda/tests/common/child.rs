//! Tests of what the environment of a process decides: this test program, started again.

use std::process::Command;

/// The variable that gives a child its role.
const ROLE: &str = "ISOSPIKE_TEST_ROLE";

/// The role that this process was started for; `None` in the test program itself.
pub fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// The output of this program in a role, with these variables set; it must end well.
pub fn run(role: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let this = std::env::current_exe().expect("a running program has a path");
    let mut command = Command::new(this);
    command.env(ROLE, role).env("ISOSPIKE_CACHE", "off").envs(variables.iter().copied());
    let output = command.output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{}\n{text}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
