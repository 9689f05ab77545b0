//! Which pairs a projection connects.

mod file;

use super::context::{Context, Rounding, Site, spell};
use super::distribution::{fitting_delay, fitting_weight};
use super::fields::Fields;
use super::projection::Ends;
use super::suggest;
use crate::network::{Content, Field, Item, Value};
use isospike_core::base::units::Dimension;
use isospike_core::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber, OneToOne,
};
use isospike_core::connect::{Distribution, ExplicitSynapse, Rule};
use isospike_core::describe::synapse::SynapseModel;
use std::sync::Arc;

/// The most synapses that one projection may have: a row's length is counted in 32 bits,
/// and all of them may start at one source.
const MAX_SYNAPSES: u64 = u32::MAX as u64;

/// The least probability above 0: the gap between two targets must stay far below 2^32.
const MIN_PROBABILITY: f64 = 1e-8;

const RULES: [&str; 8] = [
    "all_to_all",
    "one_to_one",
    "fixed_probability",
    "fixed_in_degree",
    "fixed_out_degree",
    "fixed_total_number",
    "list",
    "file",
];

/// The units of the weight and delay columns of a data file.
pub(super) struct Columns {
    pub weight: Option<f64>,
    pub delay: Option<f64>,
    /// Whether both fields were read without a mistake.
    pub judged: bool,
    /// The model of the synapses; `None` where it is static, or not known.
    pub model: Option<Arc<SynapseModel>>,
}

/// How many synapses of a projection have a weight (or delay) of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    None,
    Some,
    All,
    /// All, from a column of a data file.
    Column,
}

/// A rule, and what its synapses bring along.
pub(super) struct Connected {
    pub rule: Rule,
    pub weight: Own,
    pub delay: Own,
    /// The floats of the weights that a `.npz` file gives, in order of row, then place in the row.
    pub floats: Option<Arc<[f32]>>,
    /// The values of state variables that a `.npz` file gives.
    pub state: Vec<Given>,
}

/// The values with which a state variable begins, in order of row, then place in the row.
pub(super) struct Given {
    /// The index of the variable in the model.
    pub variable: usize,
    pub values: Arc<[f32]>,
}

impl From<Rule> for Connected {
    fn from(rule: Rule) -> Self {
        Self { rule, weight: Own::None, delay: Own::None, floats: None, state: Vec::new() }
    }
}

/// Reads `connect` and `multapses`.
pub(super) fn read(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    ends: &Ends<'_>,
    columns: &Columns,
) -> Option<Connected> {
    let help = "give a rule: connect = \"all_to_all\" or connect = { fixed_probability = 0.1 }";
    let Some(site) = fields.need(cx, "connect", help) else {
        fields.get("multapses");
        return None;
    };
    match &site.value.content {
        Content::Text(name) => {
            let rule = plain(cx, &site, name);
            multapses(cx, fields, name);
            rule.map(Connected::from)
        }
        Content::Table(entries) => {
            let Some(chosen) = chosen(cx, &site, entries) else {
                fields.get("multapses");
                return None;
            };
            let multapses = multapses(cx, fields, &chosen.name);
            drawn(cx, &site.inner(chosen), &chosen.name, multapses, ends, columns)
        }
        _ => {
            fields.get("multapses");
            cx.wrong_kind(&site, "the name of a rule, or a table { rule = value }")
        }
    }
}

/// A rule without a value.
fn plain(cx: &mut Context<'_>, site: &Site<'_>, name: &str) -> Option<Rule> {
    match name {
        "all_to_all" => Some(Rule::AllToAll(AllToAll)),
        "one_to_one" => Some(Rule::OneToOne(OneToOne)),
        _ if RULES.contains(&name) => {
            let message = format!("the rule {name} needs a value");
            cx.fail(site, message, format!("write connect = {{ {name} = ... }}"))
        }
        _ => {
            let help = suggest::help(name, &RULES, "rules");
            cx.fail(site, format!("there is no rule `{name}`"), help)
        }
    }
}

/// The one rule of a table.
fn chosen<'a>(cx: &mut Context<'_>, site: &Site<'a>, entries: &'a [Field]) -> Option<&'a Field> {
    let mut known = true;
    for entry in entries {
        let inner = site.inner(entry);
        let (message, help) = match entry.name.as_str() {
            name @ ("all_to_all" | "one_to_one") => {
                (format!("the rule {name} has no value"), format!("write connect = \"{name}\""))
            }
            name if RULES.contains(&name) => continue,
            name => (format!("there is no rule `{name}`"), suggest::help(name, &RULES, "rules")),
        };
        let diagnostic = inner.diagnostic(message, help);
        cx.push(crate::diagnostic::Diagnostic { location: entry.location.clone(), ..diagnostic });
        known = false;
    }
    match entries {
        [one] if known => Some(one),
        _ if !known => None,
        _ => {
            let message = format!("one rule is needed here, not {}", entries.len());
            cx.fail(site, message, "write connect = { fixed_probability = 0.1 }")
        }
    }
}

