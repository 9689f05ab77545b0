//! The value algebra of `docs/semantics.md` 1, evaluated for one neuron, expression by expression.

use super::function;
use crate::base::numeric;
use crate::describe::arithmetic;
use crate::describe::model::{BinaryOp, Expr, Function, Stmt, UnaryOp};

/// A value of the model language for one neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// A host number; `uniform` where it is the same for all neurons of the population.
    Host { value: f64, uniform: bool },
    /// A host condition.
    HostBool { value: bool, uniform: bool },
    /// A device number.
    Device(f32),
    /// A device condition.
    DeviceBool(bool),
}

use Value::{Device, DeviceBool, Host, HostBool};

impl Value {
    /// The number as a device value: a host value is rounded here.
    pub(super) fn device(self) -> f32 {
        match self {
            Host { value, .. } => numeric::round_host(value),
            Device(x) => x,
            HostBool { .. } | DeviceBool(_) => unreachable!("a condition is not a number"),
        }
    }

    /// The condition.
    pub(super) fn holds(self) -> bool {
        match self {
            HostBool { value, .. } | DeviceBool(value) => value,
            Host { .. } | Device(_) => unreachable!("a number is not a condition"),
        }
    }
}

/// The values that an expression can read: one neuron in one step.
pub(super) struct Scope<'a> {
    pub(super) parameters: &'a [Value],
    pub(super) dt_ms: f64,
    pub(super) inputs: &'a [f32],
    /// The traces of a synapse, of its source and of its target; none of a neuron.
    pub(super) traces: [&'a [f32]; 2],
    /// The variables of the target that a synapse model names; none of a neuron.
    pub(super) target: &'a [f32],
    /// The variables of the source that clocked blocks name; none of a neuron.
    pub(super) source: &'a [f32],
    /// The signals of a synapse; none of a neuron.
    pub(super) signals: &'a [f32],
    pub(super) current: Value,
    pub(super) refractory: bool,
    /// Draw `d` of this neuron in this step.
    pub(super) draw: &'a dyn Fn(u32) -> u32,
    pub(super) state: Vec<Value>,
    pub(super) locals: Vec<Option<Value>>,
    /// Marks the locals that were assigned since the innermost branch began.
    pub(super) assigned: Vec<bool>,
}

impl Scope<'_> {
    /// Carries out statements in order.
    pub(super) fn run(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                // State variables are device values: a host value is rounded when assigned (1.9).
                Stmt::SetState(i, e) => {
                    self.state[*i as usize] = Device(self.eval(e).device());
                }
                Stmt::SetLocal(i, e) => {
                    self.locals[*i as usize] = Some(self.eval(e));
                    self.assigned[*i as usize] = true;
                }
                Stmt::If(condition, then, otherwise) => {
                    let condition = self.eval(condition);
                    self.branch(condition, then, otherwise);
                }
            }
        }
    }

    /// Carries out both branches; a variable that either assigns keeps the value of the branch
    /// taken, any other what it had (1.7).
    pub(super) fn branch(&mut self, condition: Value, then: &[Stmt], otherwise: &[Stmt]) {
        if let HostBool { value, uniform: true } = condition {
            return self.run(if value { then } else { otherwise });
        }
        let (state_before, locals_before) = (self.state.clone(), self.locals.clone());
        let nothing = vec![false; self.assigned.len()];
        let assigned_before = std::mem::replace(&mut self.assigned, nothing);
        self.run(then);
        let state = std::mem::replace(&mut self.state, state_before);
        let locals = std::mem::replace(&mut self.locals, locals_before);
        self.run(otherwise);
        for (i, a) in state.into_iter().enumerate() {
            self.state[i] = select(condition, a, self.state[i]);
        }
        for (i, a) in locals.into_iter().enumerate() {
            self.locals[i] = match (a, self.locals[i]) {
                (Some(a), Some(b)) if self.assigned[i] => Some(select(condition, a, b)),
                // Defined on one side only: the checker forbids its use after the branch.
                (a, b) => a.or(b),
            };
            self.assigned[i] |= assigned_before[i];
        }
    }

    /// The value of an expression.
    pub(super) fn eval(&self, e: &Expr) -> Value {
        match e {
            Expr::Number(value) => Host { value: *value, uniform: true },
            Expr::Bool(value) => HostBool { value: *value, uniform: true },
            Expr::Parameter(i) => self.parameters[*i as usize],
            Expr::TimeStep => Host { value: self.dt_ms, uniform: true },
            Expr::State(i) => self.state[*i as usize],
            Expr::Local(i) => self.locals[*i as usize].expect("the checker saw an assignment"),
            Expr::Receptor(i) => Device(self.inputs[*i as usize]),
            Expr::Current => self.current,
            Expr::Trace(side, i) => Device(self.traces[*side as usize][*i as usize]),
            Expr::Target(i) => Device(self.target[*i as usize]),
            Expr::Source(i) => Device(self.source[*i as usize]),
            Expr::Signal(i) => Device(self.signals[*i as usize]),
            Expr::Refractory => DeviceBool(self.refractory),
            Expr::Unary(op, a) => unary(*op, self.eval(a)),
            Expr::Binary(op, a, b) => binary(*op, self.eval(a), self.eval(b)),
            Expr::If(c, a, b) => {
                let c = self.eval(c);
                if let HostBool { value, uniform: true } = c {
                    return self.eval(if value { a } else { b });
                }
                select(c, self.eval(a), self.eval(b))
            }
            Expr::Call(f, args) => {
                let args: Vec<Value> = args.iter().map(|a| self.eval(a)).collect();
                call(*f, &args)
            }
            Expr::RandUniform(d) => Device(crate::base::random::uniform((self.draw)(*d))),
            Expr::RandBernoulli(d, p) => {
                let word = u64::from((self.draw)(*d));
                DeviceBool(match self.eval(p) {
                    Host { value, .. } => word < crate::base::random::bernoulli_threshold(value),
                    // A product with a power of two and a cast that saturates, towards 0 (2.8).
                    p => word < (f64::from(p.device()) * 4_294_967_296.0) as u64,
                })
            }
            Expr::RandNormal(d) => Device(function::normal((self.draw)(*d), (self.draw)(*d + 1))),
        }
    }
}

