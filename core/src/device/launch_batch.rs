//! How many launches are handed to a driver at once.

use std::time::{Duration, Instant};

/// Launches handed over at once, at most. Each one is cheap; together they must not look like a
/// device that hangs, nor fill a driver's memory.
const MOST_LAUNCHES: u32 = 2_000;
/// A piece that takes longer is made shorter. Watchdogs bite after 2 s (Windows) or more.
const LONG: Duration = Duration::from_millis(200);

/// How many launches go into one piece, learnt from how long pieces take.
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
    /// Launches of the next piece.
    pub fn launches(&self) -> u32 {
        self.launches
    }

    /// A piece has finished while another one was under way.
    pub fn finished(&mut self) {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            self.learn(now - last);
        }
    }

    /// The next piece is not behind another one: the time until it ends says nothing.
    pub fn stop(&mut self) {
        self.last = None;
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
        assert_eq!(pace.launches(), MOST_LAUNCHES);
        pace.learn(Duration::from_millis(100));
        assert_eq!(pace.launches(), MOST_LAUNCHES);
        for _ in 0..20 {
            pace.learn(Duration::from_secs(1));
        }
        assert_eq!(pace.launches(), 1);
    }
}
