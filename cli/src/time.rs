//! Times on the command line.

use crate::failure::Failure;
use isospike_core::base::units::Dimension;
use isospike_front::language::{Constants, quantity};
use isospike_front::mistake::Origin;
use isospike_front::network::{Content, Value};

/// A time in milliseconds, written as in a model file: `"100 ms"`, `"0.2 s"`.
pub fn time_ms(option: &str, text: &str) -> Result<f64, Failure> {
    let value = Value { content: Content::Text(text.to_owned()), origin: Origin::builder() };
    let found = quantity(&value, &Constants::new())
        .map_err(|mistake| Failure::Usage(format!("{option} {text}: {}", mistake.message)))?;
    if found.dimension != (Dimension { time: 1, ..Dimension::default() }) {
        let message = format!("{option} {text}: a time is wanted, such as \"100 ms\"");
        return Err(Failure::Usage(message));
    }
    Ok(found.value)
}
