//! Tests of the CPU engine, as one program; `progress` has a process of its own.

mod common;
mod layouts;
mod learn;
mod networks;
mod ops;
mod outside;
mod programs;
mod rules;
mod series;
mod spikes;
