//! Meters and windows on a machine of files.

mod fake;
mod measurement;
mod meters;
