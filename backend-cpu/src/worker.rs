//! One thread of a run: the steps of the shards that it was given.

use crate::barrier::Barrier;
use crate::block::Registers;
use crate::board::Board;
use crate::partition::Places;
use crate::phases::{Clock, Phases};
use crate::pool::Run;
use crate::shard::{Moment, Shard};
use crate::simd::Detected;
use crate::store::{Due, Scratch, Store};
use isospike_core::checkpoint::Checkpoint;
use isospike_core::connect::RowSource;
use isospike_core::record::Spike;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A population that spikes when told.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    /// The global id of its neuron 0.
    pub first_neuron: u32,
    /// (step, neuron), sorted.
    pub spikes: Arc<[(u32, u32)]>,
}

impl Scripted {
    /// The entries of some steps.
    pub fn during(&self, steps: Range<u32>) -> &[(u32, u32)] {
        let at = |step: u32| self.spikes.partition_point(|(s, _)| *s < step);
        &self.spikes[at(steps.start)..at(steps.end)]
    }
}

/// A projection whose rows are not stored.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    /// Its index.
    pub projection: usize,
    /// The population of its sources.
    pub population: u32,
    /// Its rows.
    pub rows: RowSource,
    /// Where its targets are.
    pub places: Places,
}

/// What all workers share, for the life of a simulation.
#[derive(Debug)]
pub(crate) struct Engine {
    pub isa: Detected,
    pub seed: u64,
    pub batch: u32,
    /// Neurons of one copy.
    pub neurons: u32,
    /// The global id of each population's neuron 0.
    pub first_neurons: Vec<u32>,
    /// How many steps there are between two exchanges of spikes, at most the least delay.
    pub window: u32,
    /// How many workers there can be, at most as many as shards.
    pub workers: usize,
    pub barrier: Barrier,
    /// Locked by their workers in a run, by whoever asks between runs.
    pub shards: Vec<Mutex<Shard>>,
    /// One for each shard.
    pub boards: Vec<Board>,
    pub stores: Vec<Store>,
    pub scripted: Vec<Scripted>,
    pub drawn: Vec<Drawn>,
}

/// Every how many windows the phases are timed; what is measured stands for those between.
const TIMED: u32 = 8;

impl Engine {
    /// A shard; not to be asked for by anyone else during a run.
    pub fn shard(&self, shard: usize) -> MutexGuard<'_, Shard> {
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many windows a run of this many steps has.
    pub fn windows(&self, steps: u32) -> u32 {
        steps.div_ceil(self.window)
    }

    /// The part of one worker in a run.
    pub fn work(&self, worker: usize, run: Run) -> Phases {
        let Run { steps, workers, first_window } = run;
        if worker >= workers {
            return Phases::default();
        }
        let _guard = self.barrier.guard();
        let own = |k: usize| self.shards.len() * k / workers;
        let first = own(worker);
        let mut shards: Vec<_> = (first..own(worker + 1)).map(|shard| self.shard(shard)).collect();
        let mut worker = Worker::new(self, first as u32);
        let windows = self.windows(steps.len() as u32);
        let mut step = steps.start;
        for number in 0..windows {
            let window = step..steps.end.min(step.saturating_add(self.window));
            step = window.end;
            worker.clock.start(number.is_multiple_of(TIMED));
            let number = first_window.wrapping_add(number);
            worker.advance(&mut shards, window.clone(), number);
            if step < steps.end && workers > 1 {
                // While the others arrive: what is known already of the next step.
                worker.deliver(&mut shards[..1], step);
            }
            let all = || self.boards.iter().all(|board| board.shows(number));
            if workers > 1 && !self.barrier.wait(all) {
                break;
            }
            worker.clock.lap(|phases| &mut phases.wait);
            worker.exchange(&mut shards, window, number);
        }
        worker.clock.phases(windows, TIMED)
    }

    /// Sends the spikes of a checkpoint on their way again, step by step, and takes out what would
    /// have arrived before it; what was on its way before is forgotten.
    pub fn replay(&self, checkpoint: &Checkpoint, steps: Range<u32>) {
        let mut shards: Vec<_> = (0..self.shards.len()).map(|shard| self.shard(shard)).collect();
        shards.iter_mut().for_each(|shard| shard.forget());
        let mut worker = Worker::new(self, 0);
        for step in steps {
            let mut locate = Locate::new(self);
            let spikes = checkpoint.spikes_of(step).iter();
            worker.due.clear();
            worker.due.extend(spikes.map(|spike| locate.due(*spike)));
            worker.send(&mut shards);
            let next = step + 1;
            if next < checkpoint.step {
                for copy in 0..self.batch {
                    shards.iter_mut().for_each(|shard| shard.discard(next, copy));
                }
            }
        }
    }
}

type Own<'a> = MutexGuard<'a, Shard>;

/// One worker in a run.
struct Worker<'a> {
    engine: &'a Engine,
    /// The number of its first shard.
    first: u32,
    registers: Registers,
    scratch: Scratch,
    due: Vec<Due>,
    clock: Clock,
}

