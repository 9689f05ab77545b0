//! The words of synapses that learn, in a checkpoint and at the end (`docs/semantics.md` 8.10).

use super::{Delivery, Learning, Traces};
use crate::base::id::Side;
use crate::describe::synapse::Synapse;
use crate::plan::synapse::Stamp;

impl Learning {
    /// 8.10: appends the words before step `step`.
    pub(in crate::oracle::network) fn words(&self, step: u32, words: &mut Vec<u32>) {
        words.extend(self.state.iter().flatten().map(|x| x.to_bits()));
        if self.decays() {
            words.extend(&self.last);
        }
        for (side, neurons) in [(0, &self.sources), (1, &self.targets)] {
            let traces = self.model.decay[side].len();
            for n in 0..traces {
                words.extend(neurons.iter().map(|traces| traces.values[n].to_bits()));
            }
            if traces > 0 {
                let stamp = |traces: &Traces| traces.last.map_or(Stamp::NEVER, Stamp::at).word();
                words.extend(neurons.iter().map(stamp));
            }
        }
        for (number, after) in self.later() {
            let first = words.len();
            words.resize(first + self.targets.len(), 0);
            let own = |sent: &&Delivery| (sent.number, sent.step) == (number, step + after);
            for sent in self.on_the_way.iter().filter(own) {
                let word = &mut words[first + self.target(sent.copy, sent.target)];
                *word = word.wrapping_add(sent.integer.cast_unsigned());
            }
        }
    }

    /// 8.22, 8.25: each receptor that the model sends to, and each number of steps after the next
    /// one in which something may arrive that was sent.
    fn later(&self) -> Vec<(usize, u32)> {
        let Synapse { model, sent, dendritic_steps, .. } = &self.model.synapse;
        let way_steps = match model.sends_without_spikes() {
            true => (*dendritic_steps).max(1),
            false => *dendritic_steps,
        };
        let steps = |number| (0..way_steps).map(move |after| (number, after));
        (0..sent.len()).flat_map(steps).collect()
    }

    /// 8.10: takes the words back before step `step`. `spikes` are those that the traces of sources
    /// do not have yet, as (step, copy, source), in order.
    pub(in crate::oracle::network) fn go_to(
        &mut self,
        step: u32,
        words: &mut impl Iterator<Item = u32>,
        spikes: &[(u32, u32, u32)],
    ) {
        let mut next = || words.next().unwrap_or(0);
        self.state.iter_mut().flatten().for_each(|x| *x = f32::from_bits(next()));
        if self.decays() {
            self.last.iter_mut().for_each(|last| *last = next());
        }
        for (side, neurons) in [(0, &mut self.sources), (1, &mut self.targets)] {
            let traces = self.model.decay[side].len();
            for n in 0..traces {
                neurons.iter_mut().for_each(|traces| traces.values[n] = f32::from_bits(next()));
            }
            for neuron in neurons.iter_mut() {
                neuron.last = if traces > 0 { Stamp::from_word(next()).step() } else { None };
            }
        }
        self.on_the_way.clear();
        for (number, after) in self.later() {
            for at in 0..self.targets.len() {
                let (copy, target) = (at / self.incoming.len(), at % self.incoming.len());
                let (copy, target, integer) =
                    (copy as u32, target as u32, words.next().unwrap_or(0).cast_signed());
                let step = step + after;
                self.on_the_way.push(Delivery { step, number, copy, target, integer });
            }
        }
        self.arrive(step, spikes);
    }

    /// 8.5: gives each delay of a source the traces of step `step`, from those of 8.10 and the
    /// spikes, as (step, copy, source), that these do not have.
    pub(in crate::oracle::network) fn arrive(&mut self, step: u32, spikes: &[(u32, u32, u32)]) {
        for (arrived, source) in self.arrived.iter_mut().zip(&self.sources) {
            for (delay, traces) in arrived {
                *traces = source.clone();
                traces.last = source.last.map(|last| last.wrapping_add(*delay));
            }
        }
        for &(s, copy, source) in spikes {
            let at = self.source(copy, source);
            for (delay, traces) in &mut self.arrived[at] {
                if s + *delay < step {
                    self.model.spike(Side::Pre, traces, s + *delay);
                }
            }
        }
    }
}
