//! Trees to checked expressions and statements: names resolved, types and units known.

mod assign;
mod member;
mod name;
mod send;

pub use name::{Names, Subject};
pub use send::Sends;

use super::Sources;
use super::dimension::{At, Rules, Type};
use super::function::{Callee, callee};
use super::place::{Place, Span};
use super::syntax::{Kind, Node, Statement};
use crate::diagnostic::{Diagnostic, Location};
use isospike_core::describe::arithmetic;
use isospike_core::describe::model::{BinaryOp, Expr, Function, Stmt, UnaryOp};

/// How many draws a program may make in a step: they are numbered by 8 bits of the counter.
const DRAWS_MAX: u32 = 256;

/// Resolves the texts of one model, in the order of a step.
pub struct Resolver<'a> {
    names: Names<'a>,
    /// Only host values are allowed: initial values, the refractory period.
    host: bool,
    /// Besides these only state: the condition of a crossing, which has a value before step 0.
    pub state_only: bool,
    place: Place<'a>,
    locals: Vec<Local>,
    /// How many draws have been numbered.
    pub draws: u32,
    /// Which receptors have been read.
    pub receptors_read: Vec<bool>,
    /// Whether `i_ext` has been read.
    pub current_read: bool,
    /// The variables of the target that have been read, and where the first time.
    pub target: Vec<(String, Location)>,
    /// The same of the source.
    pub source: Vec<(String, Location)>,
    /// The receptors that are sent to.
    pub sends: Sends,
    /// The place of each expression.
    pub sources: Sources,
    /// The mistakes so far; items and fields are the caller's to fill in.
    pub diagnostics: Vec<Diagnostic>,
}

struct Local {
    name: String,
    /// The type that its last `let` gave it.
    sort: Type,
    /// The place of its name in that.
    at: Span,
    /// Whether it has a value on every path to the present place.
    defined: bool,
}

/// A resolved expression with its sort; `None` after a mistake.
type Resolved = Option<(Expr, Type)>;

impl<'a> Resolver<'a> {
    /// A resolver that has read nothing yet.
    pub fn new(names: Names<'a>, place: Place<'a>, host: bool) -> Self {
        Self {
            names,
            host,
            state_only: false,
            place,
            locals: Vec::new(),
            draws: 0,
            receptors_read: vec![false; names.receptors.len()],
            current_read: false,
            target: Vec::new(),
            source: Vec::new(),
            sends: Sends::default(),
            sources: Sources::default(),
            diagnostics: Vec::new(),
        }
    }

    /// Goes on with the next text of the model: locals stay defined, draws go on counting.
    pub fn next_text(&mut self, field: &str, place: Place<'a>) {
        self.sources.begin(field, place);
        self.place = place;
    }

    /// How many locals the texts have.
    pub fn local_count(&self) -> u32 {
        self.locals.len() as u32
    }

    /// Resolves a number.
    pub fn number(&mut self, node: &Node) -> Resolved {
        match self.expression(node)? {
            (_, Type::Condition) => self.wrong(
                node.span,
                "a number is expected, this is a condition",
                "`if condition { 1 } else { 0 }` makes a number of it",
            ),
            found => Some(found),
        }
    }

    /// Resolves a condition.
    pub fn condition(&mut self, node: &Node) -> Option<Expr> {
        match self.expression(node)? {
            (condition, Type::Condition) => Some(condition),
            _ => self.wrong(
                node.span,
                "a condition is expected, this is a number",
                "compare it, as in `v >= v_th`",
            ),
        }
    }

    /// Resolves statements, those after a mistake too.
    pub fn statements(&mut self, statements: &[Statement]) -> Vec<Stmt> {
        statements.iter().filter_map(|statement| self.statement(statement)).collect()
    }

