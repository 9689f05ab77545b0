//! The commands.

pub mod bench;
pub mod compare;
pub mod conformance;
pub mod devices;
pub mod energy;
pub mod inspect;
pub mod plot;
pub mod run;

use crate::drive::{End, Outcome};
use crate::failure::Failure;
use crate::folder::OutFolder;
use crate::load::Loaded;
use crate::npz;
use crate::progress::screen;
use crate::replace::replace;
use crate::report::{
    BackendReport, InputReport, LaunchesReport, MeasuredReport, NetworkReport, NotMeasuredReport,
    PhaseReport, PopulationReport, ProjectionEvents, ReceptorReport, StimulusEvents,
    SynapticOperationsReport,
};
use crate::trace::Trace;
use isospike_core::analyse::statistics::{self, Activity};
use isospike_core::analyse::train::{Train, TrainPopulation};
use isospike_core::base::clock::Clock;
use isospike_core::base::progress::begin;
use isospike_core::plan::{Input, InputError, ProjectionPlan, StimulusPlan};
use isospike_core::run::backend::{BackendError, BackendInfo};
use isospike_core::run::cost::{Launches, PhaseTime};
use isospike_core::run::counters::{Counters, Figures, SynapticOperations};
use isospike_energy::Counts;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The version in every report.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

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

fn network_report(model: &Path, loaded: &Loaded) -> NetworkReport {
    let (network, plan) = (&loaded.network, &loaded.plan);
    let figures = Figures::new(plan, &Counters::new(plan));
    let synapses = plan.synapses();
    let clock = Clock::new(network.dt_ms);
    NetworkReport {
        name: network.name.clone(),
        model: model.display().to_string(),
        seed: network.seed,
        dt_ms: network.dt_ms,
        steps: network.duration_steps,
        duration_ms: clock.after_ms(network.duration_steps.into()),
        transient_ms: clock.after_ms(network.transient_steps.into()),
        batch: network.batch,
        neurons: u64::from(plan.neurons()),
        synapses: synapses.synapses,
        synapses_exact: synapses.is_exact,
        connection_sparsity: figures.total_connection_sparsity,
    }
}

fn receptor_reports(loaded: &Loaded) -> Vec<ReceptorReport> {
    let report = |receptor: &isospike_core::plan::ReceptorPlan| {
        let q = receptor.quantisation;
        let population = &loaded.plan.populations[receptor.population.index()].name;
        ReceptorReport {
            name: format!("{population}.{}", receptor.name),
            weight_bits: q.weight_bits,
            scale_exponent: receptor.scale_exponent,
            unit: q.unit,
            rms_weight: q.rms_weight,
            relative_error: q.relative_error,
            inputs: receptor.inputs.iter().map(|error| input_report(loaded, error)).collect(),
            bound: q.bound,
        }
    };
    // A receptor that nothing reaches has no weights to quantise.
    let used = loaded.plan.receptors.iter().filter(|r| r.quantisation.bound > 0);
    used.map(report).collect()
}

fn input_report(loaded: &Loaded, error: &InputError) -> InputReport {
    let (kind, name) = match error.input {
        Input::Projection(index) => ("projection", &loaded.network.projections[index].name),
        Input::Stimulus(index) => ("stimulus", &loaded.network.stimuli[index].name),
    };
    let InputError { rms_weight, relative_error, .. } = *error;
    InputReport { kind, name: name.clone(), rms_weight, relative_error }
}

