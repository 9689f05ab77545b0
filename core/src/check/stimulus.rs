//! `[stimulus.X]`.

use super::context::{Context, Rounding, Site, spell};
use super::distribution::fitting_weight;
use super::fields::Fields;
use super::model::{Kind, repeated};
use super::population::{Draft, find};
use super::projection::receptor;
use super::suggest;
use crate::checked::{Distribution, Rows, Series, Stimulus, StimulusKind};
use crate::id::PopulationId;
use crate::model::NeuronModel;
use crate::network::Item;
use crate::units::Dimension;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most Poisson events that one neuron may expect in a step: 64 tables of 8.
const MAX_EVENTS: f64 = 512.0;

const KINDS: [&str; 4] = ["poisson", "current", "noise", "steps"];

/// Reads all stimuli. `fits` is false where populations are too large for per-neuron values.
pub(super) fn read(
    cx: &mut Context<'_>,
    drafts: &mut [Draft<'_>],
    fits: bool,
) -> Vec<Option<Stimulus>> {
    let mut names = BTreeSet::new();
    let mut stimuli = Vec::new();
    for item in &cx.network.stimuli {
        repeated(cx, &mut names, "stimulus", item);
        stimuli.push(stimulus(cx, item, drafts, fits));
    }
    stimuli
}

/// What a stimulus drives: the population's id and model, if known.
struct Target {
    id: Option<PopulationId>,
    model: Option<Arc<NeuronModel>>,
}

fn stimulus(
    cx: &mut Context<'_>,
    item: &Item,
    drafts: &mut [Draft<'_>],
    fits: bool,
) -> Option<Stimulus> {
    let mut fields = Fields::of_item("stimulus", item);
    let target = target(cx, &mut fields, drafts);
    let help = "give a kind: kind = \"poisson\", \"current\", \"noise\" or \"steps\"";
    let kind_site = fields.need(cx, "kind", help);
    let name = kind_site.as_ref().and_then(|site| cx.text(site, "the name of a kind"));
    let kind = match (name, &kind_site) {
        (Some("poisson"), _) => poisson(cx, &mut fields, &target),
        (Some("current"), _) => current(cx, &mut fields, &target, drafts, fits),
        (Some("noise"), _) => noise(cx, &mut fields, &target),
        (Some("steps"), _) => steps(cx, &mut fields, &target),
        (Some(name), Some(site)) => {
            let help = suggest::help(name, &KINDS, "kinds");
            cx.fail(site, format!("there is no kind of stimulus `{name}`"), help)
        }
        _ => None,
    };
    let times = times(cx, &mut fields);
    if name.is_some_and(|name| KINDS.contains(&name)) {
        fields.finish(cx);
    }
    let (start_step, stop_step) = times?;
    Some(Stimulus {
        name: item.name.clone(),
        population: target.id?,
        start_step,
        stop_step,
        kind: kind?,
    })
}

fn target(cx: &mut Context<'_>, fields: &mut Fields<'_>, drafts: &[Draft<'_>]) -> Target {
    let site = fields.need(cx, "population", "give the population that it drives");
    let id = site.as_ref().and_then(|site| find(cx, site, drafts));
    let model = site.zip(id).and_then(|(site, id)| match &drafts[id.index()].kind {
        Kind::Unknown => None,
        Kind::Neurons(model) => Some(model.clone()),
        Kind::SpikeList => {
            let message =
                format!("`{}` is a spike_list, which receives nothing", drafts[id.index()].name);
            cx.fail(&site, message, "choose a population of neurons")
        }
    });
    Target { id, model }
}

/// `start` and `stop` in steps.
fn times(cx: &mut Context<'_>, fields: &mut Fields<'_>) -> Option<(u32, u32)> {
    let start = fields.get("start").map_or(Some(0), |site| cx.steps(&site, Rounding::Exact));
    let Some(site) = fields.get("stop") else { return Some((start?, u32::MAX)) };
    let stop = cx.steps(&site, Rounding::Exact);
    let (start, stop) = (start?, stop?);
    if stop <= start {
        return cx.fail(&site, "it stops before it starts", "give a stop after the start");
    }
    Some((start, stop))
}

fn poisson(cx: &mut Context<'_>, fields: &mut Fields<'_>, target: &Target) -> Option<StimulusKind> {
    let found = match &target.model {
        Some(model) => receptor(cx, fields, model),
        None => {
            fields.get("receptor");
            None
        }
    };
    let rate_site = fields.need(cx, "rate", "give a rate: rate = \"8 Hz\"");
    let rate = rate_site.as_ref().and_then(|site| {
        let rate = cx.quantity(site, Dimension::RATE)?;
        if rate < 0.0 {
            return cx.fail(site, "a rate cannot be negative", "give a rate such as \"8 Hz\"");
        }
        Some(rate)
    });
    let weight =
        fields.need(cx, "weight", "give a weight: weight = \"87.8 pA\"").and_then(|site| {
            let (_, receptor) = found?;
            let weight = cx.quantity(&site, receptor.dimension)?;
            fitting_weight(cx, &site, &Distribution::Constant(weight), receptor)?;
            Some(weight)
        });
    let sources = match fields.get("sources") {
        None => Some(1.0),
        Some(site) => cx.count(&site, 0, 1 << 31).map(|sources| sources as f64),
    };
    let events_per_step = rate? * cx.dt_ms? * sources?;
    if events_per_step > MAX_EVENTS {
        let message = format!("{} events are expected per step and neuron", spell(events_per_step));
        let help = "at most 512 are possible: lower the rate, the sources or dt";
        return cx.fail(rate_site.as_ref()?, message, help);
    }
    Some(StimulusKind::Poisson { receptor: found?.0, events_per_step, weight: weight? })
}

/// The dimension of the currents that a model takes; a mistake where it takes none.
fn dimension(cx: &mut Context<'_>, fields: &Fields<'_>, target: &Target) -> Option<Dimension> {
    let model = target.model.as_ref()?;
    if model.current.is_none() {
        let message = format!("the model {} takes no current (`i_ext`)", model.name);
        cx.push(fields.mistake("kind", &message, "use kind = \"poisson\", or another model"));
    }
    model.current
}

fn current(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    target: &Target,
    drafts: &mut [Draft<'_>],
    fits: bool,
) -> Option<StimulusKind> {
    let site = fields.need(cx, "amplitude", "give a current: amplitude = \"100 pA\"");
    let dimension = dimension(cx, fields, target)?;
    if !fits {
        return None;
    }
    let draft = &mut drafts[target.id?.index()];
    draft.per_neuron(cx, &site?, dimension).map(StimulusKind::Direct)
}

fn noise(cx: &mut Context<'_>, fields: &mut Fields<'_>, target: &Target) -> Option<StimulusKind> {
    let mean = fields.need(cx, "mean", "give the mean: mean = \"0 pA\"");
    let sd = fields.need(cx, "sd", "give the standard deviation of one step: sd = \"50 pA\"");
    let dimension = dimension(cx, fields, target)?;
    let mean = mean.and_then(|site| cx.quantity(&site, dimension));
    let sd = sd.and_then(|site| {
        let sd = cx.quantity(&site, dimension)?;
        if sd < 0.0 {
            return cx.fail(&site, "the standard deviation is negative", "give 0 or more");
        }
        Some(sd)
    });
    Some(StimulusKind::Noise { mean: mean?, sd: sd? })
}

fn steps(cx: &mut Context<'_>, fields: &mut Fields<'_>, target: &Target) -> Option<StimulusKind> {
    let times = fields.need(cx, "times", "give the times of the steps: times = [\"0 ms\"]");
    let help = "give a current for each time: amplitudes = [\"100 pA\"]";
    let amplitudes = fields.need(cx, "amplitudes", help);
    let dimension = dimension(cx, fields, target);
    let times = times.and_then(|site| step_times(cx, &site));
    let site = amplitudes?;
    let values = cx.list(&site, "a list of currents")?;
    let amplitudes: Vec<Option<f64>> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            dimension.and_then(|dimension| cx.quantity(&site.entry(index, value), dimension))
        })
        .collect();
    let times = times?;
    if times.len() != amplitudes.len() {
        let message = format!("{} times but {} amplitudes", times.len(), amplitudes.len());
        return cx.fail(&site, message, "give as many of one as of the other");
    }
    let amplitudes = amplitudes.into_iter().collect::<Option<Vec<_>>>()?;
    let rows = Rows::From(times.into());
    Some(StimulusKind::Steps(Series { rows, width: 1, values: amplitudes.into() }))
}

fn step_times(cx: &mut Context<'_>, site: &Site<'_>) -> Option<Vec<u32>> {
    let values = cx.list(site, "a list of times")?;
    let mut steps: Vec<u32> = Vec::new();
    let mut ascending = true;
    for (index, value) in values.iter().enumerate() {
        let entry = site.entry(index, value);
        let Some(step) = cx.steps(&entry, Rounding::Exact) else { continue };
        if steps.last().is_some_and(|last| *last >= step) {
            cx.push(entry.mistake("this time is not after the one before it", "sort the times"));
            ascending = false;
        }
        steps.push(step);
    }
    (ascending && steps.len() == values.len()).then_some(steps)
}
