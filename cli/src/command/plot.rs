//! `isospike plot`.

use super::*;
use crate::args::PlotArgs;
use crate::plot::Figures;
use isospike_session::npz;
use isospike_session::trace::{Elements, Samples};

/// Draws `spikes.npz` again, or the rows of benchmarks where there are such.
pub fn plot(args: &PlotArgs) -> Result<(), Failure> {
    if !args.folder.is_dir() {
        return Err(Failure::file(&args.folder, "there is no such folder"));
    }
    let taken = OutFolder::take(&args.folder)?;
    taken.note().into_iter().for_each(|doubt| note(format!("note: {doubt}")));
    let path = args.folder.join("spikes.npz");
    if !path.exists() && args.folder.join(bench::ROWS).exists() {
        if args.from.is_some() || args.to.is_some() || !args.populations.is_empty() {
            let message = "--from, --to and --populations are for spikes, not for benchmarks";
            return Err(Failure::usage(message));
        }
        for file in bench::draw(&args.folder)?.iter().skip(1) {
            say(&format!("wrote {file}\n"))?;
        }
        return Ok(());
    }
    screen::start("plot", false, false);
    begin("reading spikes.npz", 0);
    let train = npz::read_spikes(&path).map_err(|error| Failure::file(&path, error))?;
    let traces = args.folder.join("traces.npz");
    let mut samples = match traces.exists() {
        true => npz::read_traces(&traces).map_err(|error| Failure::file(&traces, error))?,
        false => Samples::default(),
    };
    if !args.populations.is_empty() {
        samples.traces.retain(|trace| match trace.elements {
            Elements::Neurons(_) => args.populations.contains(&trace.head.owner),
            Elements::Synapses(..) => true,
        });
    }
    let train = match args.populations.as_slice() {
        [] => train,
        names => train.only(&indices(&train, names)?),
    };
    let from = args.from.as_deref().map_or(Ok(0.0), |text| time_ms("--from", text))?;
    let to = args.to.as_deref().map_or(Ok(train.duration_ms()), |text| time_ms("--to", text))?;
    let to = to.min(train.duration_ms());
    if from < 0.0 || from >= to {
        let end = train.duration_ms();
        let message = format!("--from {from} ms to {to} ms is empty; the run is 0 to {end} ms");
        return Err(Failure::usage(message));
    }
    let folder = args.folder.canonicalize().unwrap_or_else(|_| args.folder.clone());
    let title = folder.file_name().map_or(String::new(), |name| name.to_string_lossy().into());
    begin("drawing plots", 0);
    for file in Figures::new(&train, &title, &samples).between(from, to).write(&args.folder)? {
        say(&format!("wrote {}\n", file.display()))?;
    }
    Ok(())
}

fn indices(train: &SpikeTrain, names: &[String]) -> Result<Vec<usize>, Failure> {
    let mut found = Vec::new();
    for name in names {
        let Some(index) = train.populations.iter().position(|p| p.name == *name) else {
            let all: Vec<&str> = train.populations.iter().map(|p| p.name.as_str()).collect();
            let message = format!("there is no population `{name}`; there are {}", all.join(", "));
            return Err(Failure::usage(message));
        };
        if !found.contains(&index) {
            found.push(index);
        }
    }
    Ok(found)
}
