//! The number of launches that are handed to a driver at once.

use std::ops::Range;
use std::time::{Duration, Instant};

/// The most launches of one piece. Each one is cheap; together they must not look like a device
/// that hangs, nor fill a driver's memory.
const MOST_LAUNCHES: u32 = 2_000;
/// The time after which the next pieces are made shorter. Watchdogs end a launch after 2 s
/// (Windows) or more.
const LONG: Duration = Duration::from_millis(200);

/// The number of launches of one piece, adapted to the time that pieces take.
#[derive(Clone, Debug)]
pub struct LaunchBatch {
    launches: u32,
    last: Option<Instant>,
}

impl Default for LaunchBatch {
    fn default() -> Self {
        Self { launches: 64, last: None }
    }
}

impl LaunchBatch {
    /// Queues a batch of `launches` so many times over, in pieces too short for a watchdog.
    ///
    /// `queue` hands a piece to the device and returns a mark behind it: the launches of these
    /// numbers, which go on counting when the batch comes round again. `wait` waits for a mark.
    /// The device works on one piece while the host waits for the one before, so launches do not
    /// pile up and the device does not starve.
    ///
    /// # Errors
    /// The first one of `queue` and `wait`; nothing is queued after it.
    pub fn feed<M, E>(
        &mut self,
        launches: usize,
        times: u32,
        mut queue: impl FnMut(Range<u64>) -> Result<M, E>,
        mut wait: impl FnMut(M) -> Result<(), E>,
    ) -> Result<(), E> {
        let all = launches as u64 * u64::from(times);
        let (mut next, mut before) = (0, None);
        while next < all {
            let end = all.min(next + u64::from(self.launches));
            if let Some(earlier) = before.replace(queue(next..end)?) {
                wait(earlier)?;
                self.finished();
            }
            next = end;
        }
        // The next piece has none before it, from whose end its time could be taken.
        self.last = None;
        Ok(())
    }

    /// Takes the time of a piece that has finished while another one was under way.
    fn finished(&mut self) {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            self.learn(now - last);
        }
    }

    fn learn(&mut self, took: Duration) {
        if took > LONG {
            self.launches = (self.launches / 2).max(1);
        } else if took < LONG / 4 {
            self.launches = (self.launches * 2).min(MOST_LAUNCHES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_follows_the_device() {
        let mut pace = LaunchBatch::default();
        for _ in 0..20 {
            pace.learn(Duration::from_millis(1));
        }
        assert_eq!(pace.launches, MOST_LAUNCHES);
        pace.learn(Duration::from_millis(100));
        assert_eq!(pace.launches, MOST_LAUNCHES);
        for _ in 0..20 {
            pace.learn(Duration::from_secs(1));
        }
        assert_eq!(pace.launches, 1);
    }

    #[test]
    fn each_launch_is_queued_once_and_each_piece_but_the_last_is_waited_for() {
        for (launches, times) in [(0, 9), (3, 0), (1, 1), (3, 100), (500, 7)] {
            let (mut queued, mut marks, mut waited) = (Vec::new(), 0, Vec::new());
            let queue = |numbers: Range<u64>| {
                queued.extend(numbers);
                marks += 1;
                Ok::<_, ()>(marks)
            };
            let wait = |mark| {
                waited.push(mark);
                Ok(())
            };
            LaunchBatch::default().feed(launches, times, queue, wait).unwrap();
            assert_eq!(queued, (0..launches as u64 * u64::from(times)).collect::<Vec<_>>());
            assert_eq!(waited, (1..marks).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_is_queued_after_an_error() {
        let mut queued = 0;
        let queue = |_| {
            queued += 1;
            if queued < 3 { Ok(()) } else { Err("lost") }
        };
        assert_eq!(LaunchBatch::default().feed(10, 1000, queue, |()| Ok(())), Err("lost"));
        assert_eq!(queued, 3);
    }
}
