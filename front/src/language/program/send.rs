//! `send`, and what else the texts of a synapse model have or lack.

use super::{Resolver, Subject};
use crate::language::dimension::Type;
use crate::language::place::Span;
use crate::language::sources::count;
use crate::language::syntax::{Name, Node};
use isospike_core::describe::model::{Expr, Function, Stmt};

impl Resolver<'_> {
    /// Resolves `send value`.
    pub(super) fn send(&mut self, at: Span, receptor: Option<&Name>, value: &Node) -> Option<Stmt> {
        let found = self.number(value);
        let Subject::Pre(weight) = self.names.subject else {
            let (message, help) = match self.names.subject {
                Subject::Neuron => {
                    ("`send` belongs to `on_pre` of a synapse model", "a neuron sends its spikes")
                }
                Subject::Clocked => (
                    "a clocked block sends nothing: only what arrives at a pre event is sent",
                    "send in `on_pre`",
                ),
                _ => ("a post event sends nothing", "send in `on_pre`"),
            };
            return self.wrong(at, message, help);
        };
        if std::mem::replace(&mut self.sends, true) {
            let message = "a path to here has sent a value";
            return self.wrong(at, message, "a pre event sends once: choose the value with `if`");
        }
        if let Some(receptor) = receptor {
            let message = "to name a receptor is not there yet: a synapse sends to the receptor \
                           of its projection";
            return self.wrong(receptor.span, message, "write `send` and the value");
        }
        let (value_found, sort) = found?;
        if let (Type::Number(x), Type::Number(y)) = (self.names.sort(weight), sort)
            && x != y
        {
            let message = format!("cannot send {}, weights are {}", y.noun(), x.noun());
            let help = format!("give {}", x.noun_with_example());
            return self.wrong(value.span, message, help);
        }
        Some(Stmt::SetState(self.names.state.len() as u32, value_found))
    }

    /// Holds a new value of a state variable in its bounds. `at` is its place.
    pub(super) fn bounded(&mut self, state: usize, value: Expr, at: Span) -> Expr {
        let Some(Some((least, largest))) = self.names.bounds.get(state) else { return value };
        for _ in 0..count(least) + count(largest) + 1 {
            self.sources.note(at);
        }
        Expr::Call(Function::Clamp, vec![value, least.clone(), largest.clone()])
    }

    /// Reports a draw in a synapse model.
    pub(super) fn no_draws<T>(&mut self, name: &str, at: Span) -> Option<T> {
        let message = format!("`{name}` is not there yet in synapse models");
        self.wrong(at, message, "weights at the start can be drawn: `weight` of the projection")
    }
}
