//! The three columns of energy in a report: measured, projected, not measured.

use super::counters::Counted;
use super::run::backend_report;
use super::{NetworkReport, StimulusEvents, SynapticOperationsReport, VERSION};
use crate::drive::Outcome;
use crate::energy::projected;
use crate::load::Loaded;
use isospike_energy::Table;
use serde::Serialize;

/// The readings of the meters during the steps.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MeasuredReport {
    /// Joules of the meters that count for this run, idle included; null where one of them gave no
    /// figure or none covers the device.
    pub energy_j: Option<f64>,
    /// The same over the synaptic events.
    pub energy_j_per_event: Option<f64>,
    /// Idle power of the same meters before the run.
    pub idle_power_w: Option<f64>,
    /// For how long idle power was measured.
    pub idle_window_s: Option<f64>,
    /// Every meter that was read.
    pub meters: Vec<MeterReport>,
}

/// One meter.
#[derive(Clone, Debug, Serialize)]
pub struct MeterReport {
    /// Its name.
    pub name: String,
    /// The parts that it covers, in words.
    pub covers: String,
    /// Whether it is part of `energy_j` above.
    pub counted: bool,
    /// Joules during the steps; null where there is no figure.
    pub energy_j: Option<f64>,
    /// Why there is none.
    pub reason: Option<String>,
    /// Mean power during the steps.
    pub power_w: Option<f64>,
    /// Wall time of the steps.
    pub window_s: f64,
    /// Mean power before the run.
    pub idle_power_w: Option<f64>,
    /// For how long that was measured.
    pub idle_window_s: Option<f64>,
    /// The smallest step of the counter.
    pub resolution_j: f64,
    /// How often the counter is brought up to date.
    pub refresh_s: f64,
    /// Cautions.
    pub caveat: Option<String>,
}

/// Something that was not measured.
#[derive(Clone, Debug, Serialize)]
pub struct NotMeasuredReport {
    /// The run's total (`energy`), a kind of meter, or a meter.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// Counts times the energies of one row.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectedReport {
    /// The row in the file.
    pub row: String,
    /// Its name for people.
    pub name: String,
    /// The sum of the terms.
    pub energy_j: f64,
    /// The same over the synaptic events.
    pub energy_j_per_event: Option<f64>,
    /// One for each operation that the row prices.
    pub terms: Vec<TermReport>,
    /// `operation`, `chip` or `system`.
    pub scope: &'static str,
    /// `measured`, `simulated` or `tabulated`: how the source came to its figure.
    pub evidence: &'static str,
    /// The year of the source.
    pub year: u16,
    /// The process.
    pub process: String,
    /// The publication.
    pub source: String,
    /// Its DOI or address.
    pub link: String,
    /// The parts that the figure includes.
    pub covers: String,
    /// The parts that it does not include.
    pub excludes: String,
    /// Further cautions.
    pub caveat: Option<String>,
    /// True for a row of `--energies`.
    pub added: bool,
}

/// Count times energy.
#[derive(Clone, Debug, Serialize)]
pub struct TermReport {
    /// The counted events: `synaptic events`, `neuron updates`, `spikes`, `seconds of static
    /// power`.
    pub operation: &'static str,
    /// How many.
    pub count: f64,
    /// Picojoules each.
    pub each_pj: f64,
    /// Joules of all.
    pub energy_j: f64,
}

/// `energy`.
#[derive(Clone, Debug, Serialize)]
pub struct EnergyReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// The selector.
    pub backend: String,
    /// The device.
    pub device: String,
    /// `complete`, `interrupted` or `failed`.
    pub status: &'static str,
    /// The failure.
    pub error: Option<String>,
    /// Wall time of the steps.
    pub run_s: f64,
    /// The counts; null where the backend failed and has none.
    pub counts: Option<CountsReport>,
    /// The readings of the meters.
    pub measured: MeasuredReport,
    /// One for each row of published energies.
    pub projected: Vec<ProjectedReport>,
    /// The parts that were not measured, and why.
    pub not_measured: Vec<NotMeasuredReport>,
}

/// Exact counts: equal on every backend.
#[derive(Clone, Debug, Serialize)]
pub struct CountsReport {
    /// One synapse of one spike.
    pub synaptic_events: u64,
    /// Poisson events, stated apart.
    pub stimulus_events: u64,
    /// The operations of dense matrices.
    pub dense_operations: u128,
    /// One neuron of one copy in one step.
    pub neuron_updates: u64,
    /// Spikes of all populations and copies.
    pub spikes: u64,
    /// Simulated time.
    pub simulated_s: f64,
    /// The part of all neurons, copies and steps without a spike.
    pub activation_sparsity: Option<f64>,
    /// Per step and copy, as NeuroBench defines them.
    pub synaptic_operations: Option<SynapticOperationsReport>,
    /// One for each stimulus that has events.
    pub stimuli: Vec<StimulusEvents>,
}

impl EnergyReport {
    /// Reports the energy of a run of a model on the backend of this name.
    pub fn new(
        model: &str,
        backend: &str,
        loaded: &Loaded,
        outcome: &Outcome,
        energies: &Table,
    ) -> Self {
        let counted = Counted::new(loaded, outcome);
        let counted = counted.as_ref();
        let run = backend_report(backend, loaded, outcome, counted);
        Self {
            isospike: VERSION,
            network: NetworkReport::new(model, loaded),
            backend: run.backend,
            device: run.device,
            status: run.status,
            error: run.error,
            run_s: run.run_s,
            counts: counted.map(|c| counts_report(loaded, c)),
            measured: run.measured,
            projected: counted.map_or(Vec::new(), |c| projected(energies, &c.counts)),
            not_measured: run.not_measured,
        }
    }
}

fn counts_report(loaded: &Loaded, counted: &Counted) -> CountsReport {
    let counts = counted.counts;
    CountsReport {
        synaptic_events: counts.synaptic_events,
        stimulus_events: counts.stimulus_events,
        dense_operations: counted.dense_operations(),
        neuron_updates: counts.neuron_updates,
        spikes: counts.spikes,
        simulated_s: counts.simulated_s,
        activation_sparsity: counted.figures.total_activation_sparsity,
        synaptic_operations: counted.synaptic_operations(),
        stimuli: counted.stimuli(loaded),
    }
}
