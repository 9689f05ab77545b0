//! The words of synapses that learn before step 0.

use super::{SynapseBlock, SynapsePart, SynapsePlan, SynapseWord};
use crate::base::{numeric, random};
use crate::connect::RealDraw;
use crate::plan::Plan;

impl Plan {
    /// Appends the words of synapses that learn before step 0.
    pub(in crate::plan) fn initial_synapses(&self, state: &mut Vec<u32>) {
        for block in self.synapse_blocks() {
            let Some(synapse) = &block.plan.synapse else { continue };
            match block.part {
                SynapsePart::State(n, _) => {
                    let from = state.len();
                    self.first_copy(&block, synapse, n, state);
                    let copy = from..state.len();
                    (1..self.batch).for_each(|_| state.extend_from_within(copy.clone()));
                }
                SynapsePart::LastEvent
                | SynapsePart::Trace(..)
                | SynapsePart::Stamp(_)
                | SynapsePart::Sent(..) => {
                    state.extend(std::iter::repeat_n(0, block.words.len()));
                }
            }
        }
    }

    /// Appends the words of a state variable of one copy.
    fn first_copy(
        &self,
        block: &SynapseBlock<'_>,
        synapse: &SynapsePlan,
        variable: usize,
        state: &mut Vec<u32>,
    ) {
        let rows = &block.plan.rows;
        match (&synapse.state[variable].initial, &synapse.weights) {
            (SynapseWord::All(word), _) => {
                state.extend(std::iter::repeat_n(*word, rows.synapses() as usize));
            }
            (SynapseWord::Weight, Some(given)) => state.extend_from_slice(given),
            (SynapseWord::Weight, None) => {
                for row in 0..rows.rows() {
                    rows.for_each(row, |drawn| {
                        state.push(synapse.weight(drawn.weight).to_bits());
                    });
                }
            }
            (SynapseWord::Drawn(draw), _) => {
                let (projection, variable) = (block.projection as u32, variable as u32);
                for row in 0..rows.rows() {
                    let synapse = |j| {
                        let words =
                            random::synapse_initial(self.seed, j, row, projection, variable);
                        drawn(draw, words).to_bits()
                    };
                    state.extend((0..rows.len(row)).map(synapse));
                }
            }
        }
    }
}

/// Returns the float that random words give, flushed.
fn drawn(draw: &RealDraw, words: [u32; 4]) -> f32 {
    numeric::flush(numeric::round_host(draw.get(words)))
}
