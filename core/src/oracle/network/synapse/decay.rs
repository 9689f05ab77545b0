//! 8.17: state variables that decay between events.

use super::Learning;
use crate::base::numeric;

impl Learning {
    /// A variable of the synapse at a place, as an event of step t finds it.
    pub(super) fn found(&self, variable: usize, at: usize, t: u32) -> f32 {
        let value = self.state[variable][at];
        match &self.model.state_decay[variable] {
            Some(decay) => value * decay.factor((t + 1).wrapping_sub(self.last[at])),
            None => value,
        }
    }

    /// A variable of the synapse at a place, as it is read when so many steps have been.
    pub(in crate::oracle::network) fn read(&self, variable: usize, at: usize, steps: u32) -> f32 {
        let value = self.state[variable][at];
        match &self.model.state_decay[variable] {
            Some(decay) => decay.apply(value, steps.wrapping_sub(self.last[at])),
            None => value,
        }
    }

    /// Reads a variable of all synapses.
    pub(in crate::oracle::network) fn read_all(&self, variable: usize, steps: u32) -> Vec<f32> {
        (0..self.state[variable].len()).map(|at| self.read(variable, at, steps)).collect()
    }

    /// Writes a variable of all synapses when so many steps have been: for one that decays, an
    /// event of the step before.
    pub(in crate::oracle::network) fn write_all(
        &mut self,
        variable: usize,
        values: impl Iterator<Item = f32>,
        steps: u32,
    ) {
        if self.model.state_decay[variable].is_some() {
            let left: Vec<Vec<f32>> =
                (0..self.state.len()).map(|variable| self.read_all(variable, steps)).collect();
            self.state = left;
            self.last.fill(steps);
        }
        self.state[variable] = values.collect();
    }

    /// 8.1: stores the variables of a synapse after an event of step t.
    pub(super) fn store(&mut self, at: usize, state: &[f32], t: u32) {
        for (words, x) in self.state.iter_mut().zip(state) {
            words[at] = numeric::flush(*x);
        }
        self.last[at] = t + 1;
    }

    /// Whether synapses have a stamp.
    pub(super) fn decays(&self) -> bool {
        self.model.state_decay.iter().any(Option::is_some)
    }
}
