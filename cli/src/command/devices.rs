//! `isospike devices`.

use super::*;
use crate::args::DevicesArgs;
use crate::report::{DevicesReport, to_json};
use crate::table;

/// Lists what this machine can run on.
pub fn devices(args: &DevicesArgs) -> Result<(), Failure> {
    screen::start("devices", false, args.json);
    begin("looking for devices", 0);
    let report = DevicesReport::search();
    let width = table::terminal_width();
    say(&if args.json { to_json(&report)? } else { table::devices(&report, width) })
}
