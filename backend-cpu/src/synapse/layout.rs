//! How the synapses of a projection are kept: decided here, once per projection, with a reason.

use crate::synapse::format::RowFormat;
use crate::synapse::format::bits::Bits;
use crate::synapse::format::chunk::{OneWeight, OwnDelays, OwnWeights, SegmentRows};
use crate::synapse::format::dense::{Block, DenseRows, Weights};
use crate::synapse::format::narrow::{Delays, NarrowRows};
use crate::synapse::format::single::SingleRows;
use crate::synapse::partition;
use crate::synapse::segment::{
    SEGMENT_MIN, all_in_order, constant_delay, constant_weight, degree, distance, segment, together,
};
use isospike_core::plan::{DELAY_STEPS_MAX, Plan, ProjectionPlan};

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
    /// Rows of ascending targets, each by its distance from the one before, which wait on a wheel:
    /// all synapses have this weight and this delay.
    Single {
        /// The quantised weight.
        weight: i32,
        /// The delay.
        delay_steps: u32,
    },
    /// Rows with a 16-bit weight for every target of one source population, synapse or not.
    Dense {
        /// The index of the source population.
        source: u32,
        /// The delay.
        delay_steps: u32,
    },
    /// Rows with a bit for every target of one source population: all synapses have this weight
    /// and this delay.
    Bits {
        /// The index of the source population.
        source: u32,
        /// The quantised weight.
        weight: i32,
        /// The delay.
        delay_steps: u32,
    },
    /// Rows of ascending targets, each by its distance from the one before, with 16-bit weights. A
    /// row of one delay waits on a wheel, others are delivered at once into a ring of accumulators.
    Narrow {
        /// How delays are kept.
        delays: Delays,
    },
    /// Rows with 32-bit weights and delays, delivered at once into a ring of accumulators.
    Wide,
    /// Rows of synapses that learn: 32-bit state, and post events that a row carries out late.
    Late,
    /// Nothing: rows are drawn again at each spike.
    Drawn,
}

