//! The part of a fingerprint that synapses that learn have.

use crate::base::hash::Hash;
use crate::describe::synapse::{
    ClockedDef, EventProgram, Initial, Rewire, Sent, Synapse, SynapseModel,
};

impl Hash {
    /// Parameters count where they are read: as values of statements and of traces.
    pub(super) fn synapse(&mut self, synapse: &Synapse, receptor: u32) {
        let Synapse {
            model,
            parameters,
            signals,
            initial,
            state_tau_ms: _,
            weights,
            pre_tau_ms,
            post_tau_ms,
            period_steps,
            target: _,
            source: _,
            dendritic_steps: _,
            back_steps: _,
            sent,
            rewire: _,
        } = synapse;
        self.list(parameters, Self::per_neuron);
        self.list(initial, Self::initial);
        self.list(pre_tau_ms, |hash, tau| hash.float(*tau));
        self.list(post_tau_ms, |hash, tau| hash.float(*tau));
        for Sent { receptor: _, bounds } in sent {
            self.float(bounds.0);
            self.float(bounds.1);
        }
        // No length of a list begins with this word.
        if let Some(weights) = weights {
            self.word(u32::MAX);
            self.list(weights, |hash, weight| hash.word(weight.to_bits()));
        }
        self.numbers(1, signals);
        let SynapseModel {
            name: _,
            parameters: _,
            signals: _,
            state: _,
            target: _,
            source: _,
            pre,
            post,
            receptors: _,
            on_pre,
            on_post,
            on_post_if: _,
            every,
        } = &**model;
        for EventProgram { statements, locals: _ } in [&pre.spike, &post.spike, on_pre, on_post] {
            self.list(statements, Self::statement);
        }
        if !every.is_empty() {
            self.word(u32::MAX);
            let blocks: Vec<_> = every.iter().zip(period_steps).collect();
            self.list(&blocks, |hash, (ClockedDef { period: _, program }, steps)| {
                hash.word(**steps);
                hash.list(&program.statements, Self::statement);
            });
        }
        self.synapse_extras(synapse, receptor);
    }

    fn initial(&mut self, initial: &Initial) {
        match initial {
            Initial::Weight => self.word(0),
            Initial::Value(value) => {
                self.word(1);
                self.float(*value);
            }
            Initial::Drawn(distribution) => {
                self.word(2);
                self.distribution(distribution);
            }
            Initial::Given(floats) => {
                self.word(3);
                self.list(floats, |hash, value| hash.word(value.to_bits()));
            }
        }
    }

    /// Parts that a model need not have: each begins with a word of its own, with which no length
    /// of a list begins.
    fn synapse_extras(&mut self, synapse: &Synapse, receptor: u32) {
        let Synapse { state_tau_ms, target, dendritic_steps, back_steps, sent, rewire, .. } =
            synapse;
        self.numbers(2, target);
        self.numbers(8, &synapse.source);
        if state_tau_ms.iter().any(Option::is_some) {
            self.word(u32::MAX - 3);
            self.list(state_tau_ms, |hash, tau_ms| {
                hash.flag(tau_ms.is_some());
                tau_ms.iter().for_each(|tau_ms| hash.float(*tau_ms));
            });
        }
        // A model that sends to the receptor of the projection alone keeps the fingerprint that it
        // had before others could be named.
        if !matches!(sent[..], [only] if only.receptor == receptor) {
            self.word(u32::MAX - 4);
            self.list(sent, |hash, sent| hash.word(sent.receptor));
        }
        if (*dendritic_steps, *back_steps) != (0, 0) {
            self.word(u32::MAX - 5);
            self.word(*dendritic_steps);
            self.word(*back_steps);
        }
        if let Some(Rewire { name: _, period_steps, remove, create }) = rewire {
            self.word(u32::MAX - 6);
            self.word(*period_steps);
            self.expression(remove);
            self.list(create, |hash, value| {
                hash.flag(value.is_some());
                value.iter().for_each(|value| hash.float(*value));
            });
        }
        if let Some(condition) = &synapse.model.on_post_if {
            self.word(u32::MAX - 7);
            self.expression(condition);
        }
    }
    /// A list that need not be there.
    fn numbers(&mut self, tag: u32, numbers: &[u32]) {
        if !numbers.is_empty() {
            self.word(u32::MAX - tag);
            self.list(numbers, |hash, number| hash.word(*number));
        }
    }
}
