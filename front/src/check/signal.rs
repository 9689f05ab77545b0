//! `[signal.X]`.

use super::context::{Context, Rounding, Site, spell};
use super::fields::Fields;
use super::model::repeated;
use super::population::{Draft, find};
use super::suggest;
use crate::diagnostic::Diagnostic;
use crate::network::{Content, Item, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::Checked;
use isospike_core::describe::signal::{Signal, SignalSpikes};
use isospike_core::describe::synapse::SynapseModel;
use isospike_core::plan::DELAY_STEPS_MAX;
use std::collections::BTreeSet;

/// Reads all signals; `None` for one with a mistake.
pub(super) fn read(cx: &mut Context<'_>, drafts: &[Draft<'_>]) -> Vec<Option<Signal>> {
    let mut names = BTreeSet::new();
    let mut signals = Vec::new();
    for item in &cx.network.signals {
        repeated(cx, &mut names, "signal", item);
        signals.push(signal(cx, item, drafts));
    }
    signals
}

/// Returns the number of each signal that a model reads; the place in its list and the name of the
/// first one that is not there.
pub(super) fn numbers(cx: &Context<'_>, model: &SynapseModel) -> Result<Vec<u32>, (usize, String)> {
    let find = |(at, name): (usize, &String)| {
        let number = cx.network.signals.iter().position(|signal| signal.name == *name);
        number.map(|number| number as u32).ok_or_else(|| (at, name.clone()))
    };
    model.signals.iter().enumerate().map(find).collect()
}

/// Returns the message and the help for a signal that is not there.
pub(super) fn unknown(cx: &Context<'_>, name: &str) -> (String, String) {
    let known: Vec<&str> = cx.network.signals.iter().map(|signal| signal.name.as_str()).collect();
    let help = match known.is_empty() {
        true => format!("add [signal.{name}]"),
        false => suggest::help(name, &known, "signals"),
    };
    (format!("there is no signal `{name}`"), help)
}

/// Reports the signals that a `[synapse.X]` lists and that are not there; true where all are.
pub(super) fn of_model(cx: &mut Context<'_>, item: &Item, model: &SynapseModel) -> bool {
    let Err((at, name)) = numbers(cx, model) else { return true };
    let (message, help) = unknown(cx, &name);
    let location = listed(item).get(at).map(|value| value.location.clone());
    cx.push(Diagnostic {
        location: location.unwrap_or_else(|| item.location.clone()),
        item: format!("synapse {}", item.name),
        field: format!("signals[{at}]"),
        message,
        help,
    });
    false
}

/// Reports signals that no synapse model reads.
pub(super) fn judge(cx: &mut Context<'_>, checked: &Checked) {
    for (number, item) in (0..).zip(&cx.network.signals) {
        let synapses = checked.projections.iter().filter_map(|p| p.synapse.as_ref());
        let mut of_projections = synapses.flat_map(|synapse| &synapse.signals);
        let mut of_models = cx.network.synapses.iter().flat_map(listed);
        let lists = |value: &Value| matches!(&value.content, Content::Text(x) if *x == item.name);
        if !of_projections.any(|read| *read == number) && !of_models.any(lists) {
            let about = Fields::of_item("signal", item);
            let help =
                format!("remove it, or let a synapse model read it: signals = [\"{}\"]", item.name);
            cx.push(about.diagnostic("", "no synapse model reads this signal", &help));
        }
    }
}

/// The signals that a synapse model lists, as they are written.
fn listed(item: &Item) -> &[Value] {
    let field = item.fields.iter().find(|field| field.name == "signals");
    match field.map(|field| &field.value.content) {
        Some(Content::List(values)) => values,
        _ => &[],
    }
}

fn signal(cx: &mut Context<'_>, item: &Item, drafts: &[Draft<'_>]) -> Option<Signal> {
    let mut fields = Fields::of_item("signal", item);
    let tau = fields.need(cx, "tau", "give the time constant of its decay: tau = \"200 ms\"");
    let tau_ms = tau.and_then(|site| {
        let tau_ms = cx.quantity(&site, Dimension::TIME)?;
        if tau_ms <= 0.0 {
            let message = format!("the time constant is {} ms", spell(tau_ms));
            return cx.fail(&site, message, "give a time above 0 ms");
        }
        Some(tau_ms)
    });
    let (source, list) = (fields.get("spikes_of"), fields.get("pulses"));
    if source.is_none() && list.is_none() {
        let message = "nothing is ever added to this signal";
        let help = "give spikes_of = \"population\" and a gain, or pulses = [[\"10 s\", 0.5]]";
        cx.push(fields.diagnostic("", message, help));
    }
    let spikes = match &source {
        None => {
            for name in ["gain", "delay"] {
                let help = "name their population: spikes_of = \"population\"";
                fields.refuse(cx, name, "this belongs to spikes that are added", help);
            }
            Some(None)
        }
        Some(site) => spikes(cx, &mut fields, site, drafts).map(Some),
    };
    let pulses = match &list {
        None => Some(Vec::new()),
        Some(site) => pulses(cx, site),
    };
    fields.finish(cx);
    let given = source.is_some() || list.is_some();
    let (name, pulses) = (item.name.clone(), pulses?.into());
    Some(Signal { name, tau_ms: tau_ms?, spikes: spikes?, pulses }).filter(|_| given)
}

fn spikes(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    population: &Site<'_>,
    drafts: &[Draft<'_>],
) -> Option<SignalSpikes> {
    let population = find(cx, population, drafts);
    let gain = fields.need(cx, "gain", "give the value of each spike: gain = 0.01");
    let gain = gain.and_then(|site| cx.quantity(&site, Dimension::NUMBER));
    let delay_steps = match fields.get("delay") {
        None => Some(1),
        Some(site) => match cx.steps(&site, Rounding::ExactAboveZero) {
            Some(0) => cx.fail(&site, "the delay is 0", "give dt or more"),
            Some(steps) if steps > DELAY_STEPS_MAX => {
                let message = format!("this delay is {steps} steps");
                let help = format!("at most {DELAY_STEPS_MAX} are possible; a larger dt has fewer");
                cx.fail(&site, message, help)
            }
            steps => steps,
        },
    };
    Some(SignalSpikes { population: population?, gain: gain?, delay_steps: delay_steps? })
}

/// Reads `[[time, value], ...]`, all of it before the first mistake counts.
fn pulses(cx: &mut Context<'_>, site: &Site<'_>) -> Option<Vec<(u32, f64)>> {
    const WHAT: &str = "a time and a value, as in [\"10 s\", 0.5]";
    let values = cx.list(site, "a list of times and values: [[\"10 s\", 0.5]]")?;
    let mut last: Option<u32> = None;
    let mut all = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let entry = site.entry(index, value);
        let Some(pair) = cx.list(&entry, WHAT) else {
            all.push(None);
            continue;
        };
        let [time, height] = pair else {
            let message = format!("two values are expected, not {}", pair.len());
            all.push(cx.fail(&entry, message, format!("give {WHAT}")));
            continue;
        };
        let mut step = cx.steps(&entry.entry(0, time), Rounding::Exact);
        let height = cx.quantity(&entry.entry(1, height), Dimension::NUMBER);
        if let (Some(now), Some(before)) = (step, last)
            && now <= before
        {
            let message = "this time is not after the one before it";
            step = cx.fail(&entry, message, "sort the pulses, and add those of one time");
        }
        last = step.or(last);
        all.push(step.zip(height));
    }
    all.into_iter().collect()
}
