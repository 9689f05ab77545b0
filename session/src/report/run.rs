//! The report of a run.

use super::*;
use crate::drive::{End, Outcome};
use crate::load::Loaded;
use isospike_core::analyse::statistics;
use isospike_core::analyse::train::{SpikeTrain, TrainPopulation};
use isospike_core::run::backend::{BackendError, BackendInfo};
use isospike_energy::Table;

/// `run`.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// The run. Its keys stand beside `network`.
    #[serde(flatten)]
    pub backend: BackendReport,
    /// One for each population.
    pub populations: Vec<PopulationReport>,
    /// One for each projection.
    pub projections: Vec<ProjectionEvents>,
    /// One for each stimulus that has events.
    pub stimuli: Vec<StimulusEvents>,
    /// One for each receptor that has synapses or stimuli.
    pub receptors: Vec<ReceptorReport>,
    /// One for each row of published energies.
    pub projected: Vec<Estimate>,
    /// Files written.
    pub files: Vec<String>,
}

/// One backend's run.
#[derive(Clone, Debug, Serialize)]
pub struct BackendReport {
    /// The selector: `cpu`, `wgpu:0`.
    pub backend: String,
    /// The device.
    pub device: String,
    /// Its driver, empty where there is none.
    pub driver: String,
    /// True where the device is software.
    pub software: bool,
    /// The notes of the backend.
    pub notes: Vec<String>,
    /// `complete`, `interrupted`, `failed`, or `refused` (nothing ran).
    pub status: &'static str,
    /// The failure.
    pub error: Option<String>,
    /// Steps that were run, by whichever process.
    pub steps: u32,
    /// The step at which this process took the run over from a checkpoint: times and energy are of
    /// the steps since. Null where it ran all steps.
    pub resumed_at_step: Option<u32>,
    /// Wall time of building.
    pub build_s: f64,
    /// Wall time of the steps.
    pub run_s: f64,
    /// Wall time divided by simulated time: below 1 is faster than real time.
    pub real_time_factor: Option<f64>,
    /// Spikes of all populations and copies.
    pub spikes: u64,
    /// Synapses of spikes; null, as the counts below, where the backend failed and cannot tell.
    pub synaptic_events: Option<u64>,
    /// Synaptic events per second of wall time.
    pub synaptic_events_per_s: Option<f64>,
    /// Neurons times steps times copies.
    pub neuron_updates: Option<u64>,
    /// Synapses that learn, of spikes of their targets: no synaptic events either.
    pub post_events: Option<u64>,
    /// Synapses that learn, of clocked blocks.
    pub clocked_events: Option<u64>,
    /// Poisson events, which are no synaptic events.
    pub stimulus_events: Option<u64>,
    /// The operations of dense matrices: pre * post of all projections, copies and steps.
    pub dense_operations: Option<u128>,
    /// The part of all neurons, copies and steps without a spike.
    pub activation_sparsity: Option<f64>,
    /// Per step and copy, as NeuroBench defines them.
    pub synaptic_operations: Option<SynapticOperations>,
    /// Time by phase, launches of kernels, bytes that moved during the steps. Its keys stand beside
    /// these.
    #[serde(flatten)]
    pub cost: Cost,
    /// Memory of the simulation.
    pub memory_bytes: u64,
    /// SHA-256 of spikes and final state, 64 hex digits.
    pub digest: Option<String>,
    /// Whether digest and counts are those of the first backend; null for the first and where there
    /// is none.
    pub equal: Option<bool>,
    /// The readings of the meters during the steps.
    pub measured: MeasuredReport,
    /// The parts that they did not measure, and why.
    pub not_measured: Vec<NotMeasuredReport>,
}

/// A population's activity.
#[derive(Clone, Debug, Serialize)]
pub struct PopulationReport {
    /// Its name.
    pub name: String,
    /// Neurons in one copy.
    pub size: u32,
    /// Rate, irregularity and correlation of its spikes. Its keys stand beside these.
    #[serde(flatten)]
    pub activity: Activity,
    /// The rate that the literature reports.
    pub reference_rate_hz: Option<f64>,
    /// Neurons that run a program, times copies, times steps.
    pub neuron_updates: Option<u64>,
    /// The part of its neurons, copies and steps without a spike.
    pub activation_sparsity: Option<f64>,
}

impl RunReport {
    /// Reports a run of a model on the backend of this name. `train` has its spikes, `energies`
    /// the published energies that its counts are multiplied with.
    pub fn new(
        model: &str,
        backend: &str,
        loaded: &Loaded,
        outcome: &Outcome,
        train: &SpikeTrain,
        energies: &Table,
    ) -> Self {
        let counted = Counted::new(loaded, outcome);
        let counted = counted.as_ref();
        Self {
            isospike: VERSION,
            network: NetworkReport::new(model, loaded),
            backend: backend_report(backend, loaded, outcome, counted),
            populations: populations(train, counted),
            projections: counted.map_or(Vec::new(), |c| c.projections(loaded)),
            stimuli: counted.map_or(Vec::new(), |c| c.stimuli(loaded)),
            receptors: network::receptors(loaded),
            projected: counted.map_or(Vec::new(), |c| energies.project(&c.counts)),
            files: Vec::new(),
        }
    }
}

/// Reports a run, with `equal` left open.
pub(crate) fn backend_report(
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
        post_events: counted.map(|c| c.counts.post_events),
        clocked_events: counted.map(|c| c.counts.clocked_events),
        stimulus_events: counted.map(|c| c.counts.stimulus_events),
        dense_operations: counted.map(Counted::dense_operations),
        activation_sparsity: counted.and_then(|c| c.figures.total_activation_sparsity),
        synaptic_operations: counted.and_then(|c| c.figures.synaptic_operations),
        cost: outcome.cost.clone(),
        memory_bytes: outcome.memory_bytes,
        digest: outcome.digest.clone(),
        measured,
        not_measured,
        ..empty_report(name, &outcome.info)
    }
}

/// Reports a backend on which nothing ran.
pub(crate) fn refused_report(
    name: &str,
    info: &BackendInfo,
    error: &BackendError,
) -> BackendReport {
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
        post_events: Some(0),
        clocked_events: Some(0),
        stimulus_events: Some(0),
        dense_operations: Some(0),
        activation_sparsity: None,
        synaptic_operations: None,
        cost: Cost::default(),
        memory_bytes: 0,
        digest: None,
        equal: None,
        measured: MeasuredReport::default(),
        not_measured: Vec::new(),
    }
}

pub(crate) fn populations(train: &SpikeTrain, counted: Option<&Counted>) -> Vec<PopulationReport> {
    let activity = statistics::activity(train);
    let report = |(i, (p, activity)): (usize, (&TrainPopulation, Activity))| PopulationReport {
        name: p.name.clone(),
        size: p.size,
        activity,
        reference_rate_hz: p.reference_rate_hz,
        neuron_updates: counted.map(|c| c.counters.neuron_updates[i]),
        activation_sparsity: counted.and_then(|c| c.figures.activation_sparsity[i]),
    };
    train.populations.iter().zip(activity).enumerate().map(report).collect()
}
