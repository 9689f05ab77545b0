//! Synapse models: their language, their mistakes with the exact text, their values in networks.

mod builtin;
mod condition;
mod decay;
mod delays;
mod fields;
mod graded;
mod initial;
mod programs;
mod projection;
mod receptors;
mod rewire;
mod sent;
mod signals;
mod support;
