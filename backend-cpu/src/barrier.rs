//! How a worker waits for the others: spinning first, because steps are short, then giving way,
//! because there may be more workers than cores. What it waits for is on the boards.

use std::sync::atomic::{AtomicBool, Ordering};

/// How often a worker looks before it gives way. Giving way costs a whole slice of time where
/// another program waits for the core, so this is longer than any step of a balanced run.
const SPINS: u32 = 1 << 14;

/// The patience of all workers of a run.
#[derive(Debug)]
pub(crate) struct Barrier {
    spins: u32,
    broken: AtomicBool,
}

impl Barrier {
    /// For this many workers.
    pub fn new(workers: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let spins = if workers > cores { 0 } else { SPINS };
        Self { spins, broken: AtomicBool::new(false) }
    }

    /// Waits for something that another worker will do; false if one of them has panicked, so that
    /// it may never come.
    #[inline]
    pub fn wait(&self, done: impl Fn() -> bool) -> bool {
        let mut spins = 0;
        while !done() {
            if spins < self.spins {
                spins += 1;
                std::hint::spin_loop();
            } else if self.broken.load(Ordering::Relaxed) {
                return false;
            } else {
                std::thread::yield_now();
            }
        }
        true
    }

    /// A guard that releases the others if its worker panics.
    pub fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

/// See [`Barrier::guard`].
pub(crate) struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Relaxed);
        }
    }
}
