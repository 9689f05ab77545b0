//! Times on the command line.

use crate::failure::Failure;

/// Reads the time that an option was given, in milliseconds.
pub fn time_ms(option: &str, text: &str) -> Result<f64, Failure> {
    isospike_session::time::time_ms(text)
        .map_err(|why| Failure::usage(format!("{option} {text}: {why}")))
}
