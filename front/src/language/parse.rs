//! Text to tree.

use super::function::is_reserved;
use super::guard::guard;
use super::hint;
use super::place::{Place, Span};
use super::suggest::did_you_mean;
use super::syntax::{DEPTH_MAX, Kind, Name, Node, Statement};
use crate::diagnostic::Diagnostic;
use isospike_core::base::units::{Dimension, UNITS, Unit};
use isospike_core::describe::model::{BinaryOp, UnaryOp};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

// The derived parser's own types have no documentation.
#[allow(missing_docs)]
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "language/grammar.pest"]
    pub struct Grammar;
}
use grammar::{Grammar, Rule};

/// Reads one expression.
pub fn expression(place: Place) -> Result<Node, Vec<Diagnostic>> {
    let clean = guard(place).map_err(|diagnostic| vec![diagnostic])?;
    let mut pairs = Grammar::parse(Rule::single, &clean).map_err(|e| vec![syntax(place, &e)])?;
    let mut tree = Tree { place, diagnostics: Vec::new() };
    let node = match pairs.next() {
        Some(pair) => tree.expression(pair),
        None => unreachable!("`single` holds an expression"),
    };
    if tree.diagnostics.is_empty() { Ok(node) } else { Err(tree.diagnostics) }
}

/// Reads statements; there may be none.
pub fn statements(place: Place) -> Result<Vec<Statement>, Vec<Diagnostic>> {
    let clean = guard(place).map_err(|diagnostic| vec![diagnostic])?;
    let mut pairs = Grammar::parse(Rule::program, &clean).map_err(|e| vec![syntax(place, &e)])?;
    let mut tree = Tree { place, diagnostics: Vec::new() };
    let statements = match pairs.next() {
        Some(pair) => tree.statements(pair, 0),
        None => unreachable!("`program` holds statements"),
    };
    if tree.diagnostics.is_empty() { Ok(statements) } else { Err(tree.diagnostics) }
}

/// Turns the pairs of the grammar into a tree, collecting mistakes on the way.
struct Tree<'a> {
    place: Place<'a>,
    diagnostics: Vec<Diagnostic>,
}

/// An operator that waits for its right operand.
#[derive(Clone, Copy)]
enum Waiting {
    Prefix(UnaryOp),
    Infix(BinaryOp),
}

impl Waiting {
    /// The higher, the tighter. `-x ^ 2` is `-(x ^ 2)`, `-x * y` is `(-x) * y`.
    fn precedence(self) -> u8 {
        use BinaryOp as B;
        match self {
            Self::Infix(B::Or) => 1,
            Self::Infix(B::And) => 2,
            Self::Infix(B::Lt | B::Le | B::Gt | B::Ge | B::Eq | B::Ne) => 3,
            Self::Infix(B::Add | B::Sub) => 4,
            Self::Infix(B::Mul | B::Div) => 5,
            Self::Prefix(_) => 6,
            Self::Infix(B::Pow) => 7,
        }
    }
}

