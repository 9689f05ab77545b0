//! Model files and the checker: every kind of mistake with its exact text.

mod data;
mod defaults;
mod equal;
mod file;
mod finite;
mod large;
mod network;
mod notes;
mod npz;
mod population;
mod projection;
mod range;
mod robust;
mod steps;
mod stimulus;
pub mod support;
mod synapse_probe;
mod weights;
