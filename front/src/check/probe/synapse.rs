//! A probe of the synapses of a projection.

use super::{every_steps, initial, variable};
use crate::check::context::{Context, Site};
use crate::check::distribution::pair_of;
use crate::check::fields::Fields;
use crate::check::model::Kind;
use crate::check::population::Draft;
use crate::check::suggest;
use crate::language::WEIGHT;
use crate::network::{Content, Item};
use isospike_core::base::id::ProjectionId;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::{
    Checked, Histogram, Projection, SynapseProbe, SynapseSample,
};
use isospike_core::plan::lower::missing_pairs;

/// The most intervals of a histogram.
const BINS_MAX: u64 = 65_536;

const CHOICES: &str = "\"all\", { first = 10 }, { every = 100 } or { pairs = [[0, 3], [1, 2]] }";

/// Reads a probe that names a projection in `site`.
pub(super) fn read(
    cx: &mut Context<'_>,
    item: &Item,
    mut fields: Fields<'_>,
    site: &Site<'_>,
    drafts: &[Draft<'_>],
    projections: &[Option<Projection>],
) -> Option<SynapseProbe> {
    let message = "a probe records neurons of a population or synapses of a projection";
    fields.refuse(cx, "population", message, "remove one of the two");
    fields.refuse(cx, "neurons", "synapses of a projection are recorded", "give `synapses`");
    let help = format!("give a state variable of its synapse model, or \"{WEIGHT}\"");
    let variable_site = fields.need(cx, "variable", &help);
    let found = projection(cx, site);
    let whole = found.and_then(|id| projections.get(id.index())?.as_ref());
    let whole = whole.and_then(|projection| stored(cx, site, projection));
    let variable = whole.zip(variable_site.as_ref());
    let variable = variable.and_then(|(whole, site)| self::variable_of(cx, site, whole, drafts));
    let sizes = whole.map(|projection| {
        [projection.pre, projection.post].map(|id| drafts[id.index()].size.unwrap_or(0))
    });
    let dimension = variable.map(|(_, dimension)| dimension);
    let sample = sample(cx, &mut fields, sizes, dimension);
    let is_rewired = whole.is_some_and(|p| p.synapse.as_ref().is_some_and(|s| s.rewire.is_some()));
    let sample = sample.filter(|sample| !is_rewired || is_of_all(cx, site, sample));
    let (every_steps, initial) = (every_steps(cx, &mut fields), initial(cx, &mut fields));
    fields.finish(cx);
    Some(SynapseProbe {
        name: item.name.clone(),
        projection: found?,
        variable: variable?.0,
        sample: sample?,
        every_steps: every_steps?,
        initial: initial?,
    })
}

fn projection(cx: &mut Context<'_>, site: &Site<'_>) -> Option<ProjectionId> {
    let name = cx.text(site, "the name of a projection")?;
    let known: Vec<&str> = cx.network.projections.iter().map(|item| item.name.as_str()).collect();
    if let Some(at) = known.iter().position(|known| *known == name) {
        return Some(ProjectionId(at as u32));
    }
    let help = suggest::help(name, &known, "projections");
    cx.fail(site, format!("there is no projection `{name}`"), help)
}

/// Refuses values of single synapses, which a rewiring replaces.
fn is_of_all(cx: &mut Context<'_>, site: &Site<'_>, sample: &SynapseSample) -> bool {
    if let SynapseSample::Histogram(_) = sample {
        return true;
    }
    let message = "this projection is rewired, so its synapses do not stay the same";
    let help = "record how many have which value: histogram = [lowest, highest, intervals]";
    cx.push(site.diagnostic(message, help));
    false
}

/// Refuses rows that are drawn at each spike.
fn stored<'p>(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    projection: &'p Projection,
) -> Option<&'p Projection> {
    if projection.procedural {
        let message = "the rows of this projection are not stored, so its weights never change";
        return cx.fail(site, message, "choose another, or remove `procedural` there");
    }
    Some(projection)
}

