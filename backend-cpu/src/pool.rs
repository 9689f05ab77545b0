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

/// Where orders are left and results are handed in.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    order: Condvar,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many runs have been ordered.
    runs: u64,
    steps: Range<u32>,
    /// The number of the first window of the run; windows are counted over all runs.
    first_window: u32,
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

    /// Runs some steps on all workers, the first on this thread.
    pub fn run(&self, steps: Range<u32>) -> Phases {
        let first_window = {
            let mut state = self.desk.lock();
            state.runs += 1;
            let before = self.engine.windows(state.steps.len() as u32);
            state.first_window = state.first_window.wrapping_add(before);
            state.steps = steps.clone();
            state.busy = self.helpers.len();
            state.phases = Phases::default();
            state.first_window
        };
        self.desk.order.notify_all();
        let own = catch_unwind(AssertUnwindSafe(|| self.engine.work(0, steps, first_window)));
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
            let (steps, first_window) = (state.steps.clone(), state.first_window);
            drop(state);
            let outcome =
                catch_unwind(AssertUnwindSafe(|| engine.work(worker, steps, first_window)));
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
