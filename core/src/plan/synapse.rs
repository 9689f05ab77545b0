//! Synapses that learn, in the plan: programs of events, traces, and the words of their state.

mod decaying;
mod initial;
mod rewire;

pub use rewire::{RewirePlan, RowWords};

use super::{Plan, ProjectionPlan, WeightBounds};
use crate::base::id::Side;
use crate::base::numeric::{self, decay::Decay};
use crate::connect::RealDraw;
use crate::ir::{Input, Op, Output, Program, eval};
use std::ops::Range;
use std::sync::Arc;

/// The model of the synapses of a projection, with its values (`docs/semantics.md` 8).
#[derive(Clone, Debug)]
pub struct SynapsePlan {
    /// The state variables of each synapse.
    pub state: Vec<SynapseState>,
    /// Weights of rows are multiples of 2^-weight_exponent base units: integers of at most 24 bits,
    /// so that a synapse begins with the float that its weight is.
    pub weight_exponent: i32,
    /// The bits that variables with [`SynapseWord::Weight`] begin with where a file gives floats,
    /// in order of row, then place in the row.
    pub weights: Option<Arc<[u32]>>,
    /// The index in [`Plan::signals`] of each signal that its programs read.
    pub signals: Vec<u32>,
    /// The traces of the source.
    pub pre: TracesPlan,
    /// The traces of the target.
    pub post: TracesPlan,
    /// A pre event: reads the state of its synapse and its decay, traces, variables of the target
    /// and signals; gives every `Output::State`, and if it sends every `Output::Sent`, one for each
    /// of `sent`.
    pub on_pre: Program,
    /// A post event: gives every `Output::State`; `None` where nothing happens then.
    pub on_post: Option<Program>,
    /// The condition that makes post events, in each step after the update: reads variables of the
    /// target and signals, gives `Output::Spike`; `None` where spikes of the target make them.
    pub on_post_if: Option<Program>,
    /// The clocked blocks, in order.
    pub clocked: Vec<ClockedPlan>,
    /// The state variables of the target that programs read as `Input::Target`, by their number
    /// in its [`super::NeuronPlan`]: at a pre event and in a clocked block as they are then, at a
    /// post event as they were in its step.
    pub target: Vec<u32>,
    /// The state variables of the source that clocked blocks read as `Input::Source`, by their
    /// number in its [`super::NeuronPlan`].
    pub source: Vec<u32>,
    /// The receptors that a synapse sends to.
    pub sent: Vec<SentPlan>,
    /// The part of each delay that is behind the synapse: what is sent arrives so many steps after
    /// the pre event. Less than the least delay.
    pub dendritic_steps: u32,
    /// A post event comes so many steps after the spike of the target.
    pub back_steps: u32,
    /// The rewiring of the projection; `None` where its rows stay. [`crate::run::rewire`] carries
    /// it out for every backend: a simulation itself has none.
    pub rewire: Option<RewirePlan>,
}

/// The integers that synapses send to a receptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentPlan {
    /// Index into [`Plan::receptors`].
    pub receptor: u32,
    /// The least and the largest.
    pub bounds: WeightBounds,
}

/// A clocked block: a program of all synapses at the end of each period.
#[derive(Clone, Debug)]
pub struct ClockedPlan {
    /// The period, above 0.
    pub period_steps: u32,
    /// Reads what a pre event does, and variables of the source; gives what a pre event does.
    pub program: Program,
}

impl ClockedPlan {
    /// Returns whether it reads variables of the source.
    pub fn reads_source(&self) -> bool {
        self.program.inputs.iter().any(|input| matches!(input, Input::Source(_)))
    }

    /// Returns whether the block is carried out in a step: the step ends a period.
    pub fn is_due(&self, step: u32) -> bool {
        self.count(step.into()) != self.count(u64::from(step) + 1)
    }

    /// Returns how often the block is carried out in so many steps from step 0 on.
    pub fn count(&self, steps: u64) -> u64 {
        steps / u64::from(self.period_steps.max(1))
    }
}

