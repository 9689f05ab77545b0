//! In place of the code generator where there is none for the processor.

use crate::arch::Detected;
use crate::program::bytecode::{Bytecode, Straight};
use crate::program::interpreter::Step;
use isospike_core::plan::NeuronPlan;

/// Why this machine cannot run generated code.
pub(crate) fn obstacle(_: Detected) -> Option<&'static str> {
    Some("there is no machine code for this processor yet")
}

/// There is none.
#[derive(Debug)]
pub(crate) enum Jit {}

impl Jit {
    /// Always `None`.
    pub fn new(_: &mut Bytecode, _: Straight, _: &NeuronPlan, _: Detected) -> Option<Self> {
        None
    }

    /// Never called.
    pub fn update(&self, _: Step<'_>) {
        match *self {}
    }
}
