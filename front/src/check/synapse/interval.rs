//! Interval arithmetic: between which values an expression of an event lies.

#[cfg(test)]
mod tests;

use crate::check;
use crate::check::distribution::WEIGHT_RANGE;
use crate::language::host;
use isospike_core::describe::arithmetic;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{BinaryOp, Expr, Function, Stmt, UnaryOp};

/// Ends beyond the largest weight are none: quotients and exponentials of what may have any value
/// have such ends.
const LARGEST: f64 = WEIGHT_RANGE.1;

/// Logarithms and powers of smaller numbers are those of this one, on devices.
const LEAST: f64 = f32::MIN_POSITIVE as f64;

/// Exponentials of numbers beyond these are those of these, on devices.
const EXP_LEAST: f64 = -87.0;
const EXP_MOST: f64 = 88.0;

/// Sines and cosines of larger angles are those of this one, on devices.
const ANGLE_MOST: f64 = 8192.0;

/// The least and the largest value; infinite where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub lo: f64,
    pub hi: f64,
}

impl Interval {
    /// All numbers.
    pub const ALL: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

    /// Either truth.
    const TRUTH: Self = Self { lo: 0.0, hi: 1.0 };

    /// The numbers between two; all where either is none.
    pub fn new(lo: f64, hi: f64) -> Self {
        if lo.is_nan() || hi.is_nan() { Self::ALL } else { Self { lo, hi } }
    }

    /// One number.
    pub fn point(x: f64) -> Self {
        Self::new(x, x)
    }

    /// Whether it has an end on both sides, or is one number.
    pub fn is_bounded(self) -> bool {
        let is_end = |x: f64| libm::fabs(x) <= LARGEST;
        (is_end(self.lo) && is_end(self.hi)) || self.one().is_some()
    }

    /// Gives the only number in it.
    fn one(self) -> Option<f64> {
        (self.lo == self.hi).then_some(self.lo)
    }

    fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// The least interval around both.
    pub fn hull(self, other: Self) -> Self {
        Self::new(self.lo.min(other.lo), self.hi.max(other.hi))
    }

    /// The values of a function of two numbers that has its extremes at the ends.
    fn corners(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let values = [(self.lo, other.lo), (self.lo, other.hi), (self.hi, other.lo)]
            .into_iter()
            .chain([(self.hi, other.hi)])
            .map(|(x, y)| f(x, y));
        values.map(Self::point).reduce(Self::hull).unwrap_or(Self::ALL)
    }

    /// The values of a function that grows.
    fn growing(self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(f(self.lo), f(self.hi))
    }
}

/// The values of names at a place of an event.
#[derive(Clone)]
pub(super) struct Values<'m> {
    pub parameters: &'m [PerNeuron],
    pub dt_ms: f64,
    /// State variables, then what is sent.
    pub state: Vec<Interval>,
    pub locals: Vec<Interval>,
}

impl Values<'_> {
    /// Carries out statements.
    pub fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::SetState(n, e) => self.state[*n as usize] = self.of(e),
                Stmt::SetLocal(n, e) => self.locals[*n as usize] = self.of(e),
                Stmt::If(condition, yes, no) => match self.of(condition).one() {
                    Some(truth) => self.statements(if truth != 0.0 { yes } else { no }),
                    None => {
                        let mut other = self.clone();
                        self.statements(yes);
                        other.statements(no);
                        self.join(&other);
                    }
                },
            }
        }
    }

    fn host(&self, e: &Expr) -> Option<PerNeuron> {
        if is_host(e) { check::host::per_neuron(e, self.parameters, self.dt_ms, 1) } else { None }
    }

    fn join(&mut self, other: &Self) {
        let both = |a: &mut [Interval], b: &[Interval]| {
            for (a, b) in a.iter_mut().zip(b) {
                *a = a.hull(*b);
            }
        };
        both(&mut self.state, &other.state);
        both(&mut self.locals, &other.locals);
    }

    /// The values of an expression; of a condition 0 and 1.
    fn of(&self, e: &Expr) -> Interval {
        // Host values do without the rules of devices for numbers that a function does not take.
        if let Some(PerNeuron::All(x)) = self.host(e) {
            return Interval::point(x);
        }
        match e {
            Expr::Number(x) => Interval::point(*x),
            Expr::Bool(x) => Interval::point(f64::from(u8::from(*x))),
            Expr::Parameter(n) => Interval::point(self.parameters[*n as usize].get(0)),
            Expr::TimeStep => Interval::point(self.dt_ms),
            Expr::State(n) => self.state[*n as usize],
            Expr::Local(n) => self.locals[*n as usize],
            Expr::Unary(UnaryOp::Neg, a) => {
                let a = self.of(a);
                Interval::new(-a.hi, -a.lo)
            }
            Expr::Unary(op @ UnaryOp::Not, a) => {
                self.of(a).one().map_or(Interval::TRUTH, |a| Interval::point(host::unary(*op, a)))
            }
            Expr::Binary(BinaryOp::Pow, a, b) => power(self.of(a), self.of(b), is_host(b)),
            Expr::Binary(op, a, b) => binary(*op, self.of(a), self.of(b)),
            Expr::If(condition, a, b) => match self.of(condition).one() {
                Some(truth) => self.of(if truth != 0.0 { a } else { b }),
                None => self.of(a).hull(self.of(b)),
            },
            Expr::Call(Function::Pow, arguments) => {
                power(self.of(&arguments[0]), self.of(&arguments[1]), is_host(&arguments[1]))
            }
            Expr::Call(f, arguments) => {
                let arguments: Vec<Interval> = arguments.iter().map(|a| self.of(a)).collect();
                function(*f, &arguments)
            }
            Expr::Receptor(_) | Expr::Current | Expr::Refractory => Interval::ALL,
            Expr::Trace(..) | Expr::Target(_) | Expr::Source(_) => Interval::ALL,
            Expr::Signal(_) => Interval::ALL,
            Expr::RandUniform(_) | Expr::RandNormal(_) | Expr::RandBernoulli(..) => Interval::ALL,
        }
    }
}

