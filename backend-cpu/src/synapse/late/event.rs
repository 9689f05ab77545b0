//! The programs of events, compiled, and the arrays that they run over: a row is to them what a
//! population is to the program of a neuron.

use super::history::Wait;
use crate::arch::philox::Draws;
use crate::arch::{Detected, LANES, Lanes};
use crate::program::compiled::Compiled;
use crate::program::interpreter::{Arrays, Registers, Step};
use isospike_core::base::id::Side;
use isospike_core::ir::{Input, Op, Output, Program, Type};
use isospike_core::plan::synapse::SynapsePlan;
use isospike_core::plan::{NeuronPlan, StateDef, Words};

/// The programs of a projection.
#[derive(Debug)]
pub(crate) struct Events {
    /// Their source.
    pub plan: SynapsePlan,
    /// A pre event. All synapses of a row have the same traces of their source, which are slots.
    pub on_pre: Event,
    /// A post event.
    pub on_post: Option<Event>,
}

/// One program.
#[derive(Debug)]
pub(crate) struct Event {
    compiled: Compiled,
    /// The traces that it reads, by side.
    reads: [Vec<usize>; 2],
}

impl Events {
    /// Compiles the programs of a projection; only bytecode where `interpret` is set.
    pub fn new(plan: &SynapsePlan, isa: Detected, interpret: bool) -> Self {
        let event = |program: &Program, pre: &Words| Event::new(plan, program, pre, isa, interpret);
        let of_lanes = Words::Each([].into());
        Self {
            plan: plan.clone(),
            on_pre: event(&plan.on_pre, &Words::Slot(0)),
            on_post: plan.on_post.as_ref().map(|program| event(program, &of_lanes)),
        }
    }

    /// How many state variables a synapse has.
    pub fn states(&self) -> usize {
        self.plan.state.len()
    }

    /// The number of a trace of the source among the constants of the programs.
    pub fn pre(&self, n: usize) -> usize {
        n
    }

    /// The number of a trace of the target among them.
    pub fn post(&self, n: usize) -> usize {
        self.plan.pre.len() + n
    }
}

impl Event {
    fn new(
        plan: &SynapsePlan,
        program: &Program,
        pre: &Words,
        isa: Detected,
        interpret: bool,
    ) -> Self {
        let reads = |side| {
            let of_side = |input: &Input| match input {
                Input::Trace(of, n) if *of == side => Some(*n as usize),
                _ => None,
            };
            program.inputs.iter().filter_map(of_side).collect()
        };
        let (pre_count, post_count) = (plan.pre.len(), plan.post.len());
        let sends = program.output(Output::Sent).is_some();
        let float =
            |name: &str| StateDef { name: name.into(), ty: Type::F32, initial: Words::All(0) };
        let sent = StateDef { name: "sent".into(), ty: Type::I32, initial: Words::All(0) };
        let row = NeuronPlan {
            program: of_row(program, plan),
            state: plan.state.iter().map(|s| float(&s.name)).chain(sends.then_some(sent)).collect(),
            constants: std::iter::repeat_n(pre.clone(), pre_count)
                .chain(std::iter::repeat_n(Words::Each([].into()), post_count))
                .collect(),
            poisson: Vec::new(),
            series: Vec::new(),
            external: Vec::new(),
            first_receptor: 0,
            receptors: 0,
        };
        Self {
            reads: [reads(Side::Pre), reads(Side::Post)],
            compiled: Compiled::plain(&row, isa, interpret),
        }
    }

    /// The traces of a side that it reads.
    pub fn reads(&self, side: Side) -> &[usize] {
        &self.reads[side as usize]
    }
}

/// Returns a program of an event as one of a population: traces are constants, what is sent is a
/// state variable that counts.
fn of_row(program: &Program, plan: &SynapsePlan) -> Program {
    let op = |op: &Op| match *op {
        Op::Input(Input::Trace(Side::Pre, n)) => Op::Input(Input::Parameter(n)),
        Op::Input(Input::Trace(Side::Post, n)) => {
            Op::Input(Input::Parameter(plan.pre.len() as u32 + n))
        }
        op => op,
    };
    let output = |(output, val)| match output {
        Output::Sent => (Output::Integer(plan.state.len() as u32), val),
        output => (output, val),
    };
    let outputs = program.outputs.iter().copied().map(output).collect();
    Program::new(program.ops.iter().map(op).collect(), program.types.clone(), outputs)
}

/// The arrays of a row at an event.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    isa: Detected,
    /// State, what is sent, and traces.
    pub arrays: Arrays,
    /// The targets of the row.
    pub targets: Vec<u32>,
    /// The post events that it has to catch up on.
    pub pending: Vec<Wait>,
    registers: Registers,
    scalars: Vec<u32>,
    slots: Vec<u32>,
}

impl Bench {
    /// Makes room for rows of so many synapses.
    pub fn new(events: &Events, longest: usize, isa: Detected) -> Self {
        let lanes = longest.div_ceil(LANES);
        let arrays = |count| vec![vec![Lanes::ZERO; lanes]; count];
        let traces = events.plan.pre.len() + events.plan.post.len();
        Self {
            isa,
            arrays: Arrays {
                state: arrays(events.states() + 1),
                floats: events.states(),
                constants: arrays(traces),
                receptors: Vec::new(),
            },
            targets: Vec::with_capacity(longest),
            pending: Vec::new(),
            registers: Registers::default(),
            scalars: Vec::new(),
            slots: vec![0; traces],
        }
    }

    /// Runs a program over so many synapses, whose words are in the arrays. `pre` has the traces
    /// of the source, where all synapses have the same.
    pub fn run(&mut self, event: &Event, pre: &[f32], count: usize) {
        let bytecode = &event.compiled.bytecode;
        for (slot, trace) in self.slots.iter_mut().zip(pre) {
            *slot = trace.to_bits();
        }
        bytecode.scalars(0, &[], &self.slots, &mut self.scalars);
        let Self { isa, arrays, registers, scalars, .. } = self;
        let (isa, tables) = (*isa, &[]);
        let draws = Draws { isa, seed: 0, step: 0, copy: 0, first_neuron: 0, tables };
        let step = Step {
            bytecode,
            registers,
            scalars,
            series: &[],
            arrays,
            accumulators: &mut [],
            draws,
            neurons: count,
            spike_base: 0,
            spikes: &mut Vec::new(),
            stimuli: &[],
            events: &mut [],
            // State of synapses that is not finite does not end a run (8.11).
            failed: &mut false,
        };
        event.compiled.update(isa, step);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let arrays = self.arrays.state.iter().chain(&self.arrays.constants);
        arrays.map(|array| size_of_val(&**array) as u64).sum()
    }
}
