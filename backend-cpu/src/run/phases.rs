//! How the time of a run is spent.

use std::time::{Duration, Instant};

/// How the time of a run was spent: added over workers, hence up to threads * `wall`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Adding the weights of spikes to accumulators.
    pub deliver: Duration,
    /// Random words, neuron programs, listing spikes, probes.
    pub update: Duration,
    /// Showing spikes to the other workers, and putting theirs on the wheels.
    pub emit: Duration,
    /// Waiting for other workers.
    pub wait: Duration,
    /// The run as a whole, on the clock.
    pub wall: Duration,
}

impl Phases {
    /// Adds another worker's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.deliver += other.deliver;
        self.update += other.update;
        self.emit += other.emit;
        self.wait += other.wait;
    }
}

/// Measures some of the windows of a worker.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// When the last phase ended; `None` while off.
    last: Option<Instant>,
    phases: Phases,
}

impl Clock {
    /// Starts a window, to be measured or not.
    pub fn start(&mut self, on: bool) {
        self.last = on.then(Instant::now);
    }

    /// Adds the time since the last lap to a phase.
    #[inline(always)]
    pub fn lap(&mut self, phase: impl FnOnce(&mut Phases) -> &mut Duration) {
        if let Some(last) = &mut self.last {
            let now = Instant::now();
            *phase(&mut self.phases) += now - *last;
            *last = now;
        }
    }

    /// The phases of all windows, of which one in `every` was measured.
    pub fn phases(mut self, windows: u32, every: u32) -> Phases {
        let by = f64::from(windows) / f64::from(windows.div_ceil(every).max(1));
        let Phases { deliver, update, emit, wait, .. } = &mut self.phases;
        for phase in [deliver, update, emit, wait] {
            *phase = phase.mul_f64(by);
        }
        self.phases
    }
}
