//! A population's program, compiled: a bytecode, and machine code where that can be made.

use crate::arch::philox::Table;
use crate::arch::{Detected, dispatch};
use crate::program::bytecode::Bytecode;
use crate::program::interpreter::Step;
use crate::program::jit::Jit;
use isospike_core::plan::{NeuronPlan, Plan, StimulusPlan};

/// See the module.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// For the interpreter; its scalars are those of the machine code too.
    pub bytecode: Bytecode,
    /// The Poisson tables.
    pub tables: Vec<Table>,
    /// The stimuli of the population that have events, with their indices in the plan.
    pub stimuli: Vec<(usize, StimulusPlan)>,
    jit: Option<Jit>,
}

impl Compiled {
    /// Compiles the program of a population of the plan; only a bytecode where `interpret` is set.
    pub fn new(
        plan: &Plan,
        population: usize,
        neurons: &NeuronPlan,
        isa: Detected,
        interpret: bool,
    ) -> Self {
        let stimuli = plan.stimuli.iter().cloned().enumerate();
        let stimuli = stimuli.filter(|(_, s)| s.population.index() == population).collect();
        Self { stimuli, ..Self::plain(neurons, isa, interpret) }
    }

    /// Compiles a program without stimuli.
    pub fn plain(neurons: &NeuronPlan, isa: Detected, interpret: bool) -> Self {
        let (mut bytecode, straight) = Bytecode::new(neurons);
        let jit = if interpret { None } else { Jit::new(&mut bytecode, straight, neurons, isa) };
        let tables = neurons.poisson.iter().map(Table::new).collect();
        Self { bytecode, tables, stimuli: Vec::new(), jit }
    }

    /// Whether there is machine code.
    pub fn is_generated(&self) -> bool {
        self.jit.is_some()
    }

    /// Updates the neurons.
    pub fn update(&self, isa: Detected, step: Step<'_>) {
        match &self.jit {
            Some(jit) => jit.update(step),
            None => {
                step.registers.reserve(step.bytecode);
                dispatch(isa, step);
            }
        }
    }
}