    fn statement(&mut self, statement: &Statement) -> Option<Stmt> {
        match statement {
            Statement::Let(name, value) => self.define(name, value),
            Statement::Assign(name, op, value) => self.assign(name, *op, value),
            Statement::If(condition, yes, no) => {
                let condition = self.condition(condition);
                let (before, sent) = (self.paths(), self.sends.path.clone());
                let yes = self.statements(yes);
                let after_yes = self.paths();
                let yes_sends = std::mem::replace(&mut self.sends.path, sent);
                self.resume(&before);
                let no = self.statements(no);
                self.join(&after_yes);
                self.sends.path.extend(yes_sends);
                Some(Stmt::If(condition?, yes, no))
            }
            Statement::Send(at, receptor, value) => self.send(*at, receptor.as_ref(), value),
        }
    }

    /// Resolves a value of the kind of `model`: a number or a condition.
    fn like(&mut self, model: Type, node: &Node) -> Resolved {
        match model {
            Type::Condition => Some((self.condition(node)?, Type::Condition)),
            Type::Number(_) | Type::Free => self.number(node),
        }
    }

    fn expression(&mut self, node: &Node) -> Resolved {
        let resolved = self.resolve(node);
        self.sources.note(node.span);
        resolved
    }

    fn resolve(&mut self, node: &Node) -> Resolved {
        match &node.kind {
            Kind::Number(x, dimension) => Some((Expr::Number(*x), self.names.sort(*dimension))),
            Kind::Bool(x) => Some((Expr::Bool(*x), Type::Condition)),
            Kind::Name(name) => self.name(name, node.span),
            Kind::Member(of, name) => self.member(of, name, node.span),
            Kind::Unary(op, x) => {
                let (x, sort) = match op {
                    UnaryOp::Neg => self.number(x)?,
                    UnaryOp::Not => (self.condition(x)?, Type::Condition),
                };
                Some((Expr::Unary(*op, Box::new(x)), sort))
            }
            Kind::Binary(op @ (BinaryOp::And | BinaryOp::Or), _, a, b) => {
                // Both sides are looked at before either is given up.
                let (a, b) = (self.condition(a), self.condition(b));
                Some((Expr::Binary(*op, Box::new(a?), Box::new(b?)), Type::Condition))
            }
            Kind::Binary(op, at, a, b) => self.binary(*op, *at, a, b),
            Kind::If(c, a, b) => self.choice(c, a, b),
            Kind::Call(name, at, arguments) => self.call((name, *at), node.span, arguments),
        }
    }

    /// Resolves an operator on numbers.
    fn binary(&mut self, op: BinaryOp, at: Span, a: &Node, b: &Node) -> Resolved {
        let (x, y) = (self.number(a), self.number(b));
        let ((x, x_sort), (y, y_sort)) = (x?, y?);
        let sides = ((x_sort, a.span), (y_sort, b.span));
        let judged = self.rules().binary(op, at, sides.0, sides.1, constant(&y));
        let sort = self.judge(judged, if is_comparison(op) { Type::Condition } else { Type::Free });
        Some((Expr::Binary(op, Box::new(x), Box::new(y)), sort))
    }

    fn choice(&mut self, c: &Node, a: &Node, b: &Node) -> Resolved {
        let c = self.condition(c);
        let x = self.expression(a);
        let y = match &x {
            Some((_, sort)) => self.like(*sort, b),
            None => self.expression(b),
        };
        let ((x, x_sort), (y, y_sort)) = (x?, y?);
        let judged =
            self.rules().same(b.span, "choose between", (x_sort, a.span), (y_sort, b.span));
        let sort = self.judge(judged, Type::Free);
        Some((Expr::If(Box::new(c?), Box::new(x), Box::new(y)), sort))
    }

