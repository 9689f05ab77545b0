//! Windows on a fake sysfs, with the real clock.

use super::fake::{Gpus, Machine};
use isospike_energy::{Measurement, MeterError, MeterInfo, NotMeasured, meter::Part};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ENERGY: &str = "powercap/intel-rapl:0/energy_uj";

fn package(energy_uj: u64) -> Machine {
    let machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", energy_uj, 262_143_328_850);
    machine
}

#[test]
fn a_window_gives_joules_and_power_and_the_next_one_starts_again() {
    let machine = package(1_000_000);
    let mut measurement = Measurement::new(machine.meters().found);
    assert_eq!(measurement.needed(), Duration::from_millis(50));
    for (before, after, joules) in [(1_000_000, 3_500_000, 2.5), (5_000_000, 5_250_000, 0.25)] {
        machine.write(ENERGY, before);
        measurement.start();
        sleep(Duration::from_millis(60));
        machine.write(ENERGY, after);
        let reading = measurement.stop().remove(0);
        assert_eq!(reading.energy_j, Ok(joules));
        assert!(reading.window >= Duration::from_millis(60));
        let power_w = reading.power_w().unwrap();
        assert!((power_w * reading.window.as_secs_f64() - joules).abs() < 1e-9);
    }
}

#[test]
fn a_window_that_is_too_short_gives_no_number() {
    let gpus = Gpus::new(&[("NVIDIA H200", Some(1000))]);
    let mut measurement = Measurement::new(Machine::with_gpus(gpus.clone()).meters().found);
    assert_eq!(measurement.needed(), Duration::from_secs(5));
    measurement.start();
    gpus.set(0, 4000);
    let reading = measurement.stop().remove(0);
    match &reading.energy_j {
        Err(error @ NotMeasured::TooShort { needed, .. }) => {
            assert_eq!(*needed, Duration::from_secs(5));
            assert!(error.to_string().contains("run at least 5.000 s"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(reading.power_w(), None);
}

#[test]
fn a_counter_that_stands_still_gives_no_number() {
    let machine = package(42);
    let mut measurement = Measurement::new(machine.meters().found);
    measurement.start();
    sleep(Duration::from_millis(60));
    let reading = measurement.stop().remove(0);
    assert!(matches!(reading.energy_j, Err(NotMeasured::StoodStill { .. })), "{reading:?}");
}

#[test]
fn a_meter_that_fails_in_the_window_says_so() {
    let machine = package(42);
    let mut measurement = Measurement::new(machine.meters().found);
    measurement.start();
    machine.write(ENERGY, "broken");
    sleep(Duration::from_millis(60));
    let reading = measurement.stop().remove(0);
    let malformed =
        matches!(reading.energy_j, Err(NotMeasured::Meter(MeterError::Malformed { .. })));
    assert!(malformed, "{reading:?}");
}

#[test]
fn without_meters_nothing_is_measured() {
    let mut measurement = Measurement::new(Vec::new());
    measurement.start();
    assert_eq!(measurement.stop(), []);
    assert_eq!(measurement.needed(), Duration::ZERO);
}

/// A meter that counts how often it is read, as a counter that wraps needs it.
struct Needy {
    info: MeterInfo,
    reads: Arc<AtomicU32>,
}

impl isospike_energy::Meter for Needy {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn start(&mut self, _: Duration) -> Result<(), MeterError> {
        Ok(())
    }

    fn read(&mut self, _: Duration) -> Result<u64, MeterError> {
        Ok(u64::from(self.reads.fetch_add(1, Ordering::SeqCst)) + 1)
    }
}

#[test]
fn a_thread_reads_while_the_work_runs_and_ends_with_it() {
    let reads = Arc::new(AtomicU32::new(0));
    let info = MeterInfo {
        name: "needy".into(),
        covers: "nothing".into(),
        part: Part::Processor,
        overlaps: None,
        resolution_j: 1e-6,
        refresh: Duration::from_micros(10),
        read_every: Duration::from_millis(5),
        caveat: None,
    };
    let mut measurement = Measurement::new(vec![Box::new(Needy { info, reads: reads.clone() })]);
    measurement.start();
    let start = Instant::now();
    while reads.load(Ordering::SeqCst) < 3 && start.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(5));
    }
    assert!(reads.load(Ordering::SeqCst) >= 3, "no three reads in 20 s");
    measurement.stop();
    let during = reads.load(Ordering::SeqCst);
    sleep(Duration::from_millis(50));
    assert_eq!(reads.load(Ordering::SeqCst), during);
}
