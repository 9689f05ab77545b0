//! The cost of a run in joules, in three columns that are never added.
//!
//! - *Measured*: counters of this machine ([`meter`]), read around the steps ([`Measurement`]).
//! - *Projected*: exact counts of a run times published energies ([`projection`]). It says what
//!   another chip would need if its published figure held for this network, and no more.
//! - *Not measured*: why, in words ([`NotMeasured`], [`Missing`]). Never 0.
//!
//! ```
//! use isospike_energy::{Counts, Table};
//!
//! let counts = Counts { synaptic_events: 1_000_000, ..Counts::default() };
//! let table = Table::published().unwrap();
//! let loihi = table.rows.iter().find(|row| row.key == "loihi").unwrap().project(&counts);
//! // A million events of 23.6 pJ.
//! assert!((loihi.energy_j - 23.6e-6).abs() < 1e-12);
//! ```
//!
//! `docs/energy.md` has the sources and the traps. Meters of other systems than Linux (macOS
//! powermetrics, Windows energy meters) are not here; NVML is where NVIDIA's driver is.

pub mod estimate;
mod measurement;
pub mod meter;
mod total;

pub use estimate::{Counts, Estimate, Row, Table};
pub use measurement::{Measurement, NotMeasured, Reading};
pub use meter::{Meter, MeterError, MeterInfo, Meters, Missing, discover};
pub use total::{Target, Total, total};
