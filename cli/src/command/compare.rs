//! `isospike compare`: the same plan on several backends, bit for bit.

use super::devices::missing_report;
use super::*;
use crate::args::CompareArgs;
use crate::backends::search::{Missing, search};
use crate::backends::{Kind, Selector};
use crate::drive::{Show, drive};
use crate::energy::{Gauge, Idle, energies, idle, projected};
use crate::load::load;
use crate::progress::{interrupted, watch_signals};
use crate::report::{
    CompareReport, CounterReport, DifferenceReport, MissingReport, SpikeReport, StateReport,
    ThresholdReport, VariableReport, WordReport, to_json,
};
use crate::table;
use isospike_conformance::difference::{
    Search, StateDifference, VariableWords, first_spike, first_state,
};
use isospike_core::plan::Plan;
use isospike_core::run::backend::Backend;
use isospike_core::run::counters::Difference;

/// Runs a model on several backends and says whether they agree, and if not, where they part.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let has_cpu = args.backends.is_empty()
        || args.backends.iter().any(|s| s.kind == Kind::Cpu && s.device.is_none());
    if args.threads.is_some() && !has_cpu {
        return Err(Failure::Usage("--threads is for `cpu`, which is not in --backends".into()));
    }
    let idle = idle(&args.cost, Idle::AsNeeded)?;
    let rows = energies(&args.cost)?;
    screen::start("compare", args.output.quiet, args.output.json);
    let loaded = load(&args.model, false)?;
    let out = args.output.out.as_deref();
    let mut taken = take_folder(out)?;
    begin("looking for devices", 0);
    let (selectors, missing) = choose(args)?;
    watch_signals();
    let quiet = args.output.quiet || args.output.json;
    let mut gauge = Gauge::open();
    gauge.rest(idle, quiet);
    let mut session = Session::new(&loaded, args.backends.is_empty(), gauge);
    for selector in selectors {
        if !session.run(&selector) {
            break;
        }
    }
    begin("computing statistics", 0);
    session.locate_differences();
    let missing = missing.into_iter().map(missing_report).collect();
    let (mut report, verdict) = session.finish(network_report(&args.model.model, &loaded), missing);
    if let Some(counted) = verdict.first.as_ref().and_then(|f| Counted::new(&loaded, f)) {
        report.projected = projected(&rows, &counted.counts);
    }
    let written = match (out, &mut taken, &verdict.first) {
        (Some(folder), Some(taken), Some(first)) => {
            write_all(folder, taken, &loaded, first, &mut report)
        }
        _ => Ok(()),
    };
    let energy = args.energy || args.cost.energies.is_some() || args.cost.idle.is_some();
    let columns = table::Columns { wide: args.wide, energy };
    let table = || table::compare(&report, columns, table::terminal_width());
    let written = written.and_then(|()| taken.map_or(Ok(()), OutFolder::finish));
    let said = say(&if args.output.json { to_json(&report)? } else { table() });
    verdict.result.and(written).and(said)
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
        return Err(Failure::Backend("compare".into(), error));
    }
    Ok((found.into_iter().map(|found| with_threads(found.selector)).collect(), missing))
}

fn write_all(
    folder: &Path,
    taken: &mut OutFolder,
    loaded: &Loaded,
    first: &Outcome,
    report: &mut CompareReport,
) -> Result<(), Failure> {
    let train = Train::new(&loaded.network, &loaded.plan, &first.recording);
    taken.begin();
    let files = write_results(folder, loaded, first, &train)?;
    let path = folder.join("compare.json");
    report.files = files.iter().chain([&path]).map(|file| file.display().to_string()).collect();
    write_report(&path, &to_json(report)?)?;
    taken.remove_others(&[files, vec![path]].concat())
}

/// A backend that ran to the end and what it left.
struct Ran {
    name: String,
    backend: Box<dyn Backend>,
    outcome: Outcome,
    digest: Option<String>,
}

/// A comparison under way: the first run that was complete is what the others are held against.
struct Session<'a> {
    loaded: &'a Loaded,
    /// The backends were found, not named: one that refuses the network is not a failure then.
    searched: bool,
    gauge: Gauge,
    first: Option<Ran>,
    reports: Vec<BackendReport>,
    differing: Vec<Ran>,
    differences: Vec<DifferenceReport>,
    failure: Option<Failure>,
}

