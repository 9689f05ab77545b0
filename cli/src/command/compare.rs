//! `isospike compare`: the same plan on several backends, bit for bit.

use super::*;
use crate::args::CompareArgs;
use crate::progress::{Progress, watch_signals};
use crate::report::{CompareReport, to_json};
use crate::table;
use isospike_session::backends::search::{Missing, search};
use isospike_session::{Compared, Comparison, EnergyMeter, Kind, Selector, Verdict, energies};

/// Runs a model on several backends and says whether they agree, and if not, where they part.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let has_cpu = args.backends.is_empty()
        || args.backends.iter().any(|s| s.kind == Kind::Cpu && s.device.is_none());
    if args.threads.is_some() && !has_cpu {
        return Err(Failure::usage("--threads is for `cpu`, which is not in --backends"));
    }
    let idle = idle(&args.cost, Idle::AsNeeded)?;
    let rows = energies(args.cost.energies.as_deref())?;
    screen::start("compare", args.output.quiet, args.output.json);
    let loaded = load(&args.model, false)?;
    let out = args.output.out.as_deref();
    let mut taken = take_folder(out)?;
    begin("looking for devices", 0);
    let (selectors, missing) = choose(args)?;
    watch_signals();
    let mut progress = Progress::new("compare", args.output.quiet || args.output.json);
    let mut meter = EnergyMeter::open();
    meter.rest(idle, &mut progress);
    let mut comparison = Comparison::new(&loaded, args.backends.is_empty(), meter, &mut progress);
    for selector in selectors {
        if !comparison.run(&selector) {
            break;
        }
    }
    let model = args.model.model.display().to_string();
    let Compared { mut report, verdict, first } = comparison.finish(&model, missing, &rows);
    let written = match (out, &mut taken, &first) {
        (Some(folder), Some(taken), Some(first)) => {
            write_all(folder, taken, &loaded, first, &mut report)
        }
        _ => Ok(()),
    };
    let energy = args.energy || args.cost.energies.is_some() || args.cost.idle.is_some();
    let columns = table::Columns { wide: args.wide, energy };
    let table = || table::compare(&report, columns, table::terminal_width());
    let written = written.and_then(|()| finish_folder(taken));
    let said = say(&if args.output.json { to_json(&report)? } else { table() });
    let result = match verdict {
        Verdict::Equal => Ok(()),
        Verdict::Differ => Err(Failure::Differ),
        Verdict::Interrupted => Err(Failure::Interrupted),
        Verdict::Failed(error) => Err(error.into()),
    };
    result.and(written).and(said)
}

/// The backends to run: the ones named, or all that are found, and what is missing then.
fn choose(args: &CompareArgs) -> Result<(Vec<Selector>, Vec<Missing>), Failure> {
    let with_threads = |selector: Selector| selector.with_threads(args.threads);
    if !args.backends.is_empty() {
        return Ok((args.backends.iter().cloned().map(with_threads).collect(), Vec::new()));
    }
    let (found, missing) = search();
    if found.is_empty() {
        let error = BackendError::NoDevice("no backend was found".into());
        return Err(Failure::backend("compare", error));
    }
    Ok((found.into_iter().map(|found| with_threads(found.backend)).collect(), missing))
}

fn write_all(
    folder: &Path,
    taken: &mut OutFolder,
    loaded: &Loaded,
    first: &Outcome,
    report: &mut CompareReport,
) -> Result<(), Failure> {
    let train = SpikeTrain::new(&loaded.network, &loaded.plan, &first.recording);
    taken.begin();
    let files = write_results(folder, loaded, first, &train)?;
    let path = folder.join("compare.json");
    report.files = files.iter().chain([&path]).map(|file| file.display().to_string()).collect();
    write_report(&path, &to_json(report)?)?;
    Ok(taken.remove_others(&[files, vec![path]].concat())?)
}
