//! Where the workers of a run wait for each other: spinning first, because steps are short, then
//! giving way, because there may be more workers than cores.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// How often a worker looks before it gives way. Giving way costs a whole slice of time where
/// another program waits for the core, so this is longer than any step of a balanced run.
const SPINS: u32 = 1 << 14;

/// A meeting point of a fixed number of workers, used again and again: a worker arrives, may do
/// something else, and waits until all have arrived as often as itself.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Barrier {
    arrived: AtomicU32,
    parties: u32,
    spins: u32,
    broken: AtomicBool,
}

impl Barrier {
    /// For this many workers.
    pub fn new(parties: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
        Self {
            arrived: AtomicU32::new(0),
            parties,
            spins: if parties > cores { 0 } else { SPINS },
            broken: AtomicBool::new(false),
        }
    }

    /// Before a run, while nobody uses the barrier: nobody has arrived.
    pub fn reset(&self) {
        self.arrived.store(0, Ordering::Relaxed);
    }

    /// Says that a worker has come.
    #[inline]
    pub fn arrive(&self) {
        if self.parties > 1 {
            self.arrived.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Waits until all have arrived `times` times since the reset; false if one of them never will.
    #[inline]
    pub fn wait(&self, times: u32) -> bool {
        if self.parties == 1 {
            return true;
        }
        let goal = self.parties.wrapping_mul(times);
        let mut spins = 0;
        while self.arrived.load(Ordering::Acquire).wrapping_sub(goal).cast_signed() < 0 {
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
