//! `isospike bench`.

use super::*;
use crate::args::BenchArgs;
use crate::bench::{Beside, Machine, Repetition, Site, measure, row};
use crate::plot;
use crate::progress::watch_signals;
use crate::report::{BenchReport, BenchRow, to_json};
use crate::table;
use isospike_benches::{Workload, Workloads};
use isospike_core::base::input;
use isospike_core::describe::checked::Checked;
use isospike_front::check::Limits;
use isospike_session::Kind;
use std::sync::Arc;

/// The rows of all benchmarks of a folder.
pub const ROWS: &str = "bench.jsonl";

/// Measures workloads and holds them against their bars and the limit of the machine.
pub fn bench(args: &BenchArgs) -> Result<(), Failure> {
    let all = match &args.file {
        Some(path) => Workloads::read(path)?,
        None => Workloads::built_in()?,
    };
    let workloads = all.choose(&args.names)?;
    if args.list {
        return say(&table::workloads(&workloads.0, table::terminal_width()));
    }
    let selector = args.place.selector()?;
    if selector.kind == Kind::Reference {
        let message = "`reference` is an oracle, made to be obvious and not to be fast";
        return Err(Failure::usage(message));
    }
    let out = args.output.out.as_deref();
    let mut taken = take_folder(out)?;
    let name = selector.to_string();
    screen::start("bench", args.output.quiet, args.output.json);
    begin("opening the device", 0);
    let failure = |error| Failure::backend(&name, error);
    let site = Site::open(&selector).map_err(failure)?;
    let beside = Beside::open(&selector, !args.idle).map_err(failure)?;
    watch_signals();
    begin("measuring memory", 0);
    let mut session = Session {
        site,
        beside,
        name,
        machine: Machine::measure(),
        repeat: args.repeat,
        report: BenchReport { isospike: VERSION, rows: Vec::new(), files: Vec::new() },
        failure: None,
    };
    for workload in &workloads.0 {
        match session.run(workload) {
            Ok(row) => {
                taken.iter_mut().for_each(OutFolder::begin);
                let kept = out.map_or(Ok(()), |folder| append(folder, &row));
                session.report.rows.push(row);
                kept?;
            }
            // Nothing after it should run, but the rows before it are printed.
            Err(Failure::Interrupted) => {
                session.failure = Some(Failure::Interrupted);
                break;
            }
            Err(failure) => {
                failure.print(false);
                session.failure.get_or_insert(failure);
            }
        }
    }
    let Session { mut report, failure, .. } = session;
    let written = match out {
        Some(folder) if !report.rows.is_empty() => draw(folder).map(|files| report.files = files),
        _ => Ok(()),
    };
    let written = written.and_then(|()| finish_folder(taken));
    let mut said = Ok(());
    if !report.rows.is_empty() {
        said = say(&match (args.output.json, args.markdown) {
            (true, _) => to_json(&report)?,
            (false, true) => table::bench_markdown(&report),
            (false, false) => table::bench(&report, table::terminal_width()),
        });
    }
    failure.map_or(Ok(()), Err).and(written).and(said)
}

/// Draws the rows of a folder: the last of each workload and backend, in the order in which they
/// first came. Gives the files.
pub fn draw(folder: &Path) -> Result<Vec<String>, Failure> {
    let path = folder.join(ROWS);
    let text =
        input::text(&path, input::BENCH_ROWS).map_err(|error| Failure::file(&path, error))?;
    let mut rows: Vec<BenchRow> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let row: BenchRow = serde_json::from_str(line)
            .map_err(|error| Failure::file(&path, format!("line {number}: {error}")))?;
        let same = |old: &&mut BenchRow| old.workload == row.workload && old.backend == row.backend;
        match rows.iter_mut().find(same) {
            Some(old) => *old = row,
            None => rows.push(row),
        }
    }
    let mut files = vec![path];
    files.extend(plot::write_bench(&rows, folder)?);
    Ok(files.iter().map(|file| file.display().to_string()).collect())
}

struct Session {
    site: Site,
    beside: Beside,
    name: String,
    machine: Machine,
    repeat: Option<u32>,
    report: BenchReport,
    failure: Option<Failure>,
}

impl Session {
    fn run(&mut self, workload: &Workload) -> Result<BenchRow, Failure> {
        begin("reading the model", 0);
        let limits = Limits { memory_bytes: available_memory() };
        let network = Arc::new(workload.network()?.check(limits)?);
        let count = self.repeat.unwrap_or(workload.repetitions);
        let mut repetitions: Vec<Repetition> = Vec::new();
        for number in 1..=count {
            let label = format!("{} {number}/{count}", workload.name);
            let mut found = measure(&self.site, &network, &label)?;
            self.check(workload, &network, repetitions.first(), &found)?;
            for other in self.beside.measure(&self.site, &network, &label)? {
                self.check(workload, &network, Some(&found), &other)?;
            }
            if !repetitions.is_empty() {
                // The first one's spikes are the others'.
                found.recording = Default::default();
            }
            repetitions.push(found);
        }
        begin("computing statistics", 0);
        let beside = self.beside.report(workload.measured_ms / 1000.0);
        Ok(row(workload, &network, &self.site, &self.name, &self.machine, &repetitions, beside))
    }

    /// A network that does something else when it is built again, or beside a busy process, is not
    /// measured.
    fn check(
        &self,
        workload: &Workload,
        network: &Checked,
        first: Option<&Repetition>,
        found: &Repetition,
    ) -> Result<(), Failure> {
        let wrong = match first {
            Some(first) if first.digest != found.digest => "spikes of two repetitions differ",
            _ if network.transient_steps >= network.duration_steps => "no step is measured",
            _ => return Ok(()),
        };
        let error = BackendError::Lost(format!("{}: {wrong}", workload.name));
        Err(Failure::backend(&self.name, error))
    }
}

/// Adds a row to the folder's file.
fn append(folder: &Path, row: &BenchRow) -> Result<(), Failure> {
    let path = folder.join(ROWS);
    let failure = |error: &dyn std::fmt::Display| Failure::file(&path, error);
    let line = serde_json::to_string(row).map_err(|error| failure(&error))?;
    // The file is replaced as a whole: half a row could not be read again.
    let before = match path.exists() {
        true => input::text(&path, input::BENCH_ROWS).map_err(|error| failure(&error))?,
        false => String::new(),
    };
    Ok(replace(&path, |part| std::fs::write(part, format!("{before}{line}\n")))?)
}
