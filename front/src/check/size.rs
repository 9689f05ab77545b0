//! Whether the network fits: ids of 32 bits, and the memory of the machine.

use super::Limits;
use super::context::Context;
use super::model::Kind;
use super::population::Draft;
use super::probe::Probes;
use super::settings::Settings;
use super::synapse::kept_words;
use crate::diagnostic::Diagnostic;
use isospike_core::base::words::count;
use isospike_core::describe::checked::{Projection, Stimulus, SynapseSample};

/// Neurons, and accumulators, of all copies together: ids must fit an i32.
const MAX_IDS: u64 = 1 << 31;

/// A value that differs between neurons is kept in double precision, once for all copies.
const BYTES_PER_VALUE: u64 = 8;

/// An estimate for state, constants and refractory counter of a neuron, with its accumulators.
const BYTES_PER_NEURON: u64 = 64;

/// The least that any backend takes: 16 bits for a stored synapse, or a bit for each pair of
/// neurons, with a synapse or without (`docs/cpu.md`). How much a backend takes for the network at
/// hand it estimates itself, by the layouts that it chooses, and refuses before it builds anything.
const LEAST_BYTES_PER_SYNAPSE: u64 = 2;
const PAIRS_PER_BYTE: u64 = 8;

/// A state variable of a synapse that a statement assigns, in each copy; a value of a sample.
const BYTES_PER_WORD: u64 = 4;

/// Bytes of a value in time: in f64, as a word of the plan, and as a word of an engine.
pub(super) const BYTES_PER_SERIES_VALUE: u64 = 16;