impl Tree<'_> {
    /// Gives the flat list of operands and operators its precedence, without recursion: operators
    /// wait on a stack until one that binds no tighter follows.
    fn expression(&mut self, pair: Pair<Rule>) -> Node {
        let mut waiting: Vec<(Waiting, Span)> = Vec::new();
        let mut nodes: Vec<Node> = Vec::new();
        for part in pair.into_inner() {
            let at = span(&part);
            if part.as_rule() == Rule::infix {
                let op = infix(part.as_str());
                let precedence = Waiting::Infix(op).precedence();
                while let Some((last, place)) = waiting.last().copied() {
                    let tighter = last.precedence() > precedence
                        || (last.precedence() == precedence && op != BinaryOp::Pow);
                    if !tighter {
                        break;
                    }
                    waiting.pop();
                    self.apply(last, place, &mut nodes);
                }
                waiting.push((Waiting::Infix(op), at));
                continue;
            }
            for inner in part.into_inner() {
                if inner.as_rule() == Rule::prefix && inner.as_str() == "+" {
                    // A sign that changes nothing.
                } else if inner.as_rule() == Rule::prefix {
                    let op = if inner.as_str() == "-" { UnaryOp::Neg } else { UnaryOp::Not };
                    waiting.push((Waiting::Prefix(op), span(&inner)));
                } else {
                    let node = self.primary(inner);
                    nodes.push(node);
                }
            }
        }
        while let Some((last, place)) = waiting.pop() {
            self.apply(last, place, &mut nodes);
        }
        pop(&mut nodes)
    }

    fn apply(&mut self, op: Waiting, at: Span, nodes: &mut Vec<Node>) {
        let right = pop(nodes);
        let node = match op {
            Waiting::Prefix(op) => {
                let (span, depth) = (at.to(right.span), right.depth);
                self.node(Kind::Unary(op, Box::new(right)), span, depth)
            }
            Waiting::Infix(op) => {
                let left = pop(nodes);
                let (span, depth) = (left.span.to(right.span), left.depth.max(right.depth));
                self.node(Kind::Binary(op, at, Box::new(left), Box::new(right)), span, depth)
            }
        };
        nodes.push(node);
    }

    /// A node over children of this depth, or a leaf and a mistake where the tree gets too deep.
    fn node(&mut self, kind: Kind, span: Span, depth: u16) -> Node {
        if depth < DEPTH_MAX {
            return Node { kind, span, depth: depth + 1 };
        }
        self.diagnostics.push(self.place.diagnostic(
            span,
            "the expression is too long",
            "split it: give parts of it a name with `let`, or in parentheses",
        ));
        Node { kind: Kind::Number(0.0, Dimension::NUMBER), span, depth: 1 }
    }

    fn primary(&mut self, pair: Pair<Rule>) -> Node {
        let at = span(&pair);
        match pair.as_rule() {
            Rule::number => self.number(pair),
            Rule::truth => self.node(Kind::Bool(pair.as_str() == "true"), at, 0),
            Rule::name => self.node(Kind::Name(pair.as_str().into()), at, 0),
            Rule::member => {
                let mut names = pair.into_inner();
                let mut next = || {
                    let name = names.next();
                    let (text, span) = name.map_or(("", at), |name| (name.as_str(), span(&name)));
                    Name { text: text.into(), span }
                };
                let (of, name) = (next(), next());
                self.node(Kind::Member(of.text, name), at, 0)
            }
            Rule::group => {
                let inner = pair.into_inner().next().map(|inner| self.expression(inner));
                inner.map_or_else(
                    || unreachable!("a group holds an expression"),
                    |inner| Node { span: at, ..inner },
                )
            }
            Rule::call => self.call(pair),
            Rule::choice => self.choice(pair),
            rule => unreachable!("{rule:?} is no operand"),
        }
    }

    fn number(&mut self, pair: Pair<Rule>) -> Node {
        let at = span(&pair);
        let mut parts = pair.into_inner();
        let digits = parts.next().map_or("", |digits| digits.as_str());
        let mut value: f64 = digits.parse().unwrap_or(f64::INFINITY);
        let mut dimension = Dimension::NUMBER;
        if let Some(part) = parts.next() {
            // `0.1 1/ms`, as a rate is written where results are shown.
            let is_reciprocal = part.as_rule() == Rule::reciprocal;
            let part = if is_reciprocal { part.into_inner().next() } else { Some(part) };
            let Some(part) = part else { unreachable!("a reciprocal holds a unit") };
            match Unit::named(part.as_str()) {
                Some(unit) if is_reciprocal => {
                    value = unit.from_base(value);
                    dimension = unit.dimension.powi(-1).unwrap_or(dimension);
                }
                Some(unit) => {
                    value = unit.to_base(value);
                    dimension = unit.dimension;
                }
                None => {
                    let names = UNITS.iter().map(|unit| unit.name);
                    let known = "units are s, V, A, S, F, Ohm and Hz with m, u, n, p, k, M or G";
                    let help = did_you_mean(part.as_str(), names, known);
                    let message = format!("`{}` is not a unit", part.as_str());
                    self.diagnostics.push(self.place.diagnostic(span(&part), message, help));
                }
            }
        }
        if !value.is_finite() {
            let help = "the largest number is about 1.8e308";
            self.diagnostics.push(self.place.diagnostic(at, "the number is too large", help));
        }
        self.node(Kind::Number(value, dimension), at, 0)
    }

    fn call(&mut self, pair: Pair<Rule>) -> Node {
        let at = span(&pair);
        let mut parts = pair.into_inner();
        let name = parts.next().map(|name| (name.as_str().to_string(), span(&name)));
        let arguments: Vec<Node> = parts.map(|part| self.expression(part)).collect();
        let depth = arguments.iter().map(|argument| argument.depth).max().unwrap_or(0);
        let (name, name_at) = name.unwrap_or((String::new(), at));
        self.node(Kind::Call(name, name_at, arguments), at, depth)
    }

    /// `if c { a } else if d { b } else { e }`: c, a, d, b, e in the pairs, built from the end.
    fn choice(&mut self, pair: Pair<Rule>) -> Node {
        let at = span(&pair);
        let parts = pair.into_inner().filter(|part| part.as_rule() == Rule::expression);
        let mut nodes: Vec<Node> = parts.map(|part| self.expression(part)).collect();
        let mut whole = pop(&mut nodes);
        while nodes.len() >= 2 {
            let taken = pop(&mut nodes);
            let condition = pop(&mut nodes);
            let depth = condition.depth.max(taken.depth).max(whole.depth);
            let kind = Kind::If(Box::new(condition), Box::new(taken), Box::new(whole));
            whole = self.node(kind, at, depth);
        }
        whole
    }

    /// `level` counts the `if`s around these statements.
    fn statements(&mut self, pair: Pair<Rule>, level: u16) -> Vec<Statement> {
        pair.into_inner().map(|part| self.statement(part, level)).collect()
    }

    fn statement(&mut self, pair: Pair<Rule>, level: u16) -> Statement {
        if pair.as_rule() == Rule::branch {
            return self.branch(pair, level);
        }
        if pair.as_rule() == Rule::sending {
            return self.sending(pair);
        }
        let mut name = Name { text: String::new(), span: span(&pair) };
        let mut op = None;
        let mut value = None;
        let defines = pair.as_rule() == Rule::definition;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Name { text: part.as_str().into(), span: span(&part) },
                Rule::assign => op = compound(part.as_str()),
                Rule::expression => value = Some(self.expression(part)),
                _ => {}
            }
        }
        let Some(value) = value else { unreachable!("a statement holds an expression") };
        if defines { Statement::Let(name, value) } else { Statement::Assign(name, op, value) }
    }

    fn sending(&mut self, pair: Pair<Rule>) -> Statement {
        let at = span(&pair);
        let word = Span { end: at.start + "send".len(), ..at };
        let mut receptor = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::receptor => {
                    let text = part.as_str().trim_end().into();
                    receptor = Some(Name { text, span: span(&part) });
                }
                Rule::expression => {
                    let mut value = self.expression(part);
                    let receptor = receptor.or_else(|| self.receptor_before_group(&mut value));
                    return Statement::Send(word, receptor, value);
                }
                _ => {}
            }
        }
        unreachable!("`send` has a value")
    }

    /// Takes the name that stands before a group at the start of a value, with a blank between the
    /// two, where it is not that of a function: `nmda (a + b) * c`.
    fn receptor_before_group(&self, value: &mut Node) -> Option<Name> {
        let mut first = value;
        while matches!(first.kind, Kind::Binary(..)) {
            let Kind::Binary(_, _, a, _) = &mut first.kind else { return None };
            first = a;
        }
        let Kind::Call(name, span, arguments) = &mut first.kind else { return None };
        let is_apart = !self.place.text.get(span.end..)?.starts_with('(');
        if !is_apart || is_reserved(name) || arguments.len() != 1 {
            return None;
        }
        let (name, group) = (Name { text: name.clone(), span: *span }, arguments.pop()?);
        first.kind = group.kind;
        Some(name)
    }

    fn branch(&mut self, pair: Pair<Rule>, level: u16) -> Statement {
        let at = span(&pair);
        let mut conditions = Vec::new();
        let mut blocks = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expression => conditions.push(self.expression(part)),
                Rule::statements => {
                    let inside = level.saturating_add(conditions.len() as u16);
                    blocks.push(self.statements(part, inside));
                }
                _ => {}
            }
        }
        if usize::from(level) + conditions.len() > usize::from(DEPTH_MAX) {
            let help = format!("at most {DEPTH_MAX} may follow or hold each other");
            self.diagnostics.push(self.place.diagnostic(at, "too many `if`s in each other", help));
            conditions.truncate(1);
            blocks.truncate(1);
        }
        let otherwise = if blocks.len() > conditions.len() { blocks.pop() } else { None };
        let mut otherwise = otherwise.unwrap_or_default();
        while let (Some(condition), Some(block)) = (conditions.pop(), blocks.pop()) {
            otherwise = vec![Statement::If(condition, block, otherwise)];
        }
        match otherwise.pop() {
            Some(statement) => statement,
            None => unreachable!("a branch has a condition"),
        }
    }
}

