//! Checked -> Plan: every decision that the network alone allows, taken once.

pub mod kernels;
pub(crate) mod quantise;

use crate::checked::Checked;
use crate::plan::Plan;
use std::sync::Arc;

/// Lowers a checked network. Cannot fail: what could is a mistake and was found by the check.
pub fn lower(network: Arc<Checked>) -> Plan {
    let _ = network;
    todo!()
}
