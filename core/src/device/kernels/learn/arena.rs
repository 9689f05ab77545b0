//! The words of a projection that learns on a device, in parts: each is a buffer.

use crate::base::id::Side;
use crate::base::numeric::decay::Decay;
use crate::ir::{Input, Program};
use crate::plan::synapse::{SentPlan, SynapsePlan};
use crate::plan::{Plan, ProjectionPlan};

/// How many post events of a target are kept.
pub const RING: u32 = 16;

/// A buffer of a projection that learns: what lies in one is written by the same threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Rows and tables, which are never written.
    Rows,
    /// The state of synapses: a thread for each synapse.
    Synapses,
    /// The last pre event of each copy, source and delay: a thread for each.
    Records,
    /// The last post events of each copy and target: a thread for each.
    Targets,
    /// The sums that were sent and have not arrived.
    Sent,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 5] =
        [Self::Rows, Self::Synapses, Self::Records, Self::Targets, Self::Sent];

    /// How many there are.
    const COUNT: usize = Self::ALL.len();
}

/// A list of words: its first one in a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The part.
    pub part: Part,
    /// The first word.
    pub at: u32,
}

/// The tables of a decay: the place and length of each of the four.
pub type Tables = [(Place, u32); 4];

/// The places of all lists of a projection in its parts. Those of copies lie one after the other.
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
    /// The accumulator of the first target in each receptor that synapses send to.
    pub first_accumulators: Vec<u32>,
    /// How many delays there are.
    pub delays: u32,
    /// How many synapses a copy has.
    pub synapses: u32,
    /// Each delay in steps, ascending.
    pub delays_at: Place,
    /// For each source and delay the number of its first synapse; then their number.
    pub starts_at: Place,
    /// The target of each synapse, by its number in the population.
    pub targets_at: Place,
    /// Each state variable of each copy and synapse; then the step of its last event + 1, or 0, if
    /// any variable decays.
    pub state_at: Vec<Place>,
    /// For each copy, source and delay: the step of the last pre event + 1, or 0.
    pub last_at: Place,
    /// Post events before this step have been carried out, for each copy, source and delay.
    pub caught_at: Place,
    /// Each trace of the source before the last pre event, and after it.
    pub before_at: Vec<Place>,
    /// See `before_at`.
    pub after_at: Vec<Place>,
    /// For each copy and target: how many post events there were.
    pub count_at: Place,
    /// How many there were when all synapses had caught up.
    pub base_at: Place,
    /// The step of the last one + 1, or 0.
    pub newest_at: Place,
    /// The steps of the last ones: event n in list n mod 16.
    pub steps_at: Place,
    /// Each trace of the target before these events; `None` where neither a post event nor a
    /// clocked block reads it.
    pub ring_at: Vec<Option<Place>>,
    /// Each variable of the target in the step of these events; `None` where no post event reads
    /// it.
    pub variable_ring_at: Vec<Option<Place>>,
    /// The first word of each variable of the target in the state of all populations.
    pub variables_at: Vec<u32>,
    /// The same of each variable of the source.
    pub of_source_at: Vec<u32>,
    /// Each signal of the model before these events; `None` where no post event reads it.
    pub signal_ring_at: Vec<Option<Place>>,
    /// Each trace of the target after the last event.
    pub trace_at: Vec<Place>,
    /// The tables of the decay of each trace, by side.
    pub decay_at: [Vec<Tables>; 2],
    /// Those of each state variable that decays.
    pub state_decay_at: Vec<Option<Tables>>,
    /// For each receptor that synapses send to, each step modulo the steps of the way to the
    /// target, each copy and target: the sum that was sent and has not arrived.
    pub sent_at: Vec<Place>,
    /// How many words each part has.
    pub words: [u64; Part::COUNT],
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
        let neurons = copies * u64::from(post.size);
        let mut words = Words([0; Part::COUNT]);
        let mut take = |part: Part, count: u64| words.take(part, count);
        let delays_at = take(Part::Rows, delays.into());
        let starts_at = take(Part::Rows, segments + 1);
        let targets_at = take(Part::Rows, synapses);
        let decay_at = [Side::Pre, Side::Post].map(|side| words_of_decay(synapse, side, &mut take));
        let of_state = synapse.state.iter().map(|variable| variable.decay.as_ref());
        let of_state = of_state.map(|decay| Some(tables(decay?, &mut take)));
        let state_decay_at = of_state.collect();
        let state_at = (0..synapse.words()).map(|_| take(Part::Synapses, copies * synapses));
        let state_at = state_at.collect();
        let mut record = || take(Part::Records, copies * segments);
        let (last_at, caught_at) = (record(), record());
        let before_at = (0..synapse.pre.len()).map(|_| record()).collect();
        let after_at = (0..synapse.pre.len()).map(|_| record()).collect();
        let mut target = |lists: u32| take(Part::Targets, u64::from(lists) * neurons);
        let (count_at, base_at, newest_at) = (target(1), target(1), target(1));
        let steps_at = target(RING);
        let [ring_at, variable_ring_at, signal_ring_at] = rings(synapse, || target(RING));
        let trace_at = (0..synapse.post.len()).map(|_| target(1)).collect();
        let first_word = |population| move |n: &u32| plan.first_state_word(population, *n) as u32;
        let first_accumulator =
            |sent: &SentPlan| plan.receptors[sent.receptor as usize].first_accumulator;
        let slots = u64::from(synapse.way_steps()) * neurons;
        let sent_at = synapse.sent.iter().map(|_| take(Part::Sent, slots)).collect();
        Self {
            copies: plan.batch,
            first_source: pre.first_neuron,
            sources: pre.size,
            first_target: post.first_neuron,
            targets: post.size,
            first_accumulators: synapse.sent.iter().map(first_accumulator).collect(),
            delays,
            synapses: synapses as u32,
            delays_at,
            starts_at,
            targets_at,
            state_at,
            last_at,
            caught_at,
            before_at,
            after_at,
            count_at,
            base_at,
            newest_at,
            steps_at,
            ring_at,
            variable_ring_at,
            variables_at: synapse.target.iter().map(first_word(projection.post)).collect(),
            of_source_at: synapse.source.iter().map(first_word(projection.pre)).collect(),
            signal_ring_at,
            trace_at,
            sent_at,
            decay_at,
            state_decay_at,
            words: words.0,
        }
    }

    /// How many segments a copy has: one for each source and delay.
    pub fn segments(&self) -> u32 {
        self.sources.wrapping_mul(self.delays)
    }
}

