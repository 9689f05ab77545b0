//! Synapses: the choice of a layout for each projection, their formats, building and storage, and
//! the wheels and accumulators that they reach.

mod arena;
pub(crate) mod build;
pub(crate) mod format;
pub(crate) mod late;
pub(crate) mod layout;
pub(crate) mod partition;
pub(crate) mod ring;
mod segment;
pub(crate) mod signals;
pub(crate) mod store;
pub(crate) mod timing_wheel;
