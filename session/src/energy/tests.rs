use super::*;
use isospike_energy::meter::Part;
use isospike_energy::{Meter, MeterError, MeterInfo};

/// A meter that counts this power.
struct Fake {
    info: MeterInfo,
    watts: u64,
    started: Duration,
}

impl Meter for Fake {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn start(&mut self, now: Duration) -> Result<(), MeterError> {
        self.started = now;
        Ok(())
    }

    fn read(&mut self, now: Duration) -> Result<u64, MeterError> {
        Ok((now - self.started).as_micros() as u64 * self.watts)
    }
}

fn meter(name: &str, part: Part, watts: u64, refresh: Duration) -> Box<dyn Meter> {
    let info = MeterInfo {
        name: name.into(),
        covers: "a fake".into(),
        part,
        overlaps: None,
        resolution_j: 1e-6,
        refresh,
        read_every: Duration::from_secs(1),
        caveat: None,
    };
    Box::new(Fake { info, watts, started: Duration::ZERO })
}

/// A processor at 40 W and a board at 300 W; a window has to have 50 refreshes.
fn gauge(refresh: Duration) -> EnergyMeter {
    let gpu = Part::Device(vec!["H200".into()]);
    let found =
        vec![meter("package", Part::Processor, 40, refresh), meter("nvml 0", gpu, 300, refresh)];
    let missing = vec![Missing { meter: "hwmon".into(), reason: "there is none".into() }];
    EnergyMeter::new(Meters { found, missing })
}

fn info(backend: &str, device: &str, software: bool) -> BackendInfo {
    BackendInfo { backend: backend.into(), device: device.into(), software, ..Default::default() }
}

const COUNTS: Counts = Counts {
    synaptic_events: 1000,
    post_events: 0,
    clocked_events: 0,
    stimulus_events: 0,
    neuron_updates: 5000,
    spikes: 10,
    simulated_s: 0.5,
};

#[test]
fn a_run_has_its_own_meters_and_idle_beside_it() {
    let mut gauge = gauge(Duration::from_micros(200));
    gauge.rest(Idle::AsNeeded, &mut ());
    gauge.start();
    std::thread::sleep(Duration::from_millis(30));
    let taken = gauge.stop();
    let (cpu, not) = taken.report(&info("cpu", "AMD EPYC", false), &COUNTS);
    let energy_j = cpu.energy_j.unwrap();
    assert!((energy_j / cpu.meters[0].window_s - 40.0).abs() < 0.1, "{cpu:?}");
    assert_eq!(cpu.energy_j_per_event, Some(energy_j / 1000.0));
    assert!((cpu.idle_power_w.unwrap() - 40.0).abs() < 0.1, "{cpu:?}");
    assert!(cpu.idle_window_s.unwrap() >= 0.01);
    assert_eq!([cpu.meters[0].counted, cpu.meters[1].counted], [true, false]);
    let json = serde_json::to_value(&cpu).unwrap();
    let keys = ["name", "covers", "overlaps", "resolution_j", "refresh_s", "caveat", "counted"];
    let values: [serde_json::Value; 7] = keys.map(|key| json["meters"][0][key].clone());
    let wanted = serde_json::json!(["package", "a fake", null, 1e-6, 200e-6, null, true]);
    assert_eq!(serde_json::json!(values), wanted);
    assert_eq!(not.len(), 1);
    assert_eq!((not[0].what.as_str(), not[0].reason.as_str()), ("hwmon", "there is none"));
    // The board counts for a run on it, and the processor that drives it too.
    let (gpu, _) = taken.report(&info("wgpu", "NVIDIA H200 (vulkan)", false), &COUNTS);
    assert!((gpu.energy_j.unwrap() / energy_j - 8.5).abs() < 0.1, "{gpu:?}");
    // llvmpipe is the processor.
    let (software, _) = taken.report(&info("wgpu", "llvmpipe", true), &COUNTS);
    assert_eq!(software.energy_j, cpu.energy_j);
    // No figure for a device that no meter covers, although the processor has one.
    let (other, not) = taken.report(&info("wgpu", "Apple M4", false), &COUNTS);
    assert_eq!(other.energy_j, None);
    assert_eq!(not[0].reason, "no meter covers Apple M4");
}

#[test]
fn a_short_run_names_the_duration_that_is_long_enough() {
    let mut gauge = gauge(Duration::from_secs(1));
    gauge.rest(Idle::Skip, &mut ());
    gauge.start();
    std::thread::sleep(Duration::from_millis(1));
    let (measured, not) = gauge.stop().report(&info("cpu", "", false), &COUNTS);
    assert_eq!((measured.energy_j, measured.idle_power_w), (None, None));
    let reason = |what: &str| &not.iter().find(|missing| missing.what == what).unwrap().reason;
    assert!(reason("energy").contains("package: too short"), "{not:?}");
    assert!(reason("package").contains("; a duration of "), "{not:?}");
    assert!(reason("idle power").contains("not requested"), "{not:?}");
}

#[test]
fn nothing_waits_where_there_is_no_meter() {
    let start = Instant::now();
    let mut gauge = EnergyMeter::new(Meters::default());
    gauge.rest(Idle::For(Duration::from_secs(30)), &mut ());
    gauge.start();
    let (measured, not) = gauge.stop().report(&info("cpu", "", false), &COUNTS);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(measured.meters.is_empty() && measured.energy_j.is_none());
    assert_eq!(not[0].reason, "no meter covers the processor");
}
