//! The first pass: statements and expressions of a model to a [`Dag`], with everything that is
//! known on the host folded. Emits no operation.

use super::dag::{Dag, Node, NodeId, Value};
use crate::describe::arithmetic;
use crate::describe::checked::PerNeuron;
use crate::describe::model::{BinaryOp, Expr, Function, NeuronModel, Stmt, UnaryOp};
use std::collections::BTreeSet;

/// A step that is being folded.
pub(super) struct Fold<'a> {
    pub(super) dag: Dag,
    /// State variables are device values (1.9).
    pub(super) state: Vec<NodeId>,
    dt_ms: f64,
    parameters: &'a [PerNeuron],
    current: Value,
    locals: Vec<Option<Value>>,
    /// The locals assigned since the innermost branch began.
    assigned: BTreeSet<u32>,
}

impl<'a> Fold<'a> {
    /// The step before its first statement. `current` is `i_ext` where it is a host value.
    pub(super) fn new(
        model: &NeuronModel,
        parameters: &'a [PerNeuron],
        dt_ms: f64,
        current: Option<PerNeuron>,
    ) -> Self {
        let states = model.state_names().len() as u32;
        let mut fold = Self::plain(states, model.locals, parameters, dt_ms);
        fold.current = match current {
            Some(host) => Value::Host(host),
            None => Value::Device(fold.dag.push(Node::Current)),
        };
        fold
    }

    /// A program before its first statement, of so many state and local variables, without a
    /// current.
    pub(super) fn plain(states: u32, locals: u32, parameters: &'a [PerNeuron], dt_ms: f64) -> Self {
        let mut dag = Dag::default();
        let state = (0..states).map(|i| dag.push(Node::State(i))).collect();
        Self {
            dag,
            state,
            dt_ms,
            parameters,
            current: Value::host(0.0),
            locals: vec![None; locals as usize],
            assigned: BTreeSet::new(),
        }
    }

    /// Statements in order.
    pub(super) fn run(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::SetState(i, e) => {
                    let value = self.eval(e);
                    self.state[*i as usize] = self.number(value);
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
            if then != self.state[i] {
                let merge = Node::Merge(condition.clone(), then, self.state[i]);
                self.state[i] = self.dag.push(merge);
            }
        }
        for (i, then) in (0..).zip(locals_then) {
            let otherwise = self.locals[i as usize].take();
            self.locals[i as usize] = match (then, otherwise) {
                (Some(a), Some(b)) if self.assigned.contains(&i) => {
                    Some(self.select(condition.clone(), a, b))
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
            Expr::TimeStep => Value::host(self.dt_ms),
            Expr::State(i) => Value::Device(self.state[*i as usize]),
            Expr::Local(i) => {
                self.locals[*i as usize].clone().expect("the checker saw an assignment")
            }
            Expr::Receptor(i) => Value::Device(self.dag.push(Node::Receptor(*i))),
            Expr::Current => self.current.clone(),
            Expr::Trace(side, i) => Value::Device(self.dag.push(Node::Trace(*side, *i))),
            Expr::Target(i) => Value::Device(self.dag.push(Node::Target(*i))),
            Expr::Source(i) => Value::Device(self.dag.push(Node::Source(*i))),
            Expr::Signal(i) => Value::Device(self.dag.push(Node::Signal(*i))),
            Expr::Refractory => Value::DeviceBool(self.dag.push(Node::Refractory)),
            Expr::Unary(op, a) => {
                let a = self.eval(a);
                self.unary(*op, a)
            }
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.eval(a), self.eval(b));
                self.binary(*op, a, b)
            }
            Expr::If(condition, a, b) => {
                let condition = self.eval(condition);
                if let Some(holds) = condition.uniform_condition() {
                    return self.eval(if holds { a } else { b });
                }
                let (a, b) = (self.eval(a), self.eval(b));
                self.select(condition, a, b)
            }
            Expr::Call(f, arguments) => {
                let arguments = arguments.iter().map(|a| self.eval(a)).collect();
                self.call(*f, arguments)
            }
            Expr::RandUniform(d) => Value::Device(self.dag.push(Node::Uniform(*d))),
            Expr::RandBernoulli(d, p) => {
                let p = self.eval(p);
                Value::DeviceBool(self.dag.push(Node::Bernoulli(*d, p)))
            }
            Expr::RandNormal(d) => Value::Device(self.dag.push(Node::Normal(*d))),
        }
    }

