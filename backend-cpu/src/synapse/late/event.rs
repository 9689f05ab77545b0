//! The programs of events, compiled: a row is to them what a population is to the program of a
//! neuron.

use crate::arch::Detected;
use crate::arch::philox::Draws;
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
    /// The clocked blocks, whose synapses of a row have the same traces of their source, too.
    pub clocked: Vec<Event>,
}

/// One program.
#[derive(Debug)]
pub(crate) struct Event {
    compiled: Compiled,
    /// Its scalars, where they do not depend on traces of the source.
    scalars: Option<Vec<u32>>,
    /// The traces that it reads, by side.
    reads: [Vec<usize>; 2],
}

impl Events {
    /// Compiles the programs of a projection; only bytecode where `interpret` is set.
    pub fn new(plan: &SynapsePlan, isa: Detected, interpret: bool) -> Self {
        let event = |program: &Program, pre: &Words| Event::new(plan, program, pre, isa, interpret);
        let of_lanes = Words::Each([].into());
        let clocked = plan.clocked.iter().map(|block| event(&block.program, &Words::Slot(0)));
        Self {
            plan: plan.clone(),
            on_pre: event(&plan.on_pre, &Words::Slot(0)),
            on_post: plan.on_post.as_ref().map(|program| event(program, &of_lanes)),
            clocked: clocked.collect(),
        }
    }

    /// The clocked blocks of a step, in order.
    pub fn due(&self, step: u32) -> impl Iterator<Item = &Event> {
        let blocks = self.plan.clocked.iter().zip(&self.clocked);
        blocks.filter(move |(block, _)| block.is_due(step)).map(|(_, event)| event)
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
        let sends = |(n, _): &(u32, _)| program.output(Output::Sent(*n)).is_some();
        let float =
            |name: &str| StateDef { name: name.into(), ty: Type::F32, initial: Words::All(0) };
        let sent = |_| StateDef { name: "sent".into(), ty: Type::I32, initial: Words::All(0) };
        let sent = (0..).zip(&plan.sent).filter(sends).map(sent);
        let row = NeuronPlan {
            program: of_row(program, plan),
            state: plan.state.iter().map(|s| float(&s.name)).chain(sent).collect(),
            constants: std::iter::repeat_n(pre.clone(), pre_count)
                .chain(std::iter::repeat_n(Words::Each([].into()), post_count))
                .collect(),
            poisson: Vec::new(),
            series: Vec::new(),
            external: Vec::new(),
            first_receptor: 0,
            receptors: 0,
        };
        let compiled = Compiled::plain(&row, isa, interpret);
        let bytecode = &compiled.bytecode;
        let scalars = (!bytecode.depends_on_step()).then(|| {
            let mut scalars = Vec::new();
            bytecode.scalars(0, &[], &[], &mut scalars);
            scalars
        });
        Self { reads: [reads(Side::Pre), reads(Side::Post)], scalars, compiled }
    }

    /// Writes the scalars of the program for these traces of the source, which are slots.
    pub fn scalars(&self, slots: &[u32], scalars: &mut Vec<u32>) {
        if self.scalars.is_none() {
            self.compiled.bytecode.scalars(0, &[], slots, scalars);
        }
    }

    /// Runs the program over so many synapses, with what [`Self::scalars`] has written.
    pub fn run(
        &self,
        isa: Detected,
        arrays: &mut Arrays,
        registers: &mut Registers,
        scalars: &[u32],
        count: usize,
    ) {
        let tables = &[];
        let step = Step {
            bytecode: &self.compiled.bytecode,
            registers,
            scalars: self.scalars.as_deref().unwrap_or(scalars),
            series: &[],
            arrays,
            accumulators: &mut [],
            draws: Draws { isa, seed: 0, step: 0, copy: 0, first_neuron: 0, tables },
            neurons: count,
            spike_base: 0,
            spikes: &mut Vec::new(),
            stimuli: &[],
            events: &mut [],
            // State of synapses that is not finite does not end a run (8.11).
            failed: &mut false,
        };
        self.compiled.update(isa, step);
    }

    /// The traces of a side that it reads.
    pub fn reads(&self, side: Side) -> &[usize] {
        &self.reads[side as usize]
    }
}

/// Returns a program of an event as one of a population: traces are constants, what is sent to each
/// receptor is a state variable that counts.
fn of_row(program: &Program, plan: &SynapsePlan) -> Program {
    let op = |op: &Op| match *op {
        Op::Input(Input::Trace(Side::Pre, n)) => Op::Input(Input::Parameter(n)),
        Op::Input(Input::Trace(Side::Post, n)) => {
            Op::Input(Input::Parameter(plan.pre.len() as u32 + n))
        }
        op => op,
    };
    let output = |(output, val)| match output {
        Output::Sent(n) => (Output::Integer(plan.state.len() as u32 + n), val),
        output => (output, val),
    };
    let outputs = program.outputs.iter().copied().map(output).collect();
    Program::new(program.ops.iter().map(op).collect(), program.types.clone(), outputs)
}
