//! `pre` and `post`: the traces of the source and of the target.

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::language::parse;
use crate::language::place::{Place, Span};
use crate::language::program::{Names, Resolver, Subject};
use crate::language::section::WEIGHT;
use crate::network::{Content, Field, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Expr, StateDef, Stmt};
use isospike_core::describe::synapse::{EventProgram, TraceDef};

/// The fields of the traces of each side, with what a trace is.
pub(super) const SIDES: [(&str, &str); 2] =
    [("pre", "a trace of the source"), ("post", "a trace of the target")];

impl<'a> Reader<'a> {
    pub(super) fn trace(&mut self, side: usize, field: &'a Field) {
        let path = format!("{}.{}", SIDES[side].0, field.name);
        self.section.new_name(field, &path);
        let mut tau = None;
        if let Content::Table(fields) = &field.value.content {
            self.section.known_fields(fields, &["tau", "spike"], &path);
            for (name, example) in [("tau", "20 ms"), ("spike", "x + 1")] {
                if !fields.iter().any(|field| field.name == name) {
                    let message = format!("`{name}` is missing");
                    let help = format!("as in {{ {name} = \"{example}\" }}");
                    self.section.wrong(&field.value.location, &path, message, help);
                }
            }
            if let Some(field) = fields.iter().find(|field| field.name == "tau") {
                tau = self.tau(&field.value, &format!("{path}.tau"));
            }
        } else {
            let help = "as in { tau = \"20 ms\", spike = \"x + 1\" }";
            self.section.wrong(&field.value.location, &path, "a table is expected", help);
        }
        let tau = tau.unwrap_or(Expr::Number(1.0));
        self.traces[side].push(TraceDef { name: field.name.clone(), tau });
    }

    /// Reads a time constant.
    pub(super) fn tau(&mut self, value: &Value, path: &str) -> Option<Expr> {
        let (tau, dimension) = self.host_expression(value, path)?;
        if self.section.differs(dimension, Dimension::TIME) {
            let message = format!("a time constant is a time, not {}", dimension.noun());
            self.section.wrong(&value.location, path, message, "as in \"20 ms\", or a parameter");
        }
        Some(tau)
    }

    /// Resolves what a spike does to the traces of a side.
    pub(super) fn spikes(&mut self, side: usize) -> EventProgram {
        let number = |trace: &TraceDef| StateDef {
            name: trace.name.clone(),
            initial: Expr::Number(0.0),
            dimension: Dimension::NUMBER,
        };
        let traces: Vec<StateDef> = self.traces[side].iter().map(number).collect();
        let other = SIDES[1 - side].1;
        let others: Vec<(&str, &'static str)> = (self.state.iter())
            .map(|state| (state.name.as_str(), "a state variable"))
            .chain(self.traces[1 - side].iter().map(|trace| (trace.name.as_str(), other)))
            .chain([(WEIGHT, "the drawn weight")])
            .chain(self.signals.iter().map(|name| (name.as_str(), "a signal")))
            .collect();
        let names = Names {
            parameters: &self.section.parameters,
            state: &traces,
            others: &others,
            units: self.units,
            ..Names::new(Subject::Trace, self.section.constants)
        };
        let item = self.section.item;
        let mut resolver =
            Resolver::new(names, Place { text: "", location: &item.location }, false);
        resolver.sources = std::mem::take(&mut self.sources);
        let mut statements = Vec::new();
        let mut mistakes = Vec::new();
        for (n, field) in self.section.table(SIDES[side].0).iter().enumerate() {
            let Content::Table(fields) = &field.value.content else { continue };
            let Some(spike) = fields.iter().find(|field| field.name == "spike") else { continue };
            let path = format!("{}.{}.spike", SIDES[side].0, field.name);
            let found = spike_of(&mut resolver, &spike.value, &path);
            let mut wrong = std::mem::take(&mut resolver.diagnostics);
            match found {
                Ok(value) => statements.extend(value.map(|value| Stmt::SetState(n as u32, value))),
                Err(all) => wrong.extend(all),
            }
            mistakes.push((wrong, path));
        }
        let sources = resolver.sources;
        self.sources = sources;
        for (wrong, path) in mistakes {
            self.section.push_all(wrong, &path);
        }
        EventProgram { statements, locals: 0 }
    }
}

/// The value of the `spike` of a trace; `None` after a mistake that the resolver has.
fn spike_of<'p>(
    resolver: &mut Resolver<'p>,
    value: &'p Value,
    path: &str,
) -> Result<Option<Expr>, Vec<Diagnostic>> {
    let (text, number) = match &value.content {
        Content::Text(text) => (text.as_str(), None),
        Content::Number(x) => ("", Some(*x)),
        Content::Integer(x) => ("", Some(*x as f64)),
        _ => {
            return Err(vec![Diagnostic {
                location: value.location.clone(),
                item: String::new(),
                field: String::new(),
                message: "a text is expected".into(),
                help: "put it in quotes".into(),
            }]);
        }
    };
    let place = Place { text, location: &value.location };
    resolver.next_text(path, place);
    if let Some(number) = number {
        resolver.sources.note(Span { start: 0, end: 0 });
        return Ok(Some(Expr::Number(number)));
    }
    parse::expression(place).map(|node| resolver.number(&node).map(|found| found.0))
}
