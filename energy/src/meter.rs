//! Meters: counters of energy that this machine has.

mod counter;
mod files;
mod hwmon;
mod nvml;
mod rapl;

pub use nvml::{Library, Nvml};

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How many refreshes of its counter a meter must see for a figure. A reading is up to one refresh
/// old, at the start and at the end, so the energy is off by at most 1/50 of the window's at
/// steady power: 2 %.
pub const REFRESHES: u32 = 50;

/// A counter of energy.
pub trait Meter: Send {
    /// The kind of the meter.
    fn info(&self) -> &MeterInfo;

    /// Begins a window. `now` is the time since an origin that stays the same for all calls.
    fn start(&mut self, now: Duration) -> Result<(), MeterError>;

    /// Microjoules since the start. To be called at least every [`MeterInfo::read_every`]: that is
    /// how wrap-around is seen and power is integrated.
    fn read(&mut self, now: Duration) -> Result<u64, MeterError>;
}

/// The kind of a meter and the parts that it covers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeterInfo {
    /// Its name: `rapl package-0`, `nvml 0`.
    pub name: String,
    /// Which part of the machine its energy is that of, in words.
    pub covers: String,
    /// The place of a meter in a total.
    #[serde(skip)]
    pub part: Part,
    /// The meter whose energy this one is part of, or which is part of this one: never to be
    /// added to it.
    pub overlaps: Option<String>,
    /// The smallest step of its counter, in joules.
    pub resolution_j: f64,
    /// How often the hardware or driver brings the counter up to date; in JSON `refresh_s`.
    #[serde(rename = "refresh_s", with = "isospike_core::base::seconds")]
    pub refresh: Duration,
    /// It has to be read at least this often.
    #[serde(skip)]
    pub read_every: Duration,
    /// Cautions about its figures.
    pub caveat: Option<String>,
}

impl MeterInfo {
    /// The shortest window that gives a figure: [`REFRESHES`] refreshes.
    pub fn minimum_window(&self) -> Duration {
        self.refresh * REFRESHES
    }
}

/// Which part of the machine a meter belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The processor and its memory.
    Processor,
    /// A device of which one of these words is part of the name.
    Device(Vec<String>),
}

/// Why a meter gives no reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeterError {
    /// A file that cannot be read.
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// A file that holds no number.
    #[error("{} holds `{text}`, not a whole number", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// The text that it holds.
        text: String,
    },
    /// A counter that ran backwards although it does not wrap, or that left its range.
    #[error("the counter went from {from_uj} to {to_uj} microjoules: it was reset")]
    Reset {
        /// The reading before.
        from_uj: u64,
        /// The reading now.
        to_uj: u64,
    },
    /// So long without a reading that the counter may have wrapped unseen.
    #[error("{seconds} s passed between two readings: the counter may have wrapped unseen")]
    Gap {
        /// How long.
        seconds: u64,
    },
    /// The answer of a driver.
    #[error("{0}")]
    Driver(String),
}

/// A kind of meter, or one meter, that gives nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// `nvml`, `rapl`, `hwmon`, or the name of a meter.
    pub meter: String,
    /// Why, and what to do.
    pub reason: String,
}

/// The meters that were found.
#[derive(Default)]
pub struct Meters {
    /// Meters that answer.
    pub found: Vec<Box<dyn Meter>>,
    /// The meters that are not there or do not answer.
    pub missing: Vec<Missing>,
}

impl Meters {
    /// Takes a meter that answers.
    fn add(&mut self, mut meter: impl Meter + 'static) {
        match meter.start(Duration::ZERO) {
            Ok(()) => self.found.push(Box::new(meter)),
            Err(error) => self.miss(meter.info().name.clone(), error.to_string()),
        }
    }

    fn miss(&mut self, meter: impl Into<String>, reason: impl Into<String>) {
        self.missing.push(Missing { meter: meter.into(), reason: reason.into() });
    }
}

/// The places to look for meters.
pub struct Roots {
    /// `/sys/class/powercap`.
    pub powercap: PathBuf,
    /// `/sys/class/hwmon`.
    pub hwmon: PathBuf,
    /// NVIDIA's management library, or why it is not there.
    pub nvml: Result<Arc<dyn Nvml>, String>,
}

impl Roots {
    /// Those of this machine.
    pub fn system() -> Self {
        Self {
            powercap: Path::new("/sys/class/powercap").into(),
            hwmon: Path::new("/sys/class/hwmon").into(),
            nvml: Library::load().map(|library| Arc::new(library) as Arc<dyn Nvml>),
        }
    }
}

/// The meters of this machine.
pub fn discover() -> Meters {
    discover_in(&Roots::system())
}

/// The meters below these roots.
pub fn discover_in(roots: &Roots) -> Meters {
    let mut meters = Meters::default();
    rapl::discover(&roots.powercap, &mut meters);
    nvml::discover(&roots.nvml, &mut meters);
    hwmon::discover(&roots.hwmon, &mut meters);
    meters
}
