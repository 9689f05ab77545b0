//! Values that are given for the names that a model declares.

use super::context::{Context, Site, kind};
use super::fields::Fields;
use super::{range, suggest};
use crate::diagnostic::Diagnostic;
use crate::network::Content;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::ParameterDef;

/// The names that a model declares under one heading, to be given in a table.
pub(super) struct Given<'m> {
    /// `parameter`, `state variable`
    pub what: &'static str,
    pub model: &'m str,
    pub declared: Vec<(&'m str, Dimension)>,
    /// Gives the equivalent of a name of another simulator.
    pub hint: Hint,
}

/// A table of hints.
pub(super) type Hint = fn(&str) -> Option<&'static str>;

/// The value that a table has for a declared name.
pub(super) enum Entry {
    Value(PerNeuron),
    Wrong,
    Missing,
}

impl Given<'_> {
    /// Gives an entry for each declared name, in their order. `evaluate` reads the values, in the
    /// order of the table.
    pub fn read(
        &self,
        cx: &mut Context<'_>,
        site: Option<&Site<'_>>,
        mut evaluate: impl FnMut(&mut Context<'_>, &Site<'_>, Dimension) -> Option<PerNeuron>,
    ) -> Vec<Entry> {
        let mut found: Vec<Entry> = self.declared.iter().map(|_| Entry::Missing).collect();
        let Some(site) = site else { return found };
        let Content::Table(entries) = &site.value.content else {
            let message = format!("{} cannot stand here", kind(&site.value.content));
            cx.push(
                site.diagnostic(message, format!("give a table: {{ {} = ... }}", self.example())),
            );
            return self.declared.iter().map(|_| Entry::Wrong).collect();
        };
        for entry in entries {
            let inner = site.inner(entry);
            let at = self.declared.iter().position(|declared| declared.0 == entry.name);
            let Some(at) = at else {
                let known: Vec<&str> = self.declared.iter().map(|declared| declared.0).collect();
                let message =
                    format!("the model {} has no {} `{}`", self.model, self.what, entry.name);
                let help = match (self.hint)(&entry.name) {
                    Some(hint) => hint.into(),
                    None => suggest::help(&entry.name, &known, &format!("{}s", self.what)),
                };
                cx.push(Diagnostic {
                    location: entry.location.clone(),
                    ..inner.diagnostic(message, help)
                });
                continue;
            };
            if !matches!(found[at], Entry::Missing) {
                cx.push(inner.diagnostic("this is given twice", "keep one of them"));
                continue;
            }
            let value = evaluate(cx, &inner, self.declared[at].1);
            found[at] = value.map_or(Entry::Wrong, Entry::Value);
        }
        found
    }

    fn example(&self) -> &str {
        self.declared.first().map_or("name", |declared| declared.0)
    }
}

/// The parameters that a model declares.
#[derive(Clone, Copy)]
pub(super) struct Definitions<'m> {
    pub model: &'m str,
    pub parameters: &'m [ParameterDef],
}

impl Definitions<'_> {
    /// Gives a value for each parameter: that of the table at `site`, which `evaluate` reads for
    /// `size` neurons, else the default.
    pub fn values(
        self,
        cx: &mut Context<'_>,
        fields: &Fields<'_>,
        site: Option<&Site<'_>>,
        size: u32,
        hint: Hint,
        evaluate: impl FnMut(&mut Context<'_>, &Site<'_>, Dimension) -> Option<PerNeuron>,
    ) -> Option<Vec<PerNeuron>> {
        let declared = self.parameters.iter().map(|p| (p.name.as_str(), p.dimension)).collect();
        let given = Given { what: "parameter", model: self.model, declared, hint };
        let mut values: Vec<Option<PerNeuron>> = Vec::new();
        for (definition, entry) in self.parameters.iter().zip(given.read(cx, site, evaluate)) {
            values.push(match (entry, definition.default) {
                (Entry::Value(value), _) => Some(value),
                (Entry::Wrong, _) => None,
                (Entry::Missing, Some(default)) => Some(PerNeuron::All(default)),
                (Entry::Missing, None) => {
                    let field = format!("parameters.{}", definition.name);
                    let message = format!("the model {} needs this parameter", self.model);
                    let help = format!("give {}", definition.dimension.noun_with_example());
                    cx.push(fields.diagnostic(&field, &message, &help));
                    None
                }
            });
        }
        if !range::of_values(cx, size, fields, self, &values, site) {
            return None;
        }
        values.into_iter().collect()
    }
}
