//! Collects what the shards have left of some steps, and ends a run in the step in which state was
//! not finite.

use super::CpuSimulation;
use crate::run::phases::Phases;
use crate::synapse::late::Late;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{BackendError, not_finite};
use isospike_core::run::checkpoint::Recent;
use isospike_core::run::counters::Counters;
use isospike_core::run::record::{Recording, Spike};
use std::ops::Range;
use std::sync::atomic::Ordering;

/// How much longer than a step of a neuron it may take to copy a word, all in all: then copies are
/// a few hundredths of a run.
const STEPS_PER_WORD: u64 = 2;

/// The state of a simulation between two calls, and what it needs to go back to it.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The step before which it was taken; `None` where nothing can go back to it, because
    /// something was entered since.
    step: Option<u32>,
    /// The spikes that were on their way.
    recent: Recent,
    /// The state words of neurons.
    neurons: Vec<u32>,
    /// The synapses that learn, shard by shard.
    late: Vec<Vec<Late>>,
    /// The words of signals.
    signals: Vec<u32>,
}

impl Snapshot {
    /// Notes that something was entered: state, parameters, spikes or currents.
    pub fn forget(&mut self) {
        self.step = None;
    }

    /// Returns whether there is state to go back to from step `now`, not many steps before it: the
    /// more synapses a neuron has that learn, the longer a copy takes.
    fn serves(&self, plan: &Plan, now: u32) -> bool {
        let words = plan.signal_words().end as u64;
        let worth = STEPS_PER_WORD * words / plan.neuron_words().max(1);
        self.step.is_some_and(|step| u64::from(now - step) < worth)
    }
}

impl CpuSimulation {
    /// Appends the spikes of all shards, of scripted populations and from outside, in canonical
    /// order.
    pub(super) fn collect_spikes(&mut self, steps: Range<u32>, record: &mut Recording) {
        let neurons = self.plan.neurons();
        let engine = self.pool.engine();
        let shards = 0..engine.shards.len();
        let mut lists: Vec<Vec<Spike>> =
            shards.map(|shard| std::mem::take(&mut engine.shard(shard).record)).collect();
        for scripted in &engine.scripted {
            for copy in 0..self.plan.batch {
                let base = copy * neurons + scripted.first_neuron;
                let spikes = scripted.during(steps.clone()).iter();
                lists.push(
                    spikes.map(|&(step, neuron)| Spike { step, neuron: base + neuron }).collect(),
                );
            }
        }
        lists.push(engine.given(steps, |given| given.to_vec()));
        for list in &lists {
            self.degrees.note(&self.plan, list, &mut self.counters);
            self.in_degrees.note(list, &mut self.counters);
        }
        record.spikes.reserve(lists.iter().map(Vec::len).sum());
        let mut rests: Vec<&[Spike]> = lists.iter().map(Vec::as_slice).collect();
        while let Some(step) = rests.iter().filter_map(|rest| rest.first()).map(|s| s.step).min() {
            let first = record.spikes.len();
            for rest in &mut rests {
                let (now, later) = rest.split_at(rest.partition_point(|s| s.step == step));
                record.spikes.extend_from_slice(now);
                *rest = later;
            }
            record.spikes[first..].sort_unstable();
        }
    }

    /// Adds what the shards counted in a run of so many steps.
    pub(super) fn collect_counts(&mut self, steps: u32) {
        let engine = self.pool.engine();
        for shard in 0..engine.shards.len() {
            let mut shard = engine.shard(shard);
            self.counters.add(&shard.counters);
            shard.counters = Counters::new(&self.plan);
        }
        self.counters.steps += u64::from(steps);
    }

    /// Appends the samples of all probes of neurons.
    pub(super) fn collect_traces(&mut self, record: &mut Recording) {
        record.traces.resize(self.plan.probe_count(), Vec::new());
        for (index, probe) in self.plan.probes.iter().enumerate() {
            let width = probe.neurons.len();
            let trace = &mut record.traces[index];
            let first = trace.len();
            let engine = self.pool.engine();
            for shard in 0..engine.shards.len() {
                let part = &mut engine.shard(shard).probes[index];
                if part.neurons.is_empty() {
                    continue;
                }
                let samples = part.words.chunks_exact(part.neurons.len());
                trace.resize(trace.len().max(first + samples.len() * width), 0);
                for (sample, to) in samples.zip(trace[first..].chunks_exact_mut(width)) {
                    for (word, &position) in sample.iter().zip(&part.positions) {
                        to[position as usize] = *word;
                    }
                }
                part.words.clear();
            }
        }
    }

