//! How a thread waits for another one: looking, because steps are short. Whoever has looked long
//! enough sleeps, on the lock of what is waited for: looking on would take the core from the very
//! thread that is waited for, where another program has the other ones.

use isospike_core::base::cores::cores;
use std::time::{Duration, Instant};

/// After this long others are late: no step of a balanced run makes a worker wait for as long.
pub(crate) const LATE: Duration = Duration::from_micros(5);

/// About as long as it takes to sleep and be woken: looking on never costs more than twice the
/// better of both.
pub(crate) const ENOUGH: Duration = Duration::from_micros(50);

/// How often a thread looks between two looks at the clock.
const LOOKS: u32 = 16;

/// The patience of the threads of an engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpinWait {
    /// False where there are more threads than cores: who looks is in the way of who works.
    looks: bool,
}

impl SpinWait {
    /// For this many threads.
    pub fn new(threads: usize) -> Self {
        Self { looks: threads <= cores() }
    }

    /// Looks for so long whether something is done; false if it is not by then.
    #[inline]
    pub fn look(self, time: Duration, mut done: impl FnMut() -> bool) -> bool {
        let mut start = None;
        loop {
            for _ in 0..LOOKS {
                if done() {
                    return true;
                }
                std::hint::spin_loop();
            }
            let now = Instant::now();
            if !self.looks || now - *start.get_or_insert(now) >= time {
                return done();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_until_it_is_done_or_has_had_enough() {
        let mut looks = 0;
        let third = || {
            looks += 1;
            looks == 3
        };
        assert!(SpinWait { looks: true }.look(Duration::MAX, third));
        assert_eq!(looks, 3);
        let start = Instant::now();
        assert!(!SpinWait { looks: true }.look(ENOUGH, || false));
        assert!(start.elapsed() >= ENOUGH);
        let mut looks = 0;
        let never = || {
            looks += 1;
            false
        };
        assert!(!SpinWait { looks: false }.look(Duration::MAX, never));
        assert_eq!(looks, LOOKS + 1);
    }
}
