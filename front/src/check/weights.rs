//! Whether the weights of each receptor can be held beside each other (4.5 of `docs/semantics.md`).

use super::context::Context;
use super::distribution::amount;
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Value};
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{Rule, SynapseList};
use isospike_core::describe::checked::{Checked, PopulationKind};
use isospike_core::plan::Afferent;
use isospike_core::plan::lower::quantise::{Fault, Violation, violations};

/// Reports every projection and Poisson stimulus whose weights are rounded too much.
pub(super) fn judge(cx: &mut Context<'_>, checked: &Checked) {
    for violation in violations(checked) {
        let diagnostic = diagnostic(cx, checked, &violation);
        cx.push(diagnostic);
    }
}

fn diagnostic(cx: &Context<'_>, checked: &Checked, violation: &Violation) -> Diagnostic {
    let population = checked.population(violation.population);
    let (receptor, unit) = match &population.kind {
        PopulationKind::Neurons { model, .. } => {
            let receptor = &model.receptors[violation.receptor as usize];
            (receptor.name.as_str(), receptor.dimension.base_unit())
        }
        PopulationKind::SpikeList(_) => ("", String::new()),
    };
    let weak = match violation.fault {
        Fault::Vanishes { weight, listed } => {
            let between = listed.and_then(|index| between(checked, violation.weak, index));
            format!(
                "a weight of {}{} becomes 0",
                amount(weight, &unit),
                between.unwrap_or_default()
            )
        }
        Fault::Coarse { rms_weight, relative_error } => format!(
            "weights of {} (RMS) are rounded by {:.2} % of that (RMS), more than 0.1 %",
            amount(short(rms_weight), &unit),
            100.0 * relative_error
        ),
    };
    let alone = violation.strong == violation.weak;
    let strong = match alone {
        true => "this one".to_string(),
        false => called(checked, violation.strong),
    };
    let why = match violation.asks_16 {
        true => "asks for weights of 16 bits",
        false => "takes most of the 32 bits of a sum",
    };
    let message = format!(
        "{weak}: weights onto the receptor `{receptor}` of {} are multiples of {}, because \
         {strong}, with weights up to {}, {why}",
        population.name,
        amount(short(violation.unit), &unit),
        amount(violation.strongest, &unit),
    );
    let help = match (violation.asks_16, alone) {
        (true, true) => "remove its weight_bits = 16".to_string(),
        (true, false) => format!("remove weight_bits = 16 of {strong}"),
        (false, true) => "bring its weights closer together, or lower the number of synapses onto \
                          one neuron"
            .to_string(),
        (false, false) => {
            "give one of the two a receptor of its own, or bring their weights closer \
                           together"
                .to_string()
        }
    };
    let item = called(checked, violation.weak);
    let (field, location) = place(cx, checked, violation);
    Diagnostic { location, item, field, message, help }
}

fn called(checked: &Checked, input: Afferent) -> String {
    match input {
        Afferent::Projection(index) => format!("projection {}", checked.projections[index].name),
        Afferent::Stimulus(index) => format!("stimulus {}", checked.stimuli[index].name),
    }
}

/// Gives the field whose weights are rounded too much, and where it stands: the entry of a list
/// whose weight becomes 0, else `weight`, or `connect` where that has the weights.
fn place(cx: &Context<'_>, checked: &Checked, violation: &Violation) -> (String, Location) {
    let item = match violation.weak {
        Afferent::Projection(index) => &cx.network.projections[index],
        Afferent::Stimulus(index) => &cx.network.stimuli[index],
    };
    let field = |name| item.fields.iter().find(|field| field.name == name);
    if let (Fault::Vanishes { listed: Some(index), .. }, Some(connect)) =
        (violation.fault, field("connect"))
        && let Some(place) = entry(checked, violation.weak, index, &connect.value)
    {
        return place;
    }
    let given = field("weight").or_else(|| field("connect"));
    let location =
        given.map_or_else(|| item.location.clone(), |field| field.value.location.clone());
    ("weight".into(), location)
}

/// Finds a weight in the `list` of `connect` by the index of its synapse among the checked ones,
/// which are sorted by source and else in the order of the text.
fn entry(
    checked: &Checked,
    input: Afferent,
    index: usize,
    connect: &Value,
) -> Option<(String, Location)> {
    let Content::Table(fields) = &connect.content else { return None };
    let written = &fields.iter().find(|field| field.name == "list")?.value;
    let Content::List(entries) = &written.content else { return None };
    let list = listed(checked, input)?;
    let source = list.iter().nth(index)?.pre;
    let before = list.iter().take(index).filter(|synapse| synapse.pre == source).count();
    let mut of_source =
        entries.iter().enumerate().filter_map(|(number, entry)| match &entry.content {
            Content::List(parts) => match parts[0].content {
                Content::Integer(pre) if pre == i64::from(source) => Some((number, parts)),
                _ => None,
            },
            _ => None,
        });
    let (number, parts) = of_source.nth(before)?;
    Some((format!("connect.list[{number}][2]"), parts.get(2)?.location.clone()))
}

/// Names the ends of a synapse of a list.
fn between(checked: &Checked, input: Afferent, index: usize) -> Option<String> {
    let synapse = listed(checked, input)?.iter().nth(index)?;
    Some(format!(" from neuron {} to neuron {}", synapse.pre, synapse.post))
}

fn listed(checked: &Checked, input: Afferent) -> Option<&SynapseList> {
    match input {
        Afferent::Projection(index) => match &checked.projections[index].rule {
            Rule::Explicit(Explicit(list)) => Some(list),
            _ => None,
        },
        Afferent::Stimulus(_) => None,
    }
}

/// A number of four digits.
fn short(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}
