//! Threads that live as long as a simulation and wait for its runs.

use crate::run::phases::Phases;
use crate::run::spin_wait::ENOUGH;
use crate::run::worker::Engine;
use isospike_core::base::words::count;
use isospike_core::run::backend::BackendError;
use std::any::Any;
use std::hint::black_box;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{Builder, JoinHandle};

/// Address space that stays free while a thread starts. The standard library allocates there beside
/// the stack of a new thread, and ends the process where it cannot.
const START_BYTES: usize = 1 << 20;

/// The workers of an engine beside the thread that calls [`Pool::run`].
#[derive(Debug)]
pub(crate) struct Pool {
    engine: Arc<Engine>,
    desk: Arc<Desk>,
    helpers: Vec<JoinHandle<()>>,
}

/// Steps to be run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    pub steps: Range<u32>,
    /// How many workers take part, the first ones.
    pub workers: usize,
    /// The number of its first stage.
    pub first_stage: u32,
}

/// The place for orders and results.
#[derive(Debug, Default)]
struct Desk {
    /// How many orders there have been; looked at without the lock by who waits for the next.
    orders: AtomicU64,
    state: Mutex<State>,
    order: Condvar,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The last run that was ordered.
    run: Run,
    /// The number of the first stage of the next run; stages are counted over all runs.
    next_stage: u32,
    /// Helpers are to end.
    closed: bool,
    /// The helpers, by worker less one, that have an order or are at work on one.
    busy: Vec<bool>,
    phases: Phases,
    /// The panic of a worker.
    panic: Option<Box<dyn Any + Send>>,
}

impl Pool {
    /// Starts the workers of an engine but the first; an error where the system has no room for so
    /// many threads.
    pub fn new(engine: Arc<Engine>) -> Result<Self, BackendError> {
        let desk = Arc::new(Desk::default());
        desk.lock().busy = vec![false; engine.workers - 1];
        let mut pool = Self { engine: engine.clone(), desk, helpers: Vec::new() };
        for worker in 1..pool.engine.workers {
            let helper = pool.start(worker);
            pool.helpers.push(helper.map_err(|error| refused(engine.workers, worker, &error))?);
        }
        Ok(pool)
    }

    /// Starts one helper and waits until it runs, so that only one thread at a time takes memory
    /// for its start.
    fn start(&self, worker: usize) -> io::Result<JoinHandle<()>> {
        let mut room: Vec<u8> = Vec::new();
        room.try_reserve_exact(START_BYTES)?;
        black_box(&mut room);
        let (engine, desk) = (self.engine.clone(), self.desk.clone());
        let (running, runs) = mpsc::channel();
        let helper = Builder::new().spawn(move || {
            drop(running);
            desk.serve(&engine, worker);
        })?;
        drop(room);
        // Nothing is sent: the channel closes when the helper runs.
        let _: Result<(), _> = runs.recv();
        Ok(helper)
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs some steps on so many workers, the first on this thread. All steps are done when it
    /// comes back; helpers that had no part in the last of them may not have noticed.
    pub fn run(&self, steps: Range<u32>, workers: usize) {
        let run = {
            let mut state = self.desk.lock();
            let first_stage = state.next_stage;
            let stages = self.engine.stages(steps.clone(), first_stage);
            state.next_stage = first_stage.wrapping_add(stages.count() as u32);
            let run = Run { steps, workers, first_stage };
            if workers > 1 {
                state.busy[..workers - 1].fill(true);
                state.run = run.clone();
                self.desk.orders.fetch_add(1, Ordering::Release);
                self.desk.order.notify_all();
            }
            run
        };
        match catch_unwind(AssertUnwindSafe(|| self.engine.work(0, &run))) {
            Ok((phases, true)) => self.desk.lock().phases.add(&phases),
            Ok((_, false)) => {
                self.settle();
                panic!("a worker panicked in an earlier run");
            }
            Err(panic) => {
                self.desk.lock().panic = Some(panic);
                self.settle();
            }
        }
    }

    /// Waits until all helpers have noticed that the last run is over; gives the phases of all runs
    /// since it was called last. A panic of a worker is handed on.
    pub fn settle(&self) -> Phases {
        let mut state = self.desk.lock();
        while state.busy.contains(&true) {
            state = self.desk.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (phases, panic) = (std::mem::take(&mut state.phases), state.panic.take());
        drop(state);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        phases
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.desk.lock().closed = true;
        self.desk.orders.fetch_add(1, Ordering::Release);
        self.desk.order.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper's panic was handed on when it happened.
            let _ = helper.join();
        }
    }
}

/// The error of a system that has no room for another thread.
pub(crate) fn refused(threads: usize, started: usize, error: &std::io::Error) -> BackendError {
    BackendError::Unsupported(format!(
        "asked for: {}; the system started only {started} ({error}); ask for fewer",
        count(threads as u64, "thread")
    ))
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a helper.
    fn serve(&self, engine: &Engine, worker: usize) {
        let mut served = 0;
        loop {
            // Runs follow upon each other while it is being tried how many workers pay.
            let ordered = || self.orders.load(Ordering::Acquire) != served;
            engine.spin_wait.look(ENOUGH, ordered);
            let mut state = self.lock();
            while !state.busy[worker - 1] && !state.closed {
                state = self.order.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.closed {
                return;
            }
            let (run, order) = (state.run.clone(), self.orders.load(Ordering::Acquire));
            drop(state);
            let outcome = catch_unwind(AssertUnwindSafe(|| engine.work(worker, &run)));
            let mut state = self.lock();
            match outcome {
                // One that found a shard undone leaves it to who panicked to say why.
                Ok((phases, _)) => state.phases.add(&phases),
                Err(panic) => state.panic = Some(panic),
            }
            served = order;
            if self.orders.load(Ordering::Acquire) == order {
                state.busy[worker - 1] = false;
            }
            drop(state);
            self.done.notify_one();
        }
    }
}
