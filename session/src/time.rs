//! Times as text.

use isospike_core::base::units::Dimension;
use isospike_front::diagnostic::Location;
use isospike_front::language::{Constants, quantity};
use isospike_front::network::{Content, Value};

/// Reads a time in milliseconds, written as in a model file: `"100 ms"`, `"0.2 s"`.
///
/// # Errors
/// A text that is no quantity, or one that is no time, in words.
pub fn time_ms(text: &str) -> Result<f64, String> {
    let value = Value { content: Content::Text(text.to_owned()), location: Location::builder() };
    let found = quantity(&value, &Constants::new()).map_err(|diagnostic| diagnostic.message)?;
    if found.dimension != (Dimension { time: 1, ..Dimension::default() }) {
        return Err("a time is wanted, such as \"100 ms\"".into());
    }
    Ok(found.value)
}
