//! `[projection.X]`.

use super::context::{Context, Site};
use super::distribution::{self, Given};
use super::fields::Fields;
use super::model::{Kind, repeated};
use super::population::{Draft, find};
use super::rule::{self, Connected, Own};
use super::suggest;
use super::synapse::{self, Chosen, Synapses};
use crate::network::Item;
use isospike_core::base::id::PopulationId;
use isospike_core::connect::rule::{Explicit, FixedInDegree};
use isospike_core::connect::{Distribution, ExplicitSynapse, RealDraw, Rule};
use isospike_core::describe::checked::Projection;
use isospike_core::describe::model::{NeuronModel, ReceptorDef};
use isospike_core::describe::synapse::Synapse;
use std::collections::BTreeSet;

/// The two ends of a projection; unknown parts are `None`.
pub(super) struct Ends<'d> {
    pub pre: Option<PopulationId>,
    pub post: Option<PopulationId>,
    pub pre_size: Option<u32>,
    pub post_size: Option<u32>,
    pub receptor: Option<(u32, &'d ReceptorDef)>,
    /// The model of the target.
    pub target: Option<&'d NeuronModel>,
    /// The model of the source; `None` for a spike list.
    pub source: Option<&'d NeuronModel>,
}

impl<'d> Ends<'d> {
    /// The model of the target with the receptor of the projection.
    fn target(&self) -> Option<synapse::Target<'d>> {
        let (_, receptor) = self.receptor?;
        Some(synapse::Target { model: self.target?, receptor })
    }

    /// The surroundings of synapses with a model in a projection of this name, whose weights are
    /// from these on up to these.
    fn of_synapses<'a>(
        &'a self,
        projection: &'a str,
        weights: (f64, f64),
        weight: Option<&'a Site<'a>>,
    ) -> Option<synapse::Ends<'a>> {
        let (target, source) = (self.target()?, self.source);
        Some(synapse::Ends { projection, target, source, weights, weight })
    }

    /// Whether both ends are known to be one population.
    pub fn same(&self) -> bool {
        self.pre.is_some() && self.pre == self.post
    }
}

/// Reads all projections.
pub(super) fn read<'n>(
    cx: &mut Context<'n>,
    drafts: &[Draft<'_>],
    synapses: &mut Synapses<'n>,
) -> Vec<Option<Projection>> {
    let mut names = BTreeSet::new();
    let items = &cx.network.projections;
    let mut projections = Vec::new();
    for item in items {
        repeated(cx, &mut names, "projection", item);
        projections.push(projection(cx, item, drafts, synapses));
    }
    projections
}

fn projection<'n>(
    cx: &mut Context<'n>,
    item: &'n Item,
    drafts: &[Draft<'_>],
    synapses: &mut Synapses<'n>,
) -> Option<Projection> {
    let mut fields = Fields::of_item("projection", item);
    let ends = ends(cx, &mut fields, drafts);
    let receptor = ends.receptor.map(|(_, receptor)| receptor);
    let mut chosen = synapse::choose(cx, synapses, &mut fields, ends.target());
    sends(cx, fields.get("from"), ends.source, &chosen);
    let weight_site = fields.get("weight");
    let weight = weight_site.as_ref().zip(receptor);
    let weight = weight.and_then(|(site, receptor)| distribution::weight(cx, site, receptor));
    let delay_site = fields.get("delay");
    let delay = delay_site.as_ref().and_then(|site| distribution::delay(cx, site));
    let judged =
        weight_site.is_some() == weight.is_some() && delay_site.is_some() == delay.is_some();
    let (weight_unit, delay_unit, model) = (column(weight), column(delay), chosen.model().cloned());
    let columns = rule::Columns { weight: weight_unit, delay: delay_unit, judged, model };
    let connected = rule::read(cx, &mut fields, &ends, &columns);
    let connect = fields.get("connect");
    let autapses = rule::autapses(cx, &mut fields, connected.as_ref().map(|c| &c.rule));
    let rule = connected.as_ref().map(|connected| &connected.rule);
    let procedural = procedural(cx, &mut fields, rule, &chosen);
    let bits = fields.get("weight_bits");
    let weight_bits = bits.map_or(Some(None), |site| weight_bits(cx, &site).map(Some));
    let bounds = bounds(cx, &mut fields, receptor, procedural, &chosen);
    let own = connected.as_ref().map(|connected| connected.weight);
    let weight = match unused_weight(cx, weight_site.as_ref(), &chosen) {
        Some(unused) => unused,
        None => drawn(cx, &fields, "weight", weight_site.as_ref(), weight, own),
    };
    let own = connected.as_ref().map(|connected| connected.delay);
    let delay = drawn(cx, &fields, "delay", delay_site.as_ref(), delay, own);
    fields.finish(cx);
    let Connected { rule, floats, state, .. } = connected?;
    chosen.begin(cx, connect, state);
    rule::possible(cx, item, &ends, &rule, autapses?)?;
    let weights = weight.as_ref().map(|weight| extremes(weight, &rule));
    if let (Some(Some((site, bounds))), Some(Some(weights))) = (&bounds, weights) {
        starts_within(cx, site, *bounds, weights, receptor?)?;
    }
    let synapse = match &chosen {
        Chosen::Static => None,
        Chosen::Unknown => return None,
        Chosen::Model(draft) => {
            let weights = weights?.unwrap_or((0.0, 0.0));
            synapse::leave_a_step(cx, draft, delay.as_ref()?, &rule)?;
            let ends = ends.of_synapses(&item.name, weights, weight_site.as_ref())?;
            Some(Synapse { weights: floats, ..synapse::values(cx, draft, &ends)? })
        }
    };
    Some(Projection {
        name: item.name.clone(),
        pre: ends.pre?,
        post: ends.post?,
        receptor: ends.receptor?.0,
        rule,
        autapses: autapses?,
        weight: weight?,
        delay_ms: delay?,
        procedural: procedural?,
        weight_bits: weight_bits?,
        weight_bounds: bounds?.map(|(_, bounds)| bounds),
        synapse,
    })
}

