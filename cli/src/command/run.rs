//! `isospike run`.

use super::*;
use crate::args::RunArgs;
use crate::drive::{Show, drive};
use crate::energy::{Gauge, Idle, energies, idle, projected};
use crate::load::load;
use crate::progress::watch_signals;
use crate::report::{RunReport, to_json};
use crate::table;

/// Runs a model on one backend and says what it did and what it cost.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let selector = args.place.selector()?;
    let out = args.output.out.as_deref();
    if args.series && out.is_none() {
        let message = "--series writes series.npz: say where with --out DIR";
        return Err(Failure::Usage(message.into()));
    }
    let idle = idle(&args.cost, Idle::OnRequest)?;
    let rows = energies(&args.cost)?;
    let loaded = load(&args.model, false)?;
    prepare_folder(out)?;
    let name = selector.to_string();
    let failure = |error| Failure::Backend(name.clone(), error);
    let backend = selector.open().map_err(failure)?;
    watch_signals();
    let quiet = args.output.quiet || args.output.json;
    let mut gauge = Gauge::open();
    gauge.rest(idle, quiet);
    let dt_ms = loaded.network.dt_ms;
    let show = Show { label: &name, dt_ms, quiet, series: args.series };
    let outcome = drive(&*backend, &loaded.plan, loaded.network.duration_steps, &show, &mut gauge);
    let outcome = outcome.map_err(failure)?;

    let train = Train::new(&loaded.network, &loaded.plan, &outcome.recording);
    let counted = Counted::new(&loaded, &outcome);
    let counted = counted.as_ref();
    let mut report = RunReport {
        isospike: VERSION,
        network: network_report(&args.model.model, &loaded),
        backend: backend_report(&name, &loaded, &outcome, counted),
        populations: population_reports(&train, counted),
        projections: counted.map_or(Vec::new(), |c| c.projections(&loaded)),
        stimuli: counted.map_or(Vec::new(), |c| c.stimuli(&loaded)),
        receptors: receptor_reports(&loaded),
        projected: counted.map_or(Vec::new(), |c| projected(&rows, &c.counts)),
        files: Vec::new(),
    };
    // The table comes even where files fail: the run may have taken an hour.
    let written = match out {
        Some(folder) => write_all(folder, &loaded, &outcome, &train, &mut report),
        None => Ok(()),
    };
    let text = if args.output.json { to_json(&report) + "\n" } else { table::run(&report) };
    say(&text)?;
    match outcome.end {
        End::Failed(error) => Err(failure(error)),
        End::Interrupted => written.and(Err(Failure::Interrupted)),
        End::Complete => written,
    }
}

fn write_all(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &Train,
    report: &mut RunReport,
) -> Result<(), Failure> {
    let files = write_results(folder, loaded, outcome, train)?;
    let path = folder.join("run.json");
    let all = files.iter().chain([&path]);
    report.files = all.map(|file| file.display().to_string()).collect();
    write_report(&path, &to_json(report))
}
