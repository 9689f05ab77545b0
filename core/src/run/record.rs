//! The results of a run: spikes in canonical order, traces, and the digest that two backends share.

use crate::plan::Plan;
use crate::run::backend::one_nan;
use crate::run::quantity::SynapsePlace;
use crate::run::weights;
use sha2::{Digest as _, Sha256};

/// One spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spike {
    /// The step in which it was emitted.
    pub step: u32,
    /// Copy of the batch times [`Plan::neurons`] plus the global neuron id.
    pub neuron: u32,
}

/// Everything recorded so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Steps run so far.
    pub steps: u32,
    /// Spikes in order (step, copy, population, neuron).
    pub spikes: Vec<Spike>,
    /// For each probe of neurons, then for each of synapses: its words, sample by sample, copy by
    /// copy, then neuron by neuron, synapse by synapse or count by count.
    pub traces: Vec<Vec<u32>>,
}

impl Recording {
    /// An empty recording for a plan.
    pub fn new(plan: &Plan) -> Self {
        Self { traces: vec![Vec::new(); plan.probe_count()], ..Self::default() }
    }

    /// Takes what was recorded, and leaves an empty recording that ends at the same step.
    pub fn take(&mut self) -> Self {
        let traces = vec![Vec::new(); self.traces.len()];
        std::mem::replace(self, Self { steps: self.steps, spikes: Vec::new(), traces })
    }

    /// Appends the state before step 0 to the traces of the probes that have it
    /// (`docs/semantics.md` 5.8). Backends call this with their own state words where
    /// [`Plan::samples_start`] holds.
    pub fn begin(&mut self, plan: &Plan, state: &[u32]) {
        self.traces.resize(plan.probe_count(), Vec::new());
        for (probe, trace) in plan.probes.iter().zip(&mut self.traces) {
            if !probe.initial {
                continue;
            }
            let size = plan.populations[probe.population.index()].size as usize;
            let first = plan.first_state_word(probe.population, probe.variable) as usize;
            for copy in state[first..].chunks(size).take(plan.batch as usize) {
                trace.extend(probe.neurons.iter().map(|&neuron| copy[neuron as usize]));
            }
        }
    }

    /// Appends the samples of synapses that are due after a step (`docs/semantics.md` 5.13); `None`
    /// stands for before step 0. `read` has each of [`SynapsePlace::sampled`] with its words, all
    /// events of that step included, in the order of [`crate::run::quantity::Quantity::Synapse`].
    pub fn sample_synapses(
        &mut self,
        plan: &Plan,
        after: Option<u32>,
        read: &[(SynapsePlace, Vec<u32>)],
    ) {
        self.traces.resize(plan.probe_count(), Vec::new());
        let traces = &mut self.traces[plan.probes.len()..];
        for (probe, trace) in plan.synapse_probes.iter().zip(traces) {
            if !probe.is_due(after) {
                continue;
            }
            let own = |(place, _): &&(SynapsePlace, Vec<u32>)| {
                place.projection == probe.projection && Some(place.variable) == probe.variable
            };
            match read.iter().find(own) {
                Some((_, words)) => probe.sample(words, plan.batch, trace),
                None => {
                    let words = weights::floats(plan, probe.projection);
                    probe.sample(&words.repeat(plan.batch as usize), plan.batch, trace);
                }
            }
        }
    }

    /// Gives every NaN in samples of neurons the same bits: processors make different ones.
    pub fn one_nan(&mut self, plan: &Plan) {
        self.traces.iter_mut().take(plan.probes.len()).for_each(|trace| one_nan(trace));
    }

    /// SHA-256 over the number of steps, all spikes and the final state words, as 64 hex digits.
    /// Words are hashed little-endian.
    pub fn digest(&self, state: &[u32]) -> String {
        // A word at a time would take twice as long as the hash itself.
        const PIECE: usize = 4096;
        let mut hash = Sha256::new();
        hash.update(self.steps.to_le_bytes());
        hash.update((self.spikes.len() as u64).to_le_bytes());
        let mut bytes = Vec::with_capacity(2 * 4 * PIECE);
        for spikes in self.spikes.chunks(PIECE) {
            bytes.clear();
            let words = spikes.iter().flat_map(|spike| [spike.step, spike.neuron]);
            words.for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
            hash.update(&bytes);
        }
        for words in state.chunks(PIECE) {
            bytes.clear();
            words.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
            hash.update(&bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