/// Reports too many neurons. False where reading their values would take too much memory.
pub(super) fn neurons(
    cx: &mut Context<'_>,
    drafts: &[Draft<'_>],
    settings: &Settings,
    limits: Limits,
) -> bool {
    let batch = u64::from(settings.batch.unwrap_or(1));
    let mut neurons = 0;
    let mut accumulators = 0;
    let mut values: u64 = 0;
    for draft in drafts {
        let size = u64::from(draft.size.unwrap_or(0)) * batch;
        neurons += size;
        let of_one = u64::from(draft.size.unwrap_or(0));
        values = values.saturating_add(of_one.saturating_mul(draft.values_per_neuron()));
        if let Kind::Neurons(model) = &draft.kind {
            accumulators += size * model.receptors.len() as u64;
        }
    }
    for (count, what) in [(neurons, "neurons"), (accumulators, "accumulators (one per receptor)")] {
        if count > MAX_IDS {
            let message = format!("there are {count} {what} in all copies");
            push(cx, message, "at most 2^31 can be numbered: lower sizes or batch".into());
            return false;
        }
    }
    let bytes = values.saturating_mul(BYTES_PER_VALUE).saturating_add(neurons * BYTES_PER_NEURON);
    if limits.memory_bytes.is_some_and(|limit| bytes > limit) {
        too_large(
            cx,
            bytes,
            limits,
            format!("{} in all copies: lower sizes or batch", count(neurons, "neuron")),
        );
        return false;
    }
    true
}

/// Reports synapses that no backend could hold, and values in time that do not fit into memory.
pub(super) fn stored(
    cx: &mut Context<'_>,
    drafts: &[Draft<'_>],
    projections: &[Option<Projection>],
    stimuli: &[Option<Stimulus>],
    probes: &Probes,
    settings: &Settings,
    limits: Limits,
) {
    let size = |index: usize| u64::from(drafts[index].size.unwrap_or(0));
    let neurons: u64 = (0..drafts.len()).map(size).sum();
    let batch = u64::from(settings.batch.unwrap_or(1));
    let mut bytes = neurons * batch * BYTES_PER_NEURON;
    let mut largest = (0, "");
    let mut learns = false;
    for projection in projections.iter().flatten().filter(|projection| !projection.procedural) {
        let (pre, post) = (size(projection.pre.index()), size(projection.post.index()));
        let synapses = projection.rule.synapses(pre, post);
        let stored =
            synapses.saturating_mul(LEAST_BYTES_PER_SYNAPSE).min(pre * post / PAIRS_PER_BYTE);
        let words = projection.synapse.as_ref().map_or(0, |synapse| kept_words(&synapse.model));
        let kept = synapses.saturating_mul(words * BYTES_PER_WORD * batch);
        let stored = stored.saturating_add(kept);
        bytes = bytes.saturating_add(stored);
        if stored > largest.0 {
            largest = (stored, &projection.name);
            learns = projection.synapse.is_some();
        }
    }
    let mut longest = (0, "");
    for stimulus in stimuli.iter().flatten() {
        let values = stimulus.kind.series().map_or(0, |series| series.values.len() as u64);
        bytes = bytes.saturating_add(values * BYTES_PER_SERIES_VALUE);
        longest = longest.max((values * BYTES_PER_SERIES_VALUE, &stimulus.name));
    }
    let (sampled, most) = samples(probes, projections, size, settings);
    bytes = bytes.saturating_add(sampled);
    let over = limits.memory_bytes.is_some_and(|limit| bytes > limit);
    if over && most.0 > largest.0.max(longest.0) {
        let (name, needed) = (most.1, gib(most.0));
        let help = format!(
            "sample less with probe {name}, which needs {needed} GiB: fewer, or less often"
        );
        too_large(cx, bytes, limits, help);
    } else if over && longest.0 > largest.0 {
        let (name, needed) = (longest.1, gib(longest.0));
        let help = format!("shorten the values of stimulus {name}, which need {needed} GiB");
        too_large(cx, bytes, limits, help);
    } else if over {
        let or = match learns {
            true => "",
            false => ", or write `procedural = true`, which stores nothing",
        };
        let help = format!(
            "lower the sizes (a constant like `scale` in them makes that easy){or}: projection {} \
             alone needs at least {} GiB",
            largest.1,
            gib(largest.0)
        );
        too_large(cx, bytes, limits, help);
    }
}

/// Returns the bytes of all samples of a run, and the probe that has most of them.
fn samples<'p>(
    probes: &'p Probes,
    projections: &[Option<Projection>],
    size: impl Fn(usize) -> u64,
    settings: &Settings,
) -> (u64, (u64, &'p str)) {
    let steps = settings.duration_steps.unwrap_or(0);
    let batch = u64::from(settings.batch.unwrap_or(1));
    let bytes = |width: u64, every_steps: u32, initial: bool| {
        let samples = u64::from(steps.div_ceil(every_steps.max(1))) + u64::from(initial);
        width.saturating_mul(batch * BYTES_PER_WORD).saturating_mul(samples)
    };
    let neurons = probes.neurons.iter().flatten().map(|probe| {
        (bytes(probe.neurons.len() as u64, probe.every_steps, probe.initial), &*probe.name)
    });
    let synapses = probes.synapses.iter().flatten().filter_map(|probe| {
        let projection = projections[probe.projection.index()].as_ref()?;
        let (pre, post) = (size(projection.pre.index()), size(projection.post.index()));
        let all = projection.rule.synapses(pre, post);
        let width = match &probe.sample {
            SynapseSample::First(count) => (*count).min(all),
            SynapseSample::Every(of) => all.div_ceil(*of),
            SynapseSample::Pairs(pairs) => pairs.len() as u64,
            SynapseSample::Histogram(histogram) => u64::from(histogram.bins) + 2,
        };
        Some((bytes(width, probe.every_steps, probe.initial), &*probe.name))
    });
    neurons
        .chain(synapses)
        .fold((0, (0, "")), |(sum, most), probe| (probe.0.saturating_add(sum), most.max(probe)))
}

fn too_large(cx: &mut Context<'_>, bytes: u64, limits: Limits, help: String) {
    let (needed, limit) = (gib(bytes), gib(limits.memory_bytes.unwrap_or(0)));
    push(cx, format!("at least {needed} GiB are needed, but only {limit} GiB may be used"), help);
}

fn gib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / (1u64 << 30) as f64)
}

fn push(cx: &mut Context<'_>, message: String, help: String) {
    let location = cx.network.location.clone();
    cx.push(Diagnostic { location, item: "network".into(), field: String::new(), message, help });
}
