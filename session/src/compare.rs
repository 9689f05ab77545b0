//! The comparison of backends: the same plan on several, bit for bit, and where two of them part.

use crate::backends::Selector;
use crate::backends::search::Missing;
use crate::drive::{End, Extras, Outcome, drive};
use crate::energy::EnergyMeter;
use crate::error::Error;
use crate::load::Loaded;
use crate::monitor::{Event, Monitor};
use crate::report::*;
use isospike_conformance::difference::{
    Search, StateDifference, VariableWords, first_spike, first_state,
};
use isospike_core::analyse::train::SpikeTrain;
use isospike_core::base::clock::Clock;
use isospike_core::base::progress::begin;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo};
use isospike_core::run::counters::Difference;
use isospike_energy::Table;

/// A backend that ran to the end and what it left.
struct Ran {
    name: String,
    backend: Box<dyn Backend>,
    outcome: Outcome,
    digest: Option<String>,
}

/// A comparison under way: the first run that was complete is what the others are held against.
pub struct Comparison<'a> {
    loaded: &'a Loaded,
    /// The backends were found, not named: one that refuses the network is not a failure then.
    searched: bool,
    meter: EnergyMeter,
    monitor: &'a mut dyn Monitor,
    first: Option<Ran>,
    reports: Vec<BackendReport>,
    differing: Vec<Ran>,
    differences: Vec<DifferenceReport>,
    error: Option<Error>,
    is_interrupted: bool,
}

/// How a comparison ended.
#[derive(Debug)]
pub enum Verdict {
    /// All backends that ran agree.
    Equal,
    /// Two backends computed different bits, whatever else went wrong.
    Differ,
    /// The monitor stopped the comparison.
    Interrupted,
    /// The first error of a backend.
    Failed(Error),
}

/// A comparison that has ended.
pub struct Compared {
    /// The report; `files` is left empty.
    pub report: CompareReport,
    /// How it ended.
    pub verdict: Verdict,
    /// The results of the first backend.
    pub first: Option<Outcome>,
}

impl<'a> Comparison<'a> {
    /// Begins to compare backends on a network. If they were `searched` for, one that refuses
    /// the network is no error.
    pub fn new(
        loaded: &'a Loaded,
        searched: bool,
        meter: EnergyMeter,
        monitor: &'a mut dyn Monitor,
    ) -> Self {
        Self {
            loaded,
            searched,
            meter,
            monitor,
            first: None,
            reports: Vec::new(),
            differing: Vec::new(),
            differences: Vec::new(),
            error: None,
            is_interrupted: false,
        }
    }

    /// Opens and runs one backend; false where the monitor stopped it.
    pub fn run(&mut self, selector: &Selector) -> bool {
        let name = selector.to_string();
        self.monitor.event(Event::Backend(&name));
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

    /// Runs a backend that is open, under this name; false where the monitor stopped it.
    pub fn run_on(&mut self, name: &str, backend: Box<dyn Backend>) -> bool {
        let (plan, steps) = (&self.loaded.plan, self.loaded.network.duration_steps);
        let extras = Extras { meter: Some(&mut self.meter), ..Extras::default() };
        let outcome = match drive(&*backend, plan, steps, extras, self.monitor) {
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
            End::Failed(error) => self.fail(Error::Backend(name.to_owned(), error)),
            End::Interrupted => {
                // Nothing better to write: what there is of the first run.
                if self.first.is_none() {
                    self.first = Some(ran);
                }
                self.is_interrupted = true;
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
            self.fail(Error::Backend(name.to_owned(), error));
        }
    }

    /// Keeps the first error only.
    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    fn locate_differences(&mut self) {
        let Some(first) = &self.first else { return };
        for other in &self.differing {
            self.monitor.event(Event::Backend(&other.name));
            begin("looking for the first difference", 0);
            let found = locate(self.loaded, first, other, self.monitor);
            self.differences.push(found);
        }
    }

    /// Ends the comparison: runs backends that differ again, to find where. `model` names the model
    /// in the report, `missing` are backends that are not here, and the published `energies` are
    /// multiplied with the counts of the first backend.
    pub fn finish(mut self, model: &str, missing: Vec<Missing>, energies: &Table) -> Compared {
        begin("computing statistics", 0);
        self.locate_differences();
        let complete = self.reports.iter().filter(|r| r.status == "complete").count();
        let first = self.first.as_ref().map(|first| &first.outcome);
        let counted = first.and_then(|outcome| Counted::new(self.loaded, outcome));
        let counted = counted.as_ref();
        let populations = first.map_or(Vec::new(), |outcome| {
            let (network, plan) = (&self.loaded.network, &self.loaded.plan);
            populations(&SpikeTrain::new(network, plan, &outcome.recording), counted)
        });
        let report = CompareReport {
            isospike: VERSION,
            network: NetworkReport::new(model, self.loaded),
            equal: (complete > 1).then_some(self.differing.is_empty()),
            backends: self.reports,
            missing,
            differences: self.differences,
            populations,
            projections: counted.map_or(Vec::new(), |c| c.projections(self.loaded)),
            stimuli: counted.map_or(Vec::new(), |c| c.stimuli(self.loaded)),
            projected: counted.map_or(Vec::new(), |c| energies.project(&c.counts)),
            files: Vec::new(),
        };
        let verdict = match self.error {
            _ if self.is_interrupted => Verdict::Interrupted,
            // A difference is the graver news.
            _ if !self.differing.is_empty() => Verdict::Differ,
            Some(error) => Verdict::Failed(error),
            None if complete == 0 => {
                let error = BackendError::NoDevice("no backend could run this network".into());
                Verdict::Failed(Error::Backend("compare".into(), error))
            }
            None => Verdict::Equal,
        };
        Compared { report, verdict, first: self.first.map(|first| first.outcome) }
    }
}

/// The first difference of two runs: the first spike and the first count from their recordings, the
/// first state by running again.
fn locate(loaded: &Loaded, first: &Ran, other: &Ran, monitor: &dyn Monitor) -> DifferenceReport {
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
    let (state, note) = match first_state(plan, [&*first.backend, &*other.backend], until, &|| {
        monitor.is_interrupted()
    }) {
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

fn first_counter(plan: &Plan, first: &Outcome, other: &Outcome) -> Option<Difference> {
    let (first, other) = (first.counters.as_ref()?, other.counters.as_ref()?);
    first.first_difference(other, plan)
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
        projection: found.projection.clone(),
        population: found.population.clone(),
        neuron: found.neuron,
        synapse: found.synapse,
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
