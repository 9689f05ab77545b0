//! `cargo bench`: the whole-network table, by the command that prints it. Words after `--` are
//! passed on: `cargo bench -- cuba_4k --repeat 3`.

use isospike_core::base::console::note;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // Cargo says `--bench` to every benchmark.
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let status = Command::new(env!("CARGO_BIN_EXE_isospike")).arg("bench").args(words).status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|n| u8::try_from(n).ok()).unwrap_or(1)),
        Err(error) => {
            note(format!("isospike does not start: {error}"));
            ExitCode::FAILURE
        }
    }
}
