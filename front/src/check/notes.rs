//! Notes on networks: what is no mistake and seldom meant.

use super::context::mentions;
use crate::diagnostic::Diagnostic;
use crate::network::{Content, Field, Item, Network};

impl Network {
    /// Notes what a network without mistakes says and its writer may not mean, in the order of the
    /// file: models in use that count spikes by level and neither reset nor say so.
    pub fn notes(&self) -> Vec<Diagnostic> {
        self.models.iter().filter(|model| self.uses(model)).filter_map(level).collect()
    }

    fn uses(&self, model: &Item) -> bool {
        let is_name = |field: &Field| {
            let Content::Text(name) = &field.value.content else { return false };
            *name == model.name
        };
        self.populations.iter().any(|population| field(population, "model").is_some_and(is_name))
    }
}

/// Notes a threshold over state that no reset leaves, where `spike` does not say what it means.
fn level(model: &Item) -> Option<Diagnostic> {
    let threshold = &field(model, "threshold")?.value;
    let resets = field(model, "reset").is_some_and(|reset| match &reset.value.content {
        Content::Text(text) => !text.trim().is_empty(),
        _ => true,
    });
    if resets || field(model, "spike").is_some() {
        return None;
    }
    let Content::Table(state) = &field(model, "state")?.value.content else { return None };
    if !mentions(threshold, |word| state.iter().any(|variable| variable.name == word)) {
        return None;
    }
    let message = "without a reset this makes a spike in each step in which it holds";
    let help = "write spike = \"crossing\" for one spike where it becomes true, or \
                spike = \"level\" if this is meant";
    Some(Diagnostic {
        location: threshold.location.clone(),
        item: format!("model {}", model.name),
        field: "threshold".into(),
        message: message.into(),
        help: help.into(),
    })
}

fn field<'i>(item: &'i Item, name: &str) -> Option<&'i Field> {
    item.fields.iter().find(|field| field.name == name)
}
