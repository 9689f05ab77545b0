//! Rows of synapses in memory, and how they are added to accumulators. Which
//! projection has which is decided in [`crate::layout`]; rows are made in [`crate::build`] and
//! found in [`crate::store`].

pub(crate) mod bits;
pub(crate) mod chunk;
pub(crate) mod dense;
pub(crate) mod narrow;
pub(crate) mod single;
