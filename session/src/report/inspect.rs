//! The report of what a network would take.

use super::*;
use crate::load::Loaded;
use isospike_core::describe::checked::{
    Checked, PerNeuron, Population, PopulationKind, Projection, Stimulus,
};
use isospike_core::describe::model::{Bound, Expr};
use isospike_core::plan::synapse::ClockedPlan;
use isospike_core::plan::{
    Afferent, AfferentError, Plan, PopulationPlan, PopulationPlanKind, ProjectionPlan, Words,
};
use isospike_cpu::{Choice, CpuBackend, Options};

/// `inspect`.
#[derive(Clone, Debug, Serialize)]
pub struct InspectReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// One for each population.
    pub populations: Vec<PopulationSize>,
    /// One for each projection.
    pub projections: Vec<ProjectionSize>,
    /// One for each stimulus whose values change in time.
    pub series: Vec<SeriesSize>,
    /// One for each receptor.
    pub receptors: Vec<ReceptorReport>,
    /// The largest delay.
    pub max_delay_steps: u32,
    /// An estimate of the memory of a run.
    pub memory_bytes: u64,
    /// The bytes that a step moves on a device with kernels; null where such devices refuse the
    /// network.
    pub traffic: Option<TrafficReport>,
    /// Why they do.
    pub traffic_refused: Option<String>,
}

/// A population's size.
#[derive(Clone, Debug, Serialize)]
pub struct PopulationSize {
    /// Its name.
    pub name: String,
    /// Neurons in one copy.
    pub size: u32,
    /// Its model, or `spike list`.
    pub model: String,
    /// Its parameters in base units: `tau_m = 20`, or `each` where neurons differ.
    pub parameters: Vec<ParameterReport>,
    /// Its state variables, the refractory counter included.
    pub state: Vec<String>,
    /// Operations of one neuron in one step.
    pub operations: u64,
    /// Bytes of state and per-neuron constants.
    pub bytes: u64,
}

/// A parameter.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterReport {
    /// Its name.
    pub name: String,
    /// Its value in base units; null where neurons differ.
    pub value: Option<f64>,
    /// The values that it may have, in base units or names of parameters: `above 0`,
    /// `at least 0, at most 1 / dt`; null where any value may be given.
    pub range: Option<String>,
}

/// A projection's size.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectionSize {
    /// Its name.
    pub name: String,
    /// Source population.
    pub from: String,
    /// Target population.
    pub to: String,
    /// Its receptor.
    pub receptor: String,
    /// The rule in words.
    pub rule: String,
    /// Synapses in one copy.
    pub synapses: u64,
    /// False where it is the number expected.
    pub synapses_exact: bool,
    /// 16 or 32.
    pub weight_bits: u8,
    /// Least delay.
    pub min_delay_steps: u32,
    /// Largest delay.
    pub max_delay_steps: u32,
    /// How the CPU backend would store it, and why.
    pub cpu_layout: String,
    /// The clocked blocks of its synapses, in order.
    pub clocked_blocks: Vec<ClockedBlock>,
    /// Drawn again at each spike, not stored.
    pub procedural: bool,
    /// Root mean square of its weights in base units.
    pub rms_weight: f64,
    /// Root mean square of their rounding error over `rms_weight`.
    pub relative_error: f64,
    /// Bytes of the synapses as the CPU backend would store them, estimated.
    pub bytes: u64,
}

/// The cost of a clocked block, which all synapses of a projection carry out.
#[derive(Clone, Debug, Serialize)]
pub struct ClockedBlock {
    /// Its period.
    pub period_ms: f64,
    /// Clocked events of all copies in a simulated second.
    pub events_per_s: f64,
    /// The rate of the sources with which there are as many pre events.
    pub rate_hz: f64,
}