fn pop(nodes: &mut Vec<Node>) -> Node {
    match nodes.pop() {
        Some(node) => node,
        None => unreachable!("the grammar gives each operator its operands"),
    }
}

fn span(pair: &Pair<Rule>) -> Span {
    let span = pair.as_span();
    // Atomic rules end where their text ends; others may include the blanks before what follows.
    let end = span.start() + span.as_str().trim_end().len();
    Span { start: span.start(), end: end.max(span.start()) }
}

fn infix(text: &str) -> BinaryOp {
    match text {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "^" => BinaryOp::Pow,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "&&" => BinaryOp::And,
        "||" => BinaryOp::Or,
        text => unreachable!("`{text}` is no operator of the grammar"),
    }
}

fn compound(text: &str) -> Option<BinaryOp> {
    match text {
        "+=" => Some(BinaryOp::Add),
        "-=" => Some(BinaryOp::Sub),
        "*=" => Some(BinaryOp::Mul),
        "/=" => Some(BinaryOp::Div),
        _ => None,
    }
}

/// Makes a mistake of the place where the grammar stopped.
fn syntax(place: Place, error: &pest::error::Error<Rule>) -> Diagnostic {
    let start = match error.location {
        InputLocation::Pos(at) => at,
        InputLocation::Span((at, _)) => at,
    };
    let rest = &place.text[start..];
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let letters = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
    let end = match rest.chars().next() {
        Some(c) if word(c) => start + letters,
        Some(c) => start + c.len_utf8(),
        None => start,
    };
    let found = match rest.chars().next() {
        None => "the text ends too early".into(),
        Some('\n' | '\r' | '#') => "the line ends too early".into(),
        Some(_) => format!("`{}` is not expected here", &place.text[start..end]),
    };
    let help = match (hint::syntax(&place.text[..start], rest), &error.variant) {
        (Some(hint), _) => hint.into(),
        (None, ErrorVariant::ParsingError { positives, .. }) => expected(positives),
        (None, ErrorVariant::CustomError { message }) => message.clone(),
    };
    place.diagnostic(Span { start, end }, found, help)
}

/// `expected a, b or c`
fn expected(rules: &[Rule]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for rule in rules {
        let name = match rule {
            Rule::infix => "an operator",
            Rule::unit | Rule::reciprocal => "a unit",
            Rule::name | Rule::receptor => "a name",
            Rule::assign => "`=`",
            Rule::if_word => "`if`",
            Rule::else_word => "`else`",
            Rule::let_word
            | Rule::send_word
            | Rule::definition
            | Rule::assignment
            | Rule::branch
            | Rule::sending => "a statement",
            Rule::statements | Rule::program => "statements",
            Rule::EOI => "the end",
            Rule::digits | Rule::tail => "a digit",
            _ => "an expression",
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // pest gives the rules in order of the alphabet, by their names in the grammar.
    names.sort_by_key(|name| (*name == "the end", *name));
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => format!("expected {last}"),
        Some((last, rest)) => format!("expected {} or {last}", rest.join(", ")),
    }
}
