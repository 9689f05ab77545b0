//! One spiking network, one seed, the same spikes, bit for bit, on every backend.
//!
//! This crate is everything that is decided before a backend sees a network, and the two oracles
//! that say what is right:
//!
//! ```text
//! Network ──check──▶ Checked ──lower──▶ Plan ──compile──▶ Simulation ──run──▶ Recording
//! (what you say)    (all mistakes     (what happens      (one backend,      (canonical order,
//!                    at once)          in one step)       running)           comparable)
//! ```
//!
//! ```
//! use isospike_core::run::backend::{Backend, Simulation};
//! use isospike_front::check::Limits;
//! use isospike_core::plan::lower::lower;
//! use isospike_front::network::{Network, Population, Projection, Stimulus};
//! use isospike_core::run::record::Recording;
//! use isospike_core::oracle::network::ModelBackend;
//! use std::sync::Arc;
//!
//! let network = Network::new("two populations", "0.1 ms")
//!     .seed(1)
//!     .population(Population::new("exc", 80, "lif_exp").initial("v", "uniform(-65 mV, -50 mV)"))
//!     .population(Population::new("inh", 20, "lif_exp"))
//!     .projection(
//!         Projection::new("e_i", "exc", "inh")
//!             .fixed_probability(0.2)
//!             .weight("300 pA")
//!             .delay("1 ms"),
//!     )
//!     .stimulus(Stimulus::current("drive", "exc", "450 pA"));
//! let plan = lower(Arc::new(network.check(Limits::default())?));
//!
//! let mut simulation = ModelBackend::default().compile(&plan)?;
//! let mut record = Recording::new(&plan);
//! simulation.run(500, &mut record)?;
//! assert!(!record.spikes.is_empty());
//! println!("{} spikes, digest {}", record.spikes.len(), record.digest(&simulation.state()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The meaning of a run is written in `docs/semantics.md`, sentence by sentence; the bits of every
//! operation are in [`numeric`] and `docs/numerics.md`.
//!
//! Deliberately absent: any driver, device or thread count; any tolerance; hidden generator state
//! (every random number is a function of seed, stream, index and step); float atomics, fused
//! multiply-add, and the system's mathematical library.

pub mod analyse;
pub mod base;
pub mod connect;
pub mod describe;
pub mod device;
pub mod ir;
pub mod oracle;
pub mod plan;
pub mod print;
pub mod run;

#[cfg(doctest)]
#[doc = include_str!("../../docs/adding-a-backend.md")]
struct AddingABackend;
