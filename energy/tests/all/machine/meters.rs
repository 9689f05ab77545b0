//! Meters on a fake sysfs and a fake NVML.

use super::fake::{Gpus, Machine};
use isospike_energy::{Meter, MeterError, Meters, Target};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn names(meters: &Meters) -> Vec<&str> {
    meters.found.iter().map(|meter| meter.info().name.as_str()).collect()
}

fn reason<'m>(meters: &'m Meters, meter: &str) -> &'m str {
    let found = meters.missing.iter().find(|missing| missing.meter == meter);
    &found.unwrap_or_else(|| panic!("{meter} is not in {:?}", meters.missing)).reason
}

fn meter<'m>(meters: &'m mut Meters, name: &str) -> &'m mut Box<dyn Meter> {
    meters.found.iter_mut().find(|meter| meter.info().name == name).unwrap()
}

/// Whatever this machine has, each kind is either found or said to be missing.
#[test]
fn this_machine_answers_for_every_kind() {
    let meters = isospike_energy::discover();
    for (kind, names) in [("rapl", &["rapl"][..]), ("nvml", &["nvml"]), ("hwmon", GPU_DRIVERS)] {
        let found = meters
            .found
            .iter()
            .any(|meter| names.iter().any(|name| meter.info().name.starts_with(name)));
        let missing = meters.missing.iter().find(|missing| {
            missing.meter.starts_with(kind) || names.iter().any(|n| missing.meter.starts_with(n))
        });
        assert!(found || missing.is_some_and(|missing| !missing.reason.is_empty()), "{kind}");
    }
}

const GPU_DRIVERS: &[&str] = &["amdgpu", "i915", "xe"];

#[test]
fn a_machine_without_counters_says_why() {
    let meters = Machine::new().meters();
    assert_eq!(names(&meters), [""; 0]);
    assert!(reason(&meters, "rapl").contains("virtual machines"), "{}", reason(&meters, "rapl"));
    assert!(reason(&meters, "hwmon").contains("there is no"), "{}", reason(&meters, "hwmon"));
    assert_eq!(reason(&meters, "nvml"), "no driver");
}

#[test]
fn zones_are_named_and_only_what_is_disjoint_counts() {
    let machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 100, 1_000_000);
    machine.zone("intel-rapl:0:0", "core", 50, 1_000_000);
    machine.zone("intel-rapl:0:1", "dram", 20, 1_000_000);
    machine.zone("intel-rapl:1", "package-1", 100, 1_000_000);
    machine.zone("intel-rapl:1:0", "dram", 20, 1_000_000);
    machine.zone("intel-rapl:2", "psys", 300, 1_000_000);
    // The package a second time, and the control type itself.
    machine.zone("intel-rapl-mmio:0", "package-0", 100, 1_000_000);
    machine.write("powercap/intel-rapl/enabled", 1);
    let meters = machine.meters();
    let all = [
        "rapl package-0",
        "rapl package-0 core",
        "rapl package-0 dram",
        "rapl package-1",
        "rapl package-1 dram",
        "rapl psys",
    ];
    assert_eq!(names(&meters), all);
    let counted: Vec<_> = meters.found.iter().map(|m| Target::Processor.counts(m.info())).collect();
    assert_eq!(counted, [true, false, true, true, true, false]);
    assert_eq!(meters.found[1].info().overlaps.as_deref(), Some("rapl package-0"));
}

#[test]
fn a_zone_wraps_around_at_its_range() {
    let machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 65_532_000_000, 65_532_610_987);
    let mut meters = machine.meters();
    let package = meter(&mut meters, "rapl package-0");
    package.start(SECOND).unwrap();
    machine.write("powercap/intel-rapl:0/energy_uj", 65_532_500_000_u64);
    assert_eq!(package.read(SECOND * 2), Ok(500_000));
    machine.write("powercap/intel-rapl:0/energy_uj", 389_013);
    assert_eq!(package.read(SECOND * 3), Ok(1_000_000));
    // 65 kJ pass in 8.2 s at 8 kW: a reader that comes later cannot know.
    machine.write("powercap/intel-rapl:0/energy_uj", 400_000);
    assert_eq!(package.read(SECOND * 13), Err(MeterError::Gap { seconds: 10 }));
    assert!(package.info().read_every < SECOND * 5);
}

