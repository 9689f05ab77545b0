//! Expressions and statements of a model as operations.

use super::stimulus;
use super::value::Value;
use crate::checked::{Checked, PerNeuron};
use crate::id::PopulationId;
use crate::ir::build::Builder;
use crate::ir::{Op, Val, math};
use crate::model::{BinaryOp, Expr, Function, NeuronModel, Stmt, UnaryOp};
use crate::numeric::{self, host};
use crate::plan::{SeriesPlan, Words};
use crate::random::{self, PoissonTable};
use std::collections::BTreeSet;
use std::ops::Range;

/// A program under construction.
pub(super) struct Lowering<'a> {
    pub(super) network: &'a Checked,
    pub(super) population: PopulationId,
    pub(super) builder: Builder,
    pub(super) constants: Vec<Words>,
    pub(super) poisson: Vec<PoissonTable>,
    pub(super) series: Vec<SeriesPlan>,
    /// Of each stimulus of the network.
    pub(super) streams: Vec<Range<u32>>,
    pub(super) inputs: Vec<Val>,
    pub(super) current: Value,
    pub(super) refractory: Option<Val>,
    /// State variables are device values (1.9).
    pub(super) state: Vec<Val>,
    parameters: &'a [PerNeuron],
    locals: Vec<Option<Value>>,
    /// The locals assigned since the innermost branch began.
    assigned: BTreeSet<u32>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        network: &'a Checked,
        population: PopulationId,
        parameters: &'a [PerNeuron],
        model: &NeuronModel,
    ) -> Self {
        let mut builder = Builder::default();
        let state =
            (0..model.state_names().len() as u32).map(|i| builder.emit(Op::State(i))).collect();
        Self {
            network,
            population,
            builder,
            constants: Vec::new(),
            poisson: Vec::new(),
            series: Vec::new(),
            streams: stimulus::streams(network),
            inputs: Vec::new(),
            current: Value::host(0.0),
            refractory: None,
            state,
            parameters,
            locals: vec![None; model.locals as usize],
            assigned: BTreeSet::new(),
        }
    }

    /// Statements in order.
    pub(super) fn run(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::SetState(i, e) => {
                    let value = self.eval(e);
                    self.state[*i as usize] = self.device(&value);
                }
                Stmt::SetLocal(i, e) => {
                    self.locals[*i as usize] = Some(self.eval(e));
                    self.assigned.insert(*i);
                }
                Stmt::If(condition, then, otherwise) => {
                    let condition = self.eval(condition);
                    self.branch(&condition, then, otherwise);
                }
            }
        }
    }

    /// Evaluates both branches; each variable that either assigns is selected (1.7).
    pub(super) fn branch(&mut self, condition: &Value, then: &[Stmt], otherwise: &[Stmt]) {
        if let Some(holds) = condition.uniform_condition() {
            return self.run(if holds { then } else { otherwise });
        }
        let (state_before, locals_before) = (self.state.clone(), self.locals.clone());
        let assigned_before = std::mem::take(&mut self.assigned);
        self.run(then);
        let state_then = std::mem::replace(&mut self.state, state_before);
        let locals_then = std::mem::replace(&mut self.locals, locals_before);
        self.run(otherwise);
        for (i, then) in state_then.into_iter().enumerate() {
            // State is a device value on both sides: a selection between equal ones adds nothing.
            if then != self.state[i] {
                let condition = self.condition(condition);
                self.state[i] = self.builder.select(condition, then, self.state[i]);
            }
        }
        for (i, then) in (0..).zip(locals_then) {
            let otherwise = self.locals[i as usize].take();
            self.locals[i as usize] = match (then, otherwise) {
                (Some(a), Some(b)) if self.assigned.contains(&i) => {
                    Some(self.select(condition, &a, &b))
                }
                (a, b) => a.or(b),
            };
        }
        self.assigned.extend(assigned_before);
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, e: &Expr) -> Value {
        match e {
            Expr::Number(x) => Value::host(*x),
            Expr::Bool(b) => Value::HostBool(PerNeuron::All(f64::from(*b))),
            Expr::Parameter(i) => Value::Host(self.parameters[*i as usize].clone()),
            Expr::TimeStep => Value::host(self.network.dt_ms),
            Expr::State(i) => Value::Device(self.state[*i as usize]),
            Expr::Local(i) => {
                self.locals[*i as usize].clone().expect("the checker saw an assignment")
            }
            Expr::Receptor(i) => Value::Device(self.inputs[*i as usize]),
            Expr::Current => self.current.clone(),
            Expr::Refractory => match self.refractory {
                Some(val) => Value::DeviceBool(val),
                None => Value::DeviceBool(self.builder.emit(Op::Bool(false))),
            },
            Expr::Unary(op, a) => {
                let a = self.eval(a);
                self.unary(*op, &a)
            }
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.eval(a), self.eval(b));
                self.binary(*op, &a, &b)
            }
            Expr::If(condition, a, b) => {
                let condition = self.eval(condition);
                if let Some(holds) = condition.uniform_condition() {
                    return self.eval(if holds { a } else { b });
                }
                let (a, b) = (self.eval(a), self.eval(b));
                self.select(&condition, &a, &b)
            }
            Expr::Call(f, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(|a| self.eval(a)).collect();
                self.call(*f, &arguments)
            }
            Expr::RandUniform(d) => {
                let word = self.draw(self.population.0, *d);
                Value::Device(math::uniform(&mut self.builder, word))
            }
            Expr::RandBernoulli(d, p) => {
                let p = self.eval(p);
                let word = self.draw(self.population.0, *d);
                Value::DeviceBool(self.bernoulli(word, &p))
            }
            Expr::RandNormal(d) => Value::Device(self.normal(self.population.0, *d)),
        }
    }

    /// A random word of this stream.
    fn draw(&mut self, stream: u32, draw: u32) -> Val {
        self.builder.emit(Op::Random { stream, draw })
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
            _ => {
                let p = self.device(p);
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

    /// A number as a device value: host values are rounded here.
    pub(super) fn device(&mut self, value: &Value) -> Val {
        match value {
            Value::Device(val) => *val,
            Value::Host(PerNeuron::All(x)) => self.builder.f32(numeric::round_host(*x)),
            Value::Host(each) => {
                let words = super::words(each, |x| numeric::round_host(x).to_bits());
                self.constant(words)
            }
            _ => unreachable!("a condition is not a number; the checker saw to it"),
        }
    }

    /// A condition as a device value.
    pub(super) fn condition(&mut self, value: &Value) -> Val {
        match value {
            Value::DeviceBool(val) => *val,
            Value::HostBool(PerNeuron::All(x)) => self.builder.emit(Op::Bool(*x != 0.0)),
            Value::HostBool(each) => {
                let constant = self.constant(super::words(each, |x| (x as f32).to_bits()));
                let zero = self.builder.f32(0.0);
                self.builder.emit(Op::FLt(zero, constant))
            }
            _ => unreachable!("a number is not a condition; the checker saw to it"),
        }
    }

    /// A per-neuron constant, stored once.
    fn constant(&mut self, words: Words) -> Val {
        let known = self.constants.iter().position(|other| *other == words);
        let index = known.unwrap_or_else(|| {
            self.constants.push(words);
            self.constants.len() - 1
        });
        self.builder.emit(Op::Constant(index as u32))
    }

    fn select(&mut self, condition: &Value, a: &Value, b: &Value) -> Value {
        let choose = |x: &[f64]| if x[0] != 0.0 { x[1] } else { x[2] };
        match (condition, a, b) {
            (Value::HostBool(c), Value::Host(a), Value::Host(b)) => {
                Value::Host(PerNeuron::map(&[c, a, b], choose))
            }
            (Value::HostBool(c), Value::HostBool(a), Value::HostBool(b)) => {
                Value::HostBool(PerNeuron::map(&[c, a, b], choose))
            }
            _ if a.is_bool() => {
                let (c, a, b) = (self.condition(condition), self.condition(a), self.condition(b));
                let both = self.builder.emit(Op::And(c, a));
                let not = self.builder.emit(Op::Not(c));
                let other = self.builder.emit(Op::And(not, b));
                Value::DeviceBool(self.builder.emit(Op::Or(both, other)))
            }
            _ => {
                let (c, a, b) = (self.condition(condition), self.device(a), self.device(b));
                Value::Device(self.builder.select(c, a, b))
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, a: &Value) -> Value {
        match (op, a) {
            (UnaryOp::Neg, Value::Host(x)) => Value::Host(PerNeuron::map(&[x], |x| -x[0])),
            (UnaryOp::Not, Value::HostBool(x)) => {
                Value::HostBool(PerNeuron::map(&[x], |x| f64::from(x[0] == 0.0)))
            }
            (UnaryOp::Neg, _) => {
                let a = self.device(a);
                Value::Device(math::neg(&mut self.builder, a))
            }
            (UnaryOp::Not, _) => {
                let a = self.condition(a);
                Value::DeviceBool(self.builder.emit(Op::Not(a)))
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Value {
        match (op, a, b) {
            (BinaryOp::And | BinaryOp::Or, ..) => self.logic(op, a, b),
            (_, Value::Host(x), Value::Host(y)) => host_binary(op, x, y),
            (BinaryOp::Pow, ..) => self.power(a, b),
            _ => {
                let (x, y) = (self.device(a), self.device(b));
                self.device_binary(op, x, y)
            }
        }
    }

    fn logic(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Value {
        let and = op == BinaryOp::And;
        if let (Value::HostBool(x), Value::HostBool(y)) = (a, b) {
            let both = |x: &[f64]| if and { x[0] * x[1] } else { x[0].max(x[1]) };
            return Value::HostBool(PerNeuron::map(&[x, y], both));
        }
        let (a, b) = (self.condition(a), self.condition(b));
        Value::DeviceBool(self.builder.emit(if and { Op::And(a, b) } else { Op::Or(a, b) }))
    }

    fn device_binary(&mut self, op: BinaryOp, x: Val, y: Val) -> Value {
        let number = match op {
            BinaryOp::Add => Some(Op::FAdd(x, y)),
            BinaryOp::Sub => Some(Op::FSub(x, y)),
            BinaryOp::Mul => Some(Op::FMul(x, y)),
            BinaryOp::Div => Some(Op::FDiv(x, y)),
            _ => None,
        };
        if let Some(number) = number {
            return Value::Device(self.builder.emit(number));
        }
        let condition = match op {
            BinaryOp::Lt => Op::FLt(x, y),
            BinaryOp::Le => Op::FLe(x, y),
            BinaryOp::Gt => Op::FLt(y, x),
            BinaryOp::Ge => Op::FLe(y, x),
            _ => Op::FEq(x, y),
        };
        let holds = self.builder.emit(condition);
        let negated = op == BinaryOp::Ne;
        Value::DeviceBool(if negated { self.builder.emit(Op::Not(holds)) } else { holds })
    }

    /// 1.6, where at least one operand is a device value.
    fn power(&mut self, x: &Value, y: &Value) -> Value {
        if let Value::Host(PerNeuron::All(n)) = y
            && *n == libm::floor(*n)
            && (0.0..=16.0).contains(n)
        {
            let x = self.device(x);
            return Value::Device(math::pow_integer(&mut self.builder, x, *n as u32));
        }
        let (x, y) = (self.device(x), self.device(y));
        Value::Device(math::pow(&mut self.builder, x, y))
    }

    fn call(&mut self, f: Function, arguments: &[Value]) -> Value {
        if f == Function::Pow {
            return self.binary(BinaryOp::Pow, &arguments[0], &arguments[1]);
        }
        let hosts: Vec<&PerNeuron> = arguments
            .iter()
            .filter_map(|a| if let Value::Host(x) = a { Some(x) } else { None })
            .collect();
        if hosts.len() == arguments.len() {
            return Value::Host(PerNeuron::map(&hosts, |x| host::function(f, x)));
        }
        let x: Vec<Val> = arguments.iter().map(|a| self.device(a)).collect();
        let e = &mut self.builder;
        Value::Device(match f {
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
            Function::Pow => unreachable!("handled above"),
        })
    }
}

fn host_binary(op: BinaryOp, x: &PerNeuron, y: &PerNeuron) -> Value {
    if host::comparison(op, 0.0, 0.0).is_some() {
        let holds = |x: &[f64]| f64::from(host::comparison(op, x[0], x[1]) == Some(true));
        return Value::HostBool(PerNeuron::map(&[x, y], holds));
    }
    let number = |x: &[f64]| host::arithmetic(op, x[0], x[1]).unwrap_or(f64::NAN);
    Value::Host(PerNeuron::map(&[x, y], number))
}
