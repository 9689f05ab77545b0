//! Energy around a run: the meters of this machine, and reports of what they and the published
//! table say.

use crate::error::Error;
use crate::monitor::{Event, Monitor};
use crate::report::{MeasuredReport, MeterReport, NotMeasuredReport};
use isospike_core::base::progress::{advance, begin};
use isospike_core::run::backend::BackendInfo;
use isospike_energy::{
    Counts, Measurement, Meters, Missing, NotMeasured, Reading, Table, Target, discover, total,
};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long to measure idle power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Not at all.
    Skip,
    /// As long as the slowest meter needs for a figure.
    AsNeeded,
    /// This long.
    For(Duration),
}

/// Returns the published rows of energies, and those of a user's file.
///
/// # Errors
/// The mistakes of the file.
pub fn energies(file: Option<&Path>) -> Result<Table, Error> {
    let mut table = Table::published()?;
    if let Some(path) = file {
        table.add_file(path)?;
    }
    Ok(table)
}

/// The meters of this machine, read around runs.
pub struct EnergyMeter {
    measurement: Measurement,
    missing: Vec<Missing>,
    idle: Vec<Reading>,
}

/// The readings of the meters for one run.
#[derive(Clone, Debug, Default)]
pub struct MeteredEnergy {
    /// During the steps, one for each meter.
    pub readings: Vec<Reading>,
    /// Before the first run, in the same order; empty where idle was not measured.
    pub idle: Vec<Reading>,
    /// Meters that are not there.
    pub missing: Vec<Missing>,
}

impl EnergyMeter {
    /// With the meters that this machine has.
    pub fn open() -> Self {
        Self::new(discover())
    }

    /// With these meters.
    pub fn new(meters: Meters) -> Self {
        let measurement = Measurement::new(meters.found);
        Self { measurement, missing: meters.missing, idle: Vec::new() }
    }

    /// Measures idle power now, until the monitor ends it. Returns at once where there is no meter.
    pub fn rest(&mut self, idle: Idle, monitor: &mut dyn Monitor) {
        let needed = self.measurement.needed();
        let time = match idle {
            Idle::Skip => Duration::ZERO,
            // A little more, as a window counts from after its first reading.
            Idle::AsNeeded => needed + needed / 50,
            Idle::For(time) => time,
        };
        if time.is_zero() || needed.is_zero() {
            return;
        }
        monitor.event(Event::Idle(time));
        begin("measuring idle power", time.as_millis() as u64);
        self.measurement.start();
        let start = Instant::now();
        while start.elapsed() < time && !monitor.is_interrupted() {
            let left = time.saturating_sub(start.elapsed());
            let pause = left.min(Duration::from_millis(50));
            std::thread::sleep(pause);
            advance(pause.as_millis() as u64);
        }
        self.idle = self.measurement.stop();
    }

    /// Begins the window of a run.
    pub fn start(&mut self) {
        self.measurement.start();
    }

    /// Ends it.
    pub fn stop(&mut self) -> MeteredEnergy {
        MeteredEnergy {
            readings: self.measurement.stop(),
            idle: self.idle.clone(),
            missing: self.missing.clone(),
        }
    }
}

impl MeteredEnergy {
    /// The first and the last column: what was measured of a run, and what was not.
    pub fn report(
        &self,
        info: &BackendInfo,
        counts: &Counts,
    ) -> (MeasuredReport, Vec<NotMeasuredReport>) {
        let target = target(info);
        let meter = |(i, reading): (usize, &Reading)| {
            meter_report(reading, self.idle.get(i), target, counts.simulated_s)
        };
        let meters: Vec<_> = self.readings.iter().enumerate().map(meter).collect();
        let mut not_measured = Vec::new();
        let mut miss = |what: &str, reason: String| {
            not_measured.push(NotMeasuredReport { what: what.into(), reason });
        };
        let mut measured = MeasuredReport::default();
        match total(&self.readings, target) {
            Ok(total) => {
                measured.energy_j = Some(total.energy_j);
                measured.energy_j_per_event = counts.per_event(total.energy_j);
            }
            Err(reasons) => miss("energy", reasons.join("; ")),
        }
        match total(&self.idle, target) {
            Ok(total) => {
                let window_s = self.idle[0].window.as_secs_f64();
                measured.idle_power_w = Some(total.energy_j / window_s);
                measured.idle_window_s = Some(window_s);
            }
            Err(_) if self.readings.is_empty() => {}
            Err(_) if self.idle.is_empty() => {
                miss("idle power", "it was not requested".into());
            }
            Err(reasons) => miss("idle power", reasons.join("; ")),
        }
        for meter in &meters {
            if let Some(reason) = &meter.reason {
                miss(&meter.info.name, reason.clone());
            }
        }
        for missing in &self.missing {
            miss(&missing.meter, missing.reason.clone());
        }
        measured.meters = meters;
        (measured, not_measured)
    }
}

/// Software devices and the oracles compute on the processor.
fn target(info: &BackendInfo) -> Target<'_> {
    let processor = info.software || ["cpu", "reference", "machine"].contains(&&*info.backend);
    if processor { Target::Processor } else { Target::Device(&info.device) }
}

fn meter_report(
    reading: &Reading,
    idle: Option<&Reading>,
    target: Target<'_>,
    simulated_s: f64,
) -> MeterReport {
    let idle_power_w = idle.and_then(Reading::power_w);
    MeterReport {
        counted: target.counts(&reading.info),
        energy_j: reading.energy_j.as_ref().ok().copied(),
        reason: reading.energy_j.as_ref().err().map(|why| reason(why, simulated_s)),
        power_w: reading.power_w(),
        window_s: reading.window.as_secs_f64(),
        idle_power_w,
        idle_window_s: idle_power_w.and(idle).map(|idle| idle.window.as_secs_f64()),
        info: reading.info.clone(),
    }
}

/// The reason, and the duration that would be long enough at this speed.
fn reason(why: &NotMeasured, simulated_s: f64) -> String {
    match why {
        NotMeasured::TooShort { window, needed } if simulated_s > 0.0 && !window.is_zero() => {
            // A tenth more, as no two runs take the same time.
            let longer = needed.as_secs_f64() / window.as_secs_f64() * 1.1;
            format!("{why}; a duration of {:.1} s is enough", (simulated_s * longer).max(0.1))
        }
        why => why.to_string(),
    }
}

#[cfg(test)]
mod tests;