fn binary(op: BinaryOp, a: Interval, b: Interval) -> Interval {
    use BinaryOp as B;
    match (op, a.one(), b.one()) {
        // A quotient by 0 is 0 on a device, and one by a small number has no bound.
        (B::Div, _, Some(0.0)) => Interval::point(0.0),
        (B::Div, ..) if b.contains(0.0) => Interval::ALL,
        (B::Pow, ..) => power(a, b, false),
        (_, Some(a), Some(b)) => Interval::point(host::binary(op, a, b)),
        (B::Add, ..) => Interval::new(a.lo + b.lo, a.hi + b.hi),
        (B::Sub, ..) => Interval::new(a.lo - b.hi, a.hi - b.lo),
        (B::Mul, ..) => a.corners(b, times),
        (B::Div, ..) => a.corners(b, |x, y| times(x, 1.0 / y)),
        (B::Lt | B::Le | B::Gt | B::Ge | B::Eq | B::Ne | B::And | B::Or, ..) => Interval::TRUTH,
    }
}

/// A product of ends: 0 times any number is 0.
fn times(x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 { 0.0 } else { x * y }
}

/// Whether an expression is surely a host value.
fn is_host(e: &Expr) -> bool {
    let device = |part: &Expr| match part {
        Expr::State(_) | Expr::Local(_) | Expr::Trace(..) | Expr::Target(_) => true,
        part => matches!(part, Expr::Source(_) | Expr::Signal(_)),
    };
    !e.any(&device)
}

/// Powers: products where the exponent is a host value and a whole number from 0 to 16, else
/// exponentials of a logarithm, for which numbers below the least normal one count as that.
fn power(x: Interval, y: Interval, is_host: bool) -> Interval {
    let power = |x: f64, y: f64| arithmetic::function(Function::Pow, &[x, y]);
    let above = Interval::new(x.lo.max(LEAST), x.hi.max(LEAST));
    let exponential = above.corners(y, power);
    let Some(n) = y.one() else { return exponential };
    if !(0.0..=16.0).contains(&n) || libm::floor(n) != n {
        // A local variable may be a host value.
        let one = x.one().map(|x| Interval::point(power(x, n)));
        return one.map_or(exponential, |one| exponential.hull(one));
    }
    let ends = Interval::point(power(x.lo, n)).hull(Interval::point(power(x.hi, n)));
    let turns = n % 2.0 == 0.0 && n > 0.0 && x.contains(0.0);
    let product = if turns { ends.hull(Interval::point(0.0)) } else { ends };
    if is_host { product } else { product.hull(exponential) }
}

fn function(function: Function, arguments: &[Interval]) -> Interval {
    use Function as F;
    let value = |x: f64| arithmetic::function(function, &[x]);
    let ends = |end: fn(&Interval) -> f64| -> f64 {
        arithmetic::function(function, &arguments.iter().map(end).collect::<Vec<f64>>())
    };
    let a = arguments[0];
    match function {
        F::Pow => power(a, arguments[1], false),
        // These grow with each argument.
        F::Min | F::Max | F::Clamp | F::Tanh | F::Floor | F::Ceil | F::Exprel => {
            Interval::new(ends(|i| i.lo), ends(|i| i.hi))
        }
        F::Exp => Interval::new(value(a.lo.min(EXP_MOST)), value(a.hi.max(EXP_LEAST))),
        F::Log => {
            let lo = if a.one().is_some() { a.lo } else { a.lo.max(LEAST) };
            Interval::new(value(lo), value(a.hi.max(LEAST)))
        }
        F::Sqrt => a.growing(|x| value(x.max(0.0))),
        F::Abs if a.contains(0.0) => Interval::new(0.0, libm::fabs(a.lo).max(a.hi)),
        F::Abs => Interval::point(value(a.lo)).hull(Interval::point(value(a.hi))),
        F::Sin | F::Cos => match a.one().filter(|x| libm::fabs(*x) <= ANGLE_MOST) {
            Some(x) => Interval::point(value(x)),
            None => Interval::new(-1.0, 1.0),
        },
    }
}
