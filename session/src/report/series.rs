//! Values in time.

use serde::Serialize;

/// The values in time of a stimulus.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesSize {
    /// The stimulus.
    pub name: String,
    /// The population that it drives.
    pub population: String,
    /// How many rows there are.
    pub rows: u32,
    /// Values in a row: 1, or one for each neuron.
    pub width: u32,
    /// Bytes of all values, as they were read and as words of the plan.
    pub bytes: u64,
}
