//! The progress of runs and tests, and Ctrl-C.

pub mod screen;

use isospike_core::base::console::note;
use isospike_core::base::progress::begin;
use isospike_session::{Event, Monitor};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C (or termination signal) requests a stop after the present chunk
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

/// The progress of runs on the screen; Ctrl-C stops them.
pub struct Progress {
    /// Keeps notes back.
    pub quiet: bool,
    steps: u32,
    dt_ms: f64,
    first_step: u32,
}

impl Progress {
    /// The progress of the runs of this command, the first on the backend of this name.
    pub fn new(label: &str, quiet: bool) -> Self {
        screen::label(label);
        Self { quiet, steps: 0, dt_ms: 0.0, first_step: 0 }
    }

    /// Returns the simulated time and the speed of the steps that this process ran in `wall`.
    fn words(&self, done: u32, wall: Duration) -> String {
        let seconds = |steps: u32| f64::from(steps) * self.dt_ms / 1000.0;
        let here = seconds(done.saturating_sub(self.first_step));
        let (simulated, speed) = (seconds(done), here / wall.as_secs_f64().max(1e-9));
        format!("{simulated:.3} s at {speed:.2} x real time")
    }
}

impl Monitor for Progress {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Backend(name) => screen::label(name),
            Event::Idle(time) if time > Duration::from_secs(1) && !self.quiet => {
                let seconds = time.as_secs_f64();
                let text = format!("note: measuring idle power for {seconds:.1} s");
                screen::aside(|| note(text));
            }
            Event::Idle(_) => {}
            Event::Building { steps, dt_ms } => {
                (self.steps, self.dt_ms) = (steps, dt_ms);
                begin("building", 0);
            }
            Event::Running(step) => {
                self.first_step = step;
                screen::hold("running", step.into(), self.steps.into());
            }
            Event::Reached { step, run } => screen::set(step.into(), self.words(step, run)),
            Event::Saving => screen::describe("writing a checkpoint"),
            Event::NotSaved(why) => screen::aside(|| note(format!("warning: {why}"))),
            Event::Ended => {
                screen::release();
                begin("collecting results", 0);
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        interrupted()
    }
}

/// The progress of a run over tests.
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