/// How the comparison ended, and the run whose spikes are written.
struct Verdict {
    result: Result<(), Failure>,
    first: Option<Outcome>,
}

impl<'a> Session<'a> {
    fn new(loaded: &'a Loaded, searched: bool, gauge: Gauge) -> Self {
        Self {
            loaded,
            searched,
            gauge,
            first: None,
            reports: Vec::new(),
            differing: Vec::new(),
            differences: Vec::new(),
            failure: None,
        }
    }

    /// Opens and runs one backend; false where the comparison was interrupted.
    fn run(&mut self, selector: &Selector) -> bool {
        let name = selector.to_string();
        screen::label(&name);
        begin("opening the device", 0);
        match selector.open() {
            Ok(backend) => self.run_on(&name, backend),
            Err(error) => {
                let info = BackendInfo { device: "not found".into(), ..BackendInfo::default() };
                self.refuse(&name, &info, error);
                true
            }
        }
    }

    fn run_on(&mut self, name: &str, backend: Box<dyn Backend>) -> bool {
        let (plan, network) = (&self.loaded.plan, &self.loaded.network);
        let show = Show { label: name, dt_ms: network.dt_ms, series: false };
        let steps = network.duration_steps;
        let outcome = match drive(&*backend, plan, steps, &show, &mut self.gauge, None) {
            Ok(outcome) => outcome,
            Err(error) => {
                self.refuse(name, backend.info(), error);
                return true;
            }
        };
        let digest = outcome.digest.clone();
        let complete = outcome.end == End::Complete;
        let equal = match (&self.first, complete) {
            (Some(first), true) => {
                let counters = &first.outcome.counters;
                Some(digest == first.digest && outcome.counters == *counters)
            }
            _ => None,
        };
        let counted = Counted::new(self.loaded, &outcome);
        let report = backend_report(name, self.loaded, &outcome, counted.as_ref());
        self.reports.push(BackendReport { equal, ..report });
        let end = outcome.end.clone();
        let ran = Ran { name: name.to_owned(), backend, outcome, digest };
        match end {
            End::Complete if self.first.is_none() => self.first = Some(ran),
            End::Complete if equal == Some(false) => self.differing.push(ran),
            End::Complete => {}
            End::Failed(error) => self.fail(Failure::Backend(name.to_owned(), error)),
            End::Interrupted => {
                // Nothing better to write: what there is of the first run.
                if self.first.is_none() {
                    self.first = Some(ran);
                }
                self.failure = Some(Failure::Interrupted);
                return false;
            }
        }
        true
    }

    fn refuse(&mut self, name: &str, info: &BackendInfo, error: BackendError) {
        self.reports.push(refused_report(name, info, &error));
        let limit = matches!(
            error,
            BackendError::Unsupported(_)
                | BackendError::OutOfMemory { .. }
                | BackendError::NoDevice(_)
        );
        if !(self.searched && limit) {
            self.fail(Failure::Backend(name.to_owned(), error));
        }
    }

    /// Keeps the first failure only: it decides the exit code.
    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    fn locate_differences(&mut self) {
        let Some(first) = &self.first else { return };
        for other in &self.differing {
            screen::label(&other.name);
            begin("looking for the first difference", 0);
            let found = locate(self.loaded, first, other);
            self.differences.push(found);
        }
    }

