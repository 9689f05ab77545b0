//! Host and device values (`docs/semantics.md` 1.2).

use crate::checked::PerNeuron;
use crate::ir::Val;

/// The value of an expression while it is lowered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A number in f64, folded here.
    Host(PerNeuron),
    /// A condition in f64, folded here: 1 where it holds, 0 where not.
    HostBool(PerNeuron),
    /// An F32 of the program.
    Device(Val),
    /// A Bool of the program.
    DeviceBool(Val),
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
            _ => None,
        }
    }
}