fn select(condition: Value, a: Value, b: Value) -> Value {
    let take = |a, b| if condition.holds() { a } else { b };
    match (condition, a, b) {
        (HostBool { .. }, Host { value: x, .. }, Host { value: y, .. }) => {
            Host { value: if condition.holds() { x } else { y }, uniform: false }
        }
        (HostBool { .. }, HostBool { value: x, .. }, HostBool { value: y, .. }) => {
            HostBool { value: if condition.holds() { x } else { y }, uniform: false }
        }
        (_, Host { .. } | Device(_), _) => Device(take(a, b).device()),
        _ => DeviceBool(take(a, b).holds()),
    }
}

fn unary(op: UnaryOp, a: Value) -> Value {
    match (op, a) {
        (UnaryOp::Neg, Host { value, uniform }) => Host { value: -value, uniform },
        (UnaryOp::Neg, _) => Device(-a.device()),
        (UnaryOp::Not, HostBool { value, uniform }) => HostBool { value: !value, uniform },
        (UnaryOp::Not, _) => DeviceBool(!a.holds()),
    }
}

fn binary(op: BinaryOp, a: Value, b: Value) -> Value {
    use BinaryOp::*;
    match (op, a, b) {
        (And | Or, _, _) => logic(op, a, b),
        (_, Host { value: x, uniform: u }, Host { value: y, uniform: v }) => {
            let uniform = u && v;
            match op {
                Add => Host { value: x + y, uniform },
                Sub => Host { value: x - y, uniform },
                Mul => Host { value: x * y, uniform },
                Div => Host { value: x / y, uniform },
                Pow => Host { value: libm::pow(x, y), uniform },
                _ => HostBool { value: compare(op, x, y), uniform },
            }
        }
        (Pow, _, _) => power(a, b),
        _ => {
            let (x, y) = (a.device(), b.device());
            match op {
                Add => Device(x + y),
                Sub => Device(x - y),
                Mul => Device(x * y),
                Div => Device(numeric::div(x, y)),
                _ => DeviceBool(compare(op, x, y)),
            }
        }
    }
}

fn logic(op: BinaryOp, a: Value, b: Value) -> Value {
    let value = match op {
        BinaryOp::And => a.holds() & b.holds(),
        _ => a.holds() | b.holds(),
    };
    match (a, b) {
        (HostBool { uniform: u, .. }, HostBool { uniform: v, .. }) => {
            HostBool { value, uniform: u && v }
        }
        _ => DeviceBool(value),
    }
}

fn compare<T: PartialOrd>(op: BinaryOp, x: T, y: T) -> bool {
    match op {
        BinaryOp::Lt => x < y,
        BinaryOp::Le => x <= y,
        BinaryOp::Gt => x > y,
        BinaryOp::Ge => x >= y,
        BinaryOp::Eq => x == y,
        BinaryOp::Ne => x != y,
        _ => unreachable!("not a comparison"),
    }
}

/// `x ^ y` where at least one is a device value (1.6).
fn power(x: Value, y: Value) -> Value {
    if let Host { value: n, uniform: true } = y
        && n == libm::floor(n)
        && (0.0..=16.0).contains(&n)
    {
        return Device(function::pow_integer(x.device(), n as u32));
    }
    Device(function::pow(x.device(), y.device()))
}

fn call(f: Function, args: &[Value]) -> Value {
    if let Function::Pow = f {
        return binary(BinaryOp::Pow, args[0], args[1]);
    }
    let mut numbers = Vec::new();
    let mut all_uniform = true;
    for arg in args {
        if let Host { value, uniform } = arg {
            numbers.push(*value);
            all_uniform &= uniform;
        }
    }
    if numbers.len() == args.len() {
        return Host { value: arithmetic::function(f, &numbers), uniform: all_uniform };
    }
    let x: Vec<f32> = args.iter().map(|a| a.device()).collect();
    Device(match f {
        Function::Exp => function::exp(x[0]),
        Function::Log => function::log(x[0]),
        Function::Sqrt => numeric::sqrt(x[0]),
        Function::Tanh => function::tanh(x[0]),
        Function::Sin => function::sin(x[0]),
        Function::Cos => function::cos(x[0]),
        Function::Abs => numeric::abs(x[0]),
        Function::Floor => function::floor(x[0]),
        Function::Ceil => function::ceil(x[0]),
        Function::Exprel => function::exprel(x[0]),
        Function::Min => function::min(x[0], x[1]),
        Function::Max => function::max(x[0], x[1]),
        Function::Clamp => function::clamp(x[0], x[1], x[2]),
        Function::Pow => unreachable!("handled above"),
    })
}
