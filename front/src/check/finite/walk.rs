//! The host values of texts, in the order in which they are carried out.

use crate::language::{count, host};
use isospike_core::base::numeric;
use isospike_core::describe::arithmetic;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{BinaryOp, Expr, Stmt};
use isospike_core::describe::synapse::EventProgram;
use std::collections::BTreeSet;

/// The value of an expression before the run.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Known; a condition is 1 or 0.
    Host(PerNeuron),
    /// Known during the run only.
    Device,
    /// Not judged: it was reported, or is never used.
    Unknown,
}

/// An expression with its value.
#[derive(Clone, Debug)]
struct Operand<'m> {
    value: Value,
    /// The number of the expression among those of the model.
    number: usize,
    expression: &'m Expr,
}

/// The fault of a host value.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// It is not finite, or a device cannot hold it.
    NotFinite,
    /// It is a probability outside [0, 1].
    Probability,
}

impl Fault {
    pub fn help(self) -> &'static str {
        match self {
            Self::NotFinite => {
                "values that do not change in a run must be finite: change the parameters, or \
                 guard the text with `if`"
            }
            Self::Probability => {
                "a probability is from 0 to 1: change the parameters or dt, or guard the text \
                 with `if`"
            }
        }
    }
}

/// A host value with a fault.
pub(super) struct Found<'m> {
    pub number: usize,
    pub expression: &'m Expr,
    pub neuron: u32,
    pub value: f64,
    pub fault: Fault,
}

/// Goes through the texts of a model in the order in which they are carried out.
pub(super) struct Walk<'m> {
    parameters: &'m [PerNeuron],
    dt_ms: f64,
    current: Value,
    /// The neurons for which the present branch counts: 1, the others 0.
    counts: PerNeuron,
    /// The number of the next expression.
    number: usize,
    locals: Vec<Value>,
    pub found: Vec<Found<'m>>,
}

