//! The second pass: a [`Dag`] to operations, node by node in its order. Host values become literals
//! or per-neuron constants where they meet values of the step.

use super::dag::{Dag, Node, NodeId, Value};
use super::stimulus;
use crate::base::id::PopulationId;
use crate::base::numeric;
use crate::base::random::{self, PoissonTable};
use crate::describe::checked::{Checked, PerNeuron};
use crate::describe::model::{BinaryOp, Function, UnaryOp};
use crate::ir::build::Builder;
use crate::ir::{Input, Op, Val, math};
use crate::plan::{SeriesPlan, Words};
use std::ops::Range;

/// A program under construction.
pub(super) struct Emitter<'a> {
    pub(super) network: &'a Checked,
    pub(super) population: PopulationId,
    pub(super) builder: Builder,
    pub(super) constants: Vec<Words>,
    pub(super) poisson: Vec<PoissonTable>,
    pub(super) series: Vec<SeriesPlan>,
    /// The currents from outside, by their index in the plan.
    pub(super) external: Vec<u32>,
    /// The streams of each stimulus of the network.
    pub(super) streams: Vec<Range<u32>>,
    pub(super) inputs: Vec<Val>,
    /// `i_ext`, where it differs from step to step.
    pub(super) current: Option<Val>,
    pub(super) refractory: Option<Val>,
    /// The number in the plan of each variable of the target that a synapse model reads.
    pub(super) target: Vec<u32>,
    state: Vec<Val>,
    /// The values of the nodes so far.
    values: Vec<Val>,
}

impl<'a> Emitter<'a> {
    /// A program that has read its `states` state variables.
    pub(super) fn new(network: &'a Checked, population: PopulationId, states: usize) -> Self {
        let mut builder = Builder::default();
        let state = (0..states as u32).map(|i| builder.input(Input::State(i))).collect();
        Self {
            network,
            population,
            builder,
            constants: Vec::new(),
            poisson: Vec::new(),
            series: Vec::new(),
            external: Vec::new(),
            streams: stimulus::streams(network),
            inputs: Vec::new(),
            current: None,
            refractory: None,
            target: Vec::new(),
            state,
            values: Vec::new(),
        }
    }

    /// Reads the refractory counter, which follows all other state variables; so many are not read
    /// by the step.
    pub(super) fn counter(&mut self, not_read: usize) -> Val {
        self.builder.input(Input::Integer((self.state.len() + not_read) as u32))
    }

    /// All nodes of a step.
    pub(super) fn emit(&mut self, dag: &Dag) {
        for node in &dag.nodes {
            let value = self.node(node);
            self.values.push(value);
        }
    }

    /// The value of a node that was emitted.
    pub(super) fn value(&self, node: NodeId) -> Val {
        self.values[node.0 as usize]
    }

    fn node(&mut self, node: &Node) -> Val {
        match node {
            Node::State(i) => self.state[*i as usize],
            Node::Receptor(i) => self.inputs[*i as usize],
            Node::Current => self.current.expect("the current is a value of the step"),
            Node::Refractory => {
                self.refractory.unwrap_or_else(|| self.builder.emit(Op::Bool(false)))
            }
            Node::Trace(side, i) => self.builder.input(Input::Trace(*side, *i)),
            Node::Target(i) => self.builder.input(Input::Target(self.target[*i as usize])),
            Node::Source(i) => self.builder.input(Input::Source(*i)),
            Node::Signal(i) => self.builder.input(Input::Signal(*i)),
            Node::Decay(i) => self.builder.input(Input::Decay(*i)),
            Node::Number(value) => self.number(value),
            Node::Condition(value) => self.condition(value),
            Node::Unary(UnaryOp::Neg, a) => {
                let a = self.number(a);
                math::neg(&mut self.builder, a)
            }
            Node::Unary(UnaryOp::Not, a) => {
                let a = self.condition(a);
                self.builder.emit(Op::Not(a))
            }
            Node::Binary(op, a, b) => self.binary(*op, a, b),
            Node::Call(f, arguments) => self.call(*f, arguments),
            Node::Select(c, a, b) => self.select(c, a, b),
            Node::Merge(condition, a, b) => {
                let (a, b) = (self.value(*a), self.value(*b));
                if a == b {
                    return a;
                }
                let condition = self.condition(condition);
                self.builder.select(condition, a, b)
            }
            Node::Uniform(draw) => {
                let word = self.draw(self.population.0, *draw);
                math::uniform(&mut self.builder, word)
            }
            Node::Bernoulli(draw, p) => {
                let word = self.draw(self.population.0, *draw);
                self.bernoulli(word, p)
            }
            Node::Normal(draw) => self.normal(self.population.0, *draw),
        }
    }

