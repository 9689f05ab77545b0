//! The progress bar, Ctrl-C, and how many steps to run before looking at either.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use isospike_core::console::note;
use std::io::{IsTerminal, stderr};
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

/// A progress bar over simulated time; does nothing where it is hidden.
pub struct Progress {
    bar: ProgressBar,
    dt_ms: f64,
    first_step: u32,
}

impl Progress {
    /// A bar for `steps` steps, on a terminal only and not where `quiet`.
    pub fn new(label: &str, steps: u32, dt_ms: f64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(u64::from(steps)), target(quiet));
        let template = "{prefix:>12} {bar:32.cyan/dim} {percent:>3} %  {msg}  {eta} left";
        // The template is a constant; were it wrong, the default style would do.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━─"));
        }
        bar.set_prefix(label.to_owned());
        bar.set_message("building");
        bar.tick();
        Self { bar, dt_ms, first_step: 0 }
    }

    /// The run goes on from a step: what came before says nothing of the speed.
    pub fn go_on_from(&mut self, step: u32) {
        self.first_step = step;
    }

    /// `done` steps have been run, those of this process in `wall`.
    pub fn set(&self, done: u32, wall: Duration) {
        let seconds = |steps: u32| f64::from(steps) * self.dt_ms / 1000.0;
        let here = seconds(done.saturating_sub(self.first_step));
        let (simulated, speed) = (seconds(done), here / wall.as_secs_f64().max(1e-9));
        self.bar.set_message(format!("{simulated:.3} s at {speed:.2} x real time"));
        self.bar.set_position(u64::from(done));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over tests; does nothing where it is hidden.
pub struct Tests(ProgressBar);

impl Tests {
    /// A bar on a terminal only and not where `quiet`.
    pub fn new(label: &str, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), target(quiet));
        let template = "{prefix:>12} {bar:32.cyan/dim} {pos:>3} of {len}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━─"));
        }
        bar.set_prefix(label.to_owned());
        Self(bar)
    }

    /// Test number `number` of `of` begins.
    pub fn set(&self, name: &str, number: usize, of: usize) {
        self.0.set_length(of as u64);
        self.0.set_position(number as u64);
        self.0.set_message(name.to_owned());
    }

    /// A line above the bar.
    pub fn say(&self, line: &str) {
        self.0.println(line);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn target(quiet: bool) -> ProgressDrawTarget {
    match quiet || !stderr().is_terminal() {
        true => ProgressDrawTarget::hidden(),
        false => ProgressDrawTarget::stderr(),
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
