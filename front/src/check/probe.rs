//! `[probe.X]`.

use super::context::{Context, Rounding, Site};
use super::fields::Fields;
use super::model::{Kind, repeated};
use super::population::{Draft, find};
use super::{rule, suggest};
use crate::network::{Content, Item};
use isospike_core::describe::checked::Probe;
use std::collections::BTreeSet;

/// Reads all probes. `fits` is false where populations are too large to list their neurons.
pub(super) fn read(cx: &mut Context<'_>, drafts: &[Draft<'_>], fits: bool) -> Vec<Option<Probe>> {
    let mut names = BTreeSet::new();
    let mut probes = Vec::new();
    for item in &cx.network.probes {
        repeated(cx, &mut names, "probe", item);
        probes.push(probe(cx, item, drafts, fits));
    }
    probes
}

fn probe(cx: &mut Context<'_>, item: &Item, drafts: &[Draft<'_>], fits: bool) -> Option<Probe> {
    let mut fields = Fields::of_item("probe", item);
    let site = fields.need(cx, "population", "give the population to record from");
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
    let every_steps = match fields.get("every") {
        None => Some(1),
        Some(site) => match cx.steps(&site, Rounding::ExactAboveZero) {
            Some(0) => cx.fail(&site, "the time between samples is 0", "give dt or more"),
            steps => steps,
        },
    };
    let initial = match fields.get("initial") {
        None => Some(false),
        Some(site) => cx.boolean(&site),
    };
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