    /// A random word of this stream.
    fn draw(&mut self, stream: u32, draw: u32) -> Val {
        self.builder.input(Input::Random { stream, draw })
    }

    /// Whether a word makes an event of this probability happen (2.8).
    fn bernoulli(&mut self, word: Val, p: &Value) -> Val {
        let (high, low) = match p {
            Value::Host(PerNeuron::All(p)) => {
                let threshold = u32::try_from(random::bernoulli_threshold(*p));
                return match threshold {
                    Ok(threshold) => {
                        let threshold = self.builder.u32(threshold);
                        self.builder.ult(word, threshold)
                    }
                    Err(_) => self.builder.emit(Op::Bool(true)),
                };
            }
            // Halves are exact as floats, which per-neuron constants are.
            Value::Host(each) => {
                let part = |f: fn(u64) -> u64| {
                    let part = |p| f(random::bernoulli_threshold(p)) as f32;
                    super::words(each, |p| part(p).to_bits())
                };
                let (high, low) = (part(|t| t >> 16), part(|t| t & 0xffff));
                (self.constant(high), self.constant(low))
            }
            Value::Device(_) | Value::HostBool(_) | Value::DeviceBool(_) => {
                let p = self.number(p);
                let e = &mut self.builder;
                let (zero, one, shift) = (e.f32(0.0), e.f32(1.0), e.f32(65536.0));
                // Not a number is no probability and counts as 0.
                let positive = e.flt(zero, p);
                let p = e.select(positive, p, zero);
                let p = math::min(e, p, one);
                let scaled = e.fmul(p, shift);
                let high = e.f_to_i(scaled);
                let high = e.small_int_to_float(high);
                let rest = e.fsub(scaled, high);
                let low = e.fmul(rest, shift);
                (high, low)
            }
        };
        math::bernoulli(&mut self.builder, word, high, low)
    }

    /// A standard normal number from draws `d` and `d + 1` of a stream.
    pub(super) fn normal(&mut self, stream: u32, d: u32) -> Val {
        let (r, q) = (self.draw(stream, d), self.draw(stream, d + 1));
        math::normal(&mut self.builder, r, q)
    }

    /// A value as a number of the step: host values are rounded here.
    fn number(&mut self, value: &Value) -> Val {
        match value {
            Value::Device(node) => self.value(*node),
            Value::Host(host) => self.host(host),
            Value::HostBool(_) | Value::DeviceBool(_) => {
                unreachable!("a condition is not a number; the checker saw to it")
            }
        }
    }

    /// A host number, rounded.
    pub(super) fn host(&mut self, value: &PerNeuron) -> Val {
        match value {
            PerNeuron::All(x) => self.builder.f32(numeric::round_host(*x)),
            PerNeuron::Each(_) | PerNeuron::Slot(_) => {
                let words = super::words(value, |x| numeric::round_host(x).to_bits());
                self.constant(words)
            }
        }
    }

