//! Trees to checked expressions and statements: names resolved, types known.

use super::function::{Callee, callee};
use super::hint;
use super::place::{Place, Span};
use super::suggest::did_you_mean;
use super::syntax::{Kind, Name, Node, Statement};
use super::{Constants, Sources};
use crate::mistake::Mistake;
use isospike_core::describe::model::{
    BinaryOp, Expr, Function, ParameterDef, ReceptorDef, StateDef, Stmt, UnaryOp,
};

/// How many draws a program may make in a step: they are numbered by 8 bits of the counter.
const DRAWS_MAX: u32 = 256;

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Number,
    /// True or false.
    Condition,
}

/// The names that a model declares.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The network's constants.
    pub constants: &'a Constants,
    /// Parameters.
    pub parameters: &'a [ParameterDef],
    /// State variables.
    pub state: &'a [StateDef],
    /// Receptors.
    pub receptors: &'a [ReceptorDef],
    /// Whether `i_ext` has a meaning.
    pub current: bool,
    /// Whether `refractory` has a meaning.
    pub refractory: bool,
}

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
    /// Where each expression stands.
    pub sources: Sources,
    /// What is wrong; items and fields are the caller's to fill in.
    pub mistakes: Vec<Mistake>,
}

#[derive(Clone)]
struct Local {
    name: String,
    kind: Type,
    /// Whether it has a value on every path to the present place.
    defined: bool,
}

