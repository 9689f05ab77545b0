//! The tree of a parsed text: names are not resolved yet, every node has its place.

use super::place::Span;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{BinaryOp, UnaryOp};

/// The deepest tree; everything that walks a tree recurses no deeper.
pub const DEPTH_MAX: u16 = 200;

/// An expression.
#[derive(Clone, Debug)]
pub struct Node {
    /// The kind of the node.
    pub kind: Kind,
    /// Its place.
    pub span: Span,
    /// How many nodes lie on the longest way down, this one included.
    pub depth: u16,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A literal in base units.
    Number(f64, Dimension),
    /// `true`, `false`.
    Bool(bool),
    /// A name.
    Name(String),
    /// `post.v`: a variable of a neuron, and where its name stands.
    Member(String, Name),
    /// An operator before its operand.
    Unary(UnaryOp, Box<Node>),
    /// An operator between its operands, and where it stands.
    Binary(BinaryOp, Span, Box<Node>, Box<Node>),
    /// `if c { a } else { b }`
    If(Box<Node>, Box<Node>, Box<Node>),
    /// A function's name, where it stands, and the arguments.
    Call(String, Span, Vec<Node>),
}

impl Node {
    /// Whether it has a name.
    pub fn mentions(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Number(..) | Kind::Bool(_) => false,
            Kind::Name(found) => found == name,
            Kind::Member(..) => false,
            Kind::Unary(_, a) => a.mentions(name),
            Kind::Binary(_, _, a, b) => a.mentions(name) || b.mentions(name),
            Kind::If(c, a, b) => [c, a, b].iter().any(|part| part.mentions(name)),
            Kind::Call(_, _, arguments) => arguments.iter().any(|part| part.mentions(name)),
        }
    }
}

/// A name and its place.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let name = value`
    Let(Name, Node),
    /// `name = value`, or `name += value` with the operator.
    Assign(Name, Option<BinaryOp>, Node),
    /// `if c { ... } else { ... }`
    If(Node, Vec<Statement>, Vec<Statement>),
    /// `send value`, with the place of `send`; a name between the two is that of a receptor.
    Send(Span, Option<Name>, Node),
}

impl Statement {
    /// Whether it has a name.
    pub fn mentions(&self, name: &str) -> bool {
        let any = |block: &[Self]| block.iter().any(|statement| statement.mentions(name));
        match self {
            Self::Let(target, value) | Self::Assign(target, _, value) => {
                target.text == name || value.mentions(name)
            }
            Self::If(condition, yes, no) => condition.mentions(name) || any(yes) || any(no),
            Self::Send(_, _, value) => value.mentions(name),
        }
    }
}
