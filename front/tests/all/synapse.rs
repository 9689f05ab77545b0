//! Synapse models: their language, their mistakes with the exact text, their values in networks.

mod builtin;
mod delays;
mod fields;
mod programs;
mod projection;
mod receptors;
mod sent;
mod support;
