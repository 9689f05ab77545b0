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
    /// An operator before its operand.
    Unary(UnaryOp, Box<Node>),
    /// An operator between its operands, and where it stands.
    Binary(BinaryOp, Span, Box<Node>, Box<Node>),
    /// `if c { a } else { b }`
    If(Box<Node>, Box<Node>, Box<Node>),
    /// A function's name, where it stands, and the arguments.
    Call(String, Span, Vec<Node>),
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
}
