//! A neuron program compiled for the block interpreter: instructions over arrays of words.
//!
//! A value that depends on no neuron (literals, the step) is a *scalar*: literals are folded here,
//! one that depends on the step or on a slot is evaluated once per step by [`Bytecode::scalars`].
//! The rest becomes [`Instruction`]s whose operands are registers, state arrays, constants,
//! accumulators or scalars.

mod allocate;
mod fuse;
mod store;

use crate::arch::word;
use isospike_core::ir::{Input, Op, Output, Program, Type, Val};
use isospike_core::ops;
use isospike_core::plan::{NeuronPlan, Words};

/// The operation of an instruction, word by word. Conditions are all ones or all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// An operation of the IR; operands are in `src`, its `Val`s are stale.
    Op(Op),
    /// a
    Copy,
    /// a * b + c, two roundings
    MulAdd,
    /// a * b - c, two roundings
    MulSub,
    /// c - a * b, two roundings
    SubMul,
    /// f32(a) * b, two roundings
    ConvertMul,
    /// b and not a
    NotAnd,
    /// if a < b { a } else { b }
    Lesser,
    /// if a > b { a } else { b }
    Greater,
    /// a with |a| < 2^-63 as +0
    Flush,
    /// if a { b } else { c }, flushed
    SelectFlush,
    /// old * a + f32(b) * c, three roundings, flushed, in place: `old` is what `dst` held
    Receive,
}

/// The place of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Src {
    /// The value of an instruction that has no register yet (inside this module), or none.
    Value(u32),
    /// A register.
    Register(u32),
    /// A state variable that is a float.
    State(u32),
    /// A state variable that counts.
    Integer(u32),
    /// A per-neuron constant; behind them the present rows of series, then those of currents from
    /// outside.
    Constant(u32),
    /// The accumulators of a receptor.
    Accumulator(u32),
    /// A scalar.
    Scalar(u32),
}

/// The place of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dst {
    /// As [`Src::Value`].
    Value(u32),
    /// A register.
    Register(u32),
    /// A state variable that is a float.
    State(u32),
    /// A state variable that counts.
    Integer(u32),
    /// The accumulators of a receptor, which are cleared after they were read.
    Accumulator(u32),
}

/// One pass over a block of neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// The operation.
    pub code: Code,
    /// The target. Never one of `src`, except that nothing forbids a scalar.
    pub dst: Dst,
    /// From where; unused ones are `Src::Scalar(0)`.
    pub src: [Src; 3],
}

impl Dst {
    /// The number of a value; 0 for stores.
    pub fn number(self) -> u32 {
        match self {
            Self::Value(v) => v,
            _ => 0,
        }
    }
}

impl Instruction {
    pub fn new(code: Code, dst: Dst, src: &[Src]) -> Self {
        let mut all = [Src::Scalar(0); 3];
        all[..src.len()].copy_from_slice(src);
        Self { code, dst, src: all }
    }
}

/// A program before sums and stores are fused and before registers are given: each instruction is
/// one operation of the IR, or the lesser or greater of two numbers, and its result a
/// [`Dst::Value`] or a store. The input of the code generator.
#[derive(Clone, Debug)]
pub(crate) struct Straight {
    /// In order.
    pub instructions: Vec<Instruction>,
    /// Whether a neuron spikes: a value or a scalar.
    pub spike: Option<Src>,
    /// Whether each value is a condition.
    pub conditions: Vec<bool>,
}

/// A compiled program.
#[derive(Clone, Debug)]
pub(crate) struct Bytecode {
    /// In order.
    pub instructions: Vec<Instruction>,
    /// How many registers they use.
    pub registers: u32,
    /// Whether a neuron spikes: a register or a scalar.
    pub spike: Option<Src>,
    /// The scalars that are literals, with 0 for the others.
    literals: Vec<u32>,
    /// How many of them the program needs; those behind were added by [`Bytecode::literal`].
    of_program: usize,
    /// The scalars that depend on the step or on slots, in order.
    steps: Vec<(u32, Op)>,
    /// The scalar of each op that is one.
    scalar_of: Vec<Option<u32>>,
    /// How many per-neuron constants the program has; series of a word for each neuron follow.
    constants: u32,
    /// The number of the first current from outside among them: behind series.
    external: u32,
}

