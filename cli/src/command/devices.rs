//! `isospike devices`.

use super::*;
use crate::args::DevicesArgs;
use crate::backends::search::{Found, Missing, search};
use crate::report::{DeviceReport, DevicesReport, MissingReport, to_json};
use crate::table;

/// Lists what this machine can run on.
pub fn devices(args: &DevicesArgs) -> Result<(), Failure> {
    screen::start("devices", false, args.json);
    begin("looking for devices", 0);
    let (found, missing) = search();
    let report = DevicesReport {
        isospike: VERSION,
        devices: found.into_iter().map(device).collect(),
        missing: missing.into_iter().map(missing_report).collect(),
    };
    let width = table::terminal_width();
    say(&if args.json { to_json(&report)? } else { table::devices(&report, width) })
}

fn device(found: Found) -> DeviceReport {
    DeviceReport {
        backend: found.selector.to_string(),
        device: found.info.device,
        api: found.api,
        driver: found.info.driver,
        kind: found.kind,
        software: found.info.software,
        memory_bytes: found.memory_bytes,
    }
}

/// The report of a backend that is not there.
pub fn missing_report(missing: Missing) -> MissingReport {
    MissingReport { backend: missing.backend, reason: missing.reason }
}
