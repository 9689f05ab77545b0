//! `signals`: the signals of the whole network that a synapse model reads.

use super::condition::Condition;
use super::{Parsed, Reader};
use crate::network::{Content, Value};

/// How many signals a model may read.
const SIGNALS_MAX: usize = 64;

impl<'a> Reader<'a> {
    /// Reads the list of names.
    pub(super) fn signals(&mut self) {
        for (n, value) in self.listed_signals().iter().enumerate() {
            let path = format!("signals[{n}]");
            let Some(place) = self.section.text_of(value, &path) else { continue };
            self.section.name_at(place.text, &value.location, &path);
            self.signals.push(place.text.into());
        }
    }

    /// Reports signals that none of these texts, nor the condition of post events, reads.
    pub(super) fn unread_signals(
        &mut self,
        texts: &[&Parsed<'a>],
        condition: Option<&Condition<'a>>,
    ) {
        // A text with a mistake may be one that reads them.
        if !self.section.diagnostics.is_empty() {
            return;
        }
        for (n, value) in self.listed_signals().iter().enumerate() {
            let Content::Text(name) = &value.content else { continue };
            let reads = |(_, all): &&Parsed<'a>| all.iter().any(|one| one.mentions(name));
            let is_compared = condition.is_some_and(|(_, node)| node.mentions(name));
            if !is_compared && !texts.iter().any(reads) {
                let message = format!("no event reads the signal `{name}`");
                let help = "remove it, or use its name in `on_pre`, `on_post` or `every`";
                self.section.wrong(&value.location, &format!("signals[{n}]"), message, help);
            }
        }
    }

    fn listed_signals(&mut self) -> &'a [Value] {
        let Some(value) = self.section.value("signals") else { return &[] };
        let Content::List(values) = &value.content else {
            let message = "a list of names is expected";
            let help = "as in signals = [\"dopamine\"]";
            self.section.wrong(&value.location, "signals", message, help);
            return &[];
        };
        if let Some(value) = values.get(SIGNALS_MAX) {
            let help = format!("a synapse model may read {SIGNALS_MAX}");
            self.section.wrong(&value.location, "signals", "these are too many signals", help);
        }
        &values[..values.len().min(SIGNALS_MAX)]
    }
}
