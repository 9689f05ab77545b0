//! `post.v`: variables of the neurons that a synapse connects.

use super::name::{REWIRE_READS, TRACE_READS};
use super::{Resolved, Resolver, Subject};
use crate::language::dimension::Type;
use crate::language::place::Span;
use crate::language::syntax::Name;
use isospike_core::describe::model::Expr;

/// The word before the point for the source; for the target it is `post`.
const SOURCE: &str = "pre";

impl Resolver<'_> {
    /// Resolves a variable of a neuron. It fits any unit, because the neuron model is not known
    /// here.
    pub(super) fn member(&mut self, of: &str, name: &Name, at: Span) -> Resolved {
        let written = format!("`{of}.{}`", name.text);
        match self.names.subject {
            Subject::Neuron => {
                let message = format!("{written} has no meaning in a neuron model");
                return self.wrong(at, message, "synapse models read their target");
            }
            Subject::Synapse => {
                let message = format!("{written} has no value before the run");
                let help = "only parameters, constants and `dt` can be used here";
                return self.wrong(at, message, help);
            }
            Subject::Trace => {
                return self.wrong(at, format!("a trace cannot read {written}"), TRACE_READS);
            }
            Subject::Rewire => {
                return self.wrong(at, format!("a rewiring cannot read {written}"), REWIRE_READS);
            }
            Subject::Pre(_) | Subject::Post | Subject::Condition | Subject::Clocked
                if of == SOURCE =>
            {
                let message = format!("{written} is not there yet: the source cannot be read");
                return self.wrong(at, message, "a trace under `pre` follows the source");
            }
            Subject::Pre(_) | Subject::Post | Subject::Condition | Subject::Clocked => {}
        }
        let number = self.target.iter().position(|known| known.0 == name.text);
        let number = number.unwrap_or_else(|| {
            let location = self.place.of(name.span);
            self.target.push((name.text.clone(), location));
            self.target.len() - 1
        });
        Some((Expr::Target(number as u32), Type::Free))
    }
}
