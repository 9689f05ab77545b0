//! Tests of core, as one program; `progress` has a process of its own.

mod bounds;
mod checkpoint;
mod common;
mod connect_draw;
mod connect_lower;
mod connect_naive;
mod connect_rules;
mod connect_speed;
mod counters;
mod kernels;
mod kernels_procedural;
mod kernels_shared;
mod layers;
mod numeric_emulation;
mod numeric_errors;
mod numeric_sequences;
mod plan_verify;
mod print_c;
mod probe;
mod program;
mod program_verify;
mod random;
mod self_test;
mod tidy;
mod tiny;
mod traffic;
