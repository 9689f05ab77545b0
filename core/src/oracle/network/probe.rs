//! 5.8, 5.13 and 5.14 of `docs/semantics.md`: the samples of probes.

use super::ModelSimulation;
use crate::base::numeric;
use crate::describe::checked::{Probe, SynapseProbe, SynapseSample};
use crate::run::backend::one_nan;
use crate::run::record::Recording;

impl ModelSimulation {
    /// 5.8: probes see the state after step t; `None` stands for before step 0, which some see.
    pub(super) fn probe(&self, t: Option<u32>, record: &mut Recording) {
        let network = &self.network;
        let is_due =
            |every_steps: u32, initial: bool| t.map_or(initial, |t| t.is_multiple_of(every_steps));
        for (n, probe) in network.probes.iter().enumerate() {
            if is_due(probe.every_steps, probe.initial) {
                self.sample(probe, &mut record.traces[n]);
            }
        }
        for (n, probe) in (network.probes.len()..).zip(&network.synapse_probes) {
            if is_due(probe.every_steps, probe.initial) {
                let steps = t.map_or(0, |t| t + 1);
                self.sample_synapses(probe, steps, &mut record.traces[n]);
            }
        }
    }

    fn sample(&self, probe: &Probe, trace: &mut Vec<u32>) {
        let size = self.network.population(probe.population).size;
        let of_population = &self.populations[probe.population.index()];
        let Some(words) = of_population.floats().nth(probe.variable as usize) else { return };
        for copy in 0..self.network.batch {
            let word = |n: &u32| words[(copy * size + n) as usize].to_bits();
            trace.extend(probe.neurons.iter().map(word));
        }
    }

    /// 5.13: the synapses of each copy, in order of row, then place in the row.
    fn sample_synapses(&self, probe: &SynapseProbe, steps: u32, trace: &mut Vec<u32>) {
        let p = probe.projection.index();
        let rows = &self.rows[p];
        let synapses = rows.iter().map(Vec::len).sum::<usize>();
        for copy in 0..self.network.batch as usize {
            let mut values = Vec::new();
            for (source, row) in (0u32..).zip(rows) {
                for synapse in row {
                    let place = copy * synapses + values.len();
                    let value = self.value(probe, place, synapse.weight, steps);
                    values.push(((source, synapse.target), value));
                }
            }
            let mut words: Vec<u32> = match &probe.sample {
                SynapseSample::First(count) => {
                    values.iter().take(*count as usize).map(|(_, x)| x.to_bits()).collect()
                }
                SynapseSample::Every(of) => {
                    values.iter().step_by(*of as usize).map(|(_, x)| x.to_bits()).collect()
                }
                SynapseSample::Pairs(pairs) => {
                    let asked = values.iter().filter(|(pair, _)| pairs.contains(pair));
                    asked.map(|(_, x)| x.to_bits()).collect()
                }
                SynapseSample::Histogram(histogram) => {
                    let values: Vec<f32> = values.iter().map(|(_, x)| *x).collect();
                    trace.extend(counts(histogram.lo, histogram.hi, histogram.bins, &values));
                    continue;
                }
            };
            one_nan(&mut words);
            trace.extend(words);
        }
    }

    /// The value of the synapse at a place among those of all copies, after so many steps.
    fn value(&self, probe: &SynapseProbe, place: usize, weight: i32, steps: u32) -> f32 {
        let p = probe.projection.index();
        match probe.variable {
            Some(variable) => {
                let mut learning = self.learning.iter();
                let learning = learning.find(|learning| learning.projection == p);
                let learning = learning.expect("its synapses have state");
                learning.read(variable as usize, place, steps)
            }
            None => {
                let receptor = self.plan.projections[p].receptor;
                let exponent = self.plan.receptors[receptor as usize].scale_exponent;
                numeric::flush((f64::from(weight) * libm::exp2(f64::from(-exponent))) as f32)
            }
        }
    }
}

/// 5.14: the values below, in each interval, and elsewhere.
fn counts(lo: f64, hi: f64, bins: u32, values: &[f32]) -> Vec<u32> {
    let edge = |n: u32| numeric::round_host(lo + (hi - lo) * f64::from(n) / f64::from(bins));
    let in_bin =
        |x: f32, n: u32| edge(n) <= x && (x < edge(n + 1) || (n + 1 == bins && x == edge(bins)));
    let count = |holds: &dyn Fn(f32) -> bool| values.iter().filter(|x| holds(**x)).count() as u32;
    let mut counts = vec![count(&|x| x < edge(0))];
    counts.extend((0..bins).map(|n| count(&|x| in_bin(x, n))));
    let counted: u32 = counts.iter().sum();
    counts.push(values.len() as u32 - counted);
    counts
}
