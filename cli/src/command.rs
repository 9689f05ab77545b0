//! The commands.

pub mod compare;
pub mod conformance;
pub mod devices;
pub mod energy;
pub mod inspect;
pub mod plot;
pub mod run;

use crate::count;
use crate::drive::{End, Outcome};
use crate::failure::Failure;
use crate::load::Loaded;
use crate::npz;
use crate::plot::Figures;
use crate::report::{
    BackendReport, MeasuredReport, NetworkReport, NotMeasuredReport, PopulationReport,
    ProjectionEvents, ReceptorReport,
};
use crate::stats;
use crate::train::Train;
use isospike_core::backend::{BackendError, BackendInfo};
use isospike_energy::Counts;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The version in every report.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes a result to standard output; a closed pipe (`| head`) is not a failure.
fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::file(Path::new("standard output"), error))
        }
        _ => Ok(()),
    }
}

fn network_report(model: &Path, loaded: &Loaded) -> NetworkReport {
    let network = &loaded.network;
    NetworkReport {
        name: network.name.clone(),
        model: model.display().to_string(),
        seed: network.seed,
        dt_ms: network.dt_ms,
        steps: network.duration_steps,
        duration_ms: f64::from(network.duration_steps) * network.dt_ms,
        transient_ms: f64::from(network.transient_steps) * network.dt_ms,
        batch: network.batch,
        neurons: u64::from(loaded.plan.neurons()),
        synapses: loaded.plan.projections.iter().map(|p| p.rows.synapses()).sum(),
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
            bound: q.bound,
        }
    };
    // A receptor that nothing reaches has no weights to quantise.
    let used = loaded.plan.receptors.iter().filter(|r| r.quantisation.bound > 0);
    used.map(report).collect()
}

fn population_reports(train: &Train) -> Vec<PopulationReport> {
    let activity = stats::activity(train);
    let report = |(p, a): (&crate::train::TrainPopulation, stats::Activity)| PopulationReport {
        name: p.name.clone(),
        size: p.size,
        spikes: a.spikes,
        rate_hz: a.rate_hz,
        cv_isi: a.cv_isi,
        reference_rate_hz: p.reference_rate_hz,
    };
    train.populations.iter().zip(activity).map(report).collect()
}

fn projection_events(loaded: &Loaded, outcome: &Outcome) -> Vec<ProjectionEvents> {
    let events = count::synaptic_events(&loaded.plan, &outcome.recording);
    let names = loaded.network.projections.iter().map(|p| p.name.clone());
    let pair = |(name, synaptic_events)| ProjectionEvents { name, synaptic_events };
    names.zip(events).map(pair).collect()
}

/// What a run counted, and its simulated time.
fn counts(loaded: &Loaded, outcome: &Outcome, synaptic_events: u64) -> Counts {
    let steps = outcome.recording.steps;
    Counts {
        synaptic_events,
        neuron_updates: count::neuron_updates(&loaded.plan, steps),
        spikes: outcome.recording.spikes.len() as u64,
        simulated_s: f64::from(steps) * loaded.network.dt_ms / 1000.0,
    }
}

/// The report of a run, `equal` left open.
fn backend_report(
    name: &str,
    loaded: &Loaded,
    outcome: &Outcome,
    synaptic_events: u64,
) -> BackendReport {
    let run_s = outcome.run.as_secs_f64();
    let counts = counts(loaded, outcome, synaptic_events);
    let simulated_s = counts.simulated_s;
    let (measured, not_measured) = outcome.energy.report(&outcome.info, &counts);
    let ratio = |a: f64, b: f64| (a > 0.0 && b > 0.0).then(|| a / b);
    let (status, error) = match &outcome.end {
        End::Complete => ("complete", None),
        End::Interrupted => ("interrupted", None),
        End::Failed(error) => ("failed", Some(error.to_string())),
    };
    BackendReport {
        status,
        error,
        steps: outcome.recording.steps,
        build_s: outcome.build.as_secs_f64(),
        run_s,
        real_time_factor: ratio(run_s, simulated_s),
        spikes: counts.spikes,
        synaptic_events,
        synaptic_events_per_s: ratio(synaptic_events as f64, run_s),
        neuron_updates: counts.neuron_updates,
        memory_bytes: outcome.memory_bytes,
        digest: outcome.digest(),
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
        build_s: 0.0,
        run_s: 0.0,
        real_time_factor: None,
        spikes: 0,
        synaptic_events: 0,
        synaptic_events_per_s: None,
        neuron_updates: 0,
        memory_bytes: 0,
        digest: None,
        equal: None,
        measured: MeasuredReport::default(),
        not_measured: Vec::new(),
    }
}

/// Makes the folder before the run: nobody wants to learn after an hour that it cannot be.
fn prepare_folder(folder: Option<&Path>) -> Result<(), Failure> {
    match folder {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|e| Failure::file(folder, e)),
        None => Ok(()),
    }
}

/// Writes spikes, traces and plots; gives the files written.
fn write_results(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &Train,
) -> Result<Vec<PathBuf>, Failure> {
    let mut files = vec![folder.join("spikes.npz")];
    npz::write_spikes(&files[0], train).map_err(|e| Failure::file(&files[0], e))?;
    if !loaded.plan.probes.is_empty() {
        let path = folder.join("traces.npz");
        npz::write_traces(&path, &loaded.plan, &outcome.recording)
            .map_err(|e| Failure::file(&path, e))?;
        files.push(path);
    }
    files.extend(Figures::new(train, &loaded.network.name).write(folder)?);
    Ok(files)
}

/// Writes the report itself.
fn write_report(path: &Path, json: &str) -> Result<(), Failure> {
    std::fs::write(path, format!("{json}\n")).map_err(|e| Failure::file(path, e))
}
