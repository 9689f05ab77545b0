//! One thread of a run: its shards, and those that another one does not come to.

use crate::arch::Detected;
use crate::program::interpreter::Registers;
use crate::run::exchange::Exchange;
use crate::run::phases::{Clock, Phases};
use crate::run::pool::Run;
use crate::run::shard::{Moment, Shard};
use crate::run::shown::Shown;
use crate::run::spin_wait::{ENOUGH, LATE, SpinWait};
use crate::run::stages::{Part, Stage, Stages};
use crate::synapse::format::table::{Due, Scratch};
use crate::synapse::partition::Places;
use crate::synapse::store::Store;
use isospike_core::connect::RowSource;
use isospike_core::run::checkpoint::Flight;
use isospike_core::run::input::Accepted;
use isospike_core::run::record::Spike;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// A population that spikes at given times.
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
    /// The place of its targets.
    pub places: Places,
}

/// State that all workers share, for the life of a simulation.
#[derive(Debug)]
pub(crate) struct Engine {
    pub isa: Detected,
    pub seed: u64,
    pub batch: u32,
    /// Neurons of one copy.
    pub neurons: u32,
    /// The global id of each population's neuron 0.
    pub first_neurons: Vec<u32>,
    /// How many steps there are between two exchanges of spikes, at most the least delay up to a
    /// synapse or to a signal.
    pub window: u32,
    /// How many workers there can be, at most as many as shards.
    pub workers: usize,
    pub spin_wait: SpinWait,
    /// Locked by the worker that carries out a stage of it in a run, by the caller between runs.
    pub shards: Vec<Mutex<Shard>>,
    /// One for each shard.
    pub exchanges: Vec<Exchange>,
    /// The variables of neurons that clocked blocks read of their sources.
    pub shown: Shown,
    pub stores: Vec<Store>,
    pub scripted: Vec<Scripted>,
    /// The input from outside of this run; written between runs.
    pub given: RwLock<Accepted>,
    pub drawn: Vec<Drawn>,
    /// The first step of this run in which state was not finite; `u32::MAX` where it was.
    pub failed: AtomicU32,
    #[cfg(test)]
    pub disturbance: tests::Disturbance,
}

/// Every how many windows the phases are timed; what is measured stands for those between.
const TIMED: u32 = 8;

type Own<'a> = MutexGuard<'a, Shard>;

impl Engine {
    /// A shard; not to be locked by any other during a run.
    pub fn shard(&self, shard: usize) -> MutexGuard<'_, Shard> {
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the input from outside of the next run.
    pub fn give(&self, input: Accepted) {
        *self.given.write().unwrap_or_else(PoisonError::into_inner) = input;
    }

    /// Calls `f` with the spikes from outside in some steps.
    pub fn given<T>(&self, steps: Range<u32>, f: impl FnOnce(&[Spike]) -> T) -> T {
        let all = &self.given.read().unwrap_or_else(PoisonError::into_inner).spikes;
        let at = |step: u32| all.partition_point(|spike| spike.step < step);
        f(&all[at(steps.start)..at(steps.end)])
    }

    /// The stages of a run, numbered from `first` on.
    pub fn stages(&self, steps: Range<u32>, first: u32) -> Stages<'_> {
        Stages::new(&self.shown, self.window, steps, first)
    }

    /// The part of one worker in a run; false where another one panicked and left it undone.
    pub fn work(&self, worker: usize, run: &Run) -> (Phases, bool) {
        let Run { steps, workers, first_stage } = run.clone();
        if worker >= workers {
            return (Phases::default(), true);
        }
        let own = |k: usize| self.shards.len() * k / workers;
        let mut worker = Worker::new(self, worker, own(worker)..own(worker + 1), workers == 1);
        let mut windows = 0;
        for stage in self.stages(steps.clone(), first_stage) {
            windows = stage.window;
            worker.clock.start(windows.is_multiple_of(TIMED));
            // A late worker, or one that the system has put aside, may find that all is done.
            let is_done = |exchange: &Exchange| exchange.shows(stage.number);
            if workers > 1 && self.exchanges.iter().all(is_done) {
                continue;
            }
            worker.take_own(&stage);
            worker.run_own(&stage, stage.ends_window() && stage.run.end < steps.end);
            if !worker.meet(&stage) {
                return (worker.clock.phases(windows, TIMED), false);
            }
        }
        (worker.clock.phases(windows, TIMED), true)
    }

    /// Sends spikes of the last steps on their way again, step by step, and takes out what would
    /// have arrived before; what was on its way is forgotten.
    pub fn replay(&self, flight: Flight<'_>, steps: Range<u32>) {
        let all = 0..self.shards.len();
        let mut worker = Worker::new(self, 0, all.clone(), true);
        worker.guards = all.map(|shard| Some(self.shard(shard))).collect();
        worker.shards().for_each(|shard| shard.forget());
        for step in steps {
            let mut locate = Locate::new(self);
            let spikes = flight.spikes_of(step).iter();
            worker.due.clear();
            worker.due.extend(spikes.map(|spike| locate.due(*spike)));
            worker.send(|_| true);
            let due = std::mem::take(&mut worker.due);
            worker.shards().for_each(|shard| shard.send_back(&due, flight.step));
            worker.due = due;
            let next = step + 1;
            if next < flight.step {
                for copy in 0..self.batch {
                    worker.shards().for_each(|shard| shard.discard(next, copy));
                }
            }
        }
    }
}

