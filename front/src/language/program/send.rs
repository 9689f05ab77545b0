//! `send`, and what else the texts of a synapse model have or lack.

use super::{Resolver, Subject};
use crate::language::dimension::Type;
use crate::language::place::Span;
use crate::language::sources::count;
use crate::language::syntax::{Name, Node};
use isospike_core::describe::model::{Expr, Function, ReceptorDef, Stmt};
use std::collections::BTreeSet;

/// The receptors that the statements of a model send to.
#[derive(Clone, Debug, Default)]
pub struct Sends {
    /// The receptors, each once: `None` is that of the projection.
    pub receptors: Vec<Option<String>>,
    /// The numbers of those that a path to the present place has sent to.
    pub path: BTreeSet<usize>,
    /// Whether there is a `send`, right or wrong.
    pub any: bool,
}

impl Resolver<'_> {
    /// Resolves `send value` and `send receptor value`.
    pub(super) fn send(&mut self, at: Span, receptor: Option<&Name>, value: &Node) -> Option<Stmt> {
        let found = self.number(value);
        let weight = match self.names.subject {
            Subject::Pre(weight) | Subject::Clocked(weight) => weight,
            Subject::Neuron => {
                let message = "`send` belongs to `on_pre` and `every` of a synapse model";
                return self.wrong(at, message, "a neuron sends its spikes");
            }
            Subject::Post
            | Subject::Condition
            | Subject::Synapse
            | Subject::Trace
            | Subject::Rewire => {
                let help = "send in `on_pre`, or in a block of `every`";
                return self.wrong(at, "a post event sends nothing", help);
            }
        };
        self.sends.any = true;
        let number = self.receptor(at, receptor)?;
        let (value_found, sort) = found?;
        let wanted = match receptor {
            None => Some(weight),
            Some(name) => self.target(name).map(|receptor| receptor.dimension),
        };
        if let (Some(Type::Number(x)), Type::Number(y)) =
            (wanted.map(|wanted| self.names.sort(wanted)), sort)
            && x != y
        {
            let takes = match receptor {
                None => "weights are".into(),
                Some(name) => format!("the receptor `{}` takes", name.text),
            };
            let message = format!("cannot send {}, {takes} {}", y.noun(), x.noun());
            let help = format!("give {}", x.noun_with_example());
            return self.wrong(value.span, message, help);
        }
        Some(Stmt::SetState(self.names.state.len() as u32 + number, value_found))
    }

    /// The number of a receptor among those that are sent to, which no path to here has sent to.
    fn receptor(&mut self, at: Span, receptor: Option<&Name>) -> Option<u32> {
        if let Some(Name { text, span }) = receptor {
            let local = self.locals.iter().any(|local| local.name == *text);
            let constant = self.names.constants.contains_key(text);
            let what = (self.declared(text))
                .or(local.then_some("a local variable"))
                .or(constant.then_some("a constant"));
            if let Some(what) = what {
                let message = format!("`{text}` is {what}, a receptor is expected before a value");
                let help = "write `send` and the value, or give one of the two another name";
                return self.wrong(*span, message, help);
            }
        }
        let name = receptor.map(|receptor| receptor.text.clone());
        let Sends { receptors, path, .. } = &mut self.sends;
        let known = receptors.iter().position(|known| *known == name);
        let number = known.unwrap_or_else(|| {
            receptors.push(name);
            receptors.len() - 1
        });
        if !path.insert(number) {
            let (to, each) = match receptor {
                None => (String::new(), ""),
                Some(receptor) => (format!(" to `{}`", receptor.text), " to each receptor"),
            };
            let message = format!("a path to here has sent a value{to}");
            let event = match self.names.subject {
                Subject::Clocked(_) => "a clocked block",
                _ => "a pre event",
            };
            let help = format!("{event} sends once{each}: choose the value with `if`");
            return self.wrong(at, message, help);
        }
        Some(number as u32)
    }

    /// The receptor of the target with this name; `None` where it is not known.
    fn target(&self, name: &Name) -> Option<&ReceptorDef> {
        self.names.targets.iter().find(|receptor| receptor.name == name.text)
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