impl Bytecode {
    /// Compiles the program of a population.
    pub fn new(neurons: &NeuronPlan) -> (Self, Straight) {
        let program = &neurons.program;
        let mut bytecode = Self {
            instructions: Vec::new(),
            registers: 0,
            spike: None,
            literals: vec![0],
            of_program: 0,
            steps: Vec::new(),
            scalar_of: vec![None; program.ops.len()],
            constants: neurons.constants.len() as u32,
            external: (neurons.constants.len() + neurons.series.len()) as u32,
        };
        bytecode.find_scalars(neurons);
        bytecode.of_program = bytecode.literals.len();
        let live = live(program);
        let mut list = Vec::new();
        let mut sources: Vec<Src> = Vec::with_capacity(program.ops.len());
        for (i, op) in program.ops.iter().enumerate() {
            let source = bytecode.source(i as u32, op, &sources);
            if live[i] && source == Src::Value(i as u32) {
                let src: Vec<Src> = op.operands().map(|v| sources[v.0 as usize]).collect();
                list.push(Instruction::new(Code::Op(*op), Dst::Value(i as u32), &src));
            }
            sources.push(source);
        }
        let mut roots = Roots::new(program, &sources);
        fuse::choose(&mut list, &roots);
        let (instructions, spike) = store::place(list.clone(), &roots, neurons.receptors);
        let types = program.types.iter().map(|t| *t == Type::Bool);
        let values = instructions.iter().map(|i| i.dst.number() + 1).max().unwrap_or(0) as usize;
        let conditions = types.chain(std::iter::repeat(false)).take(values).collect();
        let straight = Straight { instructions, spike, conditions };
        fuse::fuse(&mut list, &mut roots);
        let (list, spike) = store::place(list, &roots, neurons.receptors);
        allocate::allocate(&mut bytecode, list, spike);
        (bytecode, straight)
    }

