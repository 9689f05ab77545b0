//! A run on any backend: the boundary, what a run leaves, exact counts, its cost, and its
//! checkpoints.

pub mod backend;
pub mod checkpoint;
pub mod cost;
pub mod counters;
pub mod input;
pub mod parameters;
pub mod quantity;
pub mod record;
pub mod rewire;
mod source_traces;
pub mod weights;
