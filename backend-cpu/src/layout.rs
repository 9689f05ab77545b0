//! How the synapses of a projection are kept: decided here, once per projection, with a reason.

use isospike_core::connect::{RowKind, Synapse};
use isospike_core::plan::ProjectionPlan;

/// The layouts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Rows of [`Narrow`] synapses, 8 bytes each.
    Narrow,
    /// Rows of [`Wide`] synapses, 12 bytes each.
    Wide,
    /// Nothing: rows are drawn again at each spike.
    Drawn,
}

impl Layout {
    /// Bytes of a synapse.
    pub fn synapse_bytes(self) -> u64 {
        match self {
            Self::Narrow => size_of::<Narrow>() as u64,
            Self::Wide => size_of::<Wide>() as u64,
            Self::Drawn => 0,
        }
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

/// Chooses the layout of a projection.
pub fn choose(projection: &ProjectionPlan) -> Choice {
    let because = |layout, reason: &str| Choice { layout, reason: reason.to_string() };
    if projection.procedural {
        return because(Layout::Drawn, "the model says that rows are not stored");
    }
    if projection.weight_bits > 16 {
        return because(Layout::Wide, "weights need 32 bits");
    }
    if projection.max_delay_steps > u32::from(u16::MAX) {
        return because(Layout::Wide, "delays need more than 16 bits");
    }
    because(Layout::Narrow, "weights and delays fit 16 bits")
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

/// A synapse as stored in a shard.
pub(crate) trait Format: Copy + Send + Sync {
    /// From a synapse and its accumulator in the shard.
    fn pack(accumulator: u32, synapse: Synapse) -> Self;
    /// Accumulator in the shard.
    fn accumulator(self) -> u32;
    /// Quantised weight.
    fn weight(self) -> i32;
    /// Delay.
    fn delay_steps(self) -> u32;
}

/// 16-bit weights and delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Narrow {
    accumulator: u32,
    weight: i16,
    delay_steps: u16,
}

impl Format for Narrow {
    #[inline(always)]
    fn pack(accumulator: u32, synapse: Synapse) -> Self {
        let (weight, delay_steps) = (synapse.weight as i16, synapse.delay_steps as u16);
        debug_assert_eq!(i32::from(weight), synapse.weight);
        debug_assert_eq!(u32::from(delay_steps), synapse.delay_steps);
        Self { accumulator, weight, delay_steps }
    }

    #[inline(always)]
    fn accumulator(self) -> u32 {
        self.accumulator
    }

    #[inline(always)]
    fn weight(self) -> i32 {
        i32::from(self.weight)
    }

    #[inline(always)]
    fn delay_steps(self) -> u32 {
        u32::from(self.delay_steps)
    }
}

/// 32-bit weights and delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Wide {
    accumulator: u32,
    weight: i32,
    delay_steps: u32,
}

impl Format for Wide {
    #[inline(always)]
    fn pack(accumulator: u32, synapse: Synapse) -> Self {
        Self { accumulator, weight: synapse.weight, delay_steps: synapse.delay_steps }
    }

    #[inline(always)]
    fn accumulator(self) -> u32 {
        self.accumulator
    }

    #[inline(always)]
    fn weight(self) -> i32 {
        self.weight
    }

    #[inline(always)]
    fn delay_steps(self) -> u32 {
        self.delay_steps
    }
}
