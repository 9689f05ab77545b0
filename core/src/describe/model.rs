//! A checked neuron model: names resolved, types known. Lowering and the oracle read it.
//!
//! Built-in and custom models are the same thing: text in the model language (`docs/models.md`),
//! read into a [`NeuronModel`], which holds no text.

use crate::base::id::Side;
use crate::base::units::Dimension;

/// A neuron model: state, parameters, inputs, and what happens in one step.
///
/// One step, in this order: the update statements; the threshold condition, false while the neuron
/// is refractory; where it makes a spike, the reset statements; the refractory counter.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuronModel {
    /// `lif_exp`, or the name under `[model.NAME]`.
    pub name: String,
    /// Parameters, in order of declaration.
    pub parameters: Vec<ParameterDef>,
    /// State variables, in order of declaration.
    pub state: Vec<StateDef>,
    /// Receptors: where projections deliver.
    pub receptors: Vec<ReceptorDef>,
    /// The dimension of `i_ext`, the sum of the current stimuli; `None`: takes no current.
    pub current: Option<Dimension>,
    /// The refractory period, a host expression of time; `None`: none.
    pub refractory: Option<Expr>,
    /// Update statements.
    pub update: Vec<Stmt>,
    /// The condition for a spike; `None`: never spikes (a readout).
    pub threshold: Option<Expr>,
    /// When the condition makes a spike.
    pub spike: SpikeRule,
    /// Statements carried out after a spike.
    pub reset: Vec<Stmt>,
    /// How many local variables (`let`) the statements use.
    pub locals: u32,
    /// How many random draws the statements use.
    pub draws: u32,
}

/// The name of the state variable that keeps whether the threshold's condition holds. No declared
/// name has a dot.
pub const HELD: &str = "threshold.held";

/// The end of the name of a state variable that keeps the value that another one has in each step
/// after the update, before the reset.
pub const BEFORE_RESET: &str = ".before_reset";

impl NeuronModel {
    /// The names of all state variables in canonical order: those declared, then [`HELD`] where a
    /// spike is a crossing.
    pub fn state_names(&self) -> Vec<&str> {
        let declared = self.state.iter().map(|state| state.name.as_str());
        declared.chain(self.held().map(|_| HELD)).collect()
    }

    /// The index of the state variable [`HELD`], if there is one.
    pub fn held(&self) -> Option<usize> {
        let crossing = self.spike == SpikeRule::Crossing && self.threshold.is_some();
        crossing.then_some(self.state.len())
    }
}

/// When the condition of the threshold makes a spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpikeRule {
    /// In each step in which it holds.
    Level,
    /// In a step in which it holds and did not hold before: where it becomes true.
    Crossing,
}

/// A parameter: a host value (f64) for each neuron, never changed by a step.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDef {
    /// Its name.
    pub name: String,
    /// Its default, in base units; `None`: must be given.
    pub default: Option<f64>,
    /// Its dimension.
    pub dimension: Dimension,
    /// The values that it may have: at most one bound from below and one from above.
    pub bounds: Vec<Bound>,
    /// The advice to whom gives another value; empty: to keep the bounds.
    pub help: String,
}

/// A bound of the values of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// How values stand to the limit.
    pub relation: Relation,
    /// The limit: a host expression over the other parameters and `dt`.
    pub limit: Expr,
    /// The limit as it was written, where it is more than a quantity.
    pub text: Option<String>,
}

/// How the values of a parameter stand to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// value > limit
    Above,
    /// value >= limit
    AtLeast,
    /// value < limit
    Below,
    /// value <= limit
    AtMost,
}

impl Relation {
    /// The fields of a parameter that give a bound.
    pub const WORDS: [(&str, Self); 4] = [
        ("above", Self::Above),
        ("at_least", Self::AtLeast),
        ("below", Self::Below),
        ("at_most", Self::AtMost),
    ];

    /// The name of its field.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The same in a sentence.
    pub fn words(self) -> String {
        self.word().replace('_', " ")
    }

    /// Whether it bounds values from below.
    pub fn is_lower(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }

    /// Whether a value stands so to a limit; never where either is not a number.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Above => value > limit,
            Self::AtLeast => value >= limit,
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
        }
    }
}

/// A state variable: one f32 for each neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct StateDef {
    /// Its name.
    pub name: String,
    /// Its default initial value: a host expression over parameters.
    pub initial: Expr,
    /// Its dimension.
    pub dimension: Dimension,
}

/// A receptor: an integer accumulator that synapses add to.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceptorDef {
    /// Its name; in expressions, the sum of this step's weights in base units.
    pub name: String,
    /// The dimension of its weights.
    pub dimension: Dimension,
    /// Which weights it takes.
    pub sign: Sign,
}

/// Which sign the weights of a receptor may have (zero is always allowed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Any.
    Any,
    /// Zero or more.
    Positive,
    /// Zero or less.
    Negative,
}