/// Places a ring for each value that has to be kept with post events: traces and variables of the
/// target, and signals.
fn rings(synapse: &SynapsePlan, mut take: impl FnMut() -> Place) -> [Vec<Option<Place>>; 3] {
    let reads = |program: &Program, input: Input| program.inputs.contains(&input);
    let mut placed = |count: usize, is_kept: &dyn Fn(u32) -> bool| {
        (0..count as u32).map(|n| is_kept(n).then(&mut take)).collect()
    };
    let on_post = || synapse.on_post.iter();
    [
        placed(synapse.post.len(), &|n| {
            synapse.late_programs().any(|program| reads(program, Input::Trace(Side::Post, n)))
        }),
        placed(synapse.target.len(), &|n| {
            on_post().any(|program| reads(program, Input::Target(n)))
        }),
        placed(synapse.signals.len(), &|n| {
            on_post().any(|program| reads(program, Input::Signal(n)))
        }),
    ]
}

/// The words of each part that are taken.
struct Words([u64; Part::COUNT]);

impl Words {
    fn take(&mut self, part: Part, count: u64) -> Place {
        let at = self.0[part as usize] as u32;
        self.0[part as usize] += count;
        Place { part, at }
    }
}

/// Places the tables of the traces of a side.
fn words_of_decay(
    synapse: &SynapsePlan,
    side: Side,
    take: &mut impl FnMut(Part, u64) -> Place,
) -> Vec<Tables> {
    synapse.traces(side).decay.iter().map(|decay| tables(decay, take)).collect()
}

/// Places the tables of a decay.
fn tables(decay: &Decay, take: &mut impl FnMut(Part, u64) -> Place) -> Tables {
    decay.tables().map(|table| {
        let length = table.len() as u32;
        (take(Part::Rows, length.into()), length)
    })
}
