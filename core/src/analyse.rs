//! Evaluations of recorded spikes: trains by population, rates, irregularity, correlation.

pub mod statistics;
pub mod train;
