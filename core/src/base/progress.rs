//! Progress: long work reports which phase it is in and how much of it is done; a front shows
//! it. There is no clock here, and without a listener a call costs one look at a variable.
//!
//! As with a log there is one listener in a process: phases come from deep below the functions that
//! a front calls, from several threads, and no result depends on them.

use std::sync::OnceLock;

/// Listens to phases.
pub trait Observer: Send + Sync {
    /// A phase begins, and the one before has ended. It has `total` units of work; 0 where their
    /// number is not known. Phases of one build come from one thread.
    fn begin(&self, phase: &str, total: u64);

    /// So many more units of the present phase are done; from any thread.
    fn advance(&self, units: u64);
}

static OBSERVER: OnceLock<&'static dyn Observer> = OnceLock::new();

/// Sets the listener of this process; false where there is one already, which stays.
pub fn observe(observer: &'static dyn Observer) -> bool {
    OBSERVER.set(observer).is_ok()
}

/// Begins a phase of so many units; 0 where their number is not known.
pub fn begin(phase: &str, total: u64) {
    if let Some(observer) = OBSERVER.get() {
        observer.begin(phase, total);
    }
}

/// Tells that so many more units of the present phase are done.
#[inline]
pub fn advance(units: u64) {
    if let Some(observer) = OBSERVER.get() {
        observer.advance(units);
    }
}
