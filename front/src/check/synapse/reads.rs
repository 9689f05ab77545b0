//! Signals and variables of neurons that the events of a synapse model read.

use super::values::Reader;
use crate::check::{signal, suggest};
use crate::diagnostic::Location;
use isospike_core::describe::model::NeuronModel;

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
        let text = &self.draft.text;
        let read: Vec<_> = text.model.target.iter().zip(&text.target).collect();
        self.variables("target", Some(self.ends.target.model), &read)
    }

    /// Finds the variables that clocked blocks read among those of the source's model.
    pub(super) fn source(&mut self) -> Option<Vec<u32>> {
        let text = &self.draft.text;
        let read: Vec<_> = text.model.source.iter().zip(&text.source).collect();
        self.variables("source", self.ends.source, &read)
    }

    /// Finds variables by name and place among those of a model; `None` stands for a spike list.
    fn variables(
        &mut self,
        side: &str,
        model: Option<&NeuronModel>,
        read: &[(&String, &Location)],
    ) -> Option<Vec<u32>> {
        let state = model.map_or(&[][..], |model| &model.state[..]);
        let names: Vec<&str> = state.iter().map(|state| state.name.as_str()).collect();
        let of_model = model.map_or("spike_list", |model| model.name.as_str());
        let mut all = Vec::new();
        for (name, location) in read {
            let number = names.iter().position(|known| known == name).map(|n| n as u32);
            if number.is_none() {
                let message =
                    format!("the {side}'s model {of_model} has no state variable `{name}`");
                let help = match names.is_empty() {
                    true => format!("choose another population as {side}"),
                    false => suggest::help(name, &names, "state variables"),
                };
                self.wrong_at::<()>(location, message, &help);
            }
            all.push(number);
        }
        all.into_iter().collect()
    }
}
