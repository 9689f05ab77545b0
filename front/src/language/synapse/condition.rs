//! `on_post_if`: the condition on the target that makes post events in place of its spikes.

use super::Reader;
use crate::language::parse;
use crate::language::place::Place;
use crate::language::program::{Names, Resolver, Subject};
use crate::language::section::WEIGHT;
use crate::language::syntax::Node;
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::EventProgram;

/// The name of the field.
const FIELD: &str = "on_post_if";

/// A condition, and the place of its text.
pub(super) type Condition<'a> = (Place<'a>, Node);

impl<'a> Reader<'a> {
    /// Parses the condition; `None` where there is none, or after a mistake.
    pub(super) fn parsed_condition(&mut self) -> Option<Condition<'a>> {
        let value = self.section.value(FIELD)?;
        let place = self.section.text_of(value, FIELD)?;
        let parsed = parse::expression(place);
        parsed.map_err(|all| self.section.push_all(all, FIELD)).ok().map(|node| (place, node))
    }

    /// Resolves the condition of these post events.
    pub(super) fn condition(
        &mut self,
        (place, node): &Condition<'a>,
        on_post: &EventProgram,
    ) -> Option<Expr> {
        let place = *place;
        if on_post.statements.is_empty()
            && self.traces[1].is_empty()
            && self.section.diagnostics.is_empty()
        {
            let message = "nothing happens at these post events";
            let help = "add `on_post`, or a trace under `post`";
            self.section.wrong(place.location, FIELD, message, help);
        }
        let others: Vec<(&str, &'static str)> = (self.state.iter())
            .map(|state| (state.name.as_str(), "a state variable"))
            .chain(self.traces.iter().flatten().map(|trace| (trace.name.as_str(), "a trace")))
            .chain([(WEIGHT, "the drawn weight")])
            .collect();
        let names = Names {
            parameters: &self.section.parameters,
            others: &others,
            signals: &self.signals,
            units: self.units,
            ..Names::new(Subject::Condition, self.section.constants)
        };
        let mut resolver = Resolver::new(names, place, false);
        resolver.sources = std::mem::take(&mut self.sources);
        resolver.target = std::mem::take(&mut self.target);
        resolver.next_text(FIELD, place);
        let condition = resolver.condition(node);
        let Resolver { sources, target, diagnostics, .. } = resolver;
        (self.sources, self.target) = (sources, target);
        self.section.push_all(diagnostics, FIELD);
        let condition = condition?;
        if !condition.any(&|part| matches!(part, Expr::Target(_))) {
            let message = "this reads no variable of the target";
            let help = "compare one, as in on_post_if = \"post.v > theta\"";
            self.section.wrong(place.location, FIELD, message, help);
            return None;
        }
        Some(condition)
    }
}
