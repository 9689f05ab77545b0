//! A program made ready for encoding: only operations that have an encoding, and arrays by number.

use crate::program::bytecode::{Code, Dst, Instruction, Src, Straight};
use isospike_core::ir::{Input, Op, Val};
use isospike_core::plan::{NeuronPlan, Words};

/// An array that generated code reads or writes, in the order in which it is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Array {
    /// A state variable.
    State(u32),
    /// The accumulators of a receptor.
    Accumulator(u32),
    /// A per-neuron constant, or the present row of a series or of a current from outside, as
    /// [`Src::Constant`].
    Constant(u32),
    /// The words that a generator of random words or counts has filled before.
    Feed(u32),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Body {
    /// In order. No `Random`, no `Poisson`, no division of integers, no choice between conditions.
    pub instructions: Vec<Instruction>,
    /// As in [`Straight`].
    pub spike: Option<Src>,
    /// As in [`Straight`].
    pub conditions: Vec<bool>,
    /// All arrays.
    pub arrays: Vec<Array>,
    /// The drawn inputs that fill the feeds.
    pub feeds: Vec<Input>,
    /// The feed that stands for a value.
    feed_of: Vec<Option<u32>>,
}

const NONE: Val = Val(0);

impl Body {
    /// Rewrites a program; new literals are given a scalar by `literal`.
    pub fn new(
        straight: Straight,
        neurons: &NeuronPlan,
        mut literal: impl FnMut(u32) -> Src,
    ) -> Self {
        let Straight { instructions, spike, conditions } = straight;
        let mut body = Self {
            instructions: Vec::with_capacity(instructions.len()),
            spike,
            arrays: arrays(neurons),
            feeds: Vec::new(),
            feed_of: vec![None; conditions.len()],
            conditions,
        };
        for instruction in instructions {
            body.rewrite(instruction, &mut literal);
        }
        let feeds = (0..body.feeds.len() as u32).map(Array::Feed);
        body.arrays.extend(feeds);
        body
    }

    /// The number of the array that an operand names.
    pub fn array(&self, src: Src) -> Option<u32> {
        let array = match src {
            Src::State(n) | Src::Integer(n) => Array::State(n),
            Src::Constant(n) => Array::Constant(n),
            Src::Accumulator(n) => Array::Accumulator(n),
            Src::Value(v) => Array::Feed(self.feed_of[v as usize]?),
            Src::Register(_) | Src::Scalar(_) => return None,
        };
        self.arrays.iter().position(|a| *a == array).map(|n| n as u32)
    }

    /// The number of the array that a result is stored to.
    pub fn stored(&self, dst: Dst) -> Option<u32> {
        match dst {
            Dst::State(n) => self.array(Src::State(n)),
            Dst::Integer(n) => self.array(Src::Integer(n)),
            Dst::Accumulator(n) => self.array(Src::Accumulator(n)),
            Dst::Value(_) | Dst::Register(_) => None,
        }
    }

    fn rewrite(&mut self, instruction: Instruction, literal: &mut impl FnMut(u32) -> Src) {
        let [a, b, c] = instruction.src;
        let dst = instruction.dst;
        match instruction.code {
            Code::Op(Op::Input(input)) if input.is_drawn() => {
                self.feed_of[dst.number() as usize] = Some(self.feeds.len() as u32);
                self.feeds.push(input);
            }
            Code::Op(Op::UDiv(_, n)) => self.divide(dst, a, n, literal),
            Code::Op(Op::URem(_, n)) => {
                let quotient = self.fresh(false);
                self.divide(quotient, a, n, literal);
                let product = self.emit(Op::UMul(NONE, NONE), &[value(quotient), literal(n)]);
                self.emit_to(dst, Op::USub(NONE, NONE), &[a, product]);
            }
            Code::Op(Op::Select(..)) if self.is_condition(dst) => {
                // (a and b) or (c and not a)
                let (yes, not) = (self.fresh(true), self.fresh(true));
                self.emit_to(yes, Op::And(NONE, NONE), &[a, b]);
                self.emit_to(not, Op::Not(NONE), &[a]);
                let no = self.fresh(true);
                self.emit_to(no, Op::And(NONE, NONE), &[value(not), c]);
                self.emit_to(dst, Op::Or(NONE, NONE), &[value(yes), value(no)]);
            }
            _ => self.instructions.push(instruction),
        }
    }

    /// a / n for a constant n, by a product: Granlund and Montgomery 1994, figure 4.1.
    fn divide(&mut self, dst: Dst, a: Src, n: u32, literal: &mut impl FnMut(u32) -> Src) {
        let bits = 32 - n.saturating_sub(1).leading_zeros();
        if n.is_power_of_two() {
            return self.emit_to(dst, Op::UShr(NONE, bits), &[a]);
        }
        // floor(2^32 (2^bits - n) / n) + 1 fits 32 bits, as 2^(bits - 1) < n.
        let multiplier = (((1_u64 << bits) - u64::from(n)) << 32) / u64::from(n) + 1;
        let high = self.emit(Op::UMulHi(NONE, NONE), &[a, literal(multiplier as u32)]);
        let rest = self.emit(Op::USub(NONE, NONE), &[a, high]);
        let half = self.emit(Op::UShr(NONE, 1), &[rest]);
        let sum = self.emit(Op::UAdd(NONE, NONE), &[half, high]);
        self.emit_to(dst, Op::UShr(NONE, bits - 1), &[sum]);
    }

    fn is_condition(&self, dst: Dst) -> bool {
        matches!(dst, Dst::Value(v) if self.conditions[v as usize])
    }

    fn fresh(&mut self, condition: bool) -> Dst {
        self.conditions.push(condition);
        self.feed_of.push(None);
        Dst::Value(self.conditions.len() as u32 - 1)
    }

    fn emit_to(&mut self, dst: Dst, op: Op, src: &[Src]) {
        self.instructions.push(Instruction::new(Code::Op(op), dst, src));
    }

    fn emit(&mut self, op: Op, src: &[Src]) -> Src {
        let dst = self.fresh(false);
        self.emit_to(dst, op, src);
        value(dst)
    }
}

fn value(dst: Dst) -> Src {
    Src::Value(dst.number())
}

/// The arrays of a population, without feeds.
fn arrays(neurons: &NeuronPlan) -> Vec<Array> {
    let mut all: Vec<Array> = (0..neurons.state.len() as u32).map(Array::State).collect();
    all.extend((0..neurons.receptors).map(Array::Accumulator));
    let each = neurons.constants.iter().enumerate();
    let each = each.filter(|(_, words)| matches!(words, Words::Each(_)));
    all.extend(each.map(|(n, _)| Array::Constant(n as u32)));
    let series = (neurons.constants.len()..).zip(&neurons.series);
    let series = series.filter(|(_, series)| !series.is_uniform());
    all.extend(series.map(|(n, _)| Array::Constant(n as u32)));
    let external = neurons.constants.len() + neurons.series.len();
    all.extend((external..external + neurons.external.len()).map(|n| Array::Constant(n as u32)));
    all
}