impl<'m> Walk<'m> {
    /// A walk before the first text; `current` is the value of `i_ext`.
    pub fn new(parameters: &'m [PerNeuron], dt_ms: f64, current: Value) -> Self {
        Self {
            parameters,
            dt_ms,
            current,
            counts: PerNeuron::All(1.0),
            number: 0,
            locals: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Begins texts that have so many locals of their own.
    pub fn locals(&mut self, count: u32) {
        self.locals = vec![Value::Unknown; count as usize];
    }

    /// Goes through a program of a synapse.
    pub fn program(&mut self, program: &'m EventProgram) {
        self.locals(program.locals);
        self.statements(&program.statements);
    }

    pub fn statements(&mut self, statements: &'m [Stmt]) {
        for statement in statements {
            match statement {
                Stmt::SetState(_, e) => {
                    let stored = self.operand(e);
                    self.meets(&stored);
                }
                Stmt::SetLocal(i, e) => self.locals[*i as usize] = self.value(e),
                Stmt::If(condition, then, otherwise) => {
                    let condition = self.operand(condition);
                    self.branch(&condition, then, otherwise);
                }
            }
        }
    }

    /// 1.7: of a condition that is the same for all neurons only the branch taken counts; else
    /// every variable that is assigned in either is selected.
    fn branch(&mut self, on: &Operand<'m>, then: &'m [Stmt], otherwise: &'m [Stmt]) {
        let before = self.locals.clone();
        match &on.value {
            Value::Host(condition) => {
                self.where_it(condition, true, |walk| walk.statements(then));
            }
            Value::Device => self.statements(then),
            Value::Unknown => {
                self.number += expressions(then) + expressions(otherwise);
                for local in assigned(&[then, otherwise]) {
                    self.locals[local as usize] = Value::Unknown;
                }
                return;
            }
        }
        let after_then = std::mem::replace(&mut self.locals, before);
        match &on.value {
            Value::Host(condition) => {
                self.where_it(condition, false, |walk| walk.statements(otherwise));
            }
            _ => self.statements(otherwise),
        }
        for local in assigned(&[then, otherwise]) {
            let at = local as usize;
            // A value that is too large for a device is reported at the condition that selects it.
            let of = |value: &Value| Operand { value: value.clone(), ..on.clone() };
            let (a, b) = (of(&after_then[at]), of(&self.locals[at]));
            self.locals[at] = self.select(&on.value, &a, &b);
        }
    }

    /// Carries out a part that counts for the neurons where `condition` is `holds` only.
    fn where_it<T>(
        &mut self,
        condition: &PerNeuron,
        holds: bool,
        part: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let both = |v: &[f64]| f64::from(u8::from(v[0] != 0.0 && (v[1] != 0.0) == holds));
        let inner = PerNeuron::map(&[&self.counts, condition], both);
        let outer = std::mem::replace(&mut self.counts, inner);
        let result = part(self);
        self.counts = outer;
        result
    }

    fn operand(&mut self, e: &'m Expr) -> Operand<'m> {
        let value = self.value(e);
        Operand { value, number: self.number - 1, expression: e }
    }

    pub fn value(&mut self, e: &'m Expr) -> Value {
        let value = match e {
            Expr::Number(x) => Value::Host(PerNeuron::All(*x)),
            Expr::Bool(x) => Value::Host(PerNeuron::All(f64::from(u8::from(*x)))),
            Expr::Parameter(i) => Value::Host(self.parameters[*i as usize].clone()),
            Expr::TimeStep => Value::Host(PerNeuron::All(self.dt_ms)),
            Expr::Local(i) => self.locals[*i as usize].clone(),
            Expr::Current => self.current.clone(),
            Expr::State(_) | Expr::Receptor(_) | Expr::Refractory => Value::Device,
            Expr::Trace(..) | Expr::Target(_) | Expr::Source(_) | Expr::Signal(_) => Value::Device,
            Expr::RandUniform(_) | Expr::RandNormal(_) => Value::Device,
            Expr::RandBernoulli(_, p) => {
                let p = self.operand(p);
                self.report(&p, Fault::Probability, |x| !(0.0..=1.0).contains(&x));
                Value::Device
            }
            Expr::Unary(op, a) => match self.value(a) {
                Value::Host(x) => Value::Host(PerNeuron::map(&[&x], |x| host::unary(*op, x[0]))),
                other => other,
            },
            Expr::Binary(op, a, b) => self.binary(*op, a, b),
            Expr::If(condition, a, b) => self.choice(condition, a, b),
            Expr::Call(function, arguments) => {
                let arguments: Vec<Operand> = arguments.iter().map(|a| self.operand(a)).collect();
                self.operation(&arguments, |x| arithmetic::function(*function, x))
            }
        };
        self.number += 1;
        let found = Operand { value, number: self.number - 1, expression: e };
        let wrong = self.report(&found, Fault::NotFinite, |x| !x.is_finite());
        if wrong { Value::Unknown } else { found.value }
    }

    fn binary(&mut self, op: BinaryOp, a: &'m Expr, b: &'m Expr) -> Value {
        let x = self.operand(a);
        let y = match (op, &x.value) {
            // The second operand counts where the first does not decide.
            (BinaryOp::And | BinaryOp::Or, Value::Host(x)) => {
                self.where_it(x, op == BinaryOp::And, |walk| walk.operand(b))
            }
            _ => self.operand(b),
        };
        self.operation(&[x, y], |v| host::binary(op, v[0], v[1]))
    }

    /// An operation on values: computed where all are known, else its operands meet a device value.
    fn operation(&mut self, operands: &[Operand<'m>], f: impl Fn(&[f64]) -> f64) -> Value {
        let mut hosts: Vec<&PerNeuron> = Vec::new();
        for operand in operands {
            match &operand.value {
                Value::Host(x) => hosts.push(x),
                Value::Device => {}
                Value::Unknown => return Value::Unknown,
            }
        }
        if hosts.len() == operands.len() {
            return Value::Host(PerNeuron::map(&hosts, f));
        }
        operands.iter().for_each(|operand| self.meets(operand));
        Value::Device
    }

    fn choice(&mut self, condition: &'m Expr, a: &'m Expr, b: &'m Expr) -> Value {
        let on = self.value(condition);
        let (x, y) = match &on {
            Value::Unknown => {
                self.number += count(a) + count(b);
                return Value::Unknown;
            }
            Value::Device => (self.operand(a), self.operand(b)),
            Value::Host(c) => {
                let x = self.where_it(c, true, |walk| walk.operand(a));
                (x, self.where_it(c, false, |walk| walk.operand(b)))
            }
        };
        self.select(&on, &x, &y)
    }

    /// One of two values, by a condition.
    fn select(&mut self, on: &Value, a: &Operand<'m>, b: &Operand<'m>) -> Value {
        match (on, &a.value, &b.value) {
            (Value::Host(PerNeuron::All(c)), x, y) => if *c != 0.0 { x } else { y }.clone(),
            (_, Value::Unknown, _) | (_, _, Value::Unknown) => Value::Unknown,
            (Value::Host(c), Value::Host(x), Value::Host(y)) => {
                let choose = |v: &[f64]| if v[0] != 0.0 { v[1] } else { v[2] };
                Value::Host(PerNeuron::map(&[c, x, y], choose))
            }
            _ => {
                self.meets(a);
                self.meets(b);
                Value::Device
            }
        }
    }

    /// A host value is rounded to an f32 where it meets a device value; that must be finite, too.
    fn meets(&mut self, operand: &Operand<'m>) {
        self.report(operand, Fault::NotFinite, |x| !numeric::round_host(x).is_finite());
    }

    /// Notes the first neuron that counts and whose host value is wrong.
    fn report(&mut self, operand: &Operand<'m>, fault: Fault, wrong: impl Fn(f64) -> bool) -> bool {
        let Operand { value: Value::Host(values), number, expression } = operand else {
            return false;
        };
        let both = |v: &[f64]| f64::from(u8::from(v[0] != 0.0 && wrong(v[1])));
        let bad = PerNeuron::map(&[&self.counts, values], both);
        let Some(neuron) = bad.first(|bad| bad != 0.0) else { return false };
        let (number, value) = (*number, values.get(neuron));
        self.found.push(Found { number, expression, neuron, value, fault });
        true
    }
}

/// How many expressions statements have.
fn expressions(statements: &[Stmt]) -> usize {
    let of = |statement: &Stmt| match statement {
        Stmt::SetState(_, e) | Stmt::SetLocal(_, e) => count(e),
        Stmt::If(c, a, b) => count(c) + expressions(a) + expressions(b),
    };
    statements.iter().map(of).sum()
}

/// The locals that branches assign.
fn assigned(branches: &[&[Stmt]; 2]) -> BTreeSet<u32> {
    let mut locals = BTreeSet::new();
    for statement in branches.iter().copied().flatten() {
        match statement {
            Stmt::SetState(..) => {}
            Stmt::SetLocal(i, _) => {
                locals.insert(*i);
            }
            Stmt::If(_, a, b) => locals.extend(assigned(&[a, b])),
        }
    }
    locals
}
