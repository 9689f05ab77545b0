//! State variables of synapses that decay between events (`docs/semantics.md` 8.17).

use super::{Stamp, SynapsePlan, SynapseState};

impl SynapsePlan {
    /// Returns whether a state variable decays between events: its synapses then have the stamp of
    /// their last event, which all variables share.
    pub fn decays(&self) -> bool {
        self.state.iter().any(|variable| variable.decay.is_some())
    }

    /// Returns how many words a synapse has: its state variables, then the stamp if one decays.
    pub fn words(&self) -> usize {
        self.state.len() + usize::from(self.decays())
    }
}

impl SynapseState {
    /// Returns the word that is left of a word of it when a run has carried out so many steps;
    /// `stamp` is that of the last event of its synapse.
    pub fn left(&self, word: u32, stamp: Stamp, steps: u32) -> u32 {
        let value = f32::from_bits(word);
        let since = steps.wrapping_sub(stamp.word());
        self.decay.as_ref().map_or(value, |decay| decay.apply(value, since)).to_bits()
    }
}