impl<'a> Worker<'a> {
    fn new(engine: &'a Engine, first: u32) -> Self {
        Self {
            engine,
            first,
            registers: Registers::default(),
            scratch: Scratch::new(engine.isa),
            due: Vec::new(),
            clock: Clock::default(),
        }
    }

    /// Runs the steps of a window, shard by shard, and shows the spikes.
    fn advance(&mut self, shards: &mut [Own<'_>], window: Range<u32>, number: u32) {
        let engine = self.engine;
        for (shard, board) in shards.iter_mut().zip(&engine.boards[self.first as usize..]) {
            let before = shard.record.len();
            for step in window.clone() {
                let moment = Moment { step, seed: engine.seed, neurons: engine.neurons };
                for copy in 0..engine.batch {
                    shard.deliver(step, copy, &engine.stores, &mut self.scratch);
                    self.clock.lap(|phases| &mut phases.deliver);
                    shard.update(engine.isa, &moment, copy, &mut self.registers);
                    self.clock.lap(|phases| &mut phases.update);
                }
            }
            board.publish(number, &shard.record[before..]);
        }
        self.clock.lap(|phases| &mut phases.emit);
    }

    /// Delivers what has come to the wheels for a step.
    fn deliver(&mut self, shards: &mut [Own<'_>], step: u32) {
        for shard in shards {
            for copy in 0..self.engine.batch {
                shard.deliver(step, copy, &self.engine.stores, &mut self.scratch);
            }
        }
        self.clock.lap(|phases| &mut phases.deliver);
    }

    /// Takes the spikes of a window from all boards and sends them on their way.
    fn exchange(&mut self, shards: &mut [Own<'_>], window: Range<u32>, number: u32) {
        self.due.clear();
        self.collect(window, number);
        self.send(shards);
    }

    /// Sends spikes on their way to these shards.
    fn send(&mut self, shards: &mut [Own<'_>]) {
        let engine = self.engine;
        for shard in shards.iter_mut() {
            shard.receive(&engine.stores, &self.due);
        }
        self.clock.lap(|phases| &mut phases.emit);
        for shard in shards.iter_mut() {
            shard.deliver_rows(&engine.stores, &self.due, &mut self.scratch);
        }
        self.draw(shards);
        self.clock.lap(|phases| &mut phases.deliver);
    }

    /// The spikes of a window, of all shards and all scripted populations.
    fn collect(&mut self, window: Range<u32>, number: u32) {
        let mut locate = Locate::new(self.engine);
        for board in &self.engine.boards {
            board.read(number, |spike| self.due.push(locate.due(spike)));
        }
        for scripted in &self.engine.scripted {
            let spikes = scripted.during(window.clone());
            for copy in 0..self.engine.batch {
                let base = copy * self.engine.neurons + scripted.first_neuron;
                let spike = |&(step, neuron)| Spike { step, neuron: base + neuron };
                self.due.extend(spikes.iter().map(spike).map(|spike| locate.due(spike)));
            }
        }
    }

    /// Draws the rows of spikes again, and delivers and counts what ends in these shards.
    fn draw(&self, shards: &mut [Own<'_>]) {
        for drawn in &self.engine.drawn {
            for due in self.due.iter().filter(|due| due.population == drawn.population) {
                drawn.rows.for_each(due.neuron, |synapse| {
                    let (shard, accumulator) = drawn.places.find(synapse.target);
                    if let Some(shard) = shards.get_mut(shard.wrapping_sub(self.first) as usize) {
                        let mut slots = shard.ring.slots(due.step, due.copy);
                        slots.add(synapse.delay_steps, accumulator as usize, synapse.weight);
                        shard.counters.synaptic_events[drawn.projection] += 1;
                    }
                });
            }
        }
    }
}

/// Finds the populations of spikes, most of which come from the same one as the spike before.
struct Locate<'a> {
    engine: &'a Engine,
    population: u32,
    /// The present population's neurons in the present copy.
    neurons: Range<u32>,
    copy: u32,
}

impl<'a> Locate<'a> {
    fn new(engine: &'a Engine) -> Self {
        Self { engine, population: 0, neurons: 0..0, copy: 0 }
    }

    #[inline(always)]
    fn due(&mut self, spike: Spike) -> Due {
        if !self.neurons.contains(&spike.neuron) {
            let all = self.engine.neurons;
            self.copy = spike.neuron / all;
            let (neuron, base) = (spike.neuron % all, self.copy * all);
            let firsts = &self.engine.first_neurons;
            let next = firsts.partition_point(|first| *first <= neuron);
            self.population = next as u32 - 1;
            let end = firsts.get(next).copied().unwrap_or(all);
            self.neurons = base + firsts[next - 1]..base + end;
        }
        let neuron = spike.neuron - self.neurons.start;
        Due { step: spike.step, copy: self.copy, population: self.population, neuron }
    }
}
