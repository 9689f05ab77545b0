//! Threads that live as long as a simulation and wait for its runs.

use crate::phases::Phases;
use crate::worker::Engine;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

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
    /// The number of its first window.
    pub first_window: u32,
}

/// Where orders are left and results are handed in.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    order: Condvar,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many runs the helpers have been ordered to take part in.
    runs: u64,
    /// The present one.
    run: Run,
    /// The number of the first window of the next run; windows are counted over all runs.
    next_window: u32,
    /// Helpers are to end.
    closed: bool,
    /// How many helpers have not finished the run.
    busy: usize,
    phases: Phases,
    /// What a helper panicked with.
    panic: Option<Box<dyn std::any::Any + Send>>,
}

impl Pool {
    /// Starts the workers of an engine but the first.
    pub fn new(engine: Arc<Engine>) -> Self {
        let desk = Arc::new(Desk::default());
        let start = |worker| {
            let (engine, desk) = (engine.clone(), desk.clone());
            std::thread::spawn(move || desk.serve(&engine, worker))
        };
        let helpers = (1..engine.workers).map(start).collect();
        Self { engine, desk, helpers }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs some steps on so many workers, the first on this thread.
    pub fn run(&self, steps: Range<u32>, workers: usize) -> Phases {
        let run = {
            let mut state = self.desk.lock();
            let first_window = state.next_window;
            let windows = self.engine.windows(steps.len() as u32);
            state.next_window = first_window.wrapping_add(windows);
            let run = Run { steps, workers, first_window };
            state.phases = Phases::default();
            if workers > 1 {
                state.runs += 1;
                state.run = run.clone();
                state.busy = self.helpers.len();
                self.desk.order.notify_all();
            }
            run
        };
        let own = catch_unwind(AssertUnwindSafe(|| self.engine.work(0, run)));
        let mut state = self.desk.lock();
        while state.busy > 0 {
            state = self.desk.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut phases, panic) = (state.phases, state.panic.take());
        drop(state);
        match (own, panic) {
            (Ok(own), None) => phases.add(&own),
            (Err(panic), _) | (_, Some(panic)) => resume_unwind(panic),
        }
        phases
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.desk.lock().closed = true;
        self.desk.order.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper's panic was handed on when it happened.
            let _ = helper.join();
        }
    }
}

impl Desk {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a helper.
    fn serve(&self, engine: &Engine, worker: usize) {
        let mut served = 0;
        loop {
            let mut state = self.lock();
            while state.runs == served && !state.closed {
                state = self.order.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.closed {
                return;
            }
            served = state.runs;
            let run = state.run.clone();
            drop(state);
            let outcome = catch_unwind(AssertUnwindSafe(|| engine.work(worker, run)));
            let mut state = self.lock();
            match outcome {
                Ok(phases) => state.phases.add(&phases),
                Err(panic) => state.panic = Some(panic),
            }
            state.busy -= 1;
            drop(state);
            self.done.notify_one();
        }
    }
}
