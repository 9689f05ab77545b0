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
            (SynapseWord::Weight, Some(given)) | (SynapseWord::Given(given), _) => {
                state.extend_from_slice(given);
            }
            (SynapseWord::Weight, None) => {
                for row in 0..rows.rows() {
                    rows.for_each(row, |drawn| {
                        state.push(synapse.weight(drawn.weight).to_bits());
                    });
                }
            }
            (SynapseWord::Drawn(draw), _) => {
                let variable = (block.projection, variable);
                for row in 0..rows.rows() {
                    let synapse = |j| self.drawn_word(draw, variable, row, j);
                    state.extend((0..rows.len(row)).map(synapse));
                }
            }
        }
    }

    /// Returns the word that a state variable of a projection, both by their index, has before step
    /// 0 in a place of a row, by its number in the row and among all synapses; `weight` is that of
    /// the row.
    pub(crate) fn first_word(
        &self,
        (projection, variable): (usize, usize),
        row: u32,
        (j, place): (u32, usize),
        weight: i32,
    ) -> u32 {
        let Some(synapse) = &self.projections[projection].synapse else { return 0 };
        match (&synapse.state[variable].initial, &synapse.weights) {
            (SynapseWord::All(word), _) => *word,
            (SynapseWord::Weight, Some(given)) | (SynapseWord::Given(given), _) => given[place],
            (SynapseWord::Weight, None) => synapse.weight(weight).to_bits(),
            (SynapseWord::Drawn(draw), _) => self.drawn_word(draw, (projection, variable), row, j),
        }
    }

    fn drawn_word(
        &self,
        draw: &RealDraw,
        (projection, variable): (usize, usize),
        row: u32,
        j: u32,
    ) -> u32 {
        let (projection, variable) = (projection as u32, variable as u32);
        drawn(draw, random::synapse_initial(self.seed, j, row, projection, variable)).to_bits()
    }
}

/// Returns the float that random words give, flushed.
fn drawn(draw: &RealDraw, words: [u32; 4]) -> f32 {
    numeric::flush(numeric::round_host(draw.get(words)))
}