/// An expression of the model language with every name resolved.
///
/// A *host value* is a literal, a parameter, `dt`, or any operation on host values alone; it is
/// computed in f64 with `libm` and rounded to f32 where it meets a *device value* (everything
/// else).
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A literal in base units. Host.
    Number(f64),
    /// A Boolean literal. Host.
    Bool(bool),
    /// The parameter with this index. Host.
    Parameter(u32),
    /// The time step in ms. Host.
    TimeStep,
    /// The state variable with this index: its present value, after assignments so far.
    State(u32),
    /// A local variable (host or device, as what was assigned).
    Local(u32),
    /// The synaptic input of this receptor in this step.
    Receptor(u32),
    /// The sum of the current stimuli.
    Current,
    /// Whether the neuron was refractory at the start of the step. Bool.
    Refractory,
    /// The trace with this number of one side of a synapse, as of the event. Device.
    Trace(Side, u32),
    /// The variable with this number among those that a synapse model reads of its target, as of
    /// the event. Device.
    Target(u32),
    /// The variable with this number among those that the clocked blocks of a synapse model read
    /// of its source. Device.
    Source(u32),
    /// The signal with this number among those of a synapse model, as of the event. Device.
    Signal(u32),
    /// `-x` or `!b`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`, `a < b`, `a && b`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `if c { a } else { b }`: both sides are evaluated, one is taken.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function call, with as many arguments as the function takes.
    Call(Function, Vec<Expr>),
    /// `rand_uniform()`: draw `.0` of the step, in (0, 1]. Device.
    RandUniform(u32),
    /// `rand_normal()`: draws `.0` and `.0 + 1` of the step. Device.
    RandNormal(u32),
    /// `rand_bernoulli(p)`: draw `.0` of the step, true with probability `.1`. Device, Bool.
    RandBernoulli(u32, Box<Expr>),
}

impl Expr {
    /// Whether a part of it, or it itself, is so.
    pub fn any(&self, is: &impl Fn(&Self) -> bool) -> bool {
        let mut any = false;
        self.each(&mut |part| any |= is(part));
        any
    }

    /// Calls `f` with it and each part of it.
    pub fn each(&self, f: &mut impl FnMut(&Self)) {
        f(self);
        let parts: &[&Self] = match self {
            Self::Unary(_, a) | Self::RandBernoulli(_, a) => &[a],
            Self::Binary(_, a, b) => &[a, b],
            Self::If(c, a, b) => &[c, a, b],
            Self::Call(_, arguments) => {
                return arguments.iter().for_each(|part| part.each(f));
            }
            _ => &[],
        };
        parts.iter().for_each(|part| part.each(f));
    }

    /// Whether it reads the parameter with this index.
    pub fn uses_parameter(&self, index: u32) -> bool {
        self.any(&|part| matches!(part, Self::Parameter(n) if *n == index))
    }

    /// Whether it reads any parameter.
    pub fn uses_any_parameter(&self) -> bool {
        self.any(&|part| matches!(part, Self::Parameter(_)))
    }

    /// Whether it reads the time step.
    pub fn uses_dt(&self) -> bool {
        self.any(&|part| matches!(part, Self::TimeStep))
    }
}

/// A statement of the model language.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// `state = value` (compound assignments are written out by the parser).
    SetState(u32, Expr),
    /// `let local = value` or a later assignment to it.
    SetLocal(u32, Expr),
    /// `if c { ... } else { ... }`.
    If(Expr, Vec<Stmt>, Vec<Stmt>),
}

impl Stmt {
    /// Calls `f` with each expression in it, and each part of one.
    pub fn each_expression(&self, f: &mut impl FnMut(&Expr)) {
        match self {
            Self::SetState(_, e) | Self::SetLocal(_, e) => e.each(f),
            Self::If(condition, yes, no) => {
                condition.each(f);
                yes.iter().chain(no).for_each(|statement| statement.each_expression(f));
            }
        }
    }

    /// Whether it, or a statement in it, sets a state variable whose number is so.
    pub fn sets(&self, is: &impl Fn(u32) -> bool) -> bool {
        match self {
            Self::SetState(number, _) => is(*number),
            Self::SetLocal(..) => false,
            Self::If(_, yes, no) => yes.iter().chain(no).any(|statement| statement.sets(is)),
        }
    }
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-x`
    Neg,
    /// `!b`
    Not,
}

/// Binary operators. `Pow` takes a host scalar integer 0..=16 as a repeated product, else it is
/// `exp(y * log(x))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `^`
    Pow,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Functions of the model language. Device meaning: [`crate::ir::math`]; host meaning: `libm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `exp(x)`, x clamped to [-87, 88] on the device
    Exp,
    /// `ln(x)` or `log(x)`; x below the smallest normal number counts as that number
    Log,
    /// `sqrt(x)`, 0 for x <= 0
    Sqrt,
    /// `tanh(x)`
    Tanh,
    /// `sin(x)`, |x| clamped to 8192
    Sin,
    /// `cos(x)`, |x| clamped to 8192
    Cos,
    /// `abs(x)`
    Abs,
    /// `floor(x)`
    Floor,
    /// `ceil(x)`
    Ceil,
    /// `exprel(x) = (exp(x) - 1) / x`, 1 at 0
    Exprel,
    /// `min(a, b)`: `if a < b { a } else { b }`
    Min,
    /// `max(a, b)`: `if a < b { b } else { a }`
    Max,
    /// `clamp(x, lo, hi) = min(max(x, lo), hi)`
    Clamp,
    /// `pow(x, y)`: the same as `x ^ y`
    Pow,
}