    /// Runs steps with as many workers as pay.
    pub(super) fn run_steps(&mut self, steps: Range<u32>) -> Phases {
        let mut step = steps.start;
        while step < steps.end {
            let start = std::time::Instant::now();
            let (workers, now) = self.autotuner.next(steps.end - step);
            self.pool.run(step..step + now, workers);
            self.autotuner.learn(now, start.elapsed());
            step += now;
            if self.first_failure().is_some() {
                break;
            }
        }
        self.pool.settle()
    }

    pub(super) fn state_words(&self) -> Vec<u32> {
        let mut words = self.neuron_words();
        words.resize(self.plan.signal_words().start, 0);
        words.extend(self.signal_words());
        self.read_synapses(&mut words);
        words
    }

    pub(super) fn neuron_words(&self) -> Vec<u32> {
        let mut words = vec![0; self.plan.neuron_words() as usize];
        self.for_each_state(|slice, array, copy, first| {
            let of_slice = slice.words(slice.array(array), copy);
            words[first..first + of_slice.len()].copy_from_slice(of_slice);
        });
        words
    }

    /// Copies the state as it lies in memory, into the memory of the earlier copy.
    fn take_snapshot(&mut self) {
        let mut earlier = std::mem::take(&mut self.before);
        let engine = self.pool.engine();
        earlier.step = Some(self.step);
        earlier.recent.clone_from(&self.recent);
        earlier.neurons = self.neuron_words();
        earlier.signals = self.signal_words();
        for shard in 0..engine.shards.len() {
            let late = &engine.shard(shard).late;
            match earlier.late.get_mut(shard) {
                Some(old) => old.iter_mut().zip(late).for_each(|(old, late)| old.copy_from(late)),
                None => earlier.late.push(late.clone()),
            }
        }
        self.before = earlier;
    }

    /// Goes back to the state before step [`Self::step`], from a copy of this or an earlier one.
    /// Nothing that the shards do on the way is collected.
    fn go_back(&mut self, Snapshot { step, recent, neurons, late, signals }: &Snapshot) {
        let first = step.unwrap_or(self.step);
        self.set_neurons(neurons);
        self.replay(recent.flight(first));
        self.set_signals(signals);
        // Replayed spikes left their traces in the records of synapses once more.
        for (shard, before) in late.iter().enumerate() {
            let late = &mut self.pool.engine().shard(shard).late;
            late.iter_mut().zip(before).for_each(|(late, before)| late.copy_from(before));
        }
        self.pool.engine().failed.store(u32::MAX, Ordering::Relaxed);
        let phases = self.run_steps(first..self.step);
        self.phases.add(&phases);
        let engine = self.pool.engine();
        for shard in 0..engine.shards.len() {
            let mut shard = engine.shard(shard);
            shard.drop_records();
            shard.counters = Counters::new(&self.plan);
        }
    }

    /// The first step since [`Engine::failed`] was reset in which state was not finite.
    pub(super) fn first_failure(&self) -> Option<u32> {
        let step = self.pool.engine().failed.load(Ordering::Relaxed);
        (step != u32::MAX).then_some(step)
    }

    /// Runs and collects steps between which nothing is read.
    pub(super) fn run_piece(
        &mut self,
        steps: u32,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        // After one step no shard is ahead of another: there is nothing to go back to.
        if steps > 1 && !self.before.serves(&self.plan, self.step) {
            self.take_snapshot();
        }
        let steps = self.step..self.step + steps;
        let phases = self.run_steps(steps.clone());
        self.phases.add(&phases);
        match self.first_failure() {
            None => {
                self.collect(steps, record);
                Ok(())
            }
            Some(step) => self.end_with(step, steps.len() > 1, record),
        }
    }

    /// Collects what the shards have left of some steps, which are done.
    pub(super) fn collect(&mut self, steps: Range<u32>, record: &mut Recording) {
        self.step = steps.end;
        self.collect_counts(steps.len() as u32);
        let first = record.spikes.len();
        self.collect_spikes(steps.clone(), record);
        self.collect_traces(record);
        record.steps = steps.end;
        self.recent.note(&self.plan, &record.spikes[first..], steps.end);
    }

    /// Ends the run with the step in which state was not finite. Nothing of the run has been
    /// collected. After a run of several steps the shards are some steps ahead of that step and of
    /// each other, so it is done again from the last copy of the state.
    pub(super) fn end_with(
        &mut self,
        step: u32,
        several: bool,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        let steps = self.step..step + 1;
        if several {
            let before = std::mem::take(&mut self.before);
            self.go_back(&before);
            let phases = self.run_steps(steps.clone());
            self.phases.add(&phases);
        }
        self.collect(steps, record);
        record.one_nan(&self.plan);
        self.failed = not_finite(&self.plan, &self.neuron_words(), step);
        self.failed.clone().map_or(Ok(()), Err)
    }
}
