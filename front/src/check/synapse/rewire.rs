//! `[rewire.X]` of a projection whose synapses have a model.

use super::values::{Reader, State, amount};
use crate::check::context::{Context, Rounding, Site};
use crate::check::fields::Fields;
use crate::check::{finite, rewire, suggest};
use crate::diagnostic::Diagnostic;
use crate::language;
use crate::network::Content;
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::Rewire;

impl Reader<'_, '_, '_> {
    /// Reads the rewiring of the projection, `None` within where there is none. No result after a
    /// mistake.
    pub(super) fn rewire(&mut self, state: &[State]) -> Option<Option<Rewire>> {
        let Some(item) = rewire::of(self.cx, self.ends.projection) else { return Some(None) };
        let mut fields = Fields::of_item("rewire", item);
        fields.get("projection");
        let every = fields.need(self.cx, "every", "give the time between two: every = \"100 ms\"");
        let period_steps = every.and_then(|site| period_steps(self.cx, &site));
        let help = "give the condition on which a synapse is removed: remove = \"w <= 0\"";
        let remove = fields.need(self.cx, "remove", help);
        let remove = remove.and_then(|site| self.condition(&site));
        let create = match fields.get("create") {
            Some(site) => self.create(&site, state),
            None => Some(vec![None; state.len()]),
        };
        fields.finish(self.cx);
        Some(Some(Rewire {
            name: item.name.clone(),
            period_steps: period_steps?,
            remove: remove?,
            create: create?,
        }))
    }

    fn condition(&mut self, site: &Site<'_>) -> Option<Expr> {
        let model = &self.draft.text.model;
        if !matches!(site.value.content, Content::Text(_) | Content::Bool(_)) {
            return self.cx.wrong_kind(site, "a condition in quotes: \"w <= 0\"");
        }
        if self.cx.uses_broken(site.value) {
            return None;
        }
        match language::synapse_condition(site.value, model, &self.cx.constants) {
            Ok(condition) => {
                finite::condition(self.cx, site, &condition, self.parameters).then_some(condition)
            }
            Err(diagnostics) => {
                for diagnostic in diagnostics {
                    let (item, field) = (site.item.to_string(), site.field.clone());
                    self.cx.push(Diagnostic { item, field, ..diagnostic });
                }
                None
            }
        }
    }

    /// Reads the values of new synapses, all of them before the first mistake counts.
    fn create(&mut self, site: &Site<'_>, state: &[State]) -> Option<Vec<Option<f64>>> {
        let model = &self.draft.text.model;
        let known: Vec<&str> = model.state.iter().map(|state| state.name.as_str()).collect();
        let entries = self.cx.table(site, "a table of values: create = { w = \"0.1 nS\" }")?;
        let mut create = vec![None; state.len()];
        let mut right = true;
        for entry in entries {
            let site = site.inner(entry);
            let Some(at) = known.iter().position(|known| *known == entry.name) else {
                let message =
                    format!("the model {} has no state variable `{}`", model.name, entry.name);
                let help = suggest::help(&entry.name, &known, "state variables");
                let location = entry.location.clone();
                self.cx.push(Diagnostic { location, ..site.diagnostic(message, help) });
                right = false;
                continue;
            };
            let unit = model.state[at].dimension;
            let value = self.cx.quantity(&site, unit);
            create[at] = value
                .filter(|value| within(self.cx, &site, &state[at], *value, |x| amount(x, unit)));
            right &= create[at].is_some();
        }
        right.then_some(create)
    }
}

fn period_steps(cx: &mut Context<'_>, site: &Site<'_>) -> Option<u32> {
    match cx.steps(site, Rounding::ExactAboveZero) {
        Some(0) => cx.fail(site, "the time between two rewirings is 0", "give dt or more"),
        steps => steps,
    }
}

/// Reports a value out of the bounds of its variable.
fn within(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    state: &State,
    value: f64,
    amount: impl Fn(f64) -> String,
) -> bool {
    let Some((least, largest)) = state.bounds else { return true };
    if (least..=largest).contains(&value) {
        return true;
    }
    let message = format!(
        "this is {}, the bounds are {} and {}",
        amount(value),
        amount(least),
        amount(largest)
    );
    cx.push(site.diagnostic(message, "give a value within the bounds"));
    false
}
