//! Readings of all meters around a stretch of work.

use crate::meter::{Meter, MeterError, MeterInfo};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMeasured {
    /// The counter was brought up to date too few times.
    #[error(
        "too short ({:.3} s), run at least {:.3} s",
        window.as_secs_f64(),
        needed.as_secs_f64()
    )]
    TooShort {
        /// How long it was.
        window: Duration,
        /// How long it has to be.
        needed: Duration,
    },
    /// The counter did not move: it is there but counts nothing (a virtual machine, a device that
    /// sleeps).
    #[error("the counter stood still for {:.3} s", window.as_secs_f64())]
    StoodStill {
        /// For how long.
        window: Duration,
    },
    /// The meter failed.
    #[error(transparent)]
    Meter(#[from] MeterError),
}

/// The count of one meter in a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The meter.
    pub info: MeterInfo,
    /// How long the window was.
    pub window: Duration,
    /// Joules, or why there is no figure.
    pub energy_j: Result<f64, NotMeasured>,
}

impl Reading {
    /// Mean power over the window, in watts.
    pub fn power_w(&self) -> Option<f64> {
        let energy_j = self.energy_j.as_ref().ok()?;
        Some(energy_j / self.window.as_secs_f64())
    }
}

/// Measures stretches of work, one after the other. A thread reads the meters while the work runs,
/// as often as they need, so a window has no longest length.
pub struct Measurement {
    meters: Arc<Mutex<Vec<Tracked>>>,
    location: Instant,
    started: Duration,
    sampler: Option<Sampler>,
}

impl Measurement {
    /// Measures with these meters. With none it measures nothing and starts no thread.
    pub fn new(meters: Vec<Box<dyn Meter>>) -> Self {
        let tracked = meters.into_iter().map(Tracked::new).collect();
        Self {
            meters: Arc::new(Mutex::new(tracked)),
            location: Instant::now(),
            started: Duration::ZERO,
            sampler: None,
        }
    }

    /// How long a window must be for a figure of every meter; zero where there is no meter.
    pub fn needed(&self) -> Duration {
        let meters = lock(&self.meters);
        meters.iter().map(|m| m.meter.info().minimum_window()).max().unwrap_or_default()
    }

    /// Begins a window. One that is open ends unread.
    pub fn start(&mut self) {
        self.sampler = None;
        let mut meters = lock(&self.meters);
        self.started = self.location.elapsed();
        meters.iter_mut().for_each(|meter| meter.start(self.started));
        let Some(period) = meters.iter().map(|m| m.meter.info().read_every).min() else { return };
        match Sampler::start(self.meters.clone(), self.location, period) {
            Ok(sampler) => self.sampler = Some(sampler),
            Err(error) => {
                let failure = MeterError::Driver(format!("no thread reads the meter: {error}"));
                meters.iter_mut().for_each(|meter| meter.energy_uj = Err(failure.clone()));
            }
        }
    }

    /// Ends the window: one reading for each meter, in order.
    pub fn stop(&mut self) -> Vec<Reading> {
        self.sampler = None;
        let mut meters = lock(&self.meters);
        let now = self.location.elapsed();
        let window = now.saturating_sub(self.started);
        meters.iter_mut().for_each(|meter| meter.read(now));
        meters.iter().map(|meter| meter.reading(window)).collect()
    }
}

/// A meter in a window.
struct Tracked {
    meter: Box<dyn Meter>,
    /// Since the start; the first failure ends it.
    energy_uj: Result<u64, MeterError>,
}

impl Tracked {
    fn new(meter: Box<dyn Meter>) -> Self {
        Self { meter, energy_uj: Ok(0) }
    }

    fn start(&mut self, now: Duration) {
        self.energy_uj = self.meter.start(now).map(|()| 0);
    }

    fn read(&mut self, now: Duration) {
        if self.energy_uj.is_ok() {
            self.energy_uj = self.meter.read(now);
        }
    }

    fn reading(&self, window: Duration) -> Reading {
        let info = self.meter.info().clone();
        let needed = info.minimum_window();
        let energy_j = match &self.energy_uj {
            Err(error) => Err(error.clone().into()),
            Ok(_) if window < needed => Err(NotMeasured::TooShort { window, needed }),
            Ok(0) => Err(NotMeasured::StoodStill { window }),
            Ok(energy_uj) => Ok(*energy_uj as f64 * 1e-6),
        };
        Reading { info, window, energy_j }
    }
}

/// The thread that reads; it ends when this is dropped.
struct Sampler {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    fn start(
        meters: Arc<Mutex<Vec<Tracked>>>,
        location: Instant,
        period: Duration,
    ) -> std::io::Result<Self> {
        let (end, ended) = channel::<()>();
        let work = move || {
            while ended.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                let mut meters = lock(&meters);
                let now = location.elapsed();
                meters.iter_mut().for_each(|meter| meter.read(now));
            }
        };
        let thread = std::thread::Builder::new().name("energy".into()).spawn(work)?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // The thread wakes up when its channel closes.
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It only fails if a meter panicked; the next lock then goes on with what was read.
            let _ = thread.join();
        }
    }
}

/// A meter that panicked in the other thread leaves its numbers as they were.
fn lock(meters: &Mutex<Vec<Tracked>>) -> MutexGuard<'_, Vec<Tracked>> {
    meters.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