/// One worker in a run.
///
/// A stage of a shard is carried out by whoever locks it and finds it undone, most often the worker
/// whose own it is. A worker that the system put aside for so long that the exchanges have gone on
/// while it read them finds no shard for what it read: a shard with a stage still to come shows
/// that no exchange has gone beyond it.
struct Worker<'a> {
    engine: &'a Engine,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests disturb some workers"))]
    number: usize,
    /// Its shards.
    own: Range<usize>,
    /// Nobody else takes part: what is locked stays locked.
    alone: bool,
    /// The shards that it has locked.
    guards: Vec<Option<Own<'a>>>,
    registers: Registers,
    scratch: Scratch,
    due: Vec<Due>,
    clock: Clock,
}

impl<'a> Worker<'a> {
    fn new(engine: &'a Engine, number: usize, own: Range<usize>, alone: bool) -> Self {
        Self {
            engine,
            number,
            own,
            alone,
            guards: engine.shards.iter().map(|_| None).collect(),
            registers: Registers::default(),
            scratch: Scratch::new(engine.isa),
            due: Vec::new(),
            clock: Clock::default(),
        }
    }

    /// The shards that are locked.
    fn shards(&mut self) -> impl Iterator<Item = &mut Shard> {
        self.guards.iter_mut().flatten().map(|guard| &mut **guard)
    }

    /// Its own shards in the order of a stage: there and back, so that the one that comes first is
    /// the one that was last, and still in cache.
    fn order(&self, stage: &Stage) -> impl Iterator<Item = usize> + use<> {
        let Range { start, end } = self.own;
        let back = stage.number & 1 == 1;
        let order = (start..end).map(move |n| if back { start + end - 1 - n } else { n });
        #[cfg(test)]
        let order = self.engine.disturbance.order(order, self, stage);
        order
    }

    /// Locks a shard if nobody else has.
    fn lock(&mut self, shard: usize) -> bool {
        if self.guards[shard].is_none() {
            // A poisoned lock is left alone as well: the worker that panicked reports it.
            self.guards[shard] = self.engine.shards[shard].try_lock().ok();
        }
        self.guards[shard].is_some()
    }

    fn unlock(&mut self, shard: usize) {
        if !self.alone {
            self.guards[shard] = None;
        }
    }

    /// Takes the spikes of the stage before for all of its own shards at once: rows that are drawn
    /// are drawn once, and the places of rows are looked up while they are in cache. One shard
    /// stays locked, the first to be run.
    fn take_own(&mut self, stage: &Stage) {
        self.collect(stage);
        for shard in self.order(stage) {
            self.lock(shard);
        }
        self.take(stage);
        for shard in self.order(stage).skip(1) {
            self.unlock(shard);
        }
    }

    /// Runs the steps of a stage on its own shards; then, while others arrive, delivers what is
    /// known already of the step that comes after.
    fn run_own(&mut self, stage: &Stage, goes_on: bool) {
        let mut last = None;
        for shard in self.order(stage) {
            if let Some(last) = last.replace(shard) {
                self.unlock(last);
            }
            self.carry_out(shard, stage);
        }
        let Some(last) = last else { return };
        if goes_on && !self.alone {
            self.deliver(last, stage);
        }
        self.unlock(last);
    }

    /// Waits until all shards have gone through a stage, and carries out what nobody has begun;
    /// false where a worker panicked.
    fn meet(&mut self, stage: &Stage) -> bool {
        let exchanges = &self.engine.exchanges;
        let shows = |shard: usize| exchanges[shard].shows(stage.number);
        let mut next = 0;
        let mut all = || {
            next += exchanges[next..]
                .iter()
                .take_while(|exchange| exchange.shows(stage.number))
                .count();
            next == exchanges.len()
        };
        let spin_wait = self.engine.spin_wait;
        let mut is_met = spin_wait.look(LATE, &mut all);
        self.clock.lap(|phases| &mut phases.wait);
        if is_met {
            return true;
        }
        for shard in (0..exchanges.len()).filter(|shard| !shows(*shard)) {
            self.carry_out(shard, stage);
            self.unlock(shard);
        }
        is_met = spin_wait.look(ENOUGH, all);
        for shard in (0..exchanges.len()).filter(|shard| !is_met && !shows(*shard)) {
            // Whoever has it is at work on it, or has been put aside in the middle of that.
            let Ok(guard) = self.engine.shards[shard].lock() else { return false };
            self.clock.lap(|phases| &mut phases.wait);
            self.guards[shard] = Some(guard);
            self.carry_out(shard, stage);
            self.unlock(shard);
        }
        self.clock.lap(|phases| &mut phases.wait);
        true
    }

