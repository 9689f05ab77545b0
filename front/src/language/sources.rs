//! Places of the expressions of a model in its texts.

use super::place::{Place, Span};
use crate::diagnostic::Location;
use isospike_core::describe::model::Expr;

/// The texts of a model, and the place of each expression in them. Expressions are numbered in the
/// order in which they are evaluated, operands first, through all texts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: Vec<Text>,
    spans: Vec<Span>,
}

#[derive(Clone, Debug)]
struct Text {
    /// `update`
    field: String,
    text: String,
    location: Location,
    /// The number of its first expression.
    first: usize,
}

impl Sources {
    /// Goes on with the next text.
    pub fn begin(&mut self, field: &str, place: Place) {
        let (text, location) = (place.text.into(), place.location.clone());
        self.texts.push(Text { field: field.into(), text, location, first: self.spans.len() });
    }

    /// Notes the place of the next expression.
    pub fn note(&mut self, span: Span) {
        self.spans.push(span);
    }

    /// The field, the place and the text of an expression; `None` for a number that is none.
    pub fn find(&self, number: usize) -> Option<(&str, Location, &str)> {
        let span = *self.spans.get(number)?;
        let text = self.texts.iter().rev().find(|text| text.first <= number)?;
        let place = Place { text: &text.text, location: &text.location };
        Some((&text.field, place.of(span), &text.text[span.start..span.end]))
    }
}

/// How many expressions an expression has, itself included.
pub fn count(e: &Expr) -> usize {
    1 + match e {
        Expr::Unary(_, a) | Expr::RandBernoulli(_, a) => count(a),
        Expr::Binary(_, a, b) => count(a) + count(b),
        Expr::If(c, a, b) => count(c) + count(a) + count(b),
        Expr::Call(_, arguments) => arguments.iter().map(count).sum(),
        _ => 0,
    }
}
