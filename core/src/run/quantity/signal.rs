//! Names the signals of the whole network.

use super::{Quantity, QuantityError};
use crate::base::numeric;
use crate::plan::Plan;
use std::ops::Range;

/// Holds where the words of a signal are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalPlace {
    /// Its index in [`Plan::signals`].
    pub signal: usize,
    /// The place of its words among those of [`crate::run::backend::Simulation::state`]: a word for
    /// each copy.
    pub words: Range<u64>,
}

impl Quantity {
    /// Names a signal.
    pub fn signal(name: impl Into<String>) -> Self {
        Self::Signal { name: name.into() }
    }

    /// Lists all signals of a plan, in canonical order.
    pub fn signals(plan: &Plan) -> Vec<Self> {
        plan.signals.iter().map(|signal| Self::signal(&signal.name)).collect()
    }

    pub(super) fn signal_place(
        &self,
        plan: &Plan,
        name: &str,
    ) -> Result<SignalPlace, QuantityError> {
        let names = plan.signals.iter().map(|signal| &*signal.name);
        let signal = self.find("signal", name, names)?;
        let copies = u64::from(plan.batch);
        let first = plan.signal_words().start as u64 + signal as u64 * copies;
        Ok(SignalPlace { signal, words: first..first + copies })
    }
}

impl SignalPlace {
    /// Returns the words that are stored for `words`, flushed as in every step.
    ///
    /// Errors: another number of words, a float that is not finite.
    pub fn accept(&self, quantity: &Quantity, words: &[u32]) -> Result<Vec<u32>, QuantityError> {
        quantity.has_length(self.words.end - self.words.start, words)?;
        match words.iter().position(|word| !f32::from_bits(*word).is_finite()) {
            None => Ok(words.iter().map(|word| numeric::flush_bits(*word)).collect()),
            Some(copy) => Err(QuantityError::Signal {
                quantity: Box::new(quantity.clone()),
                copy: copy as u32,
                found: f32::from_bits(words[copy]).to_string(),
            }),
        }
    }
}