fn population_reports(train: &Train, counted: Option<&Counted>) -> Vec<PopulationReport> {
    let activity = statistics::activity(train);
    let report = |(i, (p, a)): (usize, (&TrainPopulation, Activity))| PopulationReport {
        name: p.name.clone(),
        size: p.size,
        spikes: a.spikes,
        rate_hz: a.rate_hz,
        cv_isi: a.cv_isi,
        lvr: a.lvr,
        isi_count: a.isi_count,
        isi_mean_ms: a.isi_mean_ms,
        isi_short: a.isi_short,
        correlation: a.correlation,
        reference_rate_hz: p.reference_rate_hz,
        neuron_updates: counted.map(|c| c.counters.neuron_updates[i]),
        activation_sparsity: counted.and_then(|c| c.figures.activation_sparsity[i]),
    };
    train.populations.iter().zip(activity).enumerate().map(report).collect()
}

/// What a backend counted, and what follows from it.
struct Counted {
    counters: Counters,
    figures: Figures,
    /// The sums.
    counts: Counts,
    /// Those of the steps that were timed and measured, since this process took over.
    counts_here: Counts,
}

impl Counted {
    /// Of a run; `None` where the backend failed and cannot tell any more.
    fn new(loaded: &Loaded, outcome: &Outcome) -> Option<Self> {
        let counters = outcome.counters.clone()?;
        let figures = Figures::new(&loaded.plan, &counters);
        let sums = |counters: &Counters| Counts::new(counters, loaded.network.dt_ms);
        let (counts, counts_here) = (sums(&counters), sums(&counters.since(&outcome.before)));
        Some(Self { counters, figures, counts, counts_here })
    }

    fn projections(&self, loaded: &Loaded) -> Vec<ProjectionEvents> {
        let report = |(i, projection): (usize, &ProjectionPlan)| ProjectionEvents {
            name: projection.name.clone(),
            synaptic_events: self.counters.synaptic_events[i],
            dense_operations: self.figures.dense_operations[i],
            connection_sparsity: self.figures.connection_sparsity[i],
            synapses_exact: projection.count().is_exact,
        };
        loaded.plan.projections.iter().enumerate().map(report).collect()
    }

    fn stimuli(&self, loaded: &Loaded) -> Vec<StimulusEvents> {
        let plan = &loaded.plan;
        let report = |(stimulus, events): (&StimulusPlan, &u64)| StimulusEvents {
            name: stimulus.name.clone(),
            population: plan.populations[stimulus.population.index()].name.clone(),
            events: *events,
        };
        plan.stimuli.iter().zip(&self.counters.stimulus_events).map(report).collect()
    }

    fn dense_operations(&self) -> u128 {
        self.figures.dense_operations.iter().sum()
    }

    fn synaptic_operations(&self) -> Option<SynapticOperationsReport> {
        let operations = self.figures.synaptic_operations?;
        let SynapticOperations { effective_acs, dense } = operations;
        Some(SynapticOperationsReport { effective_acs, dense })
    }
}

/// The report of a run, `equal` left open.
fn backend_report(
    name: &str,
    loaded: &Loaded,
    outcome: &Outcome,
    counted: Option<&Counted>,
) -> BackendReport {
    let run_s = outcome.run.as_secs_f64();
    let simulated_s =
        f64::from(outcome.recording.steps - outcome.first_step()) * loaded.network.dt_ms / 1000.0;
    let counts = counted.map_or(Counts { simulated_s, ..Counts::default() }, |c| c.counts_here);
    let (measured, not_measured) = outcome.energy.report(&outcome.info, &counts);
    let ratio = |a: f64, b: f64| (a > 0.0 && b > 0.0).then(|| a / b);
    let phase = |time: &PhaseTime| PhaseReport {
        phase: time.phase.name(),
        time_s: time.time.as_secs_f64(),
    };
    let launches = |l: &Launches| LaunchesReport { kernel: l.kernel.clone(), count: l.count };
    let (status, error) = match &outcome.end {
        End::Complete => ("complete", None),
        End::Interrupted => ("interrupted", None),
        End::Failed(error) => ("failed", Some(error.to_string())),
    };
    BackendReport {
        status,
        error,
        steps: outcome.recording.steps,
        resumed_at_step: Some(outcome.first_step()).filter(|step| *step > 0),
        build_s: outcome.build.as_secs_f64(),
        run_s,
        real_time_factor: ratio(run_s, simulated_s),
        spikes: outcome.recording.spikes.len() as u64,
        synaptic_events: counted.map(|c| c.counts.synaptic_events),
        synaptic_events_per_s: ratio(counts.synaptic_events as f64, run_s),
        neuron_updates: counted.map(|c| c.counts.neuron_updates),
        stimulus_events: counted.map(|c| c.counts.stimulus_events),
        dense_operations: counted.map(Counted::dense_operations),
        activation_sparsity: counted.and_then(|c| c.figures.total_activation_sparsity),
        synaptic_operations: counted.and_then(Counted::synaptic_operations),
        phases: outcome.cost.phases.iter().map(phase).collect(),
        launches: outcome.cost.launches.iter().map(launches).collect(),
        read_bytes: outcome.cost.read_bytes,
        written_bytes: outcome.cost.written_bytes,
        memory_bytes: outcome.memory_bytes,
        digest: outcome.digest.clone(),
        measured,
        not_measured,
        ..empty_report(name, &outcome.info)
    }
}

