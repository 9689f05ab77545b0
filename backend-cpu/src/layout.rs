//! How the synapses of a projection are kept: decided here, once per projection, with a reason.

use isospike_core::connect::{Draw, RowKind};
use isospike_core::plan::{Plan, ProjectionPlan};

/// The layouts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Chunks of targets and 16-bit weights, delay by delay; a spike waits on a wheel until each
    /// delay has passed.
    Chunks,
    /// The same without weights: all are this one.
    Targets {
        /// The quantised weight.
        weight: i32,
    },
    /// Rows with 16-bit weights, delivered at once into a ring of accumulators.
    Narrow,
    /// Rows with 32-bit weights and delays, delivered at once into a ring of accumulators.
    Wide,
    /// Nothing: rows are drawn again at each spike.
    Drawn,
}

impl Layout {
    /// Bytes of a synapse, without padding.
    pub fn synapse_bytes(self) -> u64 {
        match self {
            Self::Chunks => 4,
            Self::Targets { .. } => 2,
            Self::Narrow => 8,
            Self::Wide => 12,
            Self::Drawn => 0,
        }
    }

    /// Whether spikes wait on a wheel.
    pub(crate) fn is_chunked(self) -> bool {
        matches!(self, Self::Chunks | Self::Targets { .. })
    }
}

/// A layout, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub layout: Layout,
    /// In words.
    pub reason: String,
}

/// How many synapses a segment (one source, one delay, one shard) must have on average for chunks
/// to pay: with fewer, most of a chunk of eight is padding.
pub(crate) const SEGMENT_MIN: f64 = 8.0;

/// How many accumulators of a shard 16 bits can name, beside those that padding goes to.
pub(crate) const ACCUMULATORS_MAX: u64 = 65_536 - 16;

/// How many different constant weights have a store of their own.
const CONSTANTS_MAX: usize = 8;

/// Chooses the layout of each projection, for this many shards with at most this many accumulators
/// each.
pub(crate) fn choose(plan: &Plan, shards: u32, accumulators: u64) -> Vec<Choice> {
    let mut constants = Vec::new();
    let mut one = |projection| {
        if let Some(choice) = without_chunks(projection, accumulators) {
            return choice;
        }
        let (segment, what) =
            (segment(plan, projection, shards), "synapses per source, delay and shard");
        if segment < SEGMENT_MIN {
            let (layout, width) = rows(projection);
            return Choice { layout, reason: format!("{segment:.1} {what}, {width}") };
        }
        if let Some(weight) = constant_weight(projection) {
            if !constants.contains(&weight) && constants.len() < CONSTANTS_MAX {
                constants.push(weight);
            }
            if constants.contains(&weight) {
                let reason = format!("{segment:.1} {what}, one weight");
                return Choice { layout: Layout::Targets { weight }, reason };
            }
        }
        if projection.weight_bits > 16 {
            let reason = format!("more than {CONSTANTS_MAX} weights of 32 bits");
            return Choice { layout: Layout::Wide, reason };
        }
        Choice { layout: Layout::Chunks, reason: format!("{segment:.1} {what}") }
    };
    plan.projections.iter().map(&mut one).collect()
}

/// The layout where chunks are out of the question.
fn without_chunks(projection: &ProjectionPlan, accumulators: u64) -> Option<Choice> {
    let because = |layout, reason: &str| Some(Choice { layout, reason: reason.to_string() });
    if projection.procedural {
        return because(Layout::Drawn, "the model says that rows are not stored");
    }
    if projection.max_delay_steps > u32::from(u16::MAX) {
        return because(Layout::Wide, "delays need more than 16 bits");
    }
    if projection.weight_bits > 16 && constant_weight(projection).is_none() {
        return because(Layout::Wide, "weights need 32 bits");
    }
    if accumulators > ACCUMULATORS_MAX {
        let (layout, width) = rows(projection);
        return because(layout, &format!("a shard has {accumulators} accumulators, {width}"));
    }
    None
}

fn rows(projection: &ProjectionPlan) -> (Layout, &'static str) {
    match projection.weight_bits {
        ..=16 => (Layout::Narrow, "weights of 16 bits"),
        _ => (Layout::Wide, "weights of 32 bits"),
    }
}

/// How many synapses a source of this projection has on average for one delay and one shard, in all
/// projections that are stored together with it.
pub(crate) fn segment(plan: &Plan, projection: &ProjectionPlan, shards: u32) -> f64 {
    let weight = constant_weight(projection);
    let together = plan.projections.iter().filter(|other| {
        other.pre == projection.pre && !other.procedural && constant_weight(other) == weight
    });
    let per_delay = together.map(|other| {
        expected_synapses(other) as f64 / f64::from(other.rows.rows().max(1)) / delays(other)
    });
    per_delay.sum::<f64>() / f64::from(shards.max(1))
}

/// The weight of all synapses of a projection, where there is only one.
pub(crate) fn constant_weight(projection: &ProjectionPlan) -> Option<i32> {
    let shape = projection.rows.shape();
    match (&shape.weight, &shape.kind) {
        (_, RowKind::List { .. }) => None,
        (Draw::Constant(weight), _) => Some(*weight),
        _ => None,
    }
}

/// About how many different delays the synapses of a row have: rare ones count little.
fn delays(projection: &ProjectionPlan) -> f64 {
    let span = f64::from(projection.max_delay_steps - projection.min_delay_steps + 1);
    match &projection.rows.shape().delay {
        _ if matches!(projection.rows.shape().kind, RowKind::List { .. }) => span,
        Draw::Constant(_) => 1.0,
        Draw::Uniform { .. } => span,
        Draw::Table(table) => {
            let entry = |share: f64| f64::from(table[(share * table.len() as f64) as usize]);
            entry(0.98) - entry(0.02) + 1.0
        }
    }
}

/// How many synapses a projection has: exact where the rule says so, else expected.
pub(crate) fn expected_synapses(projection: &ProjectionPlan) -> u64 {
    let shape = projection.rows.shape();
    match &shape.kind {
        RowKind::Gaps(gaps) => {
            // scale = 1 / ln(1 - p); the series is good enough for an estimate.
            let x = 1.0 / f64::from(-gaps.scale);
            let p = x - x * x / 2.0 + x * x * x / 6.0;
            (f64::from(shape.rows) * f64::from(shape.candidates()) * p.min(1.0)) as u64
        }
        _ => projection.rows.synapses(),
    }
}