/// A resolved expression with its type; `None` after a mistake.
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
            sources: Sources::default(),
            mistakes: Vec::new(),
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

    /// Resolves an expression of this type.
    pub fn typed(&mut self, node: &Node, expected: Type) -> Option<Expr> {
        let (expr, found) = self.expression(node)?;
        if found == expected {
            return Some(expr);
        }
        let (message, help) = match expected {
            Type::Condition => {
                ("a condition is expected, this is a number", "compare it, as in `v >= v_th`")
            }
            Type::Number => (
                "a number is expected, this is a condition",
                "`if condition { 1 } else { 0 }` makes a number of it",
            ),
        };
        self.wrong(node.span, message, help)
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
                let condition = self.typed(condition, Type::Condition);
                let before = self.defined();
                let yes = self.statements(yes);
                let after_yes = self.defined();
                for (n, local) in self.locals.iter_mut().enumerate() {
                    local.defined = before.get(n).copied().unwrap_or(false);
                }
                let no = self.statements(no);
                for (n, local) in self.locals.iter_mut().enumerate() {
                    local.defined &= after_yes.get(n).copied().unwrap_or(false);
                }
                Some(Stmt::If(condition?, yes, no))
            }
        }
    }

    fn defined(&self) -> Vec<bool> {
        self.locals.iter().map(|local| local.defined).collect()
    }

    fn define(&mut self, name: &Name, value: &Node) -> Option<Stmt> {
        let value = self.expression(value);
        let text = name.text.as_str();
        if let Some(what) = self.declared(text) {
            let message = format!("`{text}` is already {what}");
            return self.wrong(name.span, message, "choose another name for the local variable");
        }
        let known = self.locals.iter().position(|local| local.name == text);
        // After a mistake in the value the name still exists, so that its uses are no mistakes.
        let kind = value.as_ref().map_or(Type::Number, |value| value.1);
        let index = match known {
            Some(n) if self.locals[n].defined => {
                let help = format!("write `{text} = ...` to change it");
                return self.wrong(name.span, format!("`{text}` is already defined"), help);
            }
            Some(n) if value.is_some() && self.locals[n].kind != kind => {
                let message = format!("`{text}` is a number in one branch, a condition in another");
                return self.wrong(name.span, message, "choose another name");
            }
            Some(n) => n,
            None => {
                self.locals.push(Local { name: text.into(), kind, defined: false });
                self.locals.len() - 1
            }
        };
        self.locals[index].defined = true;
        Some(Stmt::SetLocal(index as u32, value?.0))
    }

    fn assign(&mut self, name: &Name, op: Option<BinaryOp>, value: &Node) -> Option<Stmt> {
        let text = name.text.as_str();
        if let Some(n) = self.names.state.iter().position(|state| state.name == text) {
            let value = self.new_value(name, op, value, Expr::State(n as u32), Type::Number)?;
            return Some(Stmt::SetState(n as u32, value));
        }
        if let Some(n) = self.locals.iter().position(|local| local.name == text) {
            let kind = self.locals[n].kind;
            let value = self.new_value(name, op, value, Expr::Local(n as u32), kind);
            if !self.locals[n].defined {
                return self.undefined_local(name);
            }
            if op.is_some() && kind == Type::Condition {
                let message = format!("`{text}` is a condition, there is nothing to add to");
                return self.wrong(name.span, message, "assign with `=`");
            }
            return Some(Stmt::SetLocal(n as u32, value?));
        }
        self.expression(value);
        if let Some(what) = self.declared(text) {
            let message = format!("`{text}` is {what} and cannot be changed");
            return self.wrong(
                name.span,
                message,
                "only state and local variables can be assigned",
            );
        }
        let state = self.names.state.iter().map(|state| state.name.as_str());
        let names = state.chain(self.locals.iter().map(|local| local.name.as_str()));
        let otherwise = format!("define it with `let {text} = ...`, or under `state`");
        let help = did_you_mean(text, names, &otherwise);
        self.wrong(name.span, format!("`{text}` is not defined"), help)
    }

    /// What `target = value` or `target op= value` assigns.
    fn new_value(
        &mut self,
        name: &Name,
        op: Option<BinaryOp>,
        value: &Node,
        target: Expr,
        kind: Type,
    ) -> Option<Expr> {
        let Some(op) = op else { return self.typed(value, kind) };
        self.sources.note(name.span);
        let (value, span) = (self.typed(value, kind)?, name.span.to(value.span));
        self.sources.note(span);
        Some(Expr::Binary(op, Box::new(target), Box::new(value)))
    }

    fn expression(&mut self, node: &Node) -> Resolved {
        let resolved = self.resolve(node);
        self.sources.note(node.span);
        resolved
    }

    fn resolve(&mut self, node: &Node) -> Resolved {
        match &node.kind {
            Kind::Number(x, _) => Some((Expr::Number(*x), Type::Number)),
            Kind::Bool(x) => Some((Expr::Bool(*x), Type::Condition)),
            Kind::Name(name) => self.name(name, node.span),
            Kind::Unary(op, x) => {
                let kind = match op {
                    UnaryOp::Neg => Type::Number,
                    UnaryOp::Not => Type::Condition,
                };
                Some((Expr::Unary(*op, Box::new(self.typed(x, kind)?)), kind))
            }
            Kind::Binary(op, _, a, b) => {
                let (takes, gives) = signature(*op);
                // Both sides are looked at before either is given up.
                let (a, b) = (self.typed(a, takes), self.typed(b, takes));
                Some((Expr::Binary(*op, Box::new(a?), Box::new(b?)), gives))
            }
            Kind::If(c, a, b) => {
                let c = self.typed(c, Type::Condition);
                let a = self.expression(a);
                let b = match &a {
                    Some((_, kind)) => self.typed(b, *kind),
                    None => self.expression(b).map(|b| b.0),
                };
                let (a, kind) = a?;
                Some((Expr::If(Box::new(c?), Box::new(a), Box::new(b?)), kind))
            }
            Kind::Call(name, at, arguments) => self.call(name, *at, arguments),
        }
    }

    fn call(&mut self, name: &str, at: Span, arguments: &[Node]) -> Resolved {
        let callee = callee(self.place, name, at, arguments.len());
        let values: Vec<Option<Expr>> =
            arguments.iter().map(|argument| self.typed(argument, Type::Number)).collect();
        let callee = match callee {
            Ok(callee) => callee,
            Err(mistake) => {
                self.mistakes.push(mistake);
                return None;
            }
        };
        let mut values = values.into_iter().collect::<Option<Vec<Expr>>>()?;
        let expr = match callee {
            Callee::Plain(function) => Expr::Call(function, values),
            Callee::Round => {
                let x = Box::new(values.pop()?);
                let half = Box::new(Expr::Number(0.5));
                self.sources.note(at);
                self.sources.note(at);
                Expr::Call(Function::Floor, vec![Expr::Binary(BinaryOp::Add, x, half)])
            }
            Callee::RandUniform => Expr::RandUniform(self.draw(name, at, 1)?),
            Callee::RandNormal => Expr::RandNormal(self.draw(name, at, 2)?),
            Callee::RandBernoulli => {
                let probability = Box::new(values.pop()?);
                let draw = self.draw(name, at, 1)?;
                return Some((Expr::RandBernoulli(draw, probability), Type::Condition));
            }
            Callee::Uniform | Callee::Normal => {
                let help = format!("a model draws in each step with `rand_{name}()`");
                let message = format!("`{name}` is a function of a population's values");
                return self.wrong(at, message, help);
            }
        };
        Some((expr, Type::Number))
    }

    /// Numbers a draw of so many words.
    fn draw(&mut self, name: &str, at: Span, words: u32) -> Option<u32> {
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

    fn name(&mut self, name: &str, at: Span) -> Resolved {
        if let Some(found) = self.host_name(name) {
            return Some((found, Type::Number));
        }
        let what = self.declared(name);
        if self.host
            && let Some(what) = what
        {
            let message = format!("`{name}` is {what}, which has no value before the run");
            return self.wrong(at, message, "only parameters, constants and `dt` can be used here");
        }
        let names = &self.names;
        if let Some(n) = names.state.iter().position(|state| state.name == name) {
            return Some((Expr::State(n as u32), Type::Number));
        }
        if let Some(n) = names.receptors.iter().position(|receptor| receptor.name == name) {
            self.receptors_read[n] = true;
            if self.state_only {
                return self.before_step_0(&format!("`{name}`"), "is a receptor", at);
            }
            return Some((Expr::Receptor(n as u32), Type::Number));
        }
        if let Some(n) = self.locals.iter().position(|local| local.name == name) {
            if self.state_only {
                return self.before_step_0(&format!("`{name}`"), "is a local variable", at);
            }
            let local = &self.locals[n];
            if !local.defined {
                return self.undefined_local(&Name { text: name.into(), span: at });
            }
            return Some((Expr::Local(n as u32), local.kind));
        }
        match name {
            "i_ext" if names.current => {
                self.current_read = true;
                if self.state_only {
                    return self.before_step_0("`i_ext`", "is the current of a step", at);
                }
                Some((Expr::Current, Type::Number))
            }
            "refractory" if names.refractory => Some((Expr::Refractory, Type::Condition)),
            "i_ext" => self.wrong(
                at,
                "the model takes no current",
                "declare its unit, as in `current = \"pA\"`",
            ),
            "refractory" => self.wrong(
                at,
                "the model has no refractory period",
                "declare it, as in `refractory = \"t_ref\"`",
            ),
            "i" | "n" => {
                let help = "it can be used in the values of a population; make it a parameter";
                self.wrong(at, format!("`{name}` has no meaning in a model"), help)
            }
            _ => self.unknown(name, at),
        }
    }

    /// Reports what a crossing cannot be of.
    fn before_step_0<T>(&mut self, name: &str, what: &str, at: Span) -> Option<T> {
        let message =
            format!("{name} {what} and has no value before step 0, from which a crossing is");
        let help = "a crossing is of state variables: keep it in one, or write spike = \"level\"";
        self.wrong(at, message, help)
    }

    fn host_name(&self, name: &str) -> Option<Expr> {
        match name {
            "dt" => return Some(Expr::TimeStep),
            "pi" => return Some(Expr::Number(std::f64::consts::PI)),
            _ => {}
        }
        if let Some(n) = self.names.parameters.iter().position(|p| p.name == name) {
            return Some(Expr::Parameter(n as u32));
        }
        // What the model declares hides a constant of the network.
        let hidden = self.declared(name).is_some() || self.locals.iter().any(|l| l.name == name);
        let constant = self.names.constants.get(name).filter(|_| !hidden);
        constant.map(|constant| Expr::Number(constant.value))
    }

    /// What a name is that is no local variable.
    fn declared(&self, name: &str) -> Option<&'static str> {
        let names = &self.names;
        if names.parameters.iter().any(|parameter| parameter.name == name) {
            Some("a parameter")
        } else if names.state.iter().any(|state| state.name == name) {
            Some("a state variable")
        } else if names.receptors.iter().any(|receptor| receptor.name == name) {
            Some("a receptor")
        } else if super::function::is_reserved(name) {
            Some("a name with a fixed meaning")
        } else {
            None
        }
    }

    fn unknown(&mut self, name: &str, at: Span) -> Resolved {
        let names = &self.names;
        let known = (names.parameters.iter().map(|parameter| parameter.name.as_str()))
            .chain(names.state.iter().map(|state| state.name.as_str()))
            .chain(names.receptors.iter().map(|receptor| receptor.name.as_str()))
            .chain(self.locals.iter().map(|local| local.name.as_str()))
            .chain(names.constants.keys().map(String::as_str))
            .chain(["dt", "i_ext", "refractory"]);
        let otherwise = match self.host {
            true => "only parameters, constants and `dt` can be used here",
            false => "declare it as a parameter or define it with `let`",
        };
        let help = hint::for_name(name, known, otherwise);
        self.wrong(at, format!("`{name}` is not defined"), help)
    }

    fn undefined_local<T>(&mut self, name: &Name) -> Option<T> {
        let message = format!("`{}` has no value on some paths to here", name.text);
        self.wrong(name.span, message, "define it with `let` before the `if`, or in both branches")
    }

    fn wrong<T>(
        &mut self,
        at: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.mistakes.push(self.place.mistake(at, message, help));
        None
    }
}

/// What an operator takes and gives.
fn signature(op: BinaryOp) -> (Type, Type) {
    use BinaryOp as B;
    match op {
        B::Add | B::Sub | B::Mul | B::Div | B::Pow => (Type::Number, Type::Number),
        B::Lt | B::Le | B::Gt | B::Ge | B::Eq | B::Ne => (Type::Number, Type::Condition),
        B::And | B::Or => (Type::Condition, Type::Condition),
    }
}
