//! The counts of a run, millisecond by millisecond.

use isospike_core::base::steps;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{BackendError, Simulation};
use isospike_core::run::counters::Counters;

/// Counts of bins of a millisecond. A bin has as many whole steps as are nearest to a millisecond,
/// at least one; the last may have fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    bin_steps: u32,
    /// At the end of the last bin.
    before: Counters,
    bins: Vec<Counters>,
}

impl Series {
    /// No bin yet.
    pub fn new(plan: &Plan, dt_ms: f64) -> Self {
        let bin_steps = steps::nearest(1.0, dt_ms).max(1.0) as u32;
        Self { bin_steps, before: Counters::new(plan), bins: Vec::new() }
    }

    /// Steps of a bin.
    pub fn bin_steps(&self) -> u32 {
        self.bin_steps
    }

    /// The counts of each bin. Their sum is that of the run, exactly.
    pub fn bins(&self) -> &[Counters] {
        &self.bins
    }

    /// Steps from here to the end of the bin.
    pub fn steps_left(&self, steps: u32) -> u32 {
        self.bin_steps - steps % self.bin_steps
    }

    /// Asks for the counts where a bin is complete.
    pub fn reached(
        &mut self,
        steps: u32,
        simulation: &mut dyn Simulation,
    ) -> Result<(), BackendError> {
        if steps.is_multiple_of(self.bin_steps) {
            let now = simulation.counters()?;
            self.end(&now);
        }
        Ok(())
    }

    /// Ends the bin, if anything was run in it.
    pub fn end(&mut self, now: &Counters) {
        if now.steps > self.before.steps {
            self.bins.push(now.since(&self.before));
            self.before = now.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_about_a_millisecond() {
        let plan = crate::fake::plan();
        let steps = |dt_ms| Series::new(&plan, dt_ms).bin_steps();
        assert_eq!([0.1, 0.2, 0.3, 1.0, 2.0].map(steps), [10, 5, 3, 1, 1]);
        let series = Series::new(&plan, 0.1);
        assert_eq!([0, 9, 10, 14].map(|step| series.steps_left(step)), [10, 1, 10, 6]);
    }
}
