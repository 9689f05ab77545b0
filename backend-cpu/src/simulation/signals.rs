//! Signals of the whole network, read and written in canonical order.

use super::CpuSimulation;
use isospike_core::run::backend::one_nan;
use isospike_core::run::quantity::SignalPlace;

impl CpuSimulation {
    /// Reads the words of all signals: every shard has the same.
    pub(super) fn signal_words(&self) -> Vec<u32> {
        let engine = self.pool.engine();
        match engine.shards.is_empty() {
            true => Vec::new(),
            false => engine.shard(0).signals.words().collect(),
        }
    }

    /// Gives all signals these words.
    pub(super) fn set_signals(&mut self, words: &[u32]) {
        let batch = self.plan.batch.max(1) as usize;
        for (signal, words) in words.chunks(batch).enumerate() {
            self.set_signal(signal, words);
        }
    }

    /// Reads a signal.
    pub(super) fn read_signal(&self, place: &SignalPlace) -> Vec<u32> {
        let batch = self.plan.batch as usize;
        let mut words = self.signal_words().split_off(place.signal * batch);
        words.truncate(batch);
        one_nan(&mut words);
        words
    }

    /// Gives a signal these words, copy by copy.
    pub(super) fn set_signal(&mut self, signal: usize, words: &[u32]) {
        let engine = self.pool.engine();
        for shard in 0..engine.shards.len() {
            let mut shard = engine.shard(shard);
            shard.signals.set(signal, words);
            (0..self.plan.batch).for_each(|copy| shard.show_signals(copy));
        }
    }
}
