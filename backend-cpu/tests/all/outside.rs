//! The models against the outside world: closed forms, high-resolution solutions of the published
//! equations in f64, NEST, and published statistics. All backends give the bits of this one, so
//! what holds here holds on all. `docs/validation.md` has what is compared with what.
//!
//! The equations stand here a second time on purpose: nothing in this folder reads a model file of
//! ours, or evaluates our expressions.

mod bound;
mod closed;
mod digits;
mod equations;
mod integrate;
mod linear;
mod microcircuit;
mod nest;
mod noise;
mod nonlinear;
mod plasticity;
mod row;
mod sensitivity;
mod single;
