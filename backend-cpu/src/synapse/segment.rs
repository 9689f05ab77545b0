//! Figures of projections that the choice of a layout rests on: degrees, segments, distances.

use isospike_core::connect::{Draw, RowKind};
use isospike_core::plan::{Plan, ProjectionPlan};

/// How many synapses a segment (one source, one delay, one shard) must have on average for chunks
/// to pay: with fewer, most of a chunk of eight is padding.
pub(crate) const SEGMENT_MIN: f64 = 8.0;

/// How many synapses a source of this projection has on average for one delay and one shard, in all
/// projections that are stored together with it.
pub(crate) fn segment(plan: &Plan, projection: &ProjectionPlan, shards: u32) -> f64 {
    let per_delay = together(plan, projection).map(|other| degree(other) / delays(other));
    per_delay.sum::<f64>() / f64::from(shards.max(1))
}

/// How far apart two neighbouring targets of a source are on average, in neurons, over all
/// projections that are stored together with this one.
pub(crate) fn distance(plan: &Plan, projection: &ProjectionPlan) -> f64 {
    let reach = |other: &ProjectionPlan| f64::from(plan.populations[other.post.index()].size);
    let all: f64 = together(plan, projection).map(reach).sum();
    let targets: f64 = together(plan, projection).map(degree).sum();
    all / targets.max(1.0)
}

/// The projections that are stored together with this one, which is one of them.
pub(crate) fn together<'a>(
    plan: &'a Plan,
    projection: &'a ProjectionPlan,
) -> impl Iterator<Item = &'a ProjectionPlan> {
    let weight = constant_weight(projection);
    plan.projections.iter().filter(move |other| {
        other.pre == projection.pre && !other.procedural && constant_weight(other) == weight
    })
}

/// How many synapses a source has on average.
pub(crate) fn degree(projection: &ProjectionPlan) -> f64 {
    projection.rows.expected_synapses() as f64 / f64::from(projection.rows.rows().max(1))
}

/// The weight of all synapses of a projection, where there is only one.
pub(crate) fn constant_weight(projection: &ProjectionPlan) -> Option<i32> {
    match (projection.rows.kind().listed(), &projection.rows.site().weight) {
        (None, Draw::Constant(weight)) => Some(*weight),
        _ => None,
    }
}

/// The delay of all synapses of a projection, where there is only one.
pub(crate) fn constant_delay(projection: &ProjectionPlan) -> Option<u32> {
    let (least, largest) = (projection.min_delay_steps, projection.max_delay_steps);
    (least == largest).then_some(least)
}

/// Whether each source has all targets in their order, with one delay.
pub(crate) fn all_in_order(plan: &Plan, projection: &ProjectionPlan) -> bool {
    let pairs = u64::from(projection.rows.rows())
        * u64::from(plan.populations[projection.post.index()].size);
    // Without autapses it is not so.
    matches!(projection.rows.kind(), RowKind::All(_))
        && projection.rows.expected_synapses() == pairs
        && constant_delay(projection).is_some()
}

/// About how many different delays the synapses of a row have: rare ones count little.
fn delays(projection: &ProjectionPlan) -> f64 {
    let span = f64::from(projection.max_delay_steps - projection.min_delay_steps + 1);
    match &projection.rows.site().delay {
        _ if projection.rows.kind().listed().is_some() => span,
        Draw::Constant(_) => 1.0,
        Draw::Uniform { .. } => span,
        Draw::Table(table) => {
            let entry = |share: f64| f64::from(table[(share * table.len() as f64) as usize]);
            entry(0.98) - entry(0.02) + 1.0
        }
    }
}