    /// A value as a condition of the step.
    fn condition(&mut self, value: &Value) -> Val {
        match value {
            Value::DeviceBool(node) => self.value(*node),
            Value::HostBool(PerNeuron::All(x)) => self.builder.emit(Op::Bool(*x != 0.0)),
            Value::HostBool(each) => {
                let constant = self.constant(super::words(each, |x| (x as f32).to_bits()));
                let zero = self.builder.f32(0.0);
                self.builder.emit(Op::FLt(zero, constant))
            }
            Value::Host(_) | Value::Device(_) => {
                unreachable!("a number is not a condition; the checker saw to it")
            }
        }
    }

    /// A per-neuron constant, stored once, or a slot: two slots of one word may get other words.
    fn constant(&mut self, words: Words) -> Val {
        let is_slot = matches!(words, Words::Slot(_));
        let known = self.constants.iter().position(|other| !is_slot && *other == words);
        let index = known.unwrap_or_else(|| {
            self.constants.push(words);
            self.constants.len() - 1
        });
        self.builder.input(Input::Parameter(index as u32))
    }

    fn select(&mut self, condition: &Value, a: &Value, b: &Value) -> Val {
        if a.is_bool() {
            let (c, a, b) = (self.condition(condition), self.condition(a), self.condition(b));
            let both = self.builder.emit(Op::And(c, a));
            let not = self.builder.emit(Op::Not(c));
            let other = self.builder.emit(Op::And(not, b));
            return self.builder.emit(Op::Or(both, other));
        }
        let (c, a, b) = (self.condition(condition), self.number(a), self.number(b));
        self.builder.select(c, a, b)
    }

    fn binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Val {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let (a, b) = (self.condition(a), self.condition(b));
            let and = op == BinaryOp::And;
            return self.builder.emit(if and { Op::And(a, b) } else { Op::Or(a, b) });
        }
        if let (BinaryOp::Pow, Value::Host(PerNeuron::All(n))) = (op, b)
            && *n == libm::floor(*n)
            && (0.0..=16.0).contains(n)
        {
            let x = self.number(a);
            return math::pow_integer(&mut self.builder, x, *n as u32);
        }
        let (x, y) = (self.number(a), self.number(b));
        let operation = match op {
            BinaryOp::Add => Op::FAdd(x, y),
            BinaryOp::Sub => Op::FSub(x, y),
            BinaryOp::Mul => Op::FMul(x, y),
            BinaryOp::Div => Op::FDiv(x, y),
            BinaryOp::Lt => Op::FLt(x, y),
            BinaryOp::Le => Op::FLe(x, y),
            BinaryOp::Gt => Op::FLt(y, x),
            BinaryOp::Ge => Op::FLe(y, x),
            BinaryOp::Eq => Op::FEq(x, y),
            BinaryOp::Ne => {
                let equal = self.builder.emit(Op::FEq(x, y));
                return self.builder.emit(Op::Not(equal));
            }
            // 1.6, where the exponent is no small integer.
            BinaryOp::Pow => return math::pow(&mut self.builder, x, y),
            BinaryOp::And | BinaryOp::Or => unreachable!("handled above"),
        };
        self.builder.emit(operation)
    }

    fn call(&mut self, f: Function, arguments: &[Value]) -> Val {
        let x: Vec<Val> = arguments.iter().map(|a| self.number(a)).collect();
        let e = &mut self.builder;
        match f {
            Function::Exp => math::exp(e, x[0]),
            Function::Log => math::log(e, x[0]),
            Function::Sqrt => e.emit(Op::FSqrt(x[0])),
            Function::Tanh => math::tanh(e, x[0]),
            Function::Sin => math::sin(e, x[0]),
            Function::Cos => math::cos(e, x[0]),
            Function::Abs => math::abs(e, x[0]),
            Function::Floor => math::floor(e, x[0]),
            Function::Ceil => math::ceil(e, x[0]),
            Function::Exprel => math::exprel(e, x[0]),
            Function::Min => math::min(e, x[0], x[1]),
            Function::Max => math::max(e, x[0], x[1]),
            Function::Clamp => math::clamp(e, x[0], x[1], x[2]),
            Function::Pow => unreachable!("a power is a binary node"),
        }
    }
}