/// Reports neurons that never spike, unless their synapses send without spikes.
fn sends(
    cx: &mut Context<'_>,
    site: Option<Site<'_>>,
    source: Option<&NeuronModel>,
    chosen: &Chosen<'_>,
) {
    let (Some(site), Some(source)) = (site, source) else { return };
    let needs_spikes = match chosen {
        Chosen::Static => true,
        Chosen::Unknown => false,
        Chosen::Model(draft) => !draft.text.model.sends_without_spikes(),
    };
    if needs_spikes && source.threshold.is_none() {
        let message = format!("neurons of the model {} never spike", source.name);
        cx.push(site.diagnostic(message, "choose a population whose model has a threshold"));
    }
}

/// The distribution of weights of a model that does not use them. No result for other models.
fn unused_weight(
    cx: &mut Context<'_>,
    site: Option<&Site<'_>>,
    chosen: &Chosen<'_>,
) -> Option<Option<Distribution>> {
    let Chosen::Model(draft) = chosen else { return None };
    if draft.text.uses_weight() {
        return None;
    }
    let Some(site) = site else { return Some(Some(Distribution::Constant(0.0))) };
    let name = &draft.text.model.name;
    let message = format!("the model {name} does not use the weight, so this has no effect");
    Some(cx.fail(site, message, "remove it"))
}

fn column(given: Option<Given>) -> Option<f64> {
    match given {
        Some(Given::Column(unit)) => Some(unit),
        _ => None,
    }
}

fn ends<'d>(cx: &mut Context<'_>, fields: &mut Fields<'_>, drafts: &'d [Draft<'_>]) -> Ends<'d> {
    let from = fields.need(cx, "from", "give the population that the spikes come from");
    let pre = from.as_ref().and_then(|site| find(cx, site, drafts));
    let to = fields.need(cx, "to", "give the population that the synapses end on");
    let post = to.as_ref().and_then(|site| find(cx, site, drafts));
    let target = to.as_ref().zip(post.map(|post| &drafts[post.index()]));
    let receptor = target.and_then(|(site, draft)| match &draft.kind {
        Kind::Unknown => {
            fields.get("receptor");
            None
        }
        Kind::SpikeList => {
            fields.get("receptor");
            let message = format!("`{}` is a spike_list, which receives nothing", draft.name);
            cx.fail(site, message, "choose a population of neurons")
        }
        Kind::Neurons(model) => receptor(cx, fields, model),
    });
    if target.is_none() {
        fields.get("receptor");
    }
    let size = |id: Option<PopulationId>| id.and_then(|id| drafts[id.index()].size);
    let target = target.and_then(|(_, draft)| draft.model());
    let source = pre.and_then(|id| drafts[id.index()].model());
    Ends { pre, post, pre_size: size(pre), post_size: size(post), receptor, target, source }
}

/// The receptor that a field names, or the only one of the model.
pub(super) fn receptor<'m>(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    model: &'m NeuronModel,
) -> Option<(u32, &'m ReceptorDef)> {
    let names: Vec<&str> = model.receptors.iter().map(|receptor| receptor.name.as_str()).collect();
    let all = suggest::list(&names, "receptors");
    let Some(site) = fields.get("receptor") else {
        if let [only] = &model.receptors[..] {
            return Some((0, only));
        }
        let message = match names.len() {
            0 => format!("the model {} has no receptor, so nothing can reach it", model.name),
            n => format!("the model {} has {n} receptors, so one must be named", model.name),
        };
        cx.push(fields.diagnostic("receptor", &message, &all));
        return None;
    };
    let name = cx.text(&site, "the name of a receptor")?;
    if let Some(at) = names.iter().position(|known| *known == name) {
        return Some((at as u32, &model.receptors[at]));
    }
    let message = format!("the model {} has no receptor `{name}`", model.name);
    cx.fail(&site, message, suggest::help(name, &names, "receptors"))
}

