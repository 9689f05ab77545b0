//! `post.v`, `pre.v`: variables of the neurons that a synapse connects.

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
                return self.wrong(at, message, "synapse models read their neurons");
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
            Subject::Pre(_) | Subject::Post | Subject::Condition if of == SOURCE => {
                let message = format!("only a clocked block reads {written}");
                let help = "read it in `do` of a block of `every`, or follow the source with a \
                            trace under `pre`";
                return self.wrong(at, message, help);
            }
            Subject::Pre(_) | Subject::Post | Subject::Condition | Subject::Clocked(_) => {}
        }
        let location = self.place.of(name.span);
        let known = if of == SOURCE { &mut self.source } else { &mut self.target };
        let number = known.iter().position(|known| known.0 == name.text);
        let number = number.unwrap_or_else(|| {
            known.push((name.text.clone(), location));
            known.len() - 1
        }) as u32;
        let read = if of == SOURCE { Expr::Source(number) } else { Expr::Target(number) };
        Some((read, Type::Free))
    }
}