impl Layout {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chunks => "chunks",
            Self::Targets { .. } => "targets",
            Self::Single { .. } => "single",
            Self::Dense { .. } => "dense",
            Self::Bits { .. } => "bits",
            Self::Narrow { .. } => "narrow",
            Self::Wide => "wide",
            Self::Late => "late",
            Self::Drawn => "drawn",
        }
    }

    /// Returns the format of its rows; `None` where no store has them: synapses that learn are
    /// parts of shards.
    pub(crate) fn format(self) -> Option<Box<dyn RowFormat>> {
        Some(match self {
            Self::Chunks => Box::new(SegmentRows(OwnWeights)),
            Self::Targets { weight } => Box::new(SegmentRows(OneWeight { weight })),
            Self::Single { weight, .. } => Box::new(SingleRows { weight }),
            Self::Dense { .. } => Box::new(DenseRows(Weights)),
            Self::Bits { weight, .. } => Box::new(DenseRows(Bits { weight })),
            Self::Narrow { delays } => Box::new(NarrowRows { delays }),
            Self::Wide => Box::new(SegmentRows(OwnDelays)),
            Self::Late | Self::Drawn => return None,
        })
    }

    /// Returns whether rows have a place for every target. Rows of one step are then added up on
    /// the way, and not every synapse by itself goes to its accumulator.
    pub fn is_dense(self) -> bool {
        self.format().is_some_and(|format| format.block().is_some())
    }

    /// Returns whether spikes wait on a timing wheel.
    pub(crate) fn waits(self) -> bool {
        self == Self::Late || self.format().is_some_and(|format| format.delivery().waits())
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

/// How far apart neighbouring targets may be on average where each is kept by its distance from the
/// one before: then nine of ten distances fit their 16 bits.
const DISTANCE_MAX: f64 = 30_000.0;

/// How many accumulators of a shard 16 bits can name, beside those that padding goes to.
pub(crate) const ACCUMULATORS_MAX: u64 = 65_536 - 16;

/// The least share of targets with a synapse for which a weight for each takes no more memory than
/// chunks.
const DENSE_MIN: f64 = 1.0 / 2.0;

/// The least share of targets with a synapse for which a bit for each takes no more memory than
/// 16 bits for each synapse.
const BITS_MIN: f64 = 1.0 / 16.0;

/// How many stores there can be for some projections only (one weight, one source population): each
/// spike goes to all of them.
const SPECIAL_MAX: usize = 8;

/// Chooses the layout of each projection, for this many shards with at most this many accumulators
/// each.
pub(crate) fn choose(plan: &Plan, shards: u32, accumulators: u64) -> Vec<Choice> {
    let mut special = Vec::new();
    let mut one = |projection: &ProjectionPlan| {
        let mut choice = choose_one(plan, projection, shards, accumulators);
        let general = match choice.layout {
            Layout::Chunks | Layout::Wide | Layout::Late | Layout::Drawn => return choice,
            Layout::Narrow { delays: Delays::Byte | Delays::Word } => return choice,
            _ if projection.weight_bits > 16 => Layout::Wide,
            Layout::Single { .. } | Layout::Narrow { .. } => several_delays(projection),
            Layout::Targets { .. } | Layout::Dense { .. } | Layout::Bits { .. } => Layout::Chunks,
        };
        if special.contains(&choice.layout) {
            return choice;
        }
        if special.len() < SPECIAL_MAX {
            special.push(choice.layout);
            return choice;
        }
        choice.reason += &format!("; more than {SPECIAL_MAX} such stores");
        choice.layout = general;
        choice
    };
    plan.projections.iter().map(&mut one).collect()
}

fn choose_one(plan: &Plan, projection: &ProjectionPlan, shards: u32, accumulators: u64) -> Choice {
    let because = |layout, reason: &str| Choice { layout, reason: reason.to_string() };
    if projection.synapse.is_some() {
        let reason = "synapses learn: a row carries out post events when its source spikes";
        if all_in_order(plan, projection) {
            let without = "; no targets are stored, each source has all of them";
            return because(Layout::Late, &format!("{reason}{without}"));
        }
        return because(Layout::Late, reason);
    }
    if projection.procedural {
        return because(Layout::Drawn, "the model says that rows are not stored");
    }
    if projection.max_delay_steps > DELAY_STEPS_MAX {
        return because(Layout::Wide, "delays need more than 16 bits");
    }
    let weight = constant_weight(projection);
    if projection.weight_bits > 16 && weight.is_none() {
        return because(Layout::Wide, "weights need 32 bits");
    }
    if accumulators <= ACCUMULATORS_MAX
        && let Some(dense) = dense(plan, projection, shards)
    {
        return dense;
    }
    let segment = segment(plan, projection, shards);
    let short = format!("segments of {segment:.1} synapses");
    let many = format!("{accumulators} accumulators in a shard");
    match (weight, constant_delay(projection)) {
        (Some(weight), _) if segment >= SEGMENT_MIN && accumulators <= ACCUMULATORS_MAX => {
            because(Layout::Targets { weight }, &format!("{short}, one weight"))
        }
        _ if segment >= SEGMENT_MIN && accumulators <= ACCUMULATORS_MAX => {
            because(Layout::Chunks, &short)
        }
        (weight, delay) => {
            let why = if segment < SEGMENT_MIN { short } else { many };
            let far = distance(plan, projection);
            match (weight, delay) {
                _ if far > DISTANCE_MAX => {
                    because(Layout::Wide, &format!("{why}, {far:.0} neurons apart"))
                }
                (Some(weight), Some(delay_steps)) => {
                    let layout = Layout::Single { weight, delay_steps };
                    because(layout, &format!("{why}, one weight and one delay"))
                }
                _ if projection.weight_bits > 16 => because(Layout::Wide, &why),
                (None, Some(delay_steps)) => {
                    let layout = Layout::Narrow { delays: Delays::One { delay_steps } };
                    because(layout, &format!("{why}, one delay"))
                }
                _ => because(several_delays(projection), &why),
            }
        }
    }
}

/// The layout for weights of 16 bits and any delays.
fn several_delays(projection: &ProjectionPlan) -> Layout {
    let short = projection.max_delay_steps <= u32::from(u8::MAX);
    Layout::Narrow { delays: if short { Delays::Byte } else { Delays::Word } }
}

/// A dense layout, where the projection has one delay and enough of the targets have a synapse.
fn dense(plan: &Plan, projection: &ProjectionPlan, shards: u32) -> Option<Choice> {
    let (source, delay_steps) = (projection.pre.index() as u32, constant_delay(projection)?);
    let (layout, least, what) = match constant_weight(projection) {
        Some(weight) => {
            (Layout::Bits { source, weight, delay_steps }, BITS_MIN, "one weight and one delay")
        }
        None => (Layout::Dense { source, delay_steps }, DENSE_MIN, "one delay"),
    };
    let share = share(plan, projection, shards, layout.format()?.block()?);
    let reason = format!("synapses onto {:.0} % of the targets, {what}", 100.0 * share.min(1.0));
    (share >= least).then_some(Choice { layout, reason })
}

/// How many synapses a source has on average for each place of a dense row.
fn share(plan: &Plan, projection: &ProjectionPlan, shards: u32, block: Block) -> f64 {
    let synapses: f64 = beside(plan, projection).map(degree).sum();
    let mut receptors: Vec<u32> = beside(plan, projection).map(|other| other.receptor).collect();
    receptors.sort_unstable();
    receptors.dedup();
    let places: u64 = receptors.iter().map(|&r| places(plan, r, shards, block)).sum();
    synapses / places.max(1) as f64
}

/// How many places a dense row has for a receptor in all shards.
pub(crate) fn places(plan: &Plan, receptor: u32, shards: u32, block: Block) -> u64 {
    let population = plan.receptors[receptor as usize].population.index();
    let size = plan.populations[population].size;
    let shards = shards.min(size.div_ceil(partition::BLOCK)).max(1);
    u64::from(shards) * u64::from(size.div_ceil(shards)).next_multiple_of(block.places as u64)
}

/// The projections of one delay that are stored together with this one, which is one of them.
fn beside<'a>(
    plan: &'a Plan,
    projection: &'a ProjectionPlan,
) -> impl Iterator<Item = &'a ProjectionPlan> {
    let delay = constant_delay(projection);
    together(plan, projection).filter(move |other| constant_delay(other) == delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_core::plan::lower::lower;
    use std::sync::Arc;

    /// The layouts of a network of one projection: sources, their synapses, weights and delays.
    fn layout(
        degree: u32,
        weight: &str,
        delay: &str,
        more: &str,
        shards: u32,
        sums: u64,
    ) -> Choice {
        choose(&plan(degree, weight, delay, more), shards, sums).remove(0)
    }

    fn plan(degree: u32, weight: &str, delay: &str, more: &str) -> Plan {
        let text = format!(
            "[network]\nname = \"n\"\ndt = \"0.1 ms\"\nduration = \"1 ms\"\n\
             [population.a]\nsize = 1000\nmodel = \"lif_exp\"\n\
             [projection.p]\nfrom = \"a\"\nto = \"a\"\n\
             connect = {{ fixed_out_degree = {degree} }}\n\
             weight = {weight}\ndelay = {delay}\n{more}"
        );
        let folder = std::path::Path::new("");
        let network = isospike_front::file::parse(&text, "test", folder, &[]).expect("a model");
        let limits = isospike_front::check::Limits { memory_bytes: None };
        lower(Arc::new(network.check(limits).expect("a network")))
    }

    const NARROW: Layout = Layout::Narrow { delays: Delays::Byte };
    const NORMAL: &str = "{ normal = [\"10 pA\", \"1 pA\"] }";
    const UNIFORM: &str = "{ uniform = [\"0.1 ms\", \"2 ms\"] }";
    const ONE: &str = "\"10 pA\"";
    const DELAY: &str = "\"1.5 ms\"";

    #[test]
    fn long_segments_are_chunks() {
        let choice = layout(800, NORMAL, UNIFORM, "", 2, 20_000);
        assert_eq!(choice.layout, Layout::Chunks);
        assert_eq!(choice.reason, "segments of 20.0 synapses");
        let choice = layout(800, ONE, UNIFORM, "", 2, 20_000);
        assert!(matches!(choice.layout, Layout::Targets { .. }), "{choice:?}");
        assert!(choice.reason.ends_with(", one weight"), "{choice:?}");
    }

    #[test]
    fn short_segments_are_rows() {
        let choice = layout(100, NORMAL, UNIFORM, "", 2, 20_000);
        assert_eq!(choice.layout, NARROW);
        assert_eq!(choice.reason, "segments of 2.5 synapses");
        let choice = layout(10, ONE, DELAY, "", 2, 20_000);
        assert!(matches!(choice.layout, Layout::Single { delay_steps: 15, .. }), "{choice:?}");
        assert_eq!(layout(10, ONE, UNIFORM, "", 2, 20_000).layout, NARROW);
        let one_delay = Layout::Narrow { delays: Delays::One { delay_steps: 15 } };
        assert_eq!(layout(10, NORMAL, DELAY, "", 2, 20_000).layout, one_delay);
        let long = "{ uniform = [\"0.1 ms\", \"25.6 ms\"] }";
        let choice = layout(100, NORMAL, long, "", 2, 20_000);
        assert_eq!(choice.layout, Layout::Narrow { delays: Delays::Word });
    }

    #[test]
    fn shards_beyond_16_bits_have_no_chunks() {
        let choice = layout(800, NORMAL, UNIFORM, "", 2, 70_000);
        assert_eq!(choice.layout, NARROW);
        assert_eq!(choice.reason, "70000 accumulators in a shard");
        assert_eq!(layout(800, NORMAL, UNIFORM, "", 2, ACCUMULATORS_MAX).layout, Layout::Chunks);
    }

    #[test]
    fn the_model_has_the_last_word() {
        let procedural = layout(800, NORMAL, UNIFORM, "procedural = true", 2, 20_000);
        assert_eq!(procedural.layout, Layout::Drawn);
        let wide = layout(800, NORMAL, UNIFORM, "weight_bits = 32", 2, 20_000);
        assert_eq!(wide.layout, Layout::Wide);
        // Networks have no such delays, plans by hand may.
        let mut plan = plan(800, NORMAL, "\"6553.5 ms\"", "");
        let farthest = choose(&plan, 2, 20_000).remove(0);
        assert_eq!(farthest.layout, Layout::Dense { source: 0, delay_steps: DELAY_STEPS_MAX });
        plan.projections[0].max_delay_steps = DELAY_STEPS_MAX + 1;
        let far = choose(&plan, 2, 20_000).remove(0);
        assert_eq!(
            (far.layout, far.reason.as_str()),
            (Layout::Wide, "delays need more than 16 bits")
        );
    }
}
