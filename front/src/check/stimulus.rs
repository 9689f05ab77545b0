//! `[stimulus.X]`.

use super::context::{Context, Rounding, Site, spell};
use super::distribution::fitting_weight;
use super::fields::Fields;
use super::model::{Kind, repeated};
use super::population::{Draft, find};
use super::projection::receptor;
use super::series::{self, Fit};
use super::{Limits, suggest};
use crate::network::{Content, Item};
use isospike_core::base::id::PopulationId;
use isospike_core::base::units::Dimension;
use isospike_core::connect::Distribution;
use isospike_core::describe::checked::{Stimulus, StimulusKind};
use isospike_core::describe::model::NeuronModel;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most Poisson events that one neuron may expect in a step: 64 tables of 8.
const MAX_EVENTS: f64 = 512.0;

const KINDS: [&str; 5] = ["poisson", "current", "noise", "steps", "external"];

/// Reads all stimuli. `fits` is false where populations are too large for per-neuron values.
pub(super) fn read(
    cx: &mut Context<'_>,
    drafts: &mut [Draft<'_>],
    fits: bool,
    limits: Limits,
) -> Vec<Option<Stimulus>> {
    let mut names = BTreeSet::new();
    let mut stimuli = Vec::new();
    for item in &cx.network.stimuli {
        repeated(cx, &mut names, "stimulus", item);
        stimuli.push(stimulus(cx, item, drafts, fits, limits));
    }
    stimuli
}

/// The target of a stimulus: the population's id and model, if known.
struct Target {
    id: Option<PopulationId>,
    model: Option<Arc<NeuronModel>>,
    size: Option<u32>,
    memory_bytes: Option<u64>,
}

impl Target {
    /// The dimension that values that change in time must fit.
    fn fit(&self, dimension: Dimension, what: &'static str) -> Fit {
        Fit { dimension, size: self.size, memory_bytes: self.memory_bytes, what }
    }
}

fn stimulus(
    cx: &mut Context<'_>,
    item: &Item,
    drafts: &mut [Draft<'_>],
    fits: bool,
    limits: Limits,
) -> Option<Stimulus> {
    let mut fields = Fields::of_item("stimulus", item);
    let target = target(cx, &mut fields, drafts, limits);
    let help = "give a kind: kind = \"poisson\", \"current\", \"noise\", \"steps\" or \"external\"";
    let kind_site = fields.need(cx, "kind", help);
    let name = kind_site.as_ref().and_then(|site| cx.text(site, "the name of a kind"));
    let kind = match (name, &kind_site) {
        (Some("poisson"), _) => poisson(cx, &mut fields, &target),
        (Some("current"), _) => current(cx, &mut fields, &target, drafts, fits),
        (Some("noise"), _) => noise(cx, &mut fields, &target),
        (Some("steps"), _) => steps(cx, &mut fields, &target),
        // Its values come from outside, in each call of a run.
        (Some("external"), _) => dimension(cx, &fields, &target).map(|_| StimulusKind::External),
        (Some(name), Some(site)) => {
            let help = match crate::language::hint::model(name) {
                Some(hint) => hint.into(),
                None => suggest::help(name, &KINDS, "kinds"),
            };
            cx.fail(site, format!("there is no kind of stimulus `{name}`"), help)
        }
        _ => None,
    };
    let times = times(cx, &mut fields);
    if name.is_some_and(|name| KINDS.contains(&name)) {
        fields.finish(cx);
    }
    let (start_step, stop_step) = times?;
    let mut kind = kind?;
    kind.begin(start_step);
    Some(Stimulus { name: item.name.clone(), population: target.id?, start_step, stop_step, kind })
}

fn target(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    drafts: &[Draft<'_>],
    limits: Limits,
) -> Target {
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
    let size = id.and_then(|id| drafts[id.index()].size);
    Target { id, model, size, memory_bytes: limits.memory_bytes }
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
    let rate = rate_site.as_ref().and_then(|site| rate_of(cx, site, target));
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
    let times = match rate {
        Some(Rate::Constant(_)) => {
            series::refuse_times(cx, fields);
            None
        }
        _ => series::times(cx, fields),
    };
    let (dt_ms, sources, rate_site) = (cx.dt_ms?, sources?, rate_site?);
    let (events_per_step, rates) = match rate? {
        Rate::Constant(rate) => (rate * dt_ms * sources, None),
        Rate::Series(mut rates) => {
            rates.values.iter_mut().for_each(|rate| *rate = *rate * dt_ms * sources);
            rates.each(cx, &rate_site, |events| {
                let message = too_many(events)?;
                Some(format!("{message}; {MANY_HELP}"))
            })?;
            let most = rates.values.iter().copied().fold(0.0, f64::max);
            (most, Some(rates.into_series(cx, &rate_site, times?)?))
        }
    };
    if let Some(message) = too_many(events_per_step) {
        return cx.fail(&rate_site, message, MANY_HELP);
    }
    Some(StimulusKind::Poisson { receptor: found?.0, events_per_step, weight: weight?, rates })
}

/// The help for a rate of too many events.
const MANY_HELP: &str = "at most 512 are possible: lower the rate, the sources or dt";

/// Returns the message for more events than a step can have.
fn too_many(events_per_step: f64) -> Option<String> {
    let number = spell(events_per_step);
    let many = events_per_step > MAX_EVENTS;
    many.then(|| format!("{number} events are expected per step and neuron"))
}

/// A rate in 1/ms.
enum Rate {
    Constant(f64),
    Series(series::Values),
}

fn rate_of(cx: &mut Context<'_>, site: &Site<'_>, target: &Target) -> Option<Rate> {
    if let Content::List(_) | Content::Table(_) = site.value.content {
        let rates = series::values(cx, site, target.fit(Dimension::RATE, "rates"))?;
        rates.each(cx, site, |rate| (rate < 0.0).then(|| "a rate cannot be negative".into()))?;
        return Some(Rate::Series(rates));
    }
    let rate = cx.quantity(site, Dimension::RATE)?;
    if rate < 0.0 {
        return cx.fail(site, "a rate cannot be negative", "give a rate such as \"8 Hz\"");
    }
    Some(Rate::Constant(rate))
}

/// The dimension of the currents that a model takes; a mistake where it takes none.
fn dimension(cx: &mut Context<'_>, fields: &Fields<'_>, target: &Target) -> Option<Dimension> {
    let model = target.model.as_ref()?;
    if model.current.is_none() {
        let message = format!("the model {} takes no current (`i_ext`)", model.name);
        cx.push(fields.diagnostic("kind", &message, "use kind = \"poisson\", or another model"));
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
    let times = series::times(cx, fields);
    let help = "give a current for each time: amplitudes = [\"100 pA\"]";
    let amplitudes = fields.need(cx, "amplitudes", help);
    let dimension = dimension(cx, fields, target);
    let site = amplitudes?;
    let values = series::values(cx, &site, target.fit(dimension?, "currents"))?;
    values.into_series(cx, &site, times?).map(StimulusKind::Steps)
}