/// A state variable of synapses: one f32 for each.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapseState {
    /// Its name in the model.
    pub name: String,
    /// Its bits before step 0.
    pub initial: SynapseWord,
    /// The least and the largest value that the model declares, flushed.
    pub bounds: Option<(f32, f32)>,
    /// Its decay between events; `None` where it keeps its value.
    pub decay: Option<Decay>,
}

/// The bits of a state variable of a synapse before step 0.
#[derive(Clone, Debug, PartialEq)]
pub enum SynapseWord {
    /// The weight that its row has, as a float, or the one that a file gives.
    Weight,
    /// The same for all.
    All(u32),
    /// Drawn for each, as a float in base units.
    Drawn(RealDraw),
    /// Given for each, in order of row, then place in the row.
    Given(Arc<[u32]>),
}

/// The traces of one side of the synapses of a projection, 0 before the first spike.
#[derive(Clone, Debug)]
pub struct TracesPlan {
    /// The name of each.
    pub names: Vec<String>,
    /// The decay of each.
    pub decay: Vec<Decay>,
    /// A spike: reads `Input::State`, the traces as they have decayed until then, and gives every
    /// `Output::State`.
    pub spike: Program,
}

/// The step of the last event of a trace, or of a synapse: the word that a checkpoint holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp(u32);

impl Stamp {
    /// Stands for a neuron, or a synapse, that has had no event.
    pub const NEVER: Self = Self(0);

    /// Notes the step of an event.
    pub fn at(step: u32) -> Self {
        Self(step.wrapping_add(1))
    }

    /// Returns the step of the last event.
    pub fn step(self) -> Option<u32> {
        self.0.checked_sub(1)
    }

    /// Returns the word that a checkpoint holds.
    pub fn word(self) -> u32 {
        self.0
    }

    /// Returns the stamp that a word of a checkpoint stands for.
    pub fn from_word(word: u32) -> Self {
        Self(word)
    }
}

impl SynapsePlan {
    /// Returns the traces of a side.
    pub fn traces(&self, side: Side) -> &TracesPlan {
        match side {
            Side::Pre => &self.pre,
            Side::Post => &self.post,
        }
    }

    /// Returns the programs of events that an engine carries out late: those of post events and of
    /// clocked blocks.
    pub fn late_programs(&self) -> impl Iterator<Item = &Program> {
        self.on_post.iter().chain(self.clocked.iter().map(|block| &block.program))
    }

    /// Returns whether each step in which a condition holds counts as post events.
    pub fn counts_conditions(&self) -> bool {
        self.on_post.is_some() && self.on_post_if.is_some()
    }

    /// Returns whether each spike of a target counts as post events.
    pub fn counts_spikes_of_targets(&self) -> bool {
        self.on_post.is_some() && self.on_post_if.is_none()
    }

    /// Returns whether the count of post events follows from spikes and the rows at the start: no
    /// condition makes the events, and the rows stay.
    pub fn follows_from_spikes(&self) -> bool {
        self.on_post_if.is_none() && self.rewire.is_none()
    }

    /// Returns whether a clocked block sends.
    pub fn sends_without_spikes(&self) -> bool {
        self.clocked.iter().any(|block| sends(&block.program))
    }

    /// Returns how often a synapse can send to a receptor so that all of it arrives in one step:
    /// once for each program that sends.
    pub fn sends_of_a_step(&self) -> u32 {
        let blocks = self.clocked.iter().map(|block| &block.program);
        blocks.chain([&self.on_pre]).filter(|program| sends(program)).count() as u32
    }

    /// Returns the largest number of steps between a step in which a synapse sends and the arrival
    /// of that: what a clocked block sends arrives in the next step at the earliest.
    pub fn way_steps(&self) -> u32 {
        self.dendritic_steps.max(u32::from(self.sends_without_spikes()))
    }

    /// Returns the float that an integer weight of a row is, flushed.
    pub fn weight(&self, integer: i32) -> f32 {
        numeric::flush(libm::scalbn(f64::from(integer), -self.weight_exponent) as f32)
    }
}

fn sends(program: &Program) -> bool {
    program.sent().next().is_some()
}

