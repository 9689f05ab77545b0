//! Standard error, which may be full, closed or a pipe that nobody reads.

use std::fmt::Display;
use std::io::Write as _;

/// Writes a line to standard error in one piece. A line that cannot be written is dropped: it
/// changes neither what a program does nor its exit code.
pub fn note(line: impl Display) {
    _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