/// Reads `multapses` for the rules that draw pairs; the others refuse it.
fn multapses(cx: &mut Context<'_>, fields: &mut Fields<'_>, rule: &str) -> Option<bool> {
    let (reason, help) = match rule {
        "fixed_in_degree" | "fixed_out_degree" | "fixed_total_number" => {
            let Some(site) = fields.get("multapses") else { return Some(true) };
            let allowed = cx.boolean(&site)?;
            if rule == "fixed_total_number" && !allowed {
                let reason = "fixed_total_number draws each synapse alone, so pairs can repeat";
                return cx.fail(&site, reason, "remove it, or use fixed_probability");
            }
            return Some(allowed);
        }
        "all_to_all" | "one_to_one" | "fixed_probability" => {
            ("this rule connects no pair twice, so this has no effect", "remove it")
        }
        "list" | "file" => ("the list says itself which pairs repeat", "remove it"),
        _ => {
            fields.get("multapses");
            return None;
        }
    };
    fields.refuse(cx, "multapses", reason, help);
    Some(true)
}

/// Reads `autapses`; rules that say themselves who is connected refuse it.
pub(super) fn autapses(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    rule: Option<&Rule>,
) -> Option<bool> {
    let reason = match rule {
        Some(Rule::OneToOne(OneToOne)) => "one_to_one within a population is nothing but autapses",
        Some(Rule::Explicit(_)) => "the list says itself which neurons connect to themselves",
        _ => return fields.get("autapses").map_or(Some(true), |site| cx.boolean(&site)),
    };
    fields.refuse(cx, "autapses", reason, "remove it");
    Some(true)
}

/// A rule with a value.
fn drawn(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    name: &str,
    multapses: Option<bool>,
    ends: &Ends<'_>,
    columns: &Columns,
) -> Option<Connected> {
    const DEGREE: u64 = i32::MAX as u64;
    let rule = match name {
        "fixed_probability" => {
            let p = cx.quantity(site, Dimension::NUMBER)?;
            if !(0.0..=1.0).contains(&p) {
                let message = format!("{} is not a probability", spell(p));
                return cx.fail(site, message, "give a number from 0 to 1");
            }
            if p > 0.0 && p < MIN_PROBABILITY {
                let message = format!("a probability of {} is too small to draw gaps", spell(p));
                return cx.fail(site, message, "use fixed_total_number");
            }
            Rule::FixedProbability(FixedProbability(p))
        }
        "fixed_in_degree" => {
            let degree = cx.count(site, 0, DEGREE)? as u32;
            Rule::FixedInDegree(FixedInDegree { degree, multapses: multapses? })
        }
        "fixed_out_degree" => {
            let degree = cx.count(site, 0, DEGREE)? as u32;
            Rule::FixedOutDegree(FixedOutDegree { degree, multapses: multapses? })
        }
        "fixed_total_number" => {
            let number = cx.count(site, 0, MAX_SYNAPSES)?;
            multapses?;
            Rule::FixedTotalNumber(FixedTotalNumber(number))
        }
        "list" => return list(cx, site, ends),
        _ => return file::read(cx, site, ends, columns),
    };
    Some(rule.into())
}

/// Reports what the two ends do not allow.
pub(super) fn possible(
    cx: &mut Context<'_>,
    item: &Item,
    ends: &Ends<'_>,
    rule: &Rule,
    autapses: bool,
) -> Option<()> {
    let (pre, post) = (ends.pre_size?, ends.post_size?);
    let less = u32::from(ends.same() && !autapses);
    let (message, help) = match *rule {
        Rule::OneToOne(OneToOne) if pre != post => (
            format!("one_to_one needs equal sizes, these are {pre} and {post}"),
            "make the sizes equal, or choose another rule".to_string(),
        ),
        Rule::FixedInDegree(FixedInDegree { degree, multapses })
            if lacks(degree, multapses, pre - less) =>
        {
            lacking(degree, pre - less, "sources")
        }
        Rule::FixedOutDegree(FixedOutDegree { degree, multapses })
            if lacks(degree, multapses, post - less) =>
        {
            lacking(degree, post - less, "targets")
        }
        Rule::FixedTotalNumber(FixedTotalNumber(number)) if number > 0 && post == less => {
            lacking(1, 0, "targets")
        }
        _ => return Some(()),
    };
    let field = item.fields.iter().find(|field| field.name == "connect")?;
    let name = format!("projection {}", item.name);
    let site = Site { item: name.into(), field: "connect".into(), value: &field.value };
    cx.fail(&site, message, help)
}

