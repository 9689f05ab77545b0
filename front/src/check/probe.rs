//! `[probe.X]`.

mod synapse;

pub(super) use synapse::judge;

use super::context::{Context, Rounding, Site};
use super::fields::Fields;
use super::model::{Kind, repeated};
use super::population::{Draft, find};
use super::{rule, suggest};
use crate::network::{Content, Item};
use isospike_core::describe::checked::{Probe, Projection, SynapseProbe};
use std::collections::BTreeSet;

/// Probes of neurons and of synapses; `None` for one with a mistake.
#[derive(Default)]
pub(super) struct Probes {
    pub neurons: Vec<Option<Probe>>,
    pub synapses: Vec<Option<SynapseProbe>>,
}

/// Reads all probes. `fits` is false where populations are too large to list their neurons.
pub(super) fn read(
    cx: &mut Context<'_>,
    drafts: &[Draft<'_>],
    projections: &[Option<Projection>],
    fits: bool,
) -> Probes {
    let mut names = BTreeSet::new();
    let mut probes = Probes::default();
    for item in &cx.network.probes {
        repeated(cx, &mut names, "probe", item);
        let mut fields = Fields::of_item("probe", item);
        match fields.get("projection") {
            None => probes.neurons.push(probe(cx, item, fields, drafts, fits)),
            Some(site) => {
                let read = synapse::read(cx, item, fields, &site, drafts, projections);
                probes.synapses.push(read);
            }
        }
    }
    probes
}

fn probe(
    cx: &mut Context<'_>,
    item: &Item,
    mut fields: Fields<'_>,
    drafts: &[Draft<'_>],
    fits: bool,
) -> Option<Probe> {
    let site = fields.need(cx, "population", "give the population to record from");
    for name in ["synapses", "histogram"] {
        fields.refuse(cx, name, "a population has no synapses", "name a projection in its place");
    }
    let population = site.as_ref().and_then(|site| find(cx, site, drafts));
    let draft = population.map(|id| &drafts[id.index()]);
    let variable_site = fields.need(cx, "variable", "give a state variable: variable = \"v\"");
    let variable = match (draft.map(|draft| &draft.kind), &site, &variable_site) {
        (Some(Kind::SpikeList), Some(site), _) => {
            cx.fail(site, "a spike_list has no state to record", "choose a population of neurons")
        }
        (Some(Kind::Neurons(model)), _, Some(site)) => {
            variable(cx, site, &model.name, &model.state_names())
        }
        _ => None,
    };
    let size = draft.and_then(|draft| draft.size);
    let neurons = match fields.get("neurons") {
        None => size.filter(|_| fits).map(|size| (0..size).collect()),
        Some(site) => size.filter(|_| fits).and_then(|size| neurons(cx, &site, size)),
    };
    let (every_steps, initial) = (every_steps(cx, &mut fields), initial(cx, &mut fields));
    fields.finish(cx);
    Some(Probe {
        name: item.name.clone(),
        population: population?,
        variable: variable?,
        neurons: neurons?,
        every_steps: every_steps?,
        initial: initial?,
    })
}

fn every_steps(cx: &mut Context<'_>, fields: &mut Fields<'_>) -> Option<u32> {
    let Some(site) = fields.get("every") else { return Some(1) };
    match cx.steps(&site, Rounding::ExactAboveZero) {
        Some(0) => cx.fail(&site, "the time between samples is 0", "give dt or more"),
        steps => steps,
    }
}

fn initial(cx: &mut Context<'_>, fields: &mut Fields<'_>) -> Option<bool> {
    fields.get("initial").map_or(Some(false), |site| cx.boolean(&site))
}

fn variable(cx: &mut Context<'_>, site: &Site<'_>, model: &str, names: &[&str]) -> Option<u32> {
    let name = cx.text(site, "the name of a state variable")?;
    if let Some(at) = names.iter().position(|known| *known == name) {
        return Some(at as u32);
    }
    let help = suggest::help(name, names, "state variables");
    cx.fail(site, format!("the model {model} has no state variable `{name}`"), help)
}

fn neurons(cx: &mut Context<'_>, site: &Site<'_>, size: u32) -> Option<Vec<u32>> {
    const WHAT: &str = "\"all\", { first = 10 } or a list of neuron numbers";
    match &site.value.content {
        Content::Text(text) if text == "all" => Some((0..size).collect()),
        Content::List(values) => rule::neurons(cx, site, values, size),
        Content::Table(entries) => {
            let mut fields = Fields::of_table(site, entries);
            let first = fields.need(cx, "first", "write neurons = { first = 10 }");
            let first = first.and_then(|site| cx.integer(&site, 0, u64::from(size)));
            fields.finish(cx);
            first.map(|first| (0..first as u32).collect())
        }
        Content::Text(text) => {
            let message = format!("`{text}` is not a choice of neurons");
            cx.fail(site, message, format!("give {WHAT}"))
        }
        _ => cx.wrong_kind(site, WHAT),
    }
}