/// Returns the number of a variable, `None` for the weight of synapses without a model, and its
/// dimension.
fn variable_of(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    projection: &Projection,
    drafts: &[Draft<'_>],
) -> Option<(Option<u32>, Dimension)> {
    let Some(synapse) = &projection.synapse else {
        let Kind::Neurons(model) = &drafts[projection.post.index()].kind else { return None };
        let name = cx.text(site, "the name of a state variable")?;
        if name == WEIGHT {
            let receptor = &model.receptors[projection.receptor as usize];
            return Some((None, receptor.dimension));
        }
        let message = format!("the synapses of {} have no state `{name}`", projection.name);
        let help = format!("they have no synapse model: write \"{WEIGHT}\"");
        return cx.fail(site, message, help);
    };
    let state = &synapse.model.state;
    let names: Vec<&str> = state.iter().map(|variable| variable.name.as_str()).collect();
    let number = variable(cx, site, &synapse.model.name, &names)?;
    Some((Some(number), state[number as usize].dimension))
}

/// Reads `synapses` or `histogram`.
fn sample(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    sizes: Option<[u32; 2]>,
    dimension: Option<Dimension>,
) -> Option<SynapseSample> {
    match (fields.get("synapses"), fields.get("histogram")) {
        (Some(_), Some(site)) => {
            let message = "a probe has values of synapses or a histogram of them";
            cx.fail(&site, message, "remove one of the two; two probes have both")
        }
        (None, None) => Some(SynapseSample::Every(1)),
        (Some(site), None) => synapses(cx, &site, sizes),
        (None, Some(site)) => histogram(cx, &site, dimension?).map(SynapseSample::Histogram),
    }
}

fn synapses(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    sizes: Option<[u32; 2]>,
) -> Option<SynapseSample> {
    let entries = match &site.value.content {
        Content::Text(text) if text == "all" => return Some(SynapseSample::Every(1)),
        Content::Text(text) => {
            let message = format!("`{text}` is not a choice of synapses");
            return cx.fail(site, message, format!("give {CHOICES}"));
        }
        Content::Table(entries) => entries,
        _ => return cx.wrong_kind(site, CHOICES),
    };
    let mut fields = Fields::of_table(site, entries);
    let all = [fields.get("first"), fields.get("every"), fields.get("pairs")];
    let one = all.iter().flatten().count() == 1;
    if !one {
        let names = "give one of `first`, `every` and `pairs`";
        cx.push(fields.diagnostic("", "this is not one choice of synapses", names));
    }
    fields.finish(cx);
    let most = u64::from(u32::MAX);
    match all {
        _ if !one => None,
        [Some(site), ..] => cx.integer(&site, 1, most).map(SynapseSample::First),
        [_, Some(site), _] => cx.integer(&site, 1, most).map(SynapseSample::Every),
        [.., site] => pairs(cx, &site?, sizes?),
    }
}

fn pairs(cx: &mut Context<'_>, site: &Site<'_>, sizes: [u32; 2]) -> Option<SynapseSample> {
    const ENTRY: &str = "a pair [source, target]";
    let entries = cx.list(site, "a list of pairs [[source, target], ...]")?;
    let mut pairs = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let entry = site.entry(index, entry);
        let ends = match cx.list(&entry, ENTRY) {
            Some([pre, post]) => [pre, post],
            Some(values) => {
                let message = format!("a pair has 2 values, here are {}", values.len());
                let _: Option<()> = cx.fail(&entry, message, format!("give {ENTRY}"));
                continue;
            }
            None => continue,
        };
        let neuron = |cx: &mut Context<'_>, end: usize| {
            let most = u64::from(sizes[end]).saturating_sub(1);
            cx.integer(&entry.entry(end, ends[end]), 0, most)
        };
        if let (Some(pre), Some(post)) = (neuron(cx, 0), neuron(cx, 1)) {
            pairs.push((pre as u32, post as u32));
        }
    }
    pairs.sort_unstable();
    if pairs.windows(2).any(|pairs| pairs[0] == pairs[1]) {
        return cx.fail(site, "a pair is listed twice", "list each pair once");
    }
    (pairs.len() == entries.len()).then(|| SynapseSample::Pairs(pairs.into()))
}

fn histogram(cx: &mut Context<'_>, site: &Site<'_>, dimension: Dimension) -> Option<Histogram> {
    const WHAT: &str = "a list [lowest, highest, number of intervals]";
    let [lo, hi, bins] = cx.list(site, WHAT)? else {
        return cx.fail(site, "three values are needed here", format!("give {WHAT}"));
    };
    let bins = cx.integer(&site.entry(2, bins), 1, BINS_MAX);
    let (lo, hi) = pair_of(cx, site, dimension, [lo, hi])?;
    let histogram = Histogram { lo, hi, bins: bins? as u32 };
    if lo >= hi {
        let message = "the highest is not above the lowest";
        return cx.fail(site, message, "write the smaller one first");
    }
    if !histogram.edges().is_sorted_by(|a, b| a < b) {
        let message = "these intervals are narrower than what a 32-bit float tells apart";
        return cx.fail(site, message, "take fewer intervals, or a wider range");
    }
    Some(histogram)
}

/// Reports pairs that are listed and have no synapse. The network has no other mistake.
pub(in crate::check) fn judge(cx: &mut Context<'_>, checked: &Checked) {
    let network = cx.network;
    for probe in &checked.synapse_probes {
        let SynapseSample::Pairs(pairs) = &probe.sample else { continue };
        let missing = missing_pairs(checked, probe.projection, pairs);
        let items = network.probes.iter().filter(|item| item.name == probe.name);
        let entries = items.flat_map(|item| {
            let mut fields = Fields::of_item("probe", item);
            let table = fields.get("synapses")?;
            let Content::Table(entries) = &table.value.content else { return None };
            let site = Fields::of_table(&table, entries).get("pairs")?;
            let Content::List(values) = &site.value.content else { return None };
            let sites = values.iter().enumerate().map(|(n, value)| site.entry(n, value));
            Some(sites.collect::<Vec<_>>())
        });
        for site in entries.flatten() {
            let Content::List(ends) = &site.value.content else { continue };
            let numbers = ends.iter().filter_map(|end| match end.content {
                Content::Integer(number) => u32::try_from(number).ok(),
                _ => None,
            });
            let pair: Vec<u32> = numbers.collect();
            if missing.iter().any(|(pre, post)| pair == [*pre, *post]) {
                let name = &checked.projection(probe.projection).name;
                let message = format!("{name} has no synapse of this pair");
                cx.push(site.diagnostic(message, "give a pair that it connects, or remove this"));
            }
        }
    }
}