/// The distribution of a projection's weight or delay, given what its synapses have themselves.
fn drawn(
    cx: &mut Context<'_>,
    fields: &Fields<'_>,
    name: &str,
    site: Option<&Site<'_>>,
    given: Option<Given>,
    own: Option<Own>,
) -> Option<Distribution> {
    let unused = match name {
        "delay" => Distribution::Constant(cx.dt_ms?),
        _ => Distribution::Constant(0.0),
    };
    match (site, given, own?) {
        (None, _, Own::All | Own::Column) => Some(unused),
        (None, _, _) if name == "delay" => Some(unused),
        (None, ..) => {
            let help = "give a quantity or a distribution: weight = \"1.5 nS\"";
            cx.push(fields.diagnostic(name, "this field is missing", help));
            None
        }
        (Some(_), None, _) => None,
        (Some(_), Some(Given::Column(_)), Own::Column) => Some(unused),
        (Some(site), Some(Given::Column(_)), _) => {
            let message = format!("there is no file with a column `{name}`");
            cx.fail(site, message, "give a quantity or a distribution")
        }
        (Some(site), Some(Given::Drawn(_)), Own::All | Own::Column) => {
            let message = format!("every synapse has its own {name}, so this has no effect");
            cx.fail(site, message, "remove it")
        }
        (Some(_), Some(Given::Drawn(distribution)), _) => Some(distribution),
    }
}

fn procedural(
    cx: &mut Context<'_>,
    fields: &mut Fields<'_>,
    rule: Option<&Rule>,
    chosen: &Chosen<'_>,
) -> Option<bool> {
    let Some(site) = fields.get("procedural") else { return Some(false) };
    let procedural = cx.boolean(&site)?;
    if procedural && matches!(chosen, Chosen::Model(_)) {
        let message = "rows that are not stored cannot keep the state of a synapse model";
        return cx.fail(&site, message, "remove it");
    }
    let reason = match rule {
        Some(Rule::FixedInDegree(FixedInDegree { .. })) => {
            "a row of fixed_in_degree cannot be drawn alone: its targets draw their sources"
        }
        Some(Rule::Explicit(_)) => "a given list is not drawn, so it cannot be drawn again",
        _ => return Some(procedural),
    };
    if procedural {
        return cx.fail(
            &site,
            reason,
            "remove it, or choose fixed_out_degree or \
                                       fixed_probability",
        );
    }
    Some(false)
}

fn weight_bits(cx: &mut Context<'_>, site: &Site<'_>) -> Option<u8> {
    match cx.integer(site, 1, 64)? {
        16 => Some(16),
        32 => Some(32),
        bits => cx.fail(site, format!("weights of {bits} bits do not exist"), "give 16 or 32"),
    }
}

/// Reads the field `weight_bounds`: the least and the largest weight, with its place.
fn bounds<'n>(
    cx: &mut Context<'_>,
    fields: &mut Fields<'n>,
    receptor: Option<&ReceptorDef>,
    procedural: Option<bool>,
    chosen: &Chosen<'_>,
) -> Option<Option<(Site<'n>, (f64, f64))>> {
    let Some(site) = fields.get("weight_bounds") else { return Some(None) };
    if matches!(chosen, Chosen::Model(_)) {
        let message = "the bounds of these weights are those of the synapse model";
        return cx.fail(&site, message, "remove it");
    }
    let bounds = weight_bounds(cx, &site, receptor, procedural)?;
    Some(Some((site, bounds)))
}

/// Reads the least and the largest weight that a synapse may be given in a run.
fn weight_bounds(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    receptor: Option<&ReceptorDef>,
    procedural: Option<bool>,
) -> Option<(f64, f64)> {
    if procedural == Some(true) {
        let message = "rows that are not stored keep no weight that is given";
        return cx.fail(site, message, "remove it, or remove procedural");
    }
    let receptor = receptor?;
    let (least, largest) = distribution::pair(cx, site, receptor.dimension, BOUNDS)?;
    if least > largest {
        return cx.fail(
            site,
            "the least is larger than the largest",
            "write the smaller one first",
        );
    }
    let bounds = Distribution::Uniform { lo: least, hi: largest };
    distribution::fitting_weight(cx, site, &bounds, receptor)?;
    Some((least, largest))
}

const BOUNDS: &str = "a list [least, largest]";

/// The least and the largest weight at the start; `None` where there is no synapse.
fn extremes(weight: &Distribution, rule: &Rule) -> Option<(f64, f64)> {
    let drawn = RealDraw::new(weight).extremes();
    let Rule::Explicit(Explicit(list)) = rule else { return Some(drawn) };
    let given = |synapse: ExplicitSynapse| synapse.weight.map_or(drawn, |w| (w, w));
    list.iter().map(given).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Reports weights at the start that are out of the bounds.
fn starts_within(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    (least, largest): (f64, f64),
    (lo, hi): (f64, f64),
    receptor: &ReceptorDef,
) -> Option<()> {
    let unit = receptor.dimension.base_unit();
    let amount = |weight| distribution::amount(weight, &unit);
    if lo < least || hi > largest {
        let message = format!(
            "weights at the start lie between {} and {}, out of these bounds",
            amount(lo),
            amount(hi)
        );
        let help = format!("give bounds from {} to {} or wider", amount(lo), amount(hi));
        return cx.fail(site, message, help);
    }
    Some(())
}
