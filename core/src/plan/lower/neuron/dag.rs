//! A model's step as a graph of typed values with named functions (`docs/semantics.md` 1.2).
//!
//! Values known on the host are folded; what is left depends on state, inputs or random numbers.
//! Functions (`exp`, ...) still have their names here and are sequences of operations only after
//! [`super::emit`], so this is the form in which a step can be differentiated.

use crate::base::id::Side;
use crate::describe::checked::PerNeuron;
use crate::describe::model::{BinaryOp, Function, UnaryOp};

/// The number of a node: nodes refer to earlier ones only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) u32);

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A number in f64, the same in every step.
    Host(PerNeuron),
    /// A condition, the same in every step: 1 where it holds, 0 where not.
    HostBool(PerNeuron),
    /// An f32 of the step.
    Device(NodeId),
    /// A condition of the step.
    DeviceBool(NodeId),
}

impl Value {
    /// A host number that is the same for all neurons.
    pub(super) fn host(x: f64) -> Self {
        Self::Host(PerNeuron::All(x))
    }

    /// Whether it is a condition.
    pub(super) fn is_bool(&self) -> bool {
        matches!(self, Self::HostBool(_) | Self::DeviceBool(_))
    }

    /// The host condition that is the same for all neurons, if it is one.
    pub(super) fn uniform_condition(&self) -> Option<bool> {
        match self {
            Self::HostBool(PerNeuron::All(x)) => Some(*x != 0.0),
            Self::HostBool(PerNeuron::Each(_) | PerNeuron::Slot(_))
            | Self::Host(_)
            | Self::Device(_)
            | Self::DeviceBool(_) => None,
        }
    }
}

/// A node. Numbers are f32 and their arithmetic is that of devices.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// State variable n at the start of the step.
    State(u32),
    /// The input of receptor n.
    Receptor(u32),
    /// `i_ext`, where it differs from step to step.
    Current,
    /// Whether the neuron is refractory at the start of the step.
    Refractory,
    /// Trace n of one side of a synapse.
    Trace(Side, u32),
    /// Variable n of the target of a synapse.
    Target(u32),
    /// Variable n of the source of a synapse.
    Source(u32),
    /// Signal n of a synapse model.
    Signal(u32),
    /// The factor by which state variable n of a synapse has decayed since its last event.
    Decay(u32),
    /// A value as an f32.
    Number(Value),
    /// A value as a condition of the step.
    Condition(Value),
    /// An operator of one operand.
    Unary(UnaryOp, Value),
    /// An operator of two operands.
    Binary(BinaryOp, Value, Value),
    /// A function of the model language.
    Call(Function, Vec<Value>),
    /// The second where the first holds, else the third: both numbers, or both conditions.
    Select(Value, Value, Value),
    /// State after a branch: the second where the first holds, else the third, which are numbers.
    /// Returns the value of both where they are one.
    Merge(Value, NodeId, NodeId),
    /// A uniform number in (0, 1], of one draw.
    Uniform(u32),
    /// Whether an event of this probability happens, by one draw.
    Bernoulli(u32, Value),
    /// A standard normal number, of this draw and the next.
    Normal(u32),
}

/// A folded step: its nodes, in the order in which they are evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dag {
    pub(super) nodes: Vec<Node>,
}

impl Dag {
    /// Adds a node.
    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() as u32 - 1)
    }
}
