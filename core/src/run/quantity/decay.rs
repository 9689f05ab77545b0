//! State variables of synapses that decay between events, as they are read and written between two
//! steps (`docs/semantics.md` 8.17).

use super::SynapsePlace;
use crate::plan::Plan;
use crate::plan::synapse::Stamp;

impl SynapsePlace {
    /// Returns where the stamps of the synapses are; `None` where the variable does not decay.
    pub fn stamps(&self, plan: &Plan) -> Option<Self> {
        let synapse = plan.projections[self.projection].synapse.as_ref()?;
        let decays = synapse.state[self.variable].decay.is_some();
        decays.then(|| Self::new(plan, self.projection, synapse.state.len()))
    }

    /// Replaces words of the variable by those that are left of them when a run has carried out so
    /// many steps. `stamps` has the words of [`Self::stamps`].
    pub fn decay(&self, plan: &Plan, words: &mut [u32], stamps: &[u32], steps: u32) {
        let Some(synapse) = &plan.projections[self.projection].synapse else { return };
        let variable = &synapse.state[self.variable];
        for (word, stamp) in words.iter_mut().zip(stamps) {
            *word = variable.left(*word, Stamp::from_word(*stamp), steps);
        }
    }

    /// Returns the variables that share the stamps of a variable that decays, itself among them.
    /// Each is to hold what is left of it before the stamps are written.
    pub fn decaying(&self, plan: &Plan) -> Vec<Self> {
        let synapse = plan.projections[self.projection].synapse.iter();
        let all = synapse.flat_map(|synapse| synapse.state.iter().enumerate());
        let decaying = all.filter(|(_, variable)| variable.decay.is_some());
        decaying.map(|(n, _)| Self::new(plan, self.projection, n)).collect()
    }

    /// Returns the words of the variable among all state words, as they are read when a run has
    /// carried out so many steps.
    pub fn read(&self, plan: &Plan, state: &[u32], steps: u32) -> Vec<u32> {
        let mut words = self.of(state).to_vec();
        if let Some(stamps) = self.stamps(plan) {
            self.decay(plan, &mut words, stamps.of(state), steps);
        }
        words
    }

    /// Writes words of the variable into all state words, as a simulation that has carried out so
    /// many steps does.
    pub fn write(&self, plan: &Plan, state: &mut [u32], words: &[u32], steps: u32) {
        if let Some(stamps) = self.stamps(plan) {
            for place in self.decaying(plan) {
                let left = place.read(plan, state, steps);
                place.of_mut(state).copy_from_slice(&left);
            }
            stamps.of_mut(state).fill(steps);
        }
        self.of_mut(state).copy_from_slice(words);
    }

    fn of_mut<'a>(&self, state: &'a mut [u32]) -> &'a mut [u32] {
        &mut state[self.words.start as usize..self.words.end as usize]
    }
}
