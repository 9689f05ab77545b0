//! One session with a spiking network: load a model, run it on a backend of this machine or compare
//! several of them bit for bit, and get what it did and what it cost as values.
//!
//! Every front calls this crate, so a network gives the same spikes, the same digest and the same
//! report from the command line as from Python.
//!
//! ```
//! use isospike_session::{EnergyMeter, Extras, Loaded, RunReport, Selector, drive, energies};
//! use isospike_core::analyse::train::SpikeTrain;
//! use std::path::Path;
//!
//! let text = r#"
//!     [network]
//!     dt = "0.1 ms"
//!     duration = "50 ms"
//!
//!     [population.cells]
//!     size = 3
//!     model = "lif_exp"
//!
//!     [stimulus.drive]
//!     kind = "current"
//!     population = "cells"
//!     amplitude = "600 pA"
//! "#;
//! // Load: all mistakes at once, each with its place in the text.
//! let loaded = Loaded::parse(text, "cells.toml", Path::new(""), &[], None)?;
//!
//! // Run: on two threads of the processor; `wgpu`, `cuda:1` or `opencl:pocl` likewise.
//! let selector: Selector = "cpu:2".parse()?;
//! let backend = selector.open()?;
//! let mut meter = EnergyMeter::open();
//! let extras = Extras { meter: Some(&mut meter), ..Extras::default() };
//! let steps = loaded.network.duration_steps;
//! let outcome = drive(&*backend, &loaded.plan, steps, extras, &mut ())?;
//!
//! // Spikes, and the digest that every backend has in common.
//! let train = SpikeTrain::new(&loaded.network, &loaded.plan, &outcome.recording);
//! assert_eq!(train.neuron[..3], [0, 1, 2]);
//! assert_eq!(outcome.digest.as_ref().map(String::len), Some(64));
//!
//! // The report, as a value and as JSON.
//! let published = energies(None)?;
//! let report = RunReport::new("cells.toml", "cpu:2", &loaded, &outcome, &train, &published);
//! assert_eq!(report.backend.spikes, train.len() as u64);
//! assert!(isospike_session::to_json(&report)?.contains("\"status\": \"complete\""));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Comparison`] runs several backends, [`Checkpoints`] let a run survive its process, [`npz`] and
//! [`results`] write arrays for NumPy, and a [`Monitor`] receives progress and can stop a run.
//!
//! Deliberately absent: nothing here prints, ends the process, catches signals or sets a number of
//! threads for the whole process; every error is an [`Error`] value. Tables, plots and progress
//! bars belong to a front, and benchmarks and conformance certificates to the command line. The
//! backends `cuda`, `opencl` and `wgpu` are cargo features, all on.

pub mod backends;
pub mod checkpoint;
pub mod chunk;
pub mod compare;
pub mod diagnostics;
pub mod drive;
pub mod energy;
mod error;
#[cfg(test)]
mod fake;
pub mod folder;
pub mod load;
mod monitor;
pub mod npz;
pub mod replace;
pub mod report;
pub mod results;
pub mod series;
pub mod synapses;
pub mod time;
pub mod trace;

pub use backends::{Kind, Selector};
pub use checkpoint::Checkpoints;
pub use compare::{Compared, Comparison, Verdict};
pub use drive::{End, Extras, Outcome, drive};
pub use energy::{EnergyMeter, Idle, energies};
pub use error::Error;
pub use load::{Loaded, available_memory};
pub use monitor::{Event, Monitor};
pub use report::{EnergyReport, InspectReport, RunReport, to_json};
