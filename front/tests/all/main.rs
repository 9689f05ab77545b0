//! Tests of front, as one program.

mod check;
mod language_dynamics;
mod language_hints;
mod language_models;
mod language_program;
mod language_quantity;
mod language_units;
mod synapse;
mod write;
