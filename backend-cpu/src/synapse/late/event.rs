//! The programs of events, compiled: a row is to them what a population is to the program of a
//! neuron.

use super::constants::{Constants, Place};
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
    /// A pre event. All synapses of a row have the same traces of their source and the same
    /// signals, which are slots; in clocked blocks the same variables of it, too.
    pub on_pre: Event,
    /// A post event.
    pub on_post: Option<Event>,
    /// The condition that makes post events, over all targets.
    pub on_post_if: Option<Event>,
    /// The clocked blocks, whose synapses of a row have the same of these, too.
    pub clocked: Vec<Event>,
}

/// One program.
#[derive(Debug)]
pub(crate) struct Event {
    compiled: Compiled,
    /// Its scalars, where they do not depend on the source and on signals.
    scalars: Option<Vec<u32>>,
    /// The traces that it reads, by side.
    reads: [Vec<usize>; 2],
    /// The variables of the target that it reads.
    variables: Vec<usize>,
    /// The signals that it reads.
    signals: Vec<usize>,
    /// The state variables of which it reads how they have decayed.
    decays: Vec<usize>,
    /// Whether it sends: then to each receptor of the model.
    sends: bool,
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
            on_post_if: plan.on_post_if.as_ref().map(|program| event(program, &Words::Slot(0))),
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

    /// How many words a synapse has: its state variables, then the stamp of its last event if one
    /// of them decays.
    pub fn words(&self) -> usize {
        self.plan.words()
    }

    /// Whether a pre event may leave other state in a row than was stored: post events that wait,
    /// stamps, or variables that it assigns.
    pub fn pre_event_stores(&self) -> bool {
        self.on_post.is_some() || self.plan.decays() || assigns(&self.plan.on_pre)
    }

    /// The variables of the target that post events read.
    pub fn kept_variables(&self) -> &[usize] {
        self.on_post.as_ref().map_or(&[], Event::variables)
    }

    /// The numbers of what programs read beside state.
    pub fn constants(&self) -> Constants<'_> {
        Constants(&self.plan)
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
        let read = |pick: &dyn Fn(Input) -> Option<u32>| -> Vec<usize> {
            program.inputs.iter().filter_map(|input| pick(*input)).map(|n| n as usize).collect()
        };
        let traces = |side| {
            read(&|input| match input {
                Input::Trace(of, n) if of == side => Some(n),
                _ => None,
            })
        };
        let variables = read(&|input| if let Input::Target(n) = input { Some(n) } else { None });
        let signals = read(&|input| if let Input::Signal(n) = input { Some(n) } else { None });
        let decays = read(&|input| if let Input::Decay(n) = input { Some(n) } else { None });
        let float =
            |name: &str| StateDef { name: name.into(), ty: Type::F32, initial: Words::All(0) };
        let integer =
            |name: &str| StateDef { name: name.into(), ty: Type::I32, initial: Words::All(0) };
        let stamp = plan.decays().then(|| integer("stamp"));
        let floats = plan.state.iter().map(|variable| float(&variable.name));
        let sent = program.sent().map(|_| integer("sent"));
        let row = NeuronPlan {
            program: of_row(program, plan),
            state: match program.output(Output::Spike) {
                None => floats.chain(stamp).chain(sent).collect(),
                // A condition is of targets, which have no state of synapses.
                Some(_) => Vec::new(),
            },
            constants: Constants(plan).places().map(|place| words(pre, place)).collect(),
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
        let reads = [traces(Side::Pre), traces(Side::Post)];
        let sends = program.sent().next().is_some();
        Self { reads, variables, signals, decays, sends, scalars, compiled }
    }

    /// Writes the scalars of the program for these values of the source and signals, which are
    /// slots.
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
        self.run_listing(isa, arrays, registers, scalars, (count, &mut Vec::new()));
    }

    /// Runs the program of a condition over so many targets, and adds those for which it holds to a
    /// list, ascending.
    pub fn run_listing(
        &self,
        isa: Detected,
        arrays: &mut Arrays,
        registers: &mut Registers,
        scalars: &[u32],
        (count, list): (usize, &mut Vec<u32>),
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
            spikes: list,
            stimuli: &[],
            events: &mut [],
            // State of synapses that is not finite does not end a run (8.11).
            failed: &mut false,
        };
        self.compiled.update(isa, step);
    }

    /// The variables of the target that it reads.
    pub fn variables(&self) -> &[usize] {
        &self.variables
    }

    /// The traces of a side that it reads.
    pub fn reads(&self, side: Side) -> &[usize] {
        &self.reads[side as usize]
    }

    /// Whether it sends: then to each receptor of the model.
    pub fn sends(&self) -> bool {
        self.sends
    }

    /// The signals that it reads.
    pub fn signals(&self) -> &[usize] {
        &self.signals
    }

    /// The state variables of which it reads how they have decayed.
    pub fn decays(&self) -> &[usize] {
        &self.decays
    }
}

/// Returns whether a program gives some state variable a value of its own.
fn assigns(program: &Program) -> bool {
    program.outputs.iter().any(|(output, val)| match output {
        Output::State(n) => program.ops[val.0 as usize] != Op::Input(Input::State(*n)),
        Output::Integer(_) | Output::Spike | Output::Sent(_) => false,
    })
}

/// Returns the words of a constant, where those of a row are so.
fn words(row: &Words, place: Place) -> Words {
    match place {
        Place::Row => row.clone(),
        Place::Each => Words::Each([].into()),
    }
}

/// Returns a program of an event as one of a population: traces, variables of the target, signals
/// and the decay of state are constants, what is sent to each receptor is a state variable that
/// counts.
fn of_row(program: &Program, plan: &SynapsePlan) -> Program {
    let constants = Constants(plan);
    let op = |op: &Op| match op {
        Op::Input(input) => match constants.of(*input) {
            Some(n) => Op::Input(Input::Parameter(n as u32)),
            None => *op,
        },
        op => *op,
    };
    let output = |(output, val)| match output {
        Output::Sent(n) => (Output::Integer(plan.words() as u32 + n), val),
        output => (output, val),
    };
    let outputs = program.outputs.iter().copied().map(output).collect();
    Program::new(program.ops.iter().map(op).collect(), program.types.clone(), outputs)
}
