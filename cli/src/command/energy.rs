//! `isospike energy`.

use super::*;
use crate::args::EnergyArgs;
use crate::progress::{Progress, watch_signals};
use crate::report::{EnergyReport, to_json};
use crate::table;
use isospike_session::{EnergyMeter, Extras, drive, energies};

/// Runs a model on one backend and explains what it cost, term by term.
pub fn energy(args: &EnergyArgs) -> Result<(), Failure> {
    let selector = args.place.selector()?;
    let idle = idle(&args.cost, Idle::AsNeeded)?;
    let rows = energies(args.cost.energies.as_deref())?;
    screen::start("energy", args.quiet, args.json);
    let loaded = load(&args.model, false)?;
    let name = selector.to_string();
    let failure = |error| Failure::backend(&name, error);
    watch_signals();
    let mut meter = EnergyMeter::open();
    let mut progress = Progress::new(&name, args.quiet || args.json);
    meter.rest(idle, &mut progress);
    begin("opening the device", 0);
    let backend = selector.open().map_err(failure)?;
    let extras = Extras { meter: Some(&mut meter), ..Extras::default() };
    let steps = loaded.network.duration_steps;
    let outcome = drive(&*backend, &loaded.plan, steps, extras, &mut progress).map_err(failure)?;
    let model = args.model.model.display().to_string();
    let report = EnergyReport::new(&model, &name, &loaded, &outcome, &rows);
    let width = table::terminal_width();
    let said = say(&if args.json { to_json(&report)? } else { table::energy(&report, width) });
    match outcome.end {
        End::Failed(error) => Err(failure(error)),
        End::Interrupted => Err(Failure::Interrupted),
        End::Complete => said,
    }
}