    fn finish(
        self,
        network: NetworkReport,
        missing: Vec<MissingReport>,
    ) -> (CompareReport, Verdict) {
        let complete = self.reports.iter().filter(|r| r.status == "complete").count();
        let first = self.first.as_ref().map(|first| &first.outcome);
        let counted = first.and_then(|outcome| Counted::new(self.loaded, outcome));
        let counted = counted.as_ref();
        let populations = first.map_or(Vec::new(), |outcome| {
            let (network, plan) = (&self.loaded.network, &self.loaded.plan);
            population_reports(&Train::new(network, plan, &outcome.recording), counted)
        });
        let report = CompareReport {
            isospike: VERSION,
            network,
            equal: (complete > 1).then_some(self.differing.is_empty()),
            backends: self.reports,
            missing,
            differences: self.differences,
            populations,
            projections: counted.map_or(Vec::new(), |c| c.projections(self.loaded)),
            stimuli: counted.map_or(Vec::new(), |c| c.stimuli(self.loaded)),
            projected: Vec::new(),
            files: Vec::new(),
        };
        let result = match self.failure {
            Some(Failure::Interrupted) => Err(Failure::Interrupted),
            // A difference is the graver news.
            _ if !self.differing.is_empty() => Err(Failure::Differ),
            Some(failure) => Err(failure),
            None if complete == 0 => {
                let error = BackendError::NoDevice("no backend could run this network".into());
                Err(Failure::Backend("compare".into(), error))
            }
            None => Ok(()),
        };
        (report, Verdict { result, first: self.first.map(|first| first.outcome) })
    }
}

/// Where two runs part: the first spike and the first count from their recordings, the first state by running again.
fn locate(loaded: &Loaded, first: &Ran, other: &Ran) -> DifferenceReport {
    let names = [first.name.clone(), other.name.clone()];
    let (plan, clock) = (&loaded.plan, Clock::new(loaded.network.dt_ms));
    let counter = first_counter(plan, &first.outcome, &other.outcome);
    if first.digest == other.digest {
        return DifferenceReport { backends: names, spike: None, state: None, counter, note: None };
    }
    let spike = first_spike(&first.outcome.recording, &other.outcome.recording);
    // The states part before the spikes do, or in the same step.
    let until = spike.map_or(first.outcome.recording.steps, |found| found.spike.step + 1);
    let spike = spike.map(|found| {
        let neurons = plan.neurons().max(1);
        let (population, neuron) = plan.locate(found.spike.neuron % neurons);
        SpikeReport {
            step: found.spike.step,
            time_ms: clock.of_step_ms(found.spike.step),
            copy: found.spike.neuron / neurons,
            population: plan.populations[population.index()].name.clone(),
            neuron,
            only_in: names[usize::from(!found.in_first)].clone(),
        }
    });
    let (state, note) = match first_state(
        plan,
        [&*first.backend, &*other.backend],
        until,
        &interrupted,
    ) {
        Ok(Search::Found(found)) => (Some(state_report(&clock, &found)), None),
        Ok(Search::NotRepeated) => (
            None,
            Some(format!(
                "a second run of both agreed in all state words up to step {until}: one of them \
                 is not deterministic, or only its recording of spikes is wrong"
            )),
        ),
        Ok(Search::Lengths(a, b)) => {
            (None, Some(format!("the states have different lengths in words: {a} and {b}")))
        }
        Ok(Search::Interrupted) => (None, Some("the search for the state was interrupted".into())),
        Err(error) => (None, Some(format!("the second run failed: {error}"))),
    };
    DifferenceReport { backends: names, spike, state, counter, note }
}

fn first_counter(plan: &Plan, first: &Outcome, other: &Outcome) -> Option<CounterReport> {
    let (first, other) = (first.counters.as_ref()?, other.counters.as_ref()?);
    let Difference { counter, counts } = first.first_difference(other, plan)?;
    Some(CounterReport { counter, counts })
}

fn state_report(clock: &Clock, found: &StateDifference) -> StateReport {
    let variable = |v: &VariableWords| VariableReport {
        name: v.variable.clone(),
        before: v.before.map(|word| WordReport::new(word, v.integer)),
        after: v.words.map(|word| WordReport::new(word, v.integer)),
        equal: v.words[0] == v.words[1],
    };
    StateReport {
        step: found.step,
        time_ms: clock.of_step_ms(found.step),
        copy: found.copy,
        population: found.population.clone(),
        neuron: found.neuron,
        variable: found.variable.clone(),
        variables: found.neuron_words.iter().map(variable).collect(),
        differing_words: found.differing_words,
        threshold: found.threshold.map(|t| ThresholdReport {
            comparison: t.comparison,
            left: WordReport::new(t.left, false),
            right: WordReport::new(t.right, false),
            distance_ulp: t.distance_ulp(),
        }),
    }
}

#[cfg(test)]
mod difference;
#[cfg(test)]
mod tests;