impl TracesPlan {
    /// Returns how many traces there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns trace `n` of a neuron at a step, from its value after the last event: 0 before the
    /// first.
    #[inline(always)]
    pub fn at(&self, n: usize, value: f32, last: Stamp, step: u32) -> f32 {
        let since = last.step().map(|last| step.wrapping_sub(last));
        since.map_or(0.0, |steps| self.decay[n].apply(value, steps))
    }

    /// Carries out a spike on the traces of one neuron, which have decayed until then. `values` is
    /// scratch.
    pub fn at_spike(&self, traces: &mut [f32], values: &mut Vec<u32>) {
        values.clear();
        for &op in &self.spike.ops {
            let value = match op {
                Op::Input(Input::State(n)) => traces[n as usize].to_bits(),
                op => eval::word(op, |val| values[val.0 as usize]).unwrap_or(0),
            };
            values.push(value);
        }
        for (output, val) in &self.spike.outputs {
            if let Output::State(n) = output {
                traces[*n as usize] = numeric::flush(f32::from_bits(values[val.0 as usize]));
            }
        }
    }
}

/// The words of synapses that learn, among those of [`crate::run::backend::Simulation::state`]:
/// they follow the state of all neurons.
#[derive(Clone, Debug)]
pub struct SynapseBlock<'a> {
    /// The index of the projection.
    pub projection: usize,
    /// The projection.
    pub plan: &'a ProjectionPlan,
    /// The meaning of the words.
    pub part: SynapsePart<'a>,
    /// The place of the words of all copies: those of copy 0, then those of the next.
    pub words: Range<usize>,
}

/// The meaning of the words of a block of synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SynapsePart<'a> {
    /// A state variable, in order of row, then place in the row.
    State(usize, &'a str),
    /// The [`Stamp`] of the last event of each synapse, in the same order.
    LastEvent,
    /// The value of a trace after the last spike, neuron by neuron.
    Trace(Side, usize, &'a str),
    /// The [`Stamp`] of the last spike of each neuron.
    Stamp(Side),
    /// The sum that was sent to each target and has not arrived: the number and name of the
    /// receptor among those that the model sends to, and the steps after the present one until it
    /// arrives.
    Sent(usize, u32, &'a str),
}

impl Plan {
    /// Returns the blocks of synapses that learn, in order: for each projection its state
    /// variables, then the stamps of its synapses if any of them decays, then the traces and stamps
    /// of its sources, then those of its targets, then what was sent and has not arrived. A side
    /// without traces has no stamps.
    pub fn synapse_blocks(&self) -> Vec<SynapseBlock<'_>> {
        let mut blocks = Vec::new();
        let mut first = self.neuron_words() as usize;
        for (projection, plan) in self.projections.iter().enumerate() {
            let Some(synapse) = &plan.synapse else { continue };
            let mut push = |part, words: u64| {
                let words = first..first + words as usize * self.batch as usize;
                first = words.end;
                blocks.push(SynapseBlock { projection, plan, part, words });
            };
            for (n, variable) in synapse.state.iter().enumerate() {
                push(SynapsePart::State(n, &variable.name), plan.rows.synapses());
            }
            if synapse.decays() {
                push(SynapsePart::LastEvent, plan.rows.synapses());
            }
            for (side, population) in [(Side::Pre, plan.pre), (Side::Post, plan.post)] {
                let size = u64::from(self.populations[population.index()].size);
                let traces = synapse.traces(side);
                for (n, name) in traces.names.iter().enumerate() {
                    push(SynapsePart::Trace(side, n, name), size);
                }
                if !traces.is_empty() {
                    push(SynapsePart::Stamp(side), size);
                }
            }
            let targets = u64::from(self.populations[plan.post.index()].size);
            for (n, sent) in synapse.sent.iter().enumerate() {
                let receptor = self.receptors[sent.receptor as usize].name.as_str();
                for steps in 0..synapse.way_steps() {
                    push(SynapsePart::Sent(n, steps, receptor), targets);
                }
            }
        }
        blocks
    }

    /// Returns whether any synapse learns.
    pub fn learns(&self) -> bool {
        self.projections.iter().any(|projection| projection.synapse.is_some())
    }
}
