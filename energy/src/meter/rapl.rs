//! RAPL counters of Intel and AMD processors through Linux powercap.

use super::counter::Counter;
use super::{MeterError, MeterInfo, Meters, Part, files};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The registers are updated about every millisecond.
const REFRESH: Duration = Duration::from_millis(1);

/// The step of the registers by default; powercap does not say the one in use.
const RESOLUTION_J: f64 = 15.3e-6;

/// Adds every zone of RAPL below `root`.
pub(super) fn discover(root: &Path, meters: &mut Meters) {
    if !root.exists() {
        let reason = format!(
            "there is no {}: RAPL needs Linux on a processor of Intel or AMD, and virtual machines \
             and containers hide it",
            root.display()
        );
        return meters.miss("rapl", reason);
    }
    let paths = match files::entries(root) {
        Ok(paths) => paths,
        Err(error) => return meters.miss("rapl", error.to_string()),
    };
    // `intel-rapl:0` is a zone of a package, `intel-rapl:0:1` one inside it. The driver has this
    // name on AMD too. `intel-rapl-mmio:0` is the package a second time.
    let ids = paths.iter().filter_map(|path| {
        let id = path.file_name()?.to_str()?;
        id.starts_with("intel-rapl:").then(|| (id.to_owned(), path.as_path()))
    });
    let zones: BTreeMap<String, &Path> = ids.collect();
    if zones.is_empty() {
        let reason = format!(
            "{} has no zone intel-rapl:*; load the module intel_rapl_msr, or the processor or the \
             virtual machine has no RAPL",
            root.display()
        );
        return meters.miss("rapl", reason);
    }
    for (id, path) in &zones {
        match open(id, path, &zones) {
            Ok(meter) => meters.add(meter),
            Err(error) => meters.miss(format!("rapl {id}"), error.to_string()),
        }
    }
}

fn open(id: &str, path: &Path, zones: &BTreeMap<String, &Path>) -> Result<Counter, MeterError> {
    let domain = files::text(&path.join("name"))?;
    let range_uj = files::number(&path.join("max_energy_range_uj"))?;
    let parent = match id.matches(':').count() {
        2 => id.rsplit_once(':').and_then(|(parent, _)| zones.get(parent)),
        _ => None,
    };
    let parent = match parent {
        Some(path) => Some(files::text(&path.join("name"))?),
        None => None,
    };
    let name = match &parent {
        Some(parent) => format!("rapl {parent} {domain}"),
        None => format!("rapl {domain}"),
    };
    let package = parent.as_deref().unwrap_or(&domain);
    let inside = Some(format!("rapl {package}"));
    let (covers, overlaps) = match domain.as_str() {
        "core" => (format!("the cores of {package}, part of it"), inside),
        "uncore" => (format!("the built-in graphics of {package}, part of it"), inside),
        "dram" => (format!("the memory of {package}, beside it"), None),
        "psys" => {
            let covers = "the platform as its maker wired it, the packages included";
            (covers.into(), Some("rapl package-0".into()))
        }
        _ => (format!("{package}: cores, caches, memory controller; not the memory"), None),
    };
    let info = MeterInfo {
        name,
        covers,
        part: Part::Processor,
        overlaps,
        resolution_j: RESOLUTION_J,
        refresh: REFRESH,
        read_every: REFRESH,
        caveat: None,
    };
    let energy = path.join("energy_uj");
    Ok(Counter::new(info, Some(range_uj), Box::new(move || files::number(&energy))))
}
