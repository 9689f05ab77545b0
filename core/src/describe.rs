//! A network without mistakes, in plain numbers: the models, populations and projections that run.

pub mod arithmetic;
pub mod checked;
pub mod model;
pub mod signal;
pub mod synapse;
