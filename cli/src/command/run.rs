//! `isospike run`.

use super::*;
use crate::args::{CheckpointArgs, RunArgs};
use crate::progress::{Progress, watch_signals};
use crate::report::{RunReport, to_json};
use crate::table;
use isospike_core::base::steps;
use isospike_core::plan::Plan;
use isospike_session::{Checkpoints, EnergyMeter, Extras, drive, energies};

/// Runs a model on one backend and says what it did and what it cost.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let selector = args.place.selector()?;
    let out = args.output.out.as_deref();
    if args.series && out.is_none() {
        let message = "--series writes series.npz: say where with --out DIR";
        return Err(Failure::usage(message));
    }
    if !args.synapses.is_empty() && out.is_none() {
        let message = "--synapses writes files: say where with --out DIR";
        return Err(Failure::usage(message));
    }
    let idle = idle(&args.cost, Idle::Skip)?;
    let rows = energies(args.cost.energies.as_deref())?;
    screen::start("run", args.output.quiet, args.output.json);
    let loaded = load(&args.model, false)?;
    let dt_ms = loaded.network.dt_ms;
    let synapses = projections(&loaded.plan, &args.synapses)?;
    let every_steps = checkpoint_steps(&args.checkpoints, dt_ms)?;
    let mut taken = take_folder(out)?;
    if let (Some(taken), true) = (&taken, args.checkpoints.resume) {
        taken.note().into_iter().for_each(|doubt| note(format!("note: {doubt}")));
    }
    let mut checkpoints = checkpoints(out, &loaded, args.checkpoints.resume, every_steps)?;
    let name = selector.to_string();
    let failure = |error| Failure::backend(&name, error);
    let quiet = args.output.quiet || args.output.json;
    let mut progress = Progress::new(&name, quiet);
    begin("opening the device", 0);
    let backend = selector.open().map_err(failure)?;
    watch_signals();
    let mut meter = EnergyMeter::open();
    meter.rest(idle, &mut progress);
    let (series, steps) = (args.series, loaded.network.duration_steps);
    let extras = Extras {
        series,
        synapses: &synapses,
        meter: Some(&mut meter),
        checkpoints: checkpoints.as_mut(),
    };
    let outcome = drive(&*backend, &loaded.plan, steps, extras, &mut progress);
    let outcome = outcome.map_err(failure)?;

    begin("computing statistics", 0);
    let train = SpikeTrain::new(&loaded.network, &loaded.plan, &outcome.recording);
    let model = args.model.model.display().to_string();
    let mut report = RunReport::new(&model, &name, &loaded, &outcome, &train, &rows);
    // The table comes even where files fail: the run may have taken an hour.
    let written = match (out, &mut taken) {
        (Some(folder), Some(taken)) => {
            write_all(folder, taken, &loaded, &outcome, &train, &mut report)
        }
        _ => Ok(()),
    };
    let table = || table::run(&report, table::terminal_width());
    let said = say(&if args.output.json { to_json(&report)? } else { table() });
    let kept = checkpoints.map_or(Ok(()), |checkpoints| finish(checkpoints, &outcome.end));
    let written = written.and_then(|()| finish_folder(taken));
    match outcome.end {
        End::Failed(error) => Err(failure(error)),
        End::Interrupted => written.and(kept).and(Err(Failure::Interrupted)),
        End::Complete => written.and(kept).and(said),
    }
}

/// The projections whose synapses are written, each once.
fn projections(plan: &Plan, names: &[String]) -> Result<Vec<usize>, Failure> {
    let mut found = Vec::new();
    for name in names {
        let index = isospike_session::synapses::projection(plan, name)
            .map_err(|why| Failure::usage(format!("--synapses: {why}")))?;
        if !found.contains(&index) {
            found.push(index);
        }
    }
    Ok(found)
}

/// How many steps there are between two checkpoints, where that is said.
fn checkpoint_steps(args: &CheckpointArgs, dt_ms: f64) -> Result<Option<u32>, Failure> {
    let Some(text) = &args.checkpoint_every else { return Ok(None) };
    // A time beyond the longest run is one checkpoint at its end.
    let steps = steps::nearest(time_ms("--checkpoint-every", text)?, dt_ms) as u32;
    match steps {
        0 => Err(Failure::usage(format!(
            "--checkpoint-every {text}: a step has {dt_ms} ms, and there is at most one checkpoint \
             after each"
        ))),
        steps => Ok(Some(steps)),
    }
}

/// The checkpoints of this run, new or gone on with; `None` without the option.
fn checkpoints(
    out: Option<&Path>,
    loaded: &Loaded,
    resume: bool,
    every_steps: Option<u32>,
) -> Result<Option<Checkpoints>, Failure> {
    let (plan, steps) = (&loaded.plan, loaded.network.duration_steps);
    // clap has seen to it that either option comes with `--out`.
    let Some(out) = out else { return Ok(None) };
    Ok(match (resume, every_steps) {
        (true, every_steps) => Some(Checkpoints::resume(out, plan, steps, every_steps)?),
        (false, Some(every_steps)) => Some(Checkpoints::begin(out, plan, every_steps)?),
        (false, None) => None,
    })
}

/// Says how to go on, where the run did not come to its end.
fn finish(checkpoints: Checkpoints, end: &End) -> Result<(), Failure> {
    let step = checkpoints.finish()?;
    if *end != End::Complete {
        screen::clear();
        note(format!("note: there is a checkpoint of step {step}; --resume goes on from there"));
    }
    Ok(())
}

fn write_all(
    folder: &Path,
    taken: &mut OutFolder,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &SpikeTrain,
    report: &mut RunReport,
) -> Result<(), Failure> {
    taken.begin();
    let files = write_results(folder, loaded, outcome, train)?;
    let path = folder.join("run.json");
    let all = files.iter().chain([&path]);
    report.files = all.map(|file| file.display().to_string()).collect();
    write_report(&path, &to_json(report)?)?;
    Ok(taken.remove_others(&[files, vec![path]].concat())?)
}
