//! The monitor of a run: it receives what happens, and can end the run early.

use std::time::Duration;

/// Receives the events of a run or comparison. `()` is a monitor that ignores them.
pub trait Monitor {
    /// Receives an event, on the thread that runs.
    fn event(&mut self, event: Event<'_>) {
        let _ = event;
    }

    /// Returns whether to stop after the present chunk of steps, about a tenth of a second.
    fn is_interrupted(&self) -> bool {
        false
    }
}

impl Monitor for () {}

/// An event of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// A comparison continues with the backend of this name.
    Backend(&'a str),
    /// Idle power is measured for so long.
    Idle(Duration),
    /// The simulation is built; the run ends after `steps` steps of `dt_ms`.
    Building {
        /// All steps of the run.
        steps: u32,
        /// Simulated time of a step.
        dt_ms: f64,
    },
    /// The steps begin at this one.
    Running(u32),
    /// So many steps lie behind; those of this process took `run`.
    Reached {
        /// Steps since step 0.
        step: u32,
        /// Wall time.
        run: Duration,
    },
    /// A checkpoint is written.
    Saving,
    /// A checkpoint could not be written; the run continues.
    NotSaved(&'a str),
    /// The steps have ended, and results are collected.
    Ended,
}
