//! `isospike conformance`: the suite on any device that is here.

use super::*;
use crate::args::ConformanceArgs;
use crate::progress::{Tests, interrupted, watch_signals};
use crate::report::{ConformanceReport, LadderReport, to_json};
use crate::table;
use isospike_conformance::Subject;
use isospike_conformance::certificate::{Certificate, Circumstances};
use isospike_conformance::run::{Event, Options, SuiteRun, run_suite};
use isospike_conformance::suite::{Level, Settings, tests};
use isospike_session::backends::search::{Missing, search};
use isospike_session::{Kind, Selector};
use std::time::SystemTime;

/// The commit that this program was built from.
const COMMIT: &str = env!("ISOSPIKE_COMMIT");

/// Runs the suite with each backend, and says which level is the lowest red one.
pub fn conformance(args: &ConformanceArgs) -> Result<(), Failure> {
    let options = options(args)?;
    if args.list {
        let listed: Vec<String> = tests(&options.settings)
            .iter()
            .filter(|test| options.level.is_none_or(|level| level == test.level))
            .map(|test| test.full_name())
            .collect();
        if !args.json {
            return say(&(listed.join("\n") + "\n"));
        }
        return say(&to_json(&LadderReport { isospike: VERSION, tests: listed })?);
    }
    let mut taken = take_folder(args.report.as_deref())?;
    taken.iter_mut().for_each(OutFolder::begin);
    let quiet = args.quiet || args.json;
    screen::start("conformance", quiet, args.json);
    begin("looking for devices", 0);
    let (selectors, missing) = choose(args)?;
    watch_signals();
    let (mut certificates, mut files, mut end) = (Vec::new(), Vec::new(), Ok(()));
    for selector in &selectors {
        let suite_run = match run_with(selector, &options) {
            Ok(suite_run) => suite_run,
            // The first failure decides the exit code; the others still have their turn.
            Err(error) => {
                end = end.and(Err(Failure::backend(&selector.to_string(), error)));
                continue;
            }
        };
        let certificate = certify(&suite_run, &options);
        if let Some(folder) = &args.report {
            let folder = folder_of(folder, selector, selectors.len());
            files.extend(write(&folder, &certificate)?);
        }
        if !args.json {
            say(&table::certificate(&certificate, table::terminal_width()))?;
        }
        if suite_run.first_failing().is_some() {
            // A difference is the graver news.
            end = Err(Failure::Red);
        }
        certificates.push(certificate);
        if interrupted() {
            end = Err(Failure::Interrupted);
            break;
        }
    }
    end = end.and(finish_folder(taken));
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let report = ConformanceReport { isospike: VERSION, certificates, missing, files };
    let table = || table::conformance(&report, table::terminal_width());
    end.and(say(&if args.json { to_json(&report)? } else { table() }))
}

fn options(args: &ConformanceArgs) -> Result<Options, Failure> {
    let mut settings = Settings::from_environment().map_err(Failure::usage)?;
    settings.seed = args.seed.unwrap_or(settings.seed);
    settings.networks = args.networks.unwrap_or(settings.networks);
    let level = args.level.and_then(Level::from_number);
    let mut options = Options { level, settings, ..Options::default() };
    if let Some(folder) = &args.report {
        options.models = folder.join("failures");
    }
    Ok(options)
}

/// The backends to examine: the ones named, or all that are found, and what is missing then.
fn choose(args: &ConformanceArgs) -> Result<(Vec<Selector>, Vec<Missing>), Failure> {
    if !args.backend.is_empty() {
        return Ok((args.backend.clone(), Vec::new()));
    }
    let (found, missing) = search();
    Ok((found.into_iter().map(|found| found.backend).collect(), missing))
}

fn run_with(selector: &Selector, options: &Options) -> Result<SuiteRun, BackendError> {
    let progress = Tests::new(&selector.to_string());
    let suite_run = run_suite(&subject(selector), options, |event| {
        match event {
            Event::Begins(test, number, of) => progress.set(&test.full_name(), number, of),
            Event::Ended(outcome) if outcome.status.is_red() => {
                progress.say(&format!("FAILED {}/{}", outcome.level, outcome.name));
            }
            Event::Ended(_) => {}
        }
        !interrupted()
    });
    progress.finish();
    suite_run
}

/// The backend as a subject; the cpu can be run with other numbers of threads.
fn subject(selector: &Selector) -> Subject {
    let open = |selector: Selector| move || selector.open_to_test();
    let name = selector.to_string();
    let subject = Subject::new(&name, selector.kind.name(), open(selector.clone()));
    if selector.kind != Kind::Cpu {
        return subject;
    }
    [1, 2, 3, 7, 64].into_iter().fold(subject, |subject, threads: u32| {
        let selector = Selector { kind: Kind::Cpu, device: Some(threads.to_string()) };
        subject.variant(selector.to_string(), open(selector))
    })
}

fn certify(suite_run: &SuiteRun, options: &Options) -> Certificate {
    Certificate::new(
        suite_run,
        Circumstances {
            isospike: VERSION.into(),
            commit: (COMMIT != "unknown").then(|| COMMIT.to_owned()),
            date: SystemTime::now(),
            settings: options.settings.clone(),
        },
    )
}

/// The folder of one backend: the one given, or one in it where there are several.
fn folder_of(folder: &Path, selector: &Selector, backends: usize) -> PathBuf {
    match backends {
        1 => folder.to_owned(),
        _ => folder.join(selector.to_string().replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
    }
}

fn write(folder: &Path, certificate: &Certificate) -> Result<[PathBuf; 2], Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    let files = [folder.join("certificate.json"), folder.join("certificate.html")];
    for (path, text) in files.iter().zip([certificate.json(), certificate.html()]) {
        replace(path, |part| std::fs::write(part, text))?;
    }
    Ok(files)
}
