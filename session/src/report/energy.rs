//! The three columns of energy in a report: measured, projected, not measured.

use super::counters::Counted;
use super::run::backend_report;
use super::{
    Counts, Estimate, MeterInfo, NetworkReport, StimulusEvents, SynapticOperations, VERSION,
};
use crate::drive::Outcome;
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
    /// The meter. In JSON its keys stand beside those below.
    #[serde(flatten)]
    pub info: MeterInfo,
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
}

/// Something that was not measured.
#[derive(Clone, Debug, Serialize)]
pub struct NotMeasuredReport {
    /// The run's total (`energy`), a kind of meter, or a meter.
    pub what: String,
    /// Why.
    pub reason: String,
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
    pub projected: Vec<Estimate>,
    /// The parts that were not measured, and why.
    pub not_measured: Vec<NotMeasuredReport>,
}

/// Exact counts: equal on every backend.
#[derive(Clone, Debug, Serialize)]
pub struct CountsReport {
    /// The sums over all populations, projections and stimuli. Their keys stand beside those below.
    #[serde(flatten)]
    pub sums: Counts,
    /// The operations of dense matrices.
    pub dense_operations: u128,
    /// The part of all neurons, copies and steps without a spike.
    pub activation_sparsity: Option<f64>,
    /// Per step and copy, as NeuroBench defines them.
    pub synaptic_operations: Option<SynapticOperations>,
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
            projected: counted.map_or(Vec::new(), |c| energies.project(&c.counts)),
            not_measured: run.not_measured,
        }
    }
}

fn counts_report(loaded: &Loaded, counted: &Counted) -> CountsReport {
    CountsReport {
        sums: counted.counts,
        dense_operations: counted.dense_operations(),
        activation_sparsity: counted.figures.total_activation_sparsity,
        synaptic_operations: counted.figures.synaptic_operations,
        stimuli: counted.stimuli(loaded),
    }
}