    /// A value as a number of the step.
    pub(super) fn number(&mut self, value: Value) -> NodeId {
        if let Value::Device(node) = value { node } else { self.dag.push(Node::Number(value)) }
    }

    /// A value as a condition of the step.
    pub(super) fn condition(&mut self, value: Value) -> NodeId {
        if let Value::DeviceBool(node) = value {
            node
        } else {
            self.dag.push(Node::Condition(value))
        }
    }

    fn select(&mut self, condition: Value, a: Value, b: Value) -> Value {
        let choose = |x: &[f64]| if x[0] != 0.0 { x[1] } else { x[2] };
        match (&condition, &a, &b) {
            (Value::HostBool(c), Value::Host(a), Value::Host(b)) => {
                return Value::Host(PerNeuron::map(&[c, a, b], choose));
            }
            (Value::HostBool(c), Value::HostBool(a), Value::HostBool(b)) => {
                return Value::HostBool(PerNeuron::map(&[c, a, b], choose));
            }
            _ => {}
        }
        let is_bool = a.is_bool();
        let node = self.dag.push(Node::Select(condition, a, b));
        if is_bool { Value::DeviceBool(node) } else { Value::Device(node) }
    }

    fn unary(&mut self, op: UnaryOp, a: Value) -> Value {
        match (op, &a) {
            (UnaryOp::Neg, Value::Host(x)) => Value::Host(PerNeuron::map(&[x], |x| -x[0])),
            (UnaryOp::Not, Value::HostBool(x)) => {
                Value::HostBool(PerNeuron::map(&[x], |x| f64::from(x[0] == 0.0)))
            }
            (UnaryOp::Neg, _) => Value::Device(self.dag.push(Node::Unary(op, a))),
            (UnaryOp::Not, _) => Value::DeviceBool(self.dag.push(Node::Unary(op, a))),
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        match (&a, &b) {
            (Value::Host(x), Value::Host(y)) => return host_binary(op, x, y),
            (Value::HostBool(x), Value::HostBool(y)) => {
                let and = op == BinaryOp::And;
                let both = |x: &[f64]| if and { x[0] * x[1] } else { x[0].max(x[1]) };
                return Value::HostBool(PerNeuron::map(&[x, y], both));
            }
            _ => {}
        }
        let node = self.dag.push(Node::Binary(op, a, b));
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow => {
                Value::Device(node)
            }
            BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge
            | BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::And
            | BinaryOp::Or => Value::DeviceBool(node),
        }
    }

    fn call(&mut self, f: Function, arguments: Vec<Value>) -> Value {
        if f == Function::Pow {
            return self.binary(BinaryOp::Pow, arguments[0].clone(), arguments[1].clone());
        }
        let hosts: Vec<&PerNeuron> = arguments
            .iter()
            .filter_map(|a| if let Value::Host(x) = a { Some(x) } else { None })
            .collect();
        if hosts.len() == arguments.len() {
            return Value::Host(PerNeuron::map(&hosts, |x| arithmetic::function(f, x)));
        }
        Value::Device(self.dag.push(Node::Call(f, arguments)))
    }
}

fn host_binary(op: BinaryOp, x: &PerNeuron, y: &PerNeuron) -> Value {
    if arithmetic::comparison(op, 0.0, 0.0).is_some() {
        let holds = |x: &[f64]| f64::from(arithmetic::comparison(op, x[0], x[1]) == Some(true));
        return Value::HostBool(PerNeuron::map(&[x, y], holds));
    }
    let number = |x: &[f64]| arithmetic::arithmetic(op, x[0], x[1]).unwrap_or(f64::NAN);
    Value::Host(PerNeuron::map(&[x, y], number))
}