#[test]
fn what_cannot_be_read_is_listed_with_its_file() {
    let machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 100, 1_000_000);
    machine.write("powercap/intel-rapl:0:0/name", "dram");
    machine.write("powercap/intel-rapl:0:0/max_energy_range_uj", 1_000_000);
    machine.unreadable("powercap/intel-rapl:0:0/energy_uj");
    machine.zone("intel-rapl:1", "package-1", 100, 1_000_000);
    machine.write("powercap/intel-rapl:1/energy_uj", "many");
    // A zone that lacks its range cannot be unwrapped.
    machine.write("powercap/intel-rapl:2/name", "psys");
    machine.write("powercap/intel-rapl:2/energy_uj", 5);
    let meters = machine.meters();
    assert_eq!(names(&meters), ["rapl package-0"]);
    assert!(reason(&meters, "rapl package-0 dram").contains("energy_uj cannot be read"));
    assert!(reason(&meters, "rapl package-1").contains("`many`, not a whole number"));
    assert!(reason(&meters, "rapl intel-rapl:2").contains("max_energy_range_uj"));
}

#[test]
fn a_powercap_without_rapl_says_so() {
    let machine = Machine::new();
    machine.write("powercap/dtpm/enabled", 1);
    assert!(reason(&machine.meters(), "rapl").contains("no zone intel-rapl"));
}

#[test]
fn a_file_that_disappears_ends_the_reading() {
    let machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 100, 1_000_000_000);
    let mut meters = machine.meters();
    let package = meter(&mut meters, "rapl package-0");
    package.start(SECOND).unwrap();
    std::fs::remove_file(machine.path().join("powercap/intel-rapl:0/energy_uj")).unwrap();
    let error = package.read(SECOND * 2).unwrap_err().to_string();
    assert!(error.contains("there is no such file"), "{error}");
}

#[test]
fn power_of_amdgpu_is_integrated() {
    let machine = Machine::new();
    machine.write("hwmon/hwmon3/name", "amdgpu");
    machine.write("hwmon/hwmon3/power1_average", 30_000_000);
    machine.write("hwmon/hwmon3/fan1_input", 900);
    machine.write("hwmon/hwmon1/name", "nvme");
    let mut meters = machine.meters();
    assert_eq!(names(&meters), ["amdgpu hwmon3"]);
    let gpu = meter(&mut meters, "amdgpu hwmon3");
    assert!(gpu.info().covers.contains("power1_average"), "{}", gpu.info().covers);
    assert!(Target::Device("AMD Radeon RX 7900 XTX (RADV NAVI31)").counts(gpu.info()));
    assert!(!Target::Processor.counts(gpu.info()));
    gpu.start(SECOND).unwrap();
    // 30 W rising to 50 W in 2 s: 80 J; then 50 W for 0.5 s: 25 J.
    machine.write("hwmon/hwmon3/power1_average", 50_000_000);
    assert_eq!(gpu.read(SECOND * 3), Ok(80_000_000));
    assert_eq!(gpu.read(SECOND * 3 + SECOND / 2), Ok(105_000_000));
    // A new window starts at 0.
    gpu.start(SECOND * 9).unwrap();
    assert_eq!(gpu.read(SECOND * 9), Ok(0));
}

#[test]
fn a_gpu_in_the_processor_is_not_counted_beside_it() {
    let machine = Machine::new();
    machine.write("hwmon/hwmon0/name", "amdgpu");
    machine.write("hwmon/hwmon0/power1_input", 5_000_000);
    machine.write("hwmon/hwmon1/name", "xe");
    machine.write("hwmon/hwmon1/energy1_input", 17);
    machine.write("hwmon/hwmon2/name", "i915");
    let meters = machine.meters();
    assert_eq!(names(&meters), ["amdgpu hwmon0", "xe hwmon1"]);
    assert!(!Target::Device("AMD Radeon Graphics").counts(meters.found[0].info()));
    assert!(Target::Device("Intel(R) Arc(TM) B580 Graphics").counts(meters.found[1].info()));
    assert!(reason(&meters, "i915 hwmon2").contains("has neither energy1_input"));
}

#[test]
fn gpus_of_nvidia_count_millijoules() {
    let gpus = Gpus::new(&[("NVIDIA H100 PCIe", Some(7)), ("Tesla P100", None)]);
    let machine = Machine::with_gpus(gpus.clone());
    let mut meters = machine.meters();
    assert_eq!(names(&meters), ["nvml 0"]);
    assert_eq!(reason(&meters, "nvml 1"), "no energy counter");
    let gpu = meter(&mut meters, "nvml 0");
    assert!(gpu.info().caveat.as_ref().unwrap().contains("2312.02741"));
    assert_eq!(gpu.info().minimum_window(), SECOND * 5);
    gpu.start(SECOND).unwrap();
    gpus.set(0, 12);
    assert_eq!(gpu.read(SECOND * 2), Ok(5000));
    // The driver was loaded again.
    gpus.set(0, 3);
    assert_eq!(gpu.read(SECOND * 3), Err(MeterError::Reset { from_uj: 12_000, to_uj: 3000 }));
    assert!(reason(&Machine::with_gpus(Gpus::new(&[])).meters(), "nvml").contains("no GPU"));
}
