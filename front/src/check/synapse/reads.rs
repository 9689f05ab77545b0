//! Signals and variables of the target that the events of a synapse model read.

use super::values::Reader;
use crate::check::{signal, suggest};

impl Reader<'_, '_, '_> {
    /// Finds the signals that the model reads.
    pub(super) fn signals(&mut self) -> Option<Vec<u32>> {
        match signal::numbers(self.cx, &self.draft.text.model) {
            Ok(numbers) => Some(numbers),
            Err((at, name)) => {
                let (message, help) = signal::unknown(self.cx, &name);
                self.wrong(&[&format!("signals[{at}]")], message, &help)
            }
        }
    }

    /// Finds the variables that events read among those of the target's model, all of them before
    /// the first mistake counts.
    pub(super) fn target(&mut self) -> Option<Vec<u32>> {
        let (model, text) = (self.ends.target.model, &self.draft.text);
        let names: Vec<&str> = model.state.iter().map(|state| state.name.as_str()).collect();
        let mut all = Vec::new();
        for (name, location) in text.model.target.iter().zip(&text.target) {
            let number = names.iter().position(|known| known == name).map(|n| n as u32);
            if number.is_none() {
                let message =
                    format!("the target's model {} has no state variable `{name}`", model.name);
                let help = suggest::help(name, &names, "state variables");
                self.wrong_at::<()>(location, message, &help);
            }
            all.push(number);
        }
        all.into_iter().collect()
    }
}
