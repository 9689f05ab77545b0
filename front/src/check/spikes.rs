//! The spikes of a `spike_list`: a list, a table, or a file.

use super::context::{Context, Rounding, Site, spell};
use super::data;
use crate::diagnostic::Diagnostic;
use crate::network::{Content, Field, Value};
use isospike_core::base::steps;
use isospike_core::base::words::count;
use std::sync::Arc;

/// (step, neuron) of every spike, sorted.
type Spikes = Arc<[(u32, u32)]>;

/// A spike with the place it was written at.
struct Given<'a> {
    step: u32,
    neuron: u32,
    site: Site<'a>,
}

/// Reads `spikes`. `size` is unknown after a mistake.
pub(super) fn read(cx: &mut Context<'_>, site: &Site<'_>, size: Option<u32>) -> Option<Spikes> {
    let before = cx.count_diagnostics();
    let spikes = match &site.value.content {
        Content::List(entries) => list(cx, site, entries, size),
        Content::Table(fields) => table(cx, site, fields, size),
        Content::Text(path) => return from_file(cx, site, path, size),
        _ => return cx.wrong_kind(site, "a list of [time, neuron], a table or a file name"),
    };
    // Without dt or a size, entries are left out with no mistake of their own.
    let complete = cx.count_diagnostics() == before && cx.dt_ms.is_some() && size.is_some();
    complete.then_some(())?;
    sorted(cx, spikes)
}

fn list<'a>(
    cx: &mut Context<'_>,
    site: &Site<'a>,
    entries: &'a [Value],
    size: Option<u32>,
) -> Vec<Given<'a>> {
    let mut spikes = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let entry_site = site.entry(index, entry);
        let Content::List(pair) = &entry.content else {
            let _: Option<()> = cx.wrong_kind(&entry_site, "a pair [time, neuron]");
            continue;
        };
        let [time, neuron] = &pair[..] else {
            let message = format!(
                "a spike has a time and a neuron, not {}",
                count(pair.len() as u64, "value")
            );
            let _: Option<()> = cx.fail(&entry_site, message, "give [\"1.5 ms\", 3]");
            continue;
        };
        let step = cx.steps(&entry_site.entry(0, time), Rounding::Nearest);
        let neuron =
            size.and_then(|size| cx.integer(&entry_site.entry(1, neuron), 0, u64::from(size) - 1));
        if let (Some(step), Some(neuron)) = (step, neuron) {
            spikes.push(Given { step, neuron: neuron as u32, site: entry_site });
        }
    }
    spikes
}

fn table<'a>(
    cx: &mut Context<'_>,
    site: &Site<'a>,
    fields: &'a [Field],
    size: Option<u32>,
) -> Vec<Given<'a>> {
    let mut spikes = Vec::new();
    for field in fields {
        let inner = site.inner(field);
        let neuron = match (field.name.parse::<u32>(), size) {
            (_, None) => None,
            (Ok(neuron), Some(size)) if neuron < size => Some(neuron),
            (_, Some(size)) => {
                let message = format!("`{}` is not a neuron of this population", field.name);
                let help = format!("give an integer from 0 to {}", size - 1);
                let location = field.location.clone();
                cx.push(Diagnostic { location, ..inner.diagnostic(message, help) });
                None
            }
        };
        let times = cx.list(&inner, "a list of times").unwrap_or(&[]);
        for (index, time) in times.iter().enumerate() {
            let time_site = inner.entry(index, time);
            let step = cx.steps(&time_site, Rounding::Nearest);
            if let (Some(step), Some(neuron)) = (step, neuron) {
                spikes.push(Given { step, neuron, site: time_site });
            }
        }
    }
    spikes
}

/// Sorts, and reports a neuron that would spike twice in a step.
fn sorted(cx: &mut Context<'_>, mut spikes: Vec<Given<'_>>) -> Option<Spikes> {
    spikes.sort_by_key(|spike| (spike.step, spike.neuron));
    let mut twice = false;
    for pair in spikes.windows(2) {
        let (step, neuron) = (pair[1].step, pair[1].neuron);
        if (step, neuron) == (pair[0].step, pair[0].neuron) {
            let message = format!("neuron {neuron} already spikes in step {step}");
            cx.push(pair[1].site.diagnostic(message, ONCE));
            twice = true;
        }
    }
    (!twice).then(|| spikes.iter().map(|spike| (spike.step, spike.neuron)).collect())
}

const ONCE: &str = "a neuron spikes at most once in a step: remove one, or take a smaller dt";

fn from_file(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
    size: Option<u32>,
) -> Option<Spikes> {
    let table = data::spikes(cx, site, path)?;
    let known = cx.dt_ms.zip(size);
    let mut spikes = Vec::new();
    let mut wrong = table.read(cx, site, SPIKE_BYTES, |cx, wrong, at, row| {
        let (Some((dt_ms, size)), &[time_ms, neuron]) = (known, row) else { return };
        let step = steps::nearest(time_ms, dt_ms);
        let last = f64::from(super::context::LAST_STEP);
        if !(time_ms >= 0.0 && step <= last) {
            wrong.push(cx, site, at, &format!("the time {} ms is out of range", spell(time_ms)));
        } else if !(neuron >= 0.0 && neuron < f64::from(size) && libm::floor(neuron) == neuron) {
            let message = format!("{} is not a neuron of this population of {size}", spell(neuron));
            wrong.push(cx, site, at, &message);
        } else {
            spikes.push((step as u32, neuron as u32, at.number));
        }
    })?;
    // The result stands beside them for a while.
    spikes.shrink_to_fit();
    spikes.sort_unstable();
    for pair in spikes.windows(2) {
        if (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) {
            let message = format!("neuron {} already spikes in step {}", pair[1].1, pair[1].0);
            let at = data::Place { number: pair[1].2, text: None };
            wrong.push_help(cx, site, &at, &message, ONCE);
        }
    }
    wrong.finish(cx, site)?;
    known?;
    Some(spikes.into_iter().map(|(step, neuron, _)| (step, neuron)).collect())
}

/// The parts of a spike that are kept: step, neuron and place, and then the first two.
const SPIKE_BYTES: u64 = 20;