fn lacks(degree: u32, multapses: bool, candidates: u32) -> bool {
    degree > 0 && (candidates == 0 || (!multapses && degree > candidates))
}

fn lacking(degree: u32, candidates: u32, what: &str) -> (String, String) {
    if candidates == 0 {
        let message = format!("there are no {what}: the only neuron may not connect to itself");
        return (message, "allow autapses, or make the population larger".into());
    }
    let message = format!("{degree} distinct {what} are needed, but there are only {candidates}");
    (message, "lower the degree, or allow multapses".into())
}

fn own(have: usize, all: usize) -> Own {
    match have {
        0 => Own::None,
        have if have == all => Own::All,
        _ => Own::Some,
    }
}

fn list(cx: &mut Context<'_>, site: &Site<'_>, ends: &Ends<'_>) -> Option<Connected> {
    const ENTRY: &str = "a list [pre, post], [pre, post, weight] or [pre, post, weight, delay]";
    let entries = cx.list(site, "a list of synapses [[pre, post], ...]")?;
    let mut synapses = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let inner = site.entry(index, entry);
        let Some(parts) = cx.list(&inner, ENTRY) else { continue };
        if !(2..=4).contains(&parts.len()) {
            let message = format!("a synapse has 2 to 4 values, here are {}", parts.len());
            let _: Option<()> = cx.fail(&inner, message, format!("give {ENTRY}"));
            continue;
        }
        let pre = neuron(cx, &inner.entry(0, &parts[0]), ends.pre_size);
        let post = neuron(cx, &inner.entry(1, &parts[1]), ends.post_size);
        let weight = parts.get(2).map(|value| own_weight(cx, &inner.entry(2, value), ends));
        let delay = parts.get(3).map(|value| own_delay(cx, &inner.entry(3, value)));
        if let (Some(pre), Some(post)) = (pre, post) {
            let weight = weight.map_or(Some(None), |weight| weight.map(Some));
            let delay_steps = delay.map_or(Some(None), |delay| delay.map(Some));
            if let (Some(weight), Some(delay_steps)) = (weight, delay_steps) {
                synapses.push(ExplicitSynapse { pre, post, weight, delay_steps });
            }
        }
    }
    let all = entries.len();
    let weights = synapses.iter().filter(|synapse| synapse.weight.is_some()).count();
    let delays = synapses.iter().filter(|synapse| synapse.delay_steps.is_some()).count();
    (synapses.len() == all).then(|| Connected {
        rule: Rule::Explicit(Explicit(synapses.into())),
        weight: own(weights, all),
        delay: own(delays, all),
        floats: None,
        state: Vec::new(),
    })
}

/// A neuron number; `None` without a mistake where the size is unknown.
fn neuron(cx: &mut Context<'_>, site: &Site<'_>, size: Option<u32>) -> Option<u32> {
    let size = size?;
    cx.integer(site, 0, u64::from(size) - 1).map(|neuron| neuron as u32)
}

fn own_weight(cx: &mut Context<'_>, site: &Site<'_>, ends: &Ends<'_>) -> Option<f64> {
    let (_, receptor) = ends.receptor?;
    let weight = cx.quantity(site, receptor.dimension)?;
    fitting_weight(cx, site, &Distribution::Constant(weight), receptor)?;
    Some(weight)
}

fn own_delay(cx: &mut Context<'_>, site: &Site<'_>) -> Option<u32> {
    let delay_ms = cx.quantity(site, Dimension::TIME)?;
    fitting_delay(cx, site, &Distribution::Constant(delay_ms))?;
    cx.steps(site, Rounding::Nearest)
}

/// A list of neuron numbers without repeats, ascending.
pub(super) fn neurons(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    values: &[Value],
    size: u32,
) -> Option<Vec<u32>> {
    let mut neurons: Vec<u32> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        if let Some(one) = neuron(cx, &site.entry(index, value), Some(size)) {
            neurons.push(one);
        }
    }
    neurons.sort_unstable();
    let before = neurons.len();
    neurons.dedup();
    if neurons.len() < before {
        return cx.fail(site, "a neuron is listed twice", "list each neuron once");
    }
    (before == values.len()).then_some(neurons)
}
