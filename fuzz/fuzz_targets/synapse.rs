//! `fuzz/run synapse`; without cargo-fuzz a program that judges the files named as arguments.
#![cfg_attr(fuzzing, no_main)]

isospike_fuzz::main!(synapse);
