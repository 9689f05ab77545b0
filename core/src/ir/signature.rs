//! The signature of a program: what it reads and what it gives.

use super::{Type, Val};
use crate::base::id::Side;
use std::fmt;

/// A word that a program reads. The numbers are indices into the lists of the plan that the program
/// belongs to, [`crate::plan::NeuronPlan`] for neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// F32: state variable n at the start of the step.
    State(u32),
    /// I32: state variable n at the start of the step, one of those that count.
    Integer(u32),
    /// F32: parameter n, one word for all or one for each.
    Parameter(u32),
    /// I32: the accumulator of receptor n, before the stimuli of this program are added.
    Receptor(u32),
    /// U32: the word f(seed, neuron, step, stream, draw) of [`crate::base::random::word`].
    Random {
        /// Stream number, unique in the plan.
        stream: u32,
        /// Which draw of the step, 0..256.
        draw: u32,
    },
    /// U32: the number of events of this Poisson table in this step,
    /// [`crate::base::random::poisson`].
    Poisson {
        /// Index into [`crate::plan::NeuronPlan::poisson`].
        table: u32,
        /// Stream number, unique in the plan.
        stream: u32,
        /// The series whose word says which events count, [`crate::base::random::kept`]; `None`:
        /// all.
        keep: Option<u32>,
    },
    /// U32: the word of series n ([`crate::plan::NeuronPlan::series`]) in this step.
    Series(u32),
    /// F32: the current of this step from outside, 0 where none is given. The number is an index
    /// into [`crate::plan::NeuronPlan::external`].
    External(u32),
    /// F32: trace n of one side of a synapse as of the event
    /// ([`crate::plan::synapse::TracesPlan`]).
    Trace(Side, u32),
    /// F32: variable n of the target of a synapse as of the event
    /// ([`crate::plan::synapse::SynapsePlan::target`]).
    Target(u32),
    /// F32: variable n of the source of a synapse at a clocked block
    /// ([`crate::plan::synapse::SynapsePlan::source`]).
    Source(u32),
    /// F32: signal n of a synapse as of the event ([`crate::plan::synapse::SynapsePlan::signals`]).
    Signal(u32),
    /// F32: the factor by which state variable n of a synapse has decayed since its last event
    /// ([`crate::plan::synapse::SynapseState::decay`]).
    Decay(u32),
    /// U32: the present step. In kernels it is loaded from the control buffer instead.
    Step,
}

impl Input {
    /// The type of the word.
    pub fn result(self) -> Type {
        match self {
            Self::State(_) | Self::Parameter(_) | Self::External(_) => Type::F32,
            Self::Trace(..) | Self::Target(_) | Self::Source(_) => Type::F32,
            Self::Signal(_) | Self::Decay(_) => Type::F32,
            Self::Integer(_) | Self::Receptor(_) => Type::I32,
            Self::Random { .. } | Self::Poisson { .. } | Self::Series(_) | Self::Step => Type::U32,
        }
    }

    /// Returns whether its numbers are in their ranges.
    pub fn is_allowed(self) -> bool {
        match self {
            Self::Random { draw, .. } => draw < 256,
            Self::State(_)
            | Self::Integer(_)
            | Self::Parameter(_)
            | Self::Receptor(_)
            | Self::Poisson { .. }
            | Self::Series(_)
            | Self::External(_)
            | Self::Trace(..)
            | Self::Target(_)
            | Self::Source(_)
            | Self::Signal(_)
            | Self::Decay(_)
            | Self::Step => true,
        }
    }

    /// Returns whether it is drawn, word by word, from the seed.
    pub fn is_drawn(self) -> bool {
        match self {
            Self::Random { .. } | Self::Poisson { .. } => true,
            Self::State(_)
            | Self::Integer(_)
            | Self::Parameter(_)
            | Self::Receptor(_)
            | Self::Series(_)
            | Self::External(_)
            | Self::Trace(..)
            | Self::Target(_)
            | Self::Source(_)
            | Self::Signal(_)
            | Self::Decay(_)
            | Self::Step => false,
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(n) => write!(f, "State {n}"),
            Self::Integer(n) => write!(f, "Integer {n}"),
            Self::Parameter(n) => write!(f, "Parameter {n}"),
            Self::Receptor(n) => write!(f, "Receptor {n}"),
            Self::Random { stream, draw } => write!(f, "Random stream {stream} draw {draw}"),
            Self::Poisson { table, stream, keep: None } => {
                write!(f, "Poisson table {table} stream {stream}")
            }
            Self::Poisson { table, stream, keep: Some(series) } => {
                write!(f, "Poisson table {table} stream {stream} keep series {series}")
            }
            Self::Series(n) => write!(f, "Series {n}"),
            Self::External(n) => write!(f, "External {n}"),
            Self::Trace(Side::Pre, n) => write!(f, "Trace pre {n}"),
            Self::Trace(Side::Post, n) => write!(f, "Trace post {n}"),
            Self::Target(n) => write!(f, "Target {n}"),
            Self::Source(n) => write!(f, "Source {n}"),
            Self::Signal(n) => write!(f, "Signal {n}"),
            Self::Decay(n) => write!(f, "Decay {n}"),
            Self::Step => write!(f, "Step"),
        }
    }
}

/// A word that a program gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// F32: the new value of state variable n, not yet flushed: the store flushes |x| < 2^-63 to +0
    /// ([`crate::base::numeric::flush`]).
    State(u32),
    /// I32: the new value of state variable n, one of those that count.
    Integer(u32),
    /// Bool: whether there is a spike. A program without it never spikes.
    Spike,
    /// I32: what a synapse adds to the accumulator of its target in receptor n of those that it
    /// sends to, in multiples of the receptor's unit.
    Sent(u32),
}

impl Output {
    /// The type of the value.
    pub fn operand(self) -> Type {
        match self {
            Self::State(_) => Type::F32,
            Self::Integer(_) | Self::Sent(_) => Type::I32,
            Self::Spike => Type::Bool,
        }
    }

    /// The state variable that it is the new value of, if it is one's.
    pub fn state(self) -> Option<u32> {
        match self {
            Self::State(n) | Self::Integer(n) => Some(n),
            Self::Spike | Self::Sent(_) => None,
        }
    }
}

/// Returns the outputs of a neuron: its floats in order, then a variable that counts, then the
/// spike.
pub fn neuron_outputs(
    floats: Vec<Val>,
    counter: Option<Val>,
    spike: Option<Val>,
) -> Vec<(Output, Val)> {
    let counter = counter.map(|val| (Output::Integer(floats.len() as u32), val));
    let spike = spike.map(|val| (Output::Spike, val));
    let floats = (0..).zip(floats).map(|(n, val)| (Output::State(n), val));
    floats.chain(counter).chain(spike).collect()
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(n) => write!(f, "state {n}"),
            Self::Integer(n) => write!(f, "integer {n}"),
            Self::Spike => write!(f, "spike"),
            Self::Sent(n) => write!(f, "sent {n}"),
        }
    }
}
