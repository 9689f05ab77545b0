//! The commands.

pub mod bench;
pub mod compare;
pub mod conformance;
pub mod devices;
pub mod energy;
pub mod inspect;
pub mod plot;
pub mod run;

use crate::args::{CostArgs, ModelArgs};
use crate::failure::Failure;
use crate::progress::screen;
use crate::time::time_ms;
use isospike_core::analyse::train::SpikeTrain;
use isospike_core::base::console::note;
use isospike_core::base::progress::begin;
use isospike_core::run::backend::BackendError;
use isospike_session::folder::OutFolder;
use isospike_session::replace::replace;
use isospike_session::trace::Samples;
use isospike_session::{End, Idle, Loaded, Outcome, available_memory, results};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use isospike_session::report::VERSION;

/// Writes a result to standard output; a closed pipe (`| head`) is not a failure.
pub fn say(text: &str) -> Result<(), Failure> {
    screen::clear();
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::file(Path::new("standard output"), error))
        }
        _ => Ok(()),
    }
}

/// Prints help, the version or a mistake in the words of the command line; gives the exit code.
pub fn say_usage(error: &clap::Error) -> u8 {
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    match printed {
        _ if error.use_stderr() => 2,
        Err(why) if why.kind() != std::io::ErrorKind::BrokenPipe => {
            let failure = Failure::file(Path::new("standard output"), why);
            failure.print(false);
            failure.code()
        }
        _ => 0,
    }
}

/// Reads, checks and lowers a model. Networks larger than this machine's memory are a mistake
/// unless `any_size`: `inspect` may look at a network that another machine will run.
fn load(args: &ModelArgs, any_size: bool) -> Result<Loaded, Failure> {
    let memory_bytes = if any_size { None } else { available_memory() };
    let loaded = Loaded::read(&args.model, &args.overrides(), memory_bytes)?;
    for remark in &loaded.notes {
        screen::clear();
        note(format_args!("note: {remark}"));
    }
    Ok(loaded)
}

/// Returns for how long to measure idle power: what `--idle` says, or the habit of the command.
fn idle(args: &CostArgs, otherwise: Idle) -> Result<Idle, Failure> {
    let Some(text) = &args.idle else { return Ok(otherwise) };
    let ms = time_ms("--idle", text)?;
    match Duration::try_from_secs_f64(ms / 1000.0) {
        Ok(time) if time <= Duration::from_secs(3600) => Ok(Idle::For(time)),
        _ => Err(Failure::usage(format!("--idle {text}: 0 s to 3600 s are possible"))),
    }
}

/// Takes the folder before the run, so that a run of an hour does not fail at its end.
fn take_folder(folder: Option<&Path>) -> Result<Option<OutFolder>, Failure> {
    Ok(folder.map(OutFolder::take).transpose()?)
}

/// Marks the folder as finished, and prints a note where it stays in doubt.
fn finish_folder(taken: Option<OutFolder>) -> Result<(), Failure> {
    let doubt = taken.map_or(Ok(None), OutFolder::finish)?;
    doubt.into_iter().for_each(|doubt| note(format!("note: {doubt}")));
    Ok(())
}

/// Writes spikes, traces, series and plots; returns the files written.
fn write_results(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &SpikeTrain,
) -> Result<Vec<PathBuf>, Failure> {
    let samples = Samples::of(&loaded.plan, &outcome.recording);
    let mut files = results::write(folder, loaded, outcome, train, &samples)?;
    begin("drawing plots", 0);
    files.extend(crate::plot::Figures::new(train, &loaded.network.name, &samples).write(folder)?);
    Ok(files)
}

/// Writes the report itself.
fn write_report(path: &Path, json: &str) -> Result<(), Failure> {
    Ok(replace(path, |part| std::fs::write(part, json))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_is_a_time_of_at_most_an_hour() {
        let args = |text: &str| CostArgs { energies: None, idle: Some(text.into()) };
        assert_eq!(
            idle(&args("250 ms"), Idle::AsNeeded).unwrap(),
            Idle::For(Duration::from_millis(250))
        );
        for wrong in ["5", "-1 s", "2 h", "4000 s", "3 mV"] {
            let failure = idle(&args(wrong), Idle::AsNeeded).unwrap_err();
            assert_eq!(failure.code(), 2, "{wrong}");
        }
        let none = CostArgs { energies: None, idle: None };
        assert_eq!(idle(&none, Idle::Skip).unwrap(), Idle::Skip);
    }
}