impl InspectReport {
    /// Reports the sizes of a model. `exact` counts the synapses of procedural projections, too,
    /// which takes as long as drawing them.
    ///
    /// # Errors
    /// The CPU backend, whose layouts are reported, does not open.
    pub fn new(model: &str, loaded: &Loaded, exact: bool) -> Result<Self, Error> {
        let (network, plan) = (&loaded.network, &loaded.plan);
        if exact {
            plan.projections.iter().for_each(|projection| projection.rows.count());
        }
        let pairs = network.populations.iter().zip(&plan.populations);
        let populations =
            pairs.map(|(described, planned)| population(described, planned, plan.batch));
        let cpu = CpuBackend::new(Options::default());
        let cpu = cpu.map_err(|error| Error::Backend("cpu".into(), error))?;
        let estimate = cpu.estimate(plan);
        let of_projection = |(index, layout): (usize, Choice)| {
            let described = &network.projections[index];
            projection(plan, described, index, &layout, estimate.projections[index])
        };
        let series: Vec<_> = network.stimuli.iter().filter_map(|s| series(network, s)).collect();
        let values: u64 = series.iter().map(|s| s.bytes).sum();
        let (traffic, traffic_refused) = match TrafficReport::new(plan) {
            Ok(report) => (Some(report), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Ok(Self {
            isospike: VERSION,
            network: NetworkReport::new(model, loaded),
            receptors: network::receptors(loaded),
            max_delay_steps: plan.max_delay_steps,
            memory_bytes: estimate.total() + values,
            populations: populations.collect(),
            projections: cpu.layouts(plan).into_iter().enumerate().map(of_projection).collect(),
            series,
            traffic,
            traffic_refused,
        })
    }
}

fn series(network: &Checked, stimulus: &Stimulus) -> Option<SeriesSize> {
    let series = stimulus.kind.series()?;
    Some(SeriesSize {
        name: stimulus.name.clone(),
        population: network.population(stimulus.population).name.clone(),
        rows: series.rows.count(),
        width: series.width,
        // As f64 and as words.
        bytes: 12 * series.values.len() as u64,
    })
}

fn population(described: &Population, planned: &PopulationPlan, batch: u32) -> PopulationSize {
    let mut size = PopulationSize {
        name: described.name.clone(),
        size: described.size,
        model: "spike list".into(),
        parameters: Vec::new(),
        state: Vec::new(),
        operations: 0,
        bytes: 0,
    };
    if let PopulationKind::Neurons { model, parameters, .. } = &described.kind {
        size.model.clone_from(&model.name);
        let value = |value: &PerNeuron| match value {
            PerNeuron::All(x) | PerNeuron::Slot(x) => Some(*x),
            PerNeuron::Each(_) => None,
        };
        let pairs = model.parameters.iter().zip(parameters);
        let report = pairs.map(|(def, x)| ParameterReport {
            name: def.name.clone(),
            value: value(x),
            range: range(&def.bounds),
        });
        size.parameters = report.collect();
    }
    match &planned.kind {
        PopulationPlanKind::Neurons(neurons) => {
            size.state = neurons.state.iter().map(|variable| variable.name.clone()).collect();
            size.operations = neurons.program.ops.len() as u64;
            let each = |words: &&Words| matches!(words, Words::Each(_));
            let constants = neurons.constants.iter().filter(each).count() as u64;
            let words = size.state.len() as u64 * u64::from(batch) + constants;
            size.bytes = words * u64::from(size.size) * 4;
        }
        PopulationPlanKind::SpikeList(spikes) => size.bytes = spikes.len() as u64 * 8,
    }
    size
}

/// Says which values a parameter may have.
fn range(bounds: &[Bound]) -> Option<String> {
    let told = bounds.iter().map(|bound| match (&bound.text, &bound.limit) {
        (Some(text), _) => format!("{} {text}", bound.relation.words()),
        (None, Expr::Number(limit)) => format!("{} {limit}", bound.relation.words()),
        (None, _) => bound.relation.words(),
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn clocked_blocks(plan: &Plan, planned: &ProjectionPlan) -> Vec<ClockedBlock> {
    let block = |block: &ClockedPlan| {
        let period_ms = f64::from(block.period_steps) * plan.network.dt_ms;
        let rate_hz = 1000.0 / period_ms;
        // Rows of other projections need not be drawn to be counted.
        let synapses = planned.rows.synapses() as f64 * f64::from(plan.batch);
        ClockedBlock { period_ms, events_per_s: synapses * rate_hz, rate_hz }
    };
    let synapse = planned.synapse.iter();
    synapse.flat_map(|synapse| synapse.clocked.iter().map(block)).collect()
}

fn projection(
    plan: &Plan,
    described: &Projection,
    index: usize,
    layout: &Choice,
    bytes: u64,
) -> ProjectionSize {
    let planned = &plan.projections[index];
    let count = planned.count();
    let receptor = &plan.receptors[planned.receptor as usize];
    let is_this = |error: &&AfferentError| error.afferent == Afferent::Projection(index);
    let error = receptor.afferents.iter().find(is_this);
    ProjectionSize {
        name: planned.name.clone(),
        from: plan.populations[planned.pre.index()].name.clone(),
        to: plan.populations[planned.post.index()].name.clone(),
        receptor: receptor.name.clone(),
        rule: described.rule.describe(),
        synapses: count.synapses,
        synapses_exact: count.is_exact,
        weight_bits: planned.weight_bits,
        min_delay_steps: planned.min_delay_steps,
        max_delay_steps: planned.max_delay_steps,
        cpu_layout: format!("{}: {}", layout.layout.name(), layout.reason),
        clocked_blocks: clocked_blocks(plan, planned),
        procedural: planned.procedural,
        rms_weight: error.map_or(0.0, |error| error.rms_weight),
        relative_error: error.map_or(0.0, |error| error.relative_error),
        bytes,
    }
}
