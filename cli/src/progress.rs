//! The progress of runs and tests, Ctrl-C, and how many steps to run before looking at either.

pub mod screen;

use isospike_core::base::console::note;
use isospike_core::base::progress::begin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C (or termination signal) asks for a stop after the present chunk
/// of steps; the second ends the process at once.
pub fn watch_signals() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        note(format!(
            "note: Ctrl-C cannot be caught ({error}); it will end the run without output"
        ));
    }
}

/// Whether Ctrl-C was pressed.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

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

/// The progress of a run over simulated time.
pub struct Progress {
    steps: u32,
    dt_ms: f64,
    first_step: u32,
}

impl Progress {
    /// The progress of a run of `steps` steps that is being built.
    pub fn new(label: &str, steps: u32, dt_ms: f64) -> Self {
        screen::label(label);
        begin("building", 0);
        Self { steps, dt_ms, first_step: 0 }
    }

    /// The steps begin, from this one on: what came before says nothing of the speed.
    pub fn go_on_from(&mut self, step: u32) {
        self.first_step = step;
        screen::hold("running", step.into(), self.steps.into());
    }

    /// `done` steps have been run, those of this process in `wall`.
    pub fn set(&self, done: u32, wall: Duration) {
        let seconds = |steps: u32| f64::from(steps) * self.dt_ms / 1000.0;
        let here = seconds(done.saturating_sub(self.first_step));
        let (simulated, speed) = (seconds(done), here / wall.as_secs_f64().max(1e-9));
        screen::set(done.into(), format!("{simulated:.3} s at {speed:.2} x real time"));
    }

    /// Says what is done between two steps.
    pub fn say(&self, done: u32, words: &str) {
        screen::set(done.into(), words.to_owned());
    }

    /// The steps are over.
    pub fn finish(&self) {
        screen::release();
        begin("collecting results", 0);
    }
}

/// The progress of a climb over tests.
pub struct Tests;

impl Tests {
    /// No test yet.
    pub fn new(label: &str) -> Self {
        screen::label(label);
        screen::hold("tests", 0, 0);
        Self
    }

    /// Test number `number` of `of` begins.
    pub fn set(&self, name: &str, number: usize, of: usize) {
        screen::hold(&format!("{number} of {of}: {name}"), number as u64, of as u64);
    }

    /// A line above the bar.
    pub fn say(&self, line: &str) {
        screen::say(line);
    }

    /// The tests are over.
    pub fn finish(&self) {
        screen::release();
        screen::clear();
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