    /// The scalars of a step; `series` are the words of series that all neurons share, `slots`
    /// those of constants that are in a slot.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub fn scalars(&self, step: u32, series: &[u32], slots: &[u32], scalars: &mut Vec<u32>) {
        scalars.clear();
        scalars.extend_from_slice(&self.literals);
        for (slot, op) in &self.steps {
            let value = match op {
                Op::Input(input) => match input {
                    Input::Step => step,
                    Input::Series(n) => series[*n as usize],
                    Input::Parameter(n) => slots[*n as usize],
                    Input::State(_)
                    | Input::Integer(_)
                    | Input::Receptor(_)
                    | Input::External(_)
                    | Input::Trace(..)
                    | Input::Target(_)
                    | Input::Source(_)
                    | Input::Signal(_)
                    | Input::Decay(_)
                    | Input::Random { .. }
                    | Input::Poisson { .. } => 0,
                },
                ops!(pure) => word::evaluate(op, |v| scalars[self.slot(v)]),
                ops!(literal) | ops!(memory) | ops!(thread) => 0,
            };
            scalars[*slot as usize] = value;
        }
    }

    /// The scalar that is this literal, for code made from the bytecode.
    pub fn literal(&mut self, word: u32) -> u32 {
        let added = self.of_program..self.literals.len();
        let same = added.into_iter().find(|slot| self.literals[*slot] == word);
        same.unwrap_or_else(|| {
            self.literals.push(word);
            self.literals.len() - 1
        }) as u32
    }

    /// How many scalars there are.
    pub fn scalar_count(&self) -> usize {
        self.literals.len()
    }

    /// Whether the scalars may differ from step to step.
    pub fn depends_on_step(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The number of a series among the arrays that [`Src::Constant`] names.
    pub fn series_array(&self, series: usize) -> usize {
        self.constants as usize + series
    }

    fn slot(&self, v: Val) -> usize {
        self.scalar_of[v.0 as usize].map_or(0, |slot| slot as usize)
    }

    /// Gives a scalar to every op that is the same for all neurons.
    fn find_scalars(&mut self, neurons: &NeuronPlan) {
        let mut on_step = vec![false; neurons.program.ops.len()];
        for (i, op) in neurons.program.ops.iter().enumerate() {
            let operands: Vec<Val> = op.operands().collect();
            let known = operands.iter().all(|v| self.scalar_of[v.0 as usize].is_some());
            let word = match (op, self.constant(neurons, op)) {
                (_, Some(word)) => Some(word),
                (Op::Input(Input::Step), None) => None,
                (Op::Input(Input::Parameter(n)), None)
                    if matches!(neurons.constants[*n as usize], Words::Slot(_)) =>
                {
                    None
                }
                (Op::Input(Input::Series(n)), None) if neurons.series[*n as usize].is_uniform() => {
                    None
                }
                _ if operands.is_empty() || !known => continue,
                _ if operands.iter().any(|v| on_step[v.0 as usize]) => None,
                _ => Some(word::evaluate(op, |v| self.literals[self.slot(v)])),
            };
            let slot = self.literals.len() as u32;
            self.scalar_of[i] = Some(slot);
            self.literals.push(word.unwrap_or(0));
            if word.is_none() {
                on_step[i] = true;
                self.steps.push((slot, *op));
            }
        }
    }

    /// The word of a leaf that is a literal.
    #[deny(clippy::wildcard_enum_match_arm)]
    fn constant(&self, neurons: &NeuronPlan, op: &Op) -> Option<u32> {
        match *op {
            Op::F32(bits) | Op::U32(bits) => Some(bits),
            Op::I32(value) => Some(value as u32),
            Op::Bool(value) => Some(word::mask(value)),
            Op::Input(Input::Parameter(n)) => match &neurons.constants[n as usize] {
                Words::All(word) => Some(*word),
                Words::Each(_) | Words::Slot(_) => None,
            },
            ops!(input) | ops!(pure) | ops!(memory) | ops!(thread) => None,
        }
    }

    /// The place of the value of op `i`.
    #[deny(clippy::wildcard_enum_match_arm)]
    fn source(&self, i: u32, op: &Op, sources: &[Src]) -> Src {
        if let Some(slot) = self.scalar_of[i as usize] {
            return Src::Scalar(slot);
        }
        if let Op::FToBits(a) | Op::BitsToF(a) | Op::IToU(a) | Op::UToI(a) = *op {
            return sources[a.0 as usize];
        }
        match *op {
            Op::Input(input) => match input {
                Input::State(n) => Src::State(n),
                Input::Integer(n) => Src::Integer(n),
                Input::Parameter(n) => Src::Constant(n),
                Input::Series(n) => Src::Constant(self.constants + n),
                Input::External(n) => Src::Constant(self.external + n),
                Input::Receptor(n) => Src::Accumulator(n),
                Input::Random { .. }
                | Input::Poisson { .. }
                | Input::Trace(..)
                | Input::Target(_)
                | Input::Source(_)
                | Input::Signal(_)
                | Input::Decay(_)
                | Input::Step => Src::Value(i),
            },
            ops!(literal) | ops!(pure) | ops!(memory) | ops!(thread) => Src::Value(i),
        }
    }
}

/// The results of the program.
pub(crate) struct Roots {
    /// The new values of state variables.
    state: Vec<(Output, Src)>,
    spike: Option<Src>,
}

impl Roots {
    fn new(program: &Program, sources: &[Src]) -> Self {
        let of = |v: Val| sources[v.0 as usize];
        let state = program.outputs.iter().filter(|(output, _)| output.state().is_some());
        Self {
            state: state.map(|(output, v)| (*output, of(*v))).collect(),
            spike: program.spike().map(of),
        }
    }

    fn all(&self) -> impl Iterator<Item = Src> + '_ {
        self.state.iter().map(|(_, src)| *src).chain(self.spike)
    }
}

/// Which ops a result depends on. Poisson counts are results too: they are counted.
fn live(program: &Program) -> Vec<bool> {
    let mut live = vec![false; program.ops.len()];
    for (_, v) in &program.outputs {
        live[v.0 as usize] = true;
    }
    for (i, op) in program.ops.iter().enumerate().rev() {
        live[i] |= matches!(op, Op::Input(Input::Poisson { .. }));
        if live[i] {
            for v in op.operands() {
                live[v.0 as usize] = true;
            }
        }
    }
    live
}