    fn call(&mut self, (name, at): (&str, Span), whole: Span, arguments: &[Node]) -> Resolved {
        let callee = callee(self.place, name, at, arguments.len());
        let found: Vec<Resolved> = arguments.iter().map(|node| self.number(node)).collect();
        let callee = match callee {
            Ok(callee) => callee,
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        let found = found.into_iter().collect::<Option<Vec<(Expr, Type)>>>()?;
        let spans = arguments.iter().map(|node| node.span);
        let sorts: Vec<At> = found.iter().map(|found| found.1).zip(spans).collect();
        let mut values: Vec<Expr> = found.into_iter().map(|found| found.0).collect();
        let expr = match callee {
            Callee::Plain(function) => {
                let exponent = values.get(1).and_then(constant);
                let judged = self.rules().call(function, (name, whole), &sorts, exponent);
                let sort = self.judge(judged, Type::Free);
                return Some((Expr::Call(function, values), sort));
            }
            Callee::Round => {
                let judged = self.rules().call(Function::Floor, (name, whole), &sorts, None);
                let sort = self.judge(judged, Type::Free);
                let half = Box::new(Expr::Number(0.5));
                self.sources.note(at);
                self.sources.note(at);
                let sum = Expr::Binary(BinaryOp::Add, Box::new(values.pop()?), half);
                return Some((Expr::Call(Function::Floor, vec![sum]), sort));
            }
            Callee::RandUniform => Expr::RandUniform(self.draw(name, at, 1)?),
            Callee::RandNormal => Expr::RandNormal(self.draw(name, at, 2)?),
            Callee::RandBernoulli => {
                let what = format!("the argument of `{name}` must be");
                for (sort, at) in sorts {
                    let judged = sort.plain(self.place, at, &what).map(|()| sort);
                    self.judge(judged, Type::Free);
                }
                let probability = Box::new(values.pop()?);
                let draw = self.draw(name, at, 1)?;
                return Some((Expr::RandBernoulli(draw, probability), Type::Condition));
            }
            Callee::Uniform | Callee::Normal => {
                if self.names.subject != Subject::Neuron {
                    return self.no_draws(name, at);
                }
                let help = format!("a model draws in each step with `rand_{name}()`");
                let message = format!("`{name}` is a function of a population's values");
                return self.wrong(at, message, help);
            }
        };
        Some((expr, Type::Free))
    }

    /// The rules of units in the present text. Its numbers may have units that it does not say, so
    /// that a power or a root without a unit is none of its mistakes.
    fn rules(&self) -> Rules<'a> {
        Rules { place: self.place, strict: false }
    }

    /// A sort, or after a mistake of units the one to go on with.
    fn judge(&mut self, judged: Result<Type, Diagnostic>, otherwise: Type) -> Type {
        judged.unwrap_or_else(|diagnostic| {
            self.diagnostics.push(diagnostic);
            otherwise
        })
    }

    /// Numbers a draw of so many words.
    fn draw(&mut self, name: &str, at: Span, words: u32) -> Option<u32> {
        if self.names.subject != Subject::Neuron {
            return self.no_draws(name, at);
        }
        if self.host {
            let message = format!("`{name}` has no meaning here");
            return self.wrong(at, message, "it draws in each step: use it in `update`");
        }
        if self.state_only {
            return self.before_step_0(&format!("`{name}`"), "draws in each step", at);
        }
        let first = self.draws;
        self.draws += words;
        // Said once, at the draw that is one too many.
        if first <= DRAWS_MAX && self.draws > DRAWS_MAX {
            let help = format!("a model may use {DRAWS_MAX} random words in each step");
            return self.wrong(at, "the model draws too often", help);
        }
        Some(first)
    }

    fn wrong<T>(
        &mut self,
        at: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.diagnostics.push(self.place.diagnostic(at, message, help));
        None
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp as B;
    matches!(op, B::Lt | B::Le | B::Gt | B::Ge | B::Eq | B::Ne)
}

/// The value of an expression of literals, as an exponent is.
fn constant(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Number(x) => Some(*x),
        Expr::Unary(UnaryOp::Neg, x) => constant(x).map(|x| -x),
        Expr::Binary(op, a, b) => arithmetic::arithmetic(*op, constant(a)?, constant(b)?),
        _ => None,
    }
}
