//! A population's program, compiled: a tape, and machine code where that can be made.

use crate::block::Step;
use crate::jit::Jit;
use crate::random::Table;
use crate::simd::{Detected, dispatch};
use crate::tape::Tape;
use isospike_core::plan::NeuronPlan;

/// See the module.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// For the interpreter; its scalars are those of the machine code too.
    pub tape: Tape,
    /// The Poisson tables.
    pub tables: Vec<Table>,
    jit: Option<Jit>,
}

impl Compiled {
    /// Compiles the program of a population; only a tape where `interpret` is set.
    pub fn new(neurons: &NeuronPlan, isa: Detected, interpret: bool) -> Self {
        let (mut tape, straight) = Tape::new(neurons);
        let jit = if interpret { None } else { Jit::new(&mut tape, straight, neurons, isa) };
        Self { tape, tables: neurons.poisson.iter().map(Table::new).collect(), jit }
    }

    /// Whether there is machine code.
    pub fn is_generated(&self) -> bool {
        self.jit.is_some()
    }

    /// Updates the neurons.
    pub fn update(&self, isa: Detected, step: Step<'_>) {
        match &self.jit {
            Some(jit) => jit.update(step),
            None => dispatch(isa, step),
        }
    }
}