    /// Carries out a stage of a shard, unless somebody else is at it or was.
    fn carry_out(&mut self, shard: usize, stage: &Stage) {
        if !self.lock(shard) {
            return;
        }
        #[cfg(test)]
        self.engine.disturbance.pause(self.number, stage.number);
        if self.guards[shard].as_ref().is_some_and(|shard| shard.taken != stage.number) {
            self.take(stage);
        }
        let (engine, Some(guard)) = (self.engine, &mut self.guards[shard]) else { return };
        if guard.stage != stage.number {
            return;
        }
        let given = engine.given.read().unwrap_or_else(PoisonError::into_inner);
        for step in stage.run.clone() {
            let (seed, neurons, currents) = (engine.seed, engine.neurons, &*given.currents);
            let moment = Moment { step, seed, neurons, currents };
            for copy in 0..engine.batch {
                if stage.part == Part::End {
                    guard.list_spikes(step, copy, neurons);
                    guard.end_step(step, copy, neurons, &engine.shown);
                    continue;
                }
                guard.deliver(step, copy, &engine.stores, &mut self.scratch);
                self.clock.lap(|phases| &mut phases.deliver);
                if !guard.update(engine.isa, &moment, copy, &mut self.registers) {
                    engine.failed.fetch_min(step, Ordering::Relaxed);
                }
                match stage.leaves_end_of(step) {
                    true => guard.show(&engine.shown, copy),
                    false => guard.end_step(step, copy, neurons, &engine.shown),
                }
                self.clock.lap(|phases| &mut phases.update);
            }
        }
        drop(given);
        guard.stage = stage.number.wrapping_add(1);
        let first = guard.record.partition_point(|spike| spike.step < stage.spikes.start);
        let last = guard.record.partition_point(|spike| spike.step < stage.spikes.end);
        engine.exchanges[shard].publish(stage.number, &guard.record[first..last]);
        self.clock.lap(|phases| &mut phases.emit);
    }

    /// Delivers what has come to the wheels of a shard for the step after a stage.
    fn deliver(&mut self, shard: usize, stage: &Stage) {
        let Some(guard) = &mut self.guards[shard] else { return };
        if guard.stage == stage.number.wrapping_add(1) {
            for copy in 0..self.engine.batch {
                guard.deliver(stage.run.end, copy, &self.engine.stores, &mut self.scratch);
            }
        }
        self.clock.lap(|phases| &mut phases.deliver);
    }

    /// Sends the spikes of the stage before on their way to the shards that are locked, where that
    /// has not been done.
    fn take(&mut self, stage: &Stage) {
        let number = stage.number;
        let waits = |shard: &Shard| shard.stage == number && shard.taken != number;
        if !stage.taken.is_empty() {
            self.send(waits);
        }
        self.shards().filter(|shard| waits(shard)).for_each(|shard| shard.taken = number);
    }

    /// Sends spikes on their way to some of the shards that are locked.
    fn send(&mut self, to: impl Fn(&Shard) -> bool) {
        let (stores, due) = (&self.engine.stores, &self.due);
        for shard in self.guards.iter_mut().flatten().filter(|shard| to(shard)) {
            shard.receive(stores, due);
        }
        self.clock.lap(|phases| &mut phases.emit);
        for shard in self.guards.iter_mut().flatten().filter(|shard| to(shard)) {
            shard.deliver_rows(stores, due, &mut self.scratch);
        }
        self.draw(to);
        self.clock.lap(|phases| &mut phases.deliver);
    }

    /// Collects the spikes of the stage before, of all shards, of all scripted populations and from
    /// outside.
    fn collect(&mut self, stage: &Stage) {
        self.due.clear();
        if stage.taken.is_empty() {
            return;
        }
        let mut locate = Locate::new(self.engine);
        for exchange in &self.engine.exchanges {
            exchange.read(stage.number.wrapping_sub(1), |spike| self.due.push(locate.due(spike)));
        }
        for scripted in &self.engine.scripted {
            let spikes = scripted.during(stage.taken.clone());
            for copy in 0..self.engine.batch {
                let base = copy * self.engine.neurons + scripted.first_neuron;
                let spike = |&(step, neuron)| Spike { step, neuron: base + neuron };
                self.due.extend(spikes.iter().map(spike).map(|spike| locate.due(spike)));
            }
        }
        self.engine.given(stage.taken.clone(), |given| {
            self.due.extend(given.iter().map(|spike| locate.due(*spike)));
        });
    }

    /// Draws the rows of spikes again, and delivers and counts what ends in some of the shards that
    /// are locked.
    fn draw(&mut self, to: impl Fn(&Shard) -> bool) {
        for drawn in &self.engine.drawn {
            for due in self.due.iter().filter(|due| due.population == drawn.population) {
                drawn.rows.for_each(due.neuron, |synapse| {
                    let (shard, accumulator) = drawn.places.find(synapse.target);
                    let Some(shard) = &mut self.guards[shard as usize] else { return };
                    if to(shard) {
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

#[cfg(test)]
mod tests;
