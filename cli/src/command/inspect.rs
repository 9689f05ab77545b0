//! `isospike inspect`.

use super::*;
use crate::args::InspectArgs;
use crate::load::load;
use crate::report::{
    InspectReport, ParameterReport, PopulationSize, ProjectionSize, SeriesSize, to_json,
};
use crate::{table, traffic};
use isospike_core::describe::checked::{
    Checked, PerNeuron, Population, PopulationKind, Projection, Rule, Stimulus,
};
use isospike_core::describe::model::{Bound, Expr};
use isospike_core::plan::{Input, InputError, Plan, PopulationPlan, PopulationPlanKind, Words};
use isospike_cpu::{Choice, CpuBackend, Options};

/// Checks and lowers a model and prints its sizes.
pub fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    screen::start("inspect", false, args.json);
    let loaded = load(&args.model, true)?;
    let (network, plan) = (&loaded.network, &loaded.plan);
    if args.exact {
        plan.projections.iter().for_each(|projection| projection.rows.count());
    }
    let populations: Vec<_> = network
        .populations
        .iter()
        .zip(&plan.populations)
        .map(|(described, planned)| population(described, planned, plan.batch))
        .collect();
    let cpu = CpuBackend::new(Options::default());
    let cpu = cpu.map_err(|error| Failure::Backend("cpu".into(), error))?;
    let estimate = cpu.estimate(plan);
    let of_projection = |(index, layout): (usize, Choice)| {
        let described = &network.projections[index];
        projection(plan, described, index, &layout, estimate.projections[index])
    };
    let projections: Vec<_> =
        cpu.layouts(plan).into_iter().enumerate().map(of_projection).collect();
    let series: Vec<_> = network.stimuli.iter().filter_map(|s| series(network, s)).collect();
    let values: u64 = series.iter().map(|s| s.bytes).sum();
    let (traffic, traffic_refused) = match traffic::report(plan) {
        Ok(report) => (Some(report), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let report = InspectReport {
        isospike: VERSION,
        network: network_report(&args.model.model, &loaded),
        receptors: receptor_reports(&loaded),
        max_delay_steps: plan.max_delay_steps,
        memory_bytes: estimate.total() + values,
        populations,
        projections,
        series,
        traffic,
        traffic_refused,
    };
    let table = || table::inspect(&report, args.wide, table::terminal_width());
    say(&if args.json { to_json(&report)? } else { table() })
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
            PerNeuron::All(x) => Some(*x),
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
    let is_this = |error: &&InputError| error.input == Input::Projection(index);
    let error = receptor.inputs.iter().find(is_this);
    ProjectionSize {
        name: planned.name.clone(),
        from: plan.populations[planned.pre.index()].name.clone(),
        to: plan.populations[planned.post.index()].name.clone(),
        receptor: receptor.name.clone(),
        rule: rule(&described.rule),
        synapses: count.synapses,
        synapses_exact: count.is_exact,
        weight_bits: planned.weight_bits,
        min_delay_steps: planned.min_delay_steps,
        max_delay_steps: planned.max_delay_steps,
        cpu_layout: format!("{}: {}", layout.layout.name(), layout.reason),
        procedural: planned.procedural,
        rms_weight: error.map_or(0.0, |error| error.rms_weight),
        relative_error: error.map_or(0.0, |error| error.relative_error),
        bytes,
    }
}

fn rule(rule: &Rule) -> String {
    let many = |multapses: &bool| if *multapses { " with multapses" } else { "" };
    match rule {
        Rule::AllToAll => "all to all".into(),
        Rule::OneToOne => "one to one".into(),
        Rule::FixedProbability(p) => format!("probability {p}"),
        Rule::FixedInDegree { degree, multapses } => {
            format!("in-degree {degree}{}", many(multapses))
        }
        Rule::FixedOutDegree { degree, multapses } => {
            format!("out-degree {degree}{}", many(multapses))
        }
        Rule::FixedTotalNumber(_) => "total number".into(),
        Rule::Explicit(_) => "list".into(),
    }
}
