//! `[rewire.X]`: which projections are rewired. The rest of its fields is read with the synapse
//! model of the projection.

use super::context::{Context, Site};
use super::fields::Fields;
use super::model::repeated;
use super::suggest;
use crate::network::{Content, Item};
use isospike_core::connect::Rule;
use isospike_core::describe::checked::Projection;
use std::collections::BTreeSet;

/// Returns the section that rewires a projection of this name: of several the first.
pub(super) fn of<'n>(cx: &Context<'n>, projection: &str) -> Option<&'n Item> {
    cx.network.rewires.iter().find(|item| names(item).is_some_and(|name| name == projection))
}

/// Reports rewirings of what cannot be rewired.
pub(super) fn read(cx: &mut Context<'_>, projections: &[Option<Projection>], batch: Option<u32>) {
    let (mut known, mut rewired) = (BTreeSet::new(), BTreeSet::new());
    for item in &cx.network.rewires {
        repeated(cx, &mut known, "rewire", item);
        let mut fields = Fields::of_item("rewire", item);
        let site = fields.need(cx, "projection", "give the projection whose synapses change");
        let Some(site) = site else { continue };
        let Some(index) = find(cx, &site) else { continue };
        if !rewired.insert(index) {
            let message = "this projection is rewired by an earlier section";
            cx.push(site.diagnostic(message, "write one condition: remove = \"a || b\""));
            continue;
        }
        if let Some(Some(projection)) = projections.get(index) {
            fits(cx, &site, projection, batch);
        }
    }
}

/// The name of the projection that a section names.
fn names(item: &Item) -> Option<&str> {
    let field = item.fields.iter().find(|field| field.name == "projection")?;
    match &field.value.content {
        Content::Text(name) => Some(name),
        _ => None,
    }
}

fn find(cx: &mut Context<'_>, site: &Site<'_>) -> Option<usize> {
    let name = cx.text(site, "the name of a projection")?;
    let known: Vec<&str> = cx.network.projections.iter().map(|item| item.name.as_str()).collect();
    if let Some(at) = known.iter().position(|known| *known == name) {
        return Some(at);
    }
    let help = suggest::help(name, &known, "projections");
    cx.fail(site, format!("there is no projection `{name}`"), help)
}

fn fits(cx: &mut Context<'_>, site: &Site<'_>, projection: &Projection, batch: Option<u32>) {
    let name = &projection.name;
    let (message, help) = if projection.procedural {
        let help = "remove `procedural` there, and name a synapse model";
        (format!("the rows of {name} are not stored, so they cannot change"), help)
    } else if projection.synapse.is_none() {
        let help = "name a synapse model in the projection: synapse = \"stdp\"";
        (format!("the synapses of {name} have no state to decide by"), help)
    } else if matches!(projection.rule, Rule::AllToAll(_)) {
        let help = "connect some of the pairs: connect = { fixed_out_degree = 100 }";
        (format!("{name} connects all pairs, so a synapse cannot go anywhere else"), help)
    } else if batch.is_some_and(|copies| copies > 1) {
        let help = "remove `batch`, and run each seed by itself";
        ("each copy of the batch would have synapses of its own".into(), help)
    } else {
        return;
    };
    cx.push(site.diagnostic(message, help));
}