/// The report of a backend on which nothing could run.
fn refused_report(name: &str, info: &BackendInfo, error: &BackendError) -> BackendReport {
    let not_measured =
        vec![NotMeasuredReport { what: "energy".into(), reason: "nothing ran".into() }];
    BackendReport {
        status: "refused",
        error: Some(error.to_string()),
        not_measured,
        ..empty_report(name, info)
    }
}

fn empty_report(name: &str, info: &BackendInfo) -> BackendReport {
    BackendReport {
        backend: name.to_owned(),
        device: info.device.clone(),
        driver: info.driver.clone(),
        software: info.software,
        notes: info.notes.clone(),
        status: "complete",
        error: None,
        steps: 0,
        resumed_at_step: None,
        build_s: 0.0,
        run_s: 0.0,
        real_time_factor: None,
        spikes: 0,
        synaptic_events: Some(0),
        synaptic_events_per_s: None,
        neuron_updates: Some(0),
        stimulus_events: Some(0),
        dense_operations: Some(0),
        activation_sparsity: None,
        synaptic_operations: None,
        phases: Vec::new(),
        launches: Vec::new(),
        read_bytes: 0,
        written_bytes: 0,
        memory_bytes: 0,
        digest: None,
        equal: None,
        measured: MeasuredReport::default(),
        not_measured: Vec::new(),
    }
}

/// Takes the folder before the run: nobody wants to learn after an hour that it cannot be.
fn take_folder(folder: Option<&Path>) -> Result<Option<OutFolder>, Failure> {
    folder.map(OutFolder::take).transpose()
}

/// Writes spikes, traces and plots; gives the files written.
fn write_results(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &Train,
) -> Result<Vec<PathBuf>, Failure> {
    let mut files = vec![folder.join("spikes.npz")];
    begin("writing spikes.npz", 0);
    replace(&files[0], |part| npz::write_spikes(part, train))?;
    let traces = Trace::all(&loaded.plan, &outcome.recording);
    if !traces.is_empty() {
        let path = folder.join("traces.npz");
        begin("writing traces.npz", 0);
        replace(&path, |part| npz::write_traces(part, &traces))?;
        files.push(path);
    }
    if let Some(series) = &outcome.series {
        let path = folder.join("series.npz");
        let dt_ms = loaded.network.dt_ms;
        replace(&path, |part| npz::write_series(part, &loaded.plan, series, dt_ms))?;
        files.push(path);
    }
    begin("drawing plots", 0);
    files.extend(crate::plot::Figures::new(train, &loaded.network.name, &traces).write(folder)?);
    Ok(files)
}

/// Writes the report itself.
fn write_report(path: &Path, json: &str) -> Result<(), Failure> {
    replace(path, |part| std::fs::write(part, json))
}
