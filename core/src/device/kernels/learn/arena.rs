//! The words of a projection that learns on a device.

use crate::base::id::Side;
use crate::plan::synapse::SynapsePlan;
use crate::plan::{Plan, ProjectionPlan};

/// How many post events of a target are kept.
pub const RING: u32 = 16;

/// The word that says whether the ring of any target is full.
pub const FULL: u32 = 0;

/// Where everything of a projection lies in its arena, in words. Lists of copies lie one after the
/// other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arena {
    /// Copies side by side.
    pub copies: u32,
    /// The global id of the first source.
    pub first_source: u32,
    /// How many sources there are.
    pub sources: u32,
    /// The global id of the first target.
    pub first_target: u32,
    /// How many targets there are.
    pub targets: u32,
    /// The accumulator of the first target.
    pub first_accumulator: u32,
    /// How many delays there are.
    pub delays: u32,
    /// How many synapses a copy has.
    pub synapses: u32,
    /// Each delay in steps, ascending.
    pub delays_at: u32,
    /// For each source and delay the number of its first synapse; then their number.
    pub starts_at: u32,
    /// The target of each synapse, by its number in the population.
    pub targets_at: u32,
    /// Each state variable of each copy and synapse.
    pub state_at: Vec<u32>,
    /// For each copy, source and delay: the step of the last pre event + 1, or 0.
    pub last_at: u32,
    /// Post events before this step have been carried out, for each copy, source and delay.
    pub caught_at: u32,
    /// Each trace of the source before the last pre event, and after it.
    pub before_at: Vec<u32>,
    /// See `before_at`.
    pub after_at: Vec<u32>,
    /// For each copy and target: how many post events there were.
    pub count_at: u32,
    /// How many there were when all synapses had caught up.
    pub base_at: u32,
    /// The step of the last one + 1, or 0.
    pub newest_at: u32,
    /// The steps of the last ones: event n in list n mod 16.
    pub steps_at: u32,
    /// Each trace of the target before these events; `None` where no post event reads it.
    pub ring_at: Vec<Option<u32>>,
    /// Each trace of the target after the last event.
    pub trace_at: Vec<u32>,
    /// The tables of the decay of each trace, by side: the place and length of each of the four.
    pub decay_at: [Vec<[(u32, u32); 4]>; 2],
    /// How many words there are.
    pub words: u64,
}

impl Arena {
    /// Lays out a projection with so many delays.
    pub fn new(
        plan: &Plan,
        projection: &ProjectionPlan,
        synapse: &SynapsePlan,
        delays: u32,
    ) -> Self {
        let (pre, post) = (&plan.populations[projection.pre.index()], projection.post.index());
        let post = &plan.populations[post];
        let synapses = projection.rows.synapses();
        let copies = u64::from(plan.batch);
        let segments = u64::from(pre.size) * u64::from(delays);
        let mut next = u64::from(FULL) + 1;
        let mut take = |words: u64| {
            let at = next;
            next += words;
            at as u32
        };
        let mut lists =
            |count: usize, words: u64| -> Vec<u32> { (0..count).map(|_| take(words)).collect() };
        let fixed = lists(1, delays.into())[0];
        let starts_at = lists(1, segments + 1)[0];
        let targets_at = lists(1, synapses)[0];
        let state_at = lists(synapse.state.len(), copies * synapses);
        let records = lists(2, copies * segments);
        let before_at = lists(synapse.pre.len(), copies * segments);
        let after_at = lists(synapse.pre.len(), copies * segments);
        let neurons = copies * u64::from(post.size);
        let counts = lists(3, neurons);
        let steps_at = lists(1, u64::from(RING) * neurons)[0];
        let reads = |n: u32| {
            let input = crate::ir::Input::Trace(Side::Post, n);
            synapse.on_post.as_ref().is_some_and(|program| program.inputs.contains(&input))
        };
        let ring_at = (0..synapse.post.len() as u32)
            .map(|n| reads(n).then(|| lists(1, u64::from(RING) * neurons)[0]))
            .collect();
        let trace_at = lists(synapse.post.len(), neurons);
        let decay_at = [Side::Pre, Side::Post].map(|side| {
            let decays = synapse.traces(side).decay.iter();
            let tables = decays.map(|decay| {
                decay.tables().map(|table| (lists(1, table.len() as u64)[0], table.len() as u32))
            });
            tables.collect()
        });
        Self {
            copies: plan.batch,
            first_source: pre.first_neuron,
            sources: pre.size,
            first_target: post.first_neuron,
            targets: post.size,
            first_accumulator: plan.receptors[projection.receptor as usize].first_accumulator,
            delays,
            synapses: synapses as u32,
            delays_at: fixed,
            starts_at,
            targets_at,
            state_at,
            last_at: records[0],
            caught_at: records[1],
            before_at,
            after_at,
            count_at: counts[0],
            base_at: counts[1],
            newest_at: counts[2],
            steps_at,
            ring_at,
            trace_at,
            decay_at,
            words: next,
        }
    }

    /// How many segments a copy has: one for each source and delay.
    pub fn segments(&self) -> u32 {
        self.sources.wrapping_mul(self.delays)
    }
}
