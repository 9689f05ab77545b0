//! The size of a chunk of steps.

use std::time::Duration;

/// How many steps to run at once, so that a chunk takes about so much wall time. Bits do not depend
/// on it.
pub struct ChunkSize {
    steps: u32,
    target: Duration,
}

impl ChunkSize {
    /// Long enough that the calls cost nothing, short enough to feel immediate.
    pub const TARGET: Duration = Duration::from_millis(100);

    /// Chunks of about `target`. Starts small: nothing is known yet.
    pub fn new(target: Duration) -> Self {
        Self { steps: 8, target }
    }

    /// How many steps to run now, with `left` to go.
    pub fn next(&self, left: u32) -> u32 {
        self.steps.min(left)
    }

    /// Learns from a chunk of `steps` that took `wall`.
    pub fn learn(&mut self, steps: u32, wall: Duration) {
        let rate = f64::from(steps) / wall.as_secs_f64().max(1e-9);
        let fit = rate * self.target.as_secs_f64();
        // Grow at most eightfold: the first chunk may lack the activity of the later ones.
        let most = f64::from(self.steps) * 8.0;
        self.steps = fit.min(most).clamp(1.0, 1e9) as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_grow_to_the_target_and_shrink_at_once() {
        let mut size = ChunkSize::new(ChunkSize::TARGET);
        // 10,000 steps per second: 1,000 steps fit.
        for _ in 0..6 {
            let steps = size.next(u32::MAX);
            size.learn(steps, Duration::from_secs_f64(f64::from(steps) / 10_000.0));
        }
        assert!((999..=1000).contains(&size.next(u32::MAX)), "{}", size.next(u32::MAX));
        size.learn(1000, Duration::from_secs(100));
        assert_eq!(size.next(u32::MAX), 1);
        assert_eq!(ChunkSize::new(ChunkSize::TARGET).next(3), 3);
    }
}
