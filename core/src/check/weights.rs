//! Whether the weights of each receptor can be held beside each other (4.5 of `docs/semantics.md`).

use super::context::Context;
use super::distribution::amount;
use crate::checked::{Checked, PopulationKind};
use crate::lower::quantise::{Fault, Violation, violations};
use crate::mistake::{Mistake, Origin};
use crate::network::Item;
use crate::plan::Input;

/// Reports every projection and Poisson stimulus whose weights are rounded too much.
pub(super) fn judge(cx: &mut Context<'_>, checked: &Checked) {
    for violation in violations(checked) {
        let mistake = mistake(cx, checked, &violation);
        cx.push(mistake);
    }
}

fn mistake(cx: &Context<'_>, checked: &Checked, violation: &Violation) -> Mistake {
    let population = checked.population(violation.population);
    let (receptor, unit) = match &population.kind {
        PopulationKind::Neurons { model, .. } => {
            let receptor = &model.receptors[violation.receptor as usize];
            (receptor.name.as_str(), receptor.dimension.base_unit())
        }
        PopulationKind::SpikeList(_) => ("", String::new()),
    };
    let weak = match violation.fault {
        Fault::Vanishes(weight) => format!("a weight of {} becomes 0", amount(weight, &unit)),
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
    let field = "weight".to_string();
    let (item, origin) = match violation.weak {
        Input::Projection(index) => {
            (called(checked, violation.weak), place(&cx.network.projections[index]))
        }
        Input::Stimulus(index) => {
            (called(checked, violation.weak), place(&cx.network.stimuli[index]))
        }
    };
    Mistake { origin, item, field, message, help }
}

fn called(checked: &Checked, input: Input) -> String {
    match input {
        Input::Projection(index) => format!("projection {}", checked.projections[index].name),
        Input::Stimulus(index) => format!("stimulus {}", checked.stimuli[index].name),
    }
}

/// Where an item has its weights: in `weight`, or in the list of `connect`.
fn place(item: &Item) -> Origin {
    let field = |name| item.fields.iter().find(|field| field.name == name);
    let given = field("weight").or_else(|| field("connect"));
    given.map_or_else(|| item.origin.clone(), |field| field.value.origin.clone())
}

/// A number of four digits.
fn short(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}
