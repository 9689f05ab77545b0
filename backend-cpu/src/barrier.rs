//! Where the workers of a run wait for each other: spinning first, because steps are short, then
//! giving way, because there may be more workers than cores.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// A meeting point of a fixed number of workers, used again and again.
#[derive(Debug)]
pub(crate) struct Barrier {
    parties: u32,
    spins: u32,
    arrived: AtomicU32,
    generation: AtomicU32,
    broken: AtomicBool,
}

impl Barrier {
    /// For this many workers.
    pub fn new(parties: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
        Self {
            parties,
            spins: if parties > cores { 0 } else { 4096 },
            arrived: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            broken: AtomicBool::new(false),
        }
    }

    /// Waits until all have come; false if one of them never will.
    #[inline]
    pub fn wait(&self) -> bool {
        if self.parties == 1 {
            return true;
        }
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.parties {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::Release);
            return true;
        }
        let mut spins = 0;
        while self.generation.load(Ordering::Acquire) == generation {
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
