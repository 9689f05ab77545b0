//! `isospike inspect`.

use super::*;
use crate::args::InspectArgs;
use crate::report::{InspectReport, to_json};
use crate::table;

/// Checks and lowers a model and prints its sizes.
pub fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    screen::start("inspect", false, args.json);
    let loaded = load(&args.model, true)?;
    let model = args.model.model.display().to_string();
    let report = InspectReport::new(&model, &loaded, args.exact)?;
    let table = || table::inspect(&report, args.wide, table::terminal_width());
    say(&if args.json { to_json(&report)? } else { table() })
}
