//! The report of the devices of this machine.

use super::VERSION;
use crate::backends::search::{Device, Missing, search};
use serde::Serialize;

/// `devices`.
#[derive(Clone, Debug, Serialize)]
pub struct DevicesReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// Every device that can be used.
    pub devices: Vec<Device>,
    /// Backends and devices that cannot.
    pub missing: Vec<Missing>,
}

impl DevicesReport {
    /// Searches this machine.
    pub fn search() -> Self {
        let (devices, missing) = search();
        Self { isospike: VERSION, devices, missing }
    }
}
