//! The traces of sources as a checkpoint has them (`docs/semantics.md` 8.10): spikes that may still
//! be on their way are not in them, whatever the delays of a projection are.

use crate::base::id::Side;
use crate::plan::Plan;
use crate::plan::synapse::{Stamp, SynapsePart};
use crate::run::record::Spike;

/// The traces of the sources of all projections that learn, on the host: one entry for each
/// projection whose sources have any.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceTraces(Vec<Traces>);

/// The traces of one projection.
#[derive(Clone, Debug)]
struct Traces {
    projection: usize,
    /// `[trace][copy * size + neuron]`
    values: Vec<Vec<f32>>,
    /// `[copy * size + neuron]`
    stamps: Vec<Stamp>,
}

impl SourceTraces {
    /// Makes the traces of sources that have not spiked.
    pub fn new(plan: &Plan) -> Self {
        let learning = plan.projections.iter().enumerate().filter_map(|(index, projection)| {
            let traces = projection.synapse.as_ref()?.pre.len();
            (traces > 0).then_some((index, projection, traces))
        });
        let all = learning.map(|(projection, plan_of, traces)| {
            let size = plan.populations[plan_of.pre.index()].size as usize * plan.batch as usize;
            let (values, stamps) = (vec![vec![0.0; size]; traces], vec![Stamp::NEVER; size]);
            Traces { projection, values, stamps }
        });
        Self(all.collect())
    }

    /// Takes in a spike that has arrived everywhere.
    pub fn spike(&mut self, plan: &Plan, spike: Spike) {
        if self.0.is_empty() {
            return;
        }
        let copy = (spike.neuron / plan.neurons()) as usize;
        let (population, neuron) = plan.locate(spike.neuron % plan.neurons());
        let size = plan.populations[population.index()].size as usize;
        let of_source =
            |traces: &&mut Traces| plan.projections[traces.projection].pre == population;
        for traces in self.0.iter_mut().filter(of_source) {
            traces.spike(plan, copy * size + neuron as usize, spike.step);
        }
    }

    /// Writes the words of these traces into all state words of a simulation.
    pub fn write_to(&self, plan: &Plan, state: &mut [u32]) {
        for block in plan.synapse_blocks() {
            let Some(own) = self.0.iter().find(|own| own.projection == block.projection) else {
                continue;
            };
            let words = &mut state[block.words];
            match block.part {
                SynapsePart::Trace(Side::Pre, n, _) => {
                    words.iter_mut().zip(&own.values[n]).for_each(|(w, v)| *w = v.to_bits());
                }
                SynapsePart::Stamp(Side::Pre) => {
                    words.iter_mut().zip(&own.stamps).for_each(|(w, stamp)| *w = stamp.word());
                }
                SynapsePart::State(..)
                | SynapsePart::LastEvent
                | SynapsePart::Trace(..)
                | SynapsePart::Stamp(_)
                | SynapsePart::Sent(..) => {}
            }
        }
    }

    /// Goes to those of all state words.
    pub fn go_to(&mut self, plan: &Plan, state: &[u32]) {
        for block in plan.synapse_blocks() {
            let Some(own) = self.0.iter_mut().find(|own| own.projection == block.projection) else {
                continue;
            };
            let words = &state[block.words];
            match block.part {
                SynapsePart::Trace(Side::Pre, n, _) => {
                    own.values[n] = words.iter().map(|word| f32::from_bits(*word)).collect();
                }
                SynapsePart::Stamp(Side::Pre) => {
                    own.stamps = words.iter().map(|word| Stamp::from_word(*word)).collect();
                }
                SynapsePart::State(..)
                | SynapsePart::LastEvent
                | SynapsePart::Trace(..)
                | SynapsePart::Stamp(_)
                | SynapsePart::Sent(..) => {}
            }
        }
    }
}

impl Traces {
    fn spike(&mut self, plan: &Plan, at: usize, step: u32) {
        let Some(synapse) = &plan.projections[self.projection].synapse else { return };
        let decayed = self.values.iter().enumerate();
        let decayed = decayed.map(|(n, own)| synapse.pre.at(n, own[at], self.stamps[at], step));
        let mut traces: Vec<f32> = decayed.collect();
        synapse.pre.at_spike(&mut traces, &mut Vec::new());
        for (values, trace) in self.values.iter_mut().zip(traces) {
            values[at] = trace;
        }
        self.stamps[at] = Stamp::at(step);
    }
}
