//! Tests of the command line, as one program.

mod bench;
mod checkpoint;
mod command_line;
mod common;
mod conformance;
mod energy;
mod environment;
mod failing_files;
#[cfg(unix)]
mod folder;
mod json;
mod kill;
#[cfg(target_os = "linux")]
mod streams;
mod synapses;
